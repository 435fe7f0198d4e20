"""Reversal of imports."""
