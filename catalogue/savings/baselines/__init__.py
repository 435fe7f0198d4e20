"""What systems would cost without a programme: drawn from lines of cost, approved, and frozen."""
