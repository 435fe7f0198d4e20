"""Search for systems that are similar to a recorded or a planned system."""
