"""The kernel: configuration, database, errors, jobs and the REST kernel that all domains use."""
