"""What a programme saves and what that costs, by year and by agency, at present value."""
