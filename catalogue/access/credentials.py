"""Client ids and secrets: creating, storing, comparing and reading them.

A secret is 256 random bits, which nobody can guess. A slow password hash protects passwords that
can be guessed. For these secrets it would only cost tens of milliseconds for each token request.
One SHA-256 is enough to make a stolen database useless. Never use this module for a password.
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
"""A client id that no client has, because every client id begins with a letter."""

_NOT_BASIC = (
    "The Authorization header is not valid HTTP Basic. Encode `client_id:client_secret` in Base64."
)
_NO_DIGEST = "0" * 64
_SLOTS = 2


@dataclass(frozen=True)
class Credentials:
    """A client id and the secret that proves it. The secret is never part of the repr."""

    client_id: str
    secret: str = field(repr=False)


def new_client_id(prefix: str) -> str:
    """Return a client id: the agency's code, which people recognise in logs, and random letters."""
    tail = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    return f"{prefix[:50]}-{tail}"


def new_secret() -> str:
    """Return a new client secret of 256 random bits."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the digest of a secret. The secret itself is never stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def matching_digest(secret: str, digests: list[str]) -> str | None:
    """Return the stored digest that matches the secret, or None.

    The number of comparisons and their time are always the same. So the time of a response does
    not reveal whether a client id exists.
    """
    presented = digest(secret)
    matching = None
    for stored in (digests + [_NO_DIGEST] * _SLOTS)[: max(_SLOTS, len(digests))]:
        if hmac.compare_digest(presented, stored):
            matching = stored
    return matching


def read_credentials(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    """Return the credentials of a request to a token endpoint (RFC 6749 section 2.3.1).

    They come with HTTP Basic, or as `client_id` and `client_secret` in the form, but not both.
    Raises InvalidRequestError or InvalidClientError.
    """
    if authorization:
        credentials = _basic(authorization)
        if "client_secret" in form:
            raise InvalidRequestError(
                "The credentials are in the header and in the form. Send them in one of the two."
            )
        if form.get("client_id", credentials.client_id) != credentials.client_id:
            raise InvalidRequestError(
                "The form and the Authorization header name different clients. Send one client id."
            )
        return credentials
    if "client_id" in form and "client_secret" in form:
        return Credentials(_known_form(form["client_id"]), form["client_secret"])
    raise ClientRefused(
        "The client credentials are missing. Send them with HTTP Basic or in the form."
    )


class ClientRefused(InvalidClientError):  # type: ignore[misc]
    """The error for every failed client authentication, with a Basic challenge (RFC 7617)."""

    status_code = 401
    description = "The client id or the client secret is wrong. Correct them, then try again."

    def get_headers(self) -> list[tuple[str, str]]:
        return [*default_json_headers, ("WWW-Authenticate", 'Basic realm="clients"')]


def _basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefused(
            "The authentication scheme is not supported. Use HTTP Basic, or send the form."
        )
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ClientRefused(_NOT_BASIC) from None
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise ClientRefused(_NOT_BASIC)
    return Credentials(_known_form(unquote_plus(client_id)), unquote_plus(secret))


def _known_form(client_id: str) -> str:
    # An impossible client id takes the same steps as an unknown one, so that it takes as long.
    return client_id if _CLIENT_ID.fullmatch(client_id) else _UNKNOWN_CLIENT_ID
