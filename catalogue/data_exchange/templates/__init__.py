"""Workbooks to fill in for imports, from the API and from a command."""
