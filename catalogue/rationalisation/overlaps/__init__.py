"""Overlaps: systems of several agencies that are the same or perform the same function."""
