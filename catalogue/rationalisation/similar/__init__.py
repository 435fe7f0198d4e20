"""Which systems others have already that are, or do, what a system is or does."""
