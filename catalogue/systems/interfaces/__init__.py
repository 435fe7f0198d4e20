"""Interfaces: which systems exchange data, and how."""
