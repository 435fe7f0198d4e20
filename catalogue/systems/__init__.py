"""Systems: each a running installation that one agency is answerable for."""
