"""Programmes: who moves which system where, and how far each move is."""
