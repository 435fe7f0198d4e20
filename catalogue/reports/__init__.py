"""Reports across the records that a client can see."""
