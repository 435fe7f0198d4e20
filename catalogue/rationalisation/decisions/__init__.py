"""Which systems of a group stay and which go, and who agreed to it."""
