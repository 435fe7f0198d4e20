"""The demonstration: records of agencies in three counties and a shared services centre."""
