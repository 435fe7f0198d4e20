"""Agencies, their agreements and access grants, and the rule of who sees which record."""
