"""The reversal of imports, by the API and by a command."""
