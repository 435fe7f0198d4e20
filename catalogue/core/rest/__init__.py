"""The REST kernel: what all operations, lists, records and errors of the API have in common."""
