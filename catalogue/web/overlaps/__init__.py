"""Pages of overlaps: the list, one overlap, its review, and the draft of a decision on it."""
