"""Metrics and traces for operators. Both are off unless a setting turns them on."""
