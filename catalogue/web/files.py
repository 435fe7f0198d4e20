"""Files of the API that pages send on."""

from flask import Response

from catalogue.web.api_calls import Answer


def send_on(answer: Answer) -> Response:
    """Send a file of the API on, without its validators for programs."""
    response = answer.response
    for name in ("ETag", "Vary", "Link"):
        response.headers.pop(name, None)
    response.headers["Cache-Control"] = "no-store"
    return response
