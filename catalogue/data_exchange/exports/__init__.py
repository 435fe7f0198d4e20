"""Exports of lists by commands. Exports over HTTP are part of every list."""
