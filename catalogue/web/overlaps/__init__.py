"""Pages of overlaps: the list, one overlap, its review, its splits and mergers, and drafts on it."""
