"""Templates for imports, by the API and by a command."""
