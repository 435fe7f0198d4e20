"""Pipeline entries: contract ends and planned procurements that agencies publish to suppliers."""
