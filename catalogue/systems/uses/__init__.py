"""Uses: the agencies that use a system. Five forces on one installation are five uses of it."""
