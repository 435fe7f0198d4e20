"""Programmes, and the migrations, waves, gates and board records that belong to them."""
