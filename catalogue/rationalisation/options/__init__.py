"""What could become of a group of systems: who could stay, who would go, and what follows."""
