"""Records of a programme board: milestones, risks, blockers and required decisions."""
