"""Attestations: the owner’s yearly confirmation of a record."""
