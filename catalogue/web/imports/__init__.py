"""Pages of imports: the list, the upload, the report of each, loading and undoing."""
