"""The documentation, and the program that generates parts of the documentation from the code."""
