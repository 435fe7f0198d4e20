"""Groups of systems that are, or do, the same; and what agencies found of them."""
