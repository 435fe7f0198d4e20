"""Webhooks: the events of the change feed, sent to an address of the agency's choice."""
