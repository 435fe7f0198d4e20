"""The audit log and the change feed: what changed, when, why, and who changed it."""
