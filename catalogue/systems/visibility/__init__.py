"""Visibility of systems: what another agency sees of the systems of your agency."""
