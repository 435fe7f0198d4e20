"""Tests of the pages in a real browser, which ends with the last of them."""
