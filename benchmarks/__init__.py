"""How fast the product is, beside what the database and the server cost without it."""
