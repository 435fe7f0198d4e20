"""Tables for spreadsheet programs: CSV, XLSX and ODS files, written row by row."""
