"""What changed, by whom, when and why: the audit log and the change feed in one."""
