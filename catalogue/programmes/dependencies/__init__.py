"""Dependencies between migrations, and the order that follows from them."""
