"""Benefits of programmes by year, agency and kind, with net present values."""
