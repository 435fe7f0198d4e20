"""Pages of contracts: the list, one contract and its form, and the dates for notice."""
