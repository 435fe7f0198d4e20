"""Capabilities: the shared tree of functions that services must be able to perform."""
