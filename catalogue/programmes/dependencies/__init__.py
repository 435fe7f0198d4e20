"""Which migrations have to come before which, and in what order they may come."""
