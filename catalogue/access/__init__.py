"""OAuth 2.0: clients and their secrets, signing keys, access tokens, and authentication."""
