"""The demonstration: agencies of three counties and a shared services centre."""
