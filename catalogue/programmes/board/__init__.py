"""What a programme board looks after: milestones, risks, blockers, and decisions required of it."""
