"""Highlight reports for a programme board, frozen on approval."""
