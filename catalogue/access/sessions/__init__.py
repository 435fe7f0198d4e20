"""Sessions: people who are signed in to the pages of the catalogue."""
