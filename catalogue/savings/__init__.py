"""What moves save: baselines frozen from costs, savings claimed against them, and what comes of it."""
