"""Which records mean the same system, the same product, or serve the same function."""
