"""Summary of a programme: its progress, and the records that need attention."""
