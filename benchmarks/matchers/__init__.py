"""Ways of matching two sets of records, each behind one function, for benchmarks.match_comparison."""
