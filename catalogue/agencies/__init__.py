"""Agencies: police forces, fire and rescue services, their governors and shared services."""
