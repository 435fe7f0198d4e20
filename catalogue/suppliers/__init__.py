"""Suppliers and products: the shared register, with former and trading names."""
