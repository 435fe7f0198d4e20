"""Imports of spreadsheets and of OCDS releases, and the pipeline as OCDS."""
