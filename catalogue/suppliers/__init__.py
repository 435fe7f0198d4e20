"""Suppliers and their products, with every name that they go by."""
