"""The kinds of records that a spreadsheet can fill, each with its fields and its writer."""
