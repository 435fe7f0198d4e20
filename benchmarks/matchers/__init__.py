"""Methods of matching two sets of records, each with one function, for the comparison."""
