"""Custom fields: the columns that agencies add to records, each with a type and its choices."""
