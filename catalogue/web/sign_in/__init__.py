"""Pages by which people sign in and out."""
