"""Highlight reports: what a programme's board reads, frozen when it is approved."""
