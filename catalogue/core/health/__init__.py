"""Health: whether the process lives, and whether it can serve requests."""
