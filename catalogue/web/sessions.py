"""The session of a page's request: its cookie."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from catalogue.access.sessions.operations import SignedIn, find_session
from catalogue.core.application import database, settings
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork


def cookie_name(configured: Settings, purpose: str = "session") -> str:
    """Return the name of the cookie of the session, or of a sign-in that has begun.

    Browsers send the cookies of all ports of a host to each port. So services that run on one
    machine, without https, need different names.
    """
    address = urlsplit(configured.public_url)
    own_port = f"-{address.port}" if address.scheme == "http" and address.port else ""
    return f"__Host-{purpose}{own_port}"


def read_cookie() -> str | None:
    """Return the value of the session's cookie, or None."""
    return request.cookies.get(cookie_name(settings()))


def find_signed_in() -> SignedIn | None:
    """Return the session that the request's cookie names, or None."""
    value = read_cookie()
    if not value:
        return None
    with UnitOfWork(database(), read_only=True) as work:
        return find_session(work, value)


def set_cookie(response: Response, value: str) -> None:
    """Send the value of a new session to the browser."""
    response.set_cookie(
        cookie_name(settings()), value, secure=True, httponly=True, samesite="Lax", path="/"
    )


def clear_cookie(response: Response) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(
        cookie_name(settings()), secure=True, httponly=True, samesite="Lax", path="/"
    )
