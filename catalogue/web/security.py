"""Protection in the browser: the policies of each page, and requests that other sites cause."""

from urllib.parse import urlsplit

from flask import Response, request

from catalogue.core.application import settings
from catalogue.core.config import LOCAL_NAMES
from catalogue.core.errors import Forbidden

_START_SCRIPT = "'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='"
"""The hash of the only inline script: the line of GOV.UK Frontend that detects JavaScript."""

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self' {_START_SCRIPT}; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_OTHER_SITE = "Another website sent this form. Open the page here, and send it from there."


def protect(response: Response) -> Response:
    """Add the headers of a page, unless a view has set its own."""
    if response.mimetype == "text/html":
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Referrer-Policy", "same-origin")
        # A page must not come back from a cache after its session has ended.
        headers.setdefault("Cache-Control", "no-store")
    return response


def refuse_other_sites() -> None:
    """Raise Forbidden for a form that the browser says another site sent."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise Forbidden(_OTHER_SITE)


def require_own_form() -> None:
    """Raise Forbidden unless the browser says that this site sent the form."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        raise Forbidden(_OTHER_SITE)


def refuse_other_names() -> None:
    """Raise Forbidden unless the request names this machine, as the demonstration requires.

    Another website can point a name of its own to 127.0.0.1 (DNS rebinding). Its scripts could then
    sign in without a password, and read the responses.
    """
    try:
        name = urlsplit(f"//{request.host}").hostname
    except ValueError:
        name = None
    if name not in LOCAL_NAMES:
        raise Forbidden(
            "The demonstration responds only at addresses of this machine. "
            f"Open {settings().public_url}/ instead."
        )
