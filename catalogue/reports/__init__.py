"""Reports: questions across the records, answered as far as one may see these."""
