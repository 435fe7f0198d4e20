"""Pages of systems: the list, one record, its form and its history."""
