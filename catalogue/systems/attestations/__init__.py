"""Attestations: the owners' yearly statements that their systems' records are right."""
