"""Interfaces: exchanges of data between two systems."""
