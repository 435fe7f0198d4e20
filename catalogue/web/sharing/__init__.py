"""Pages of sharing: agreements, grants, and what other agencies see."""
