"""Pages of administrators: identity providers, sessions and agencies."""
