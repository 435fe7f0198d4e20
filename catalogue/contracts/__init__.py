"""What systems cost: the contracts that they are supplied under, and lines of cost by year."""
