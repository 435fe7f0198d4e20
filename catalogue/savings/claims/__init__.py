"""Savings claimed against a baseline: shared, validated, delivered and realised."""
