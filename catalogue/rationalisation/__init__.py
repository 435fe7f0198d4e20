"""Overlaps between the systems of different agencies, and the decisions on them."""
