"""The shared IT service catalogue."""
