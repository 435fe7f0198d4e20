"""Evaluation of the matcher on lists whose true pairs are known."""
