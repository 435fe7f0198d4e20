"""Mappings of columns and words that an agency keeps for the next version of a file."""
