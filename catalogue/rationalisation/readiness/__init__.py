"""Readiness: the blockers that keep systems from retiring."""
