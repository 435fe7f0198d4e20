"""Safe reading of tables from files of any spreadsheet program, without guesses."""
