"""The Open Contracting Data Standard, 1.1: the public pipeline out, releases of contracts in."""
