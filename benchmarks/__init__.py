"""Benchmarks: the speed of the product, compared with the database and server alone."""
