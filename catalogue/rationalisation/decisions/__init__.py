"""Decisions: the systems of an overlap that stay or retire, and the agencies that agreed."""
