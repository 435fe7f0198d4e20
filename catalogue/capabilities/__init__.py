"""The tree of business capabilities that systems serve."""
