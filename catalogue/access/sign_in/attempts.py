"""Attempts to sign in: what a browser keeps while its person is at the identity provider.

A cookie holds the last few attempts, so that a second tab does not end the sign-in of the first.
The service signs the cookie, and stores nothing until the person comes back.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import orjson

from catalogue.access import keys
from catalogue.core import clock
from catalogue.core.database import Database, open_session

LIFETIME_SECONDS = 600
MOST_ATTEMPTS = 3
LONGEST_PLACE = 500
"""The longest path to return to after the sign-in. Three of them fit into a cookie."""

_PURPOSE = b"attempts to sign in"


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in at one provider. `begun_at` is Unix time."""

    provider: str
    state: str
    nonce: str
    verifier: str
    begun_at: float
    place: str
    """The path of the page to return to."""

    @property
    def challenge(self) -> str:
        """The challenge of the verifier (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def begin_attempt(provider_key: str, place: str) -> Attempt:
    """Begin an attempt, with random values that only this browser will know."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(provider_key, state, nonce, verifier, clock.now().timestamp(), place)


def local_path(place: str | None) -> str:
    """Return a path of this service to return to. Any other address becomes the start page."""
    if (
        not place
        or len(place) > LONGEST_PLACE
        or not place.isascii()
        or not place.isprintable()
        or "\\" in place
        or not place.startswith("/")
        or place.startswith("//")
    ):
        return "/"
    try:
        parts = urlsplit(place)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else place


def attempts_key(database: Database) -> bytes:
    """Return the key that signs attempts, which all servers on the database share."""
    with open_session(database, read_only=True) as session:
        key = next((each for each in keys.published_keys(session) if each.signing), None)
    if key is None:
        with open_session(database, read_only=False) as session:
            key = keys.signing_key(session)
            session.commit()
    return hmac.digest(key.private_key.encode(), _PURPOSE, "sha256")


def write_attempts(attempts: Iterable[Attempt], key: bytes) -> str:
    """Return the newest attempts as the signed value of a cookie."""
    kept = sorted(attempts, key=lambda each: each.begun_at)[-MOST_ATTEMPTS:]
    body = base64.urlsafe_b64encode(orjson.dumps([asdict(each) for each in kept])).decode()
    return f"{body}.{_signature(body, key)}"


def read_attempts(value: str | None, key: bytes) -> list[Attempt]:
    """Return the attempts of a cookie that have not expired. A forged cookie holds none."""
    body, _, signature = (value or "").rpartition(".")
    if not body.isascii() or not hmac.compare_digest(
        signature.encode("utf-8", "surrogateescape"), _signature(body, key).encode()
    ):
        return []
    try:
        attempts = [Attempt(**each) for each in orjson.loads(base64.urlsafe_b64decode(body))]
    except (binascii.Error, ValueError, TypeError):
        return []
    oldest = clock.now().timestamp() - LIFETIME_SECONDS
    return [each for each in attempts if each.begun_at > oldest]


def find_attempt(attempts: list[Attempt], provider_key: str, state: str | None) -> Attempt | None:
    """Return the attempt that a response of a provider belongs to, or None."""
    given = (state or "").encode("utf-8", "surrogateescape")
    for attempt in attempts:
        if attempt.provider == provider_key and hmac.compare_digest(attempt.state.encode(), given):
            return attempt
    return None


def _signature(body: str, key: bytes) -> str:
    return hmac.digest(key, body.encode(), "sha256").hex()
