"""Options: possible plans for an overlap, ranked, with their reasons and costs."""
