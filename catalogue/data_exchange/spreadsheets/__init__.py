"""One table out of a file, whatever program made it: safely, and without guessing."""
