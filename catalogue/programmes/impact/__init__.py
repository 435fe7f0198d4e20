"""Whom a migration touches: what changes for them, what they are told, and when."""
