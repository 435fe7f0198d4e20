"""Client identifiers and secrets: how they are made, kept, compared and read from a request.

A secret is 256 bits from the operating system's generator. Nobody can guess or enumerate such a
value, so what the slow password hashes buy (time against a dictionary of likely passwords) buys
nothing here, and would cost tens of milliseconds of our own processor for each token request. One
SHA-256 is enough to make a stolen database useless. Never use this for a password.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

SECRET_PREFIX = "itsc_"  # noqa: S105 - lets secret scanners recognise a leaked one
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNKNOWN_CLIENT_ID = "-"
"""A client id that is never given out, because ours start with a letter."""

_NO_DIGEST = "0" * 64
_SLOTS = 2


@dataclass(frozen=True)
class Credentials:
    """Who a client says it is, and its proof. The secret stays out of every representation."""

    client_id: str
    secret: str = field(repr=False)


def new_client_id(prefix: str) -> str:
    """A client id that a person reading a log can place: the agency's code and a random tail."""
    tail = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    return f"{prefix[:50]}-{tail}"


def new_secret() -> str:
    """A new client secret of 256 random bits."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def matching_digest(secret: str, digests: list[str]) -> str | None:
    """The stored digest that the secret belongs to.

    However many digests there are, none included, as many comparisons are made and each takes
    the same time: an unknown client id cannot be told from a wrong secret by the clock.
    """
    presented = digest(secret)
    matching = None
    for stored in (digests + [_NO_DIGEST] * _SLOTS)[: max(_SLOTS, len(digests))]:
        if hmac.compare_digest(presented, stored):
            matching = stored
    return matching


def read_credentials(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    """The credentials of a request to a token endpoint (RFC 6749 section 2.3.1).

    HTTP Basic, or `client_id` and `client_secret` in the form; a client may not use both.
    Raises InvalidRequestError or InvalidClientError.
    """
    if authorization:
        credentials = _basic(authorization)
        if "client_secret" in form:
            raise InvalidRequestError(
                "Use either HTTP Basic or the form for credentials, not both."
            )
        if form.get("client_id", credentials.client_id) != credentials.client_id:
            raise InvalidRequestError(
                "The form names another client than the Authorization header."
            )
        return credentials
    if "client_id" in form and "client_secret" in form:
        return Credentials(_usable(form["client_id"]), form["client_secret"])
    raise ClientRefused("Client credentials are missing.")


class ClientRefused(InvalidClientError):  # type: ignore[misc]
    """The one answer to any failed client authentication: 401, and how to do it (RFC 7617)."""

    status_code = 401
    description = "The client id or its secret is not right."

    def get_headers(self) -> list[tuple[str, str]]:
        return [*default_json_headers, ("WWW-Authenticate", 'Basic realm="clients"')]


def _basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefused("Clients authenticate here with HTTP Basic or in the form.")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ClientRefused("The Authorization header cannot be read.") from None
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise ClientRefused("The Authorization header cannot be read.")
    return Credentials(_usable(unquote_plus(client_id)), unquote_plus(secret))


def _usable(client_id: str) -> str:
    # What cannot be a client id goes on as nobody's, through the same steps as any unknown one.
    return client_id if _CLIENT_ID.fullmatch(client_id) else _UNKNOWN_CLIENT_ID
