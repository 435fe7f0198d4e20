"""The identity of the client that sends a request, as its token gives it."""
