"""Protection of pages in the browser: the policies that each page carries, and other sites' forms."""

from flask import Response, request

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
