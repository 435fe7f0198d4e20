"""Matching of records that describe one installation, product or function."""
