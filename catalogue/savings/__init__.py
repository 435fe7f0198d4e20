"""Baselines of programmes, the savings claimed against them, and the benefits in total."""
