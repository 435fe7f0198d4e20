"""What still stands in the way of switching a system off."""
