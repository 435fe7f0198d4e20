"""Contracts with suppliers, and the cost lines of systems by financial year."""
