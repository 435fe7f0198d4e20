"""Configuration, database, errors, the REST kernel and the actor: what every domain stands on."""
