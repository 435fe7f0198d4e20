"""Audiences: which agencies see each record, before and after a change, for the change feed."""
