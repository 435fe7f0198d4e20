"""Pages of decisions: the list, one decision, its sign-off, its proposal and its withdrawal."""
