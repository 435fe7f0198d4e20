"""Attestations: owners' yearly statements that the records of their systems are right or wrong."""
