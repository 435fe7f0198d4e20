"""How good matching is: measured on lists of which it is known which records belong together."""
