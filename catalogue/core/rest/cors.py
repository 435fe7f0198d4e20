"""Cross-origin requests (CORS, in the Fetch standard) from the web pages that the operator lists.

Nothing is sent with cookies here, so no response allows credentials, and no origin is a wildcard.
The public pipeline has a wildcard of its own. A library for Flask compares origins by patterns and
adds headers to each response, where a list of exact origins needs the few lines below.
"""

from flask import Flask, Response, request

PATHS = ("/v1/", "/oauth/", "/.well-known/")
_HOUR = "3600"

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Accept",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Change-Reason",
    "X-Request-Id",
    "traceparent",
)
"""The headers that a page can send, in addition to those that the standard always allows."""

RESPONSE_HEADERS = (
    "ETag",
    "Link",
    "Location",
    "Allow",
    "Content-Disposition",
    "Idempotent-Replayed",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""The headers that a page can read, in addition to those that the standard always exposes."""


def init_app(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins use the API. Without an origin, no response changes."""
    if not origins:
        return
    allowed = frozenset(origins)

    @app.after_request
    def allow_origin(response: Response) -> Response:
        if not request.path.startswith(PATHS):
            return response
        if "Access-Control-Allow-Origin" in response.headers:
            # The pipeline is the same for everybody.
            return response
        # A shared cache must not give the response for one origin to another.
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin not in allowed:
            return response
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
            headers["Access-Control-Allow-Headers"] = ", ".join(REQUEST_HEADERS)
            headers["Access-Control-Max-Age"] = _HOUR
            response.vary.update(
                ("Access-Control-Request-Method", "Access-Control-Request-Headers")
            )
        else:
            headers["Access-Control-Expose-Headers"] = ", ".join(RESPONSE_HEADERS)
        return response
