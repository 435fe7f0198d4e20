"""Spreadsheets in and out: reading a table, matching its columns to fields, and writing its rows as records."""
