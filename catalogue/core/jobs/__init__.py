"""Jobs: work that takes longer than a request, queued in the request's own transaction."""
