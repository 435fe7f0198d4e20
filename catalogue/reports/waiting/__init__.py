"""The work that waits for an agency: counts, each with the list of the records."""
