"""How far a programme is: what has moved, what is late, blocked or silent, and what is asked."""
