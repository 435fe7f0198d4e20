"""The demonstration: Bedfordshire, Cambridgeshire and Hertfordshire, and a shared services centre."""
