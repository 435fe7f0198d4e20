"""Keys of an external authorization server: discovered, fetched, cached and refreshed.

A token with an unknown key id causes a new fetch, since the issuer may have rotated its keys. That
happens at most once in MINIMUM_INTERVAL, or in RETRY_AFTER_FAILURE after a failed fetch. So invented
key ids cannot overload the issuer. One thread fetches, and requests wait for it for the configured
time at most. Cached keys remain valid while
the issuer does not respond.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import orjson
from authlib.common.security import is_secure_transport

from catalogue.access.challenges import well_known
from catalogue.access.jwk_set import read_jwk_set
from catalogue.access.tokens import UNKNOWN_KEY, Header, TokenRefused, VerificationKey
from catalogue.core import clock
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork
from catalogue.core.errors import Unavailable

if TYPE_CHECKING:
    import httpx

MINIMUM_INTERVAL = timedelta(seconds=30)
RETRY_AFTER_FAILURE = timedelta(seconds=5)
REFRESH_AFTER = timedelta(hours=1)
LARGEST_DOCUMENT = 512 * 1024

_OK = 200
_log = logging.getLogger(__name__)


class IssuerFailed(Exception):
    """A failure to fetch the issuer's metadata or keys. The message is for the log."""


@dataclass(frozen=True)
class _Fetch:
    begun_at: datetime
    deadline: float
    done: Event


class ExternalKeys:
    """The public keys of the issuer that the settings name."""

    def __init__(self, settings: Settings) -> None:
        for name, url in (
            ("CATALOGUE_OAUTH_ISSUER", settings.oauth_issuer),
            ("CATALOGUE_OAUTH_JWKS_URL", settings.oauth_jwks_url),
        ):
            if url and not is_secure_transport(url):
                raise ValueError(f"{name} must be an https address, or an address of this machine.")
        self._issuer = settings.oauth_issuer
        self._jwks_url = settings.oauth_jwks_url
        self._timeout = settings.oauth_timeout_seconds
        self._lock = Lock()
        self._keys: tuple[VerificationKey, ...] = ()
        self._version = 0
        self._fetched_at: datetime | None = None
        self._failed = False
        self._last_fetch: _Fetch | None = None

    def version(self, _work: UnitOfWork) -> int:
        """Return a number that changes with the issuer's keys. Start a fetch if they are old."""
        if self._fetched_at and clock.now() - self._fetched_at > REFRESH_AFTER:
            self._start_fetch()
        return self._version

    def version_query(self, _work: UnitOfWork) -> str | None:
        """Return None, because the version is not in the database."""
        return None

    def find(self, _work: UnitOfWork, header: Header) -> VerificationKey:
        """Return the key of a token. Raises TokenRefused if the issuer has no such key.

        Raises Unavailable if the issuer does not respond and no cached key matches.
        """
        if not self._has(header.kid):
            self._wait_for_fetch()
        fitting = [
            key
            for key in self._keys
            if header.algorithm in key.algorithms and header.kid in (None, key.kid)
        ]
        if fitting and (header.kid is not None or len(fitting) == 1):
            return fitting[0]
        if self._failed and not self._has(header.kid):
            raise Unavailable(
                "The authorization server does not respond, so the token cannot be checked. "
                "Try again later.",
                headers={"Retry-After": str(int(RETRY_AFTER_FAILURE.total_seconds()))},
            )
        raise TokenRefused(UNKNOWN_KEY)

    def _has(self, kid: str | None) -> bool:
        return bool(self._keys) and (kid is None or any(key.kid == kid for key in self._keys))

    def _wait_for_fetch(self) -> None:
        fetch = self._start_fetch()
        fetch.done.wait(max(0.0, fetch.deadline - time.monotonic()))
        if not fetch.done.is_set():
            self._failed = True

    def _start_fetch(self) -> _Fetch:
        """Start to fetch the keys, unless a fetch is running or has just ended."""
        now = clock.now()
        with self._lock:
            last = self._last_fetch
            if last is not None:
                interval = RETRY_AFTER_FAILURE if self._failed else MINIMUM_INTERVAL
                if not last.done.is_set() or now - last.begun_at < interval:
                    return last
            fetch = _Fetch(now, time.monotonic() + self._timeout, Event())
            self._last_fetch = fetch
        Thread(target=self._run_fetch, args=(fetch,), name="issuer-keys", daemon=True).start()
        return fetch

    def _run_fetch(self, fetch: _Fetch) -> None:
        try:
            keys = self._download_keys()
        except Exception as failure:  # noqa: BLE001 - every failure leaves the cached keys
            self._failed = True
            _log.warning("Cannot fetch the keys of %s: %s", self._issuer, failure)
        else:
            if _fingerprints(keys) != _fingerprints(self._keys):
                self._keys, self._version = keys, self._version + 1
            self._fetched_at, self._failed = fetch.begun_at, False
        finally:
            fetch.done.set()

    def _download_keys(self) -> tuple[VerificationKey, ...]:
        import httpx

        # No redirects: an operator must confirm that an issuer has moved.
        with httpx.Client(timeout=self._timeout, follow_redirects=False) as client:
            address = self._jwks_url or self._discover(client)
            keys = read_jwk_set(self._download(client, address))
        if not keys:
            raise IssuerFailed("the key set holds no key that can verify a token")
        return keys

    def _discover(self, client: "httpx.Client") -> str:
        """Return the address of the issuer's keys, from OpenID Connect or RFC 8414 metadata."""
        addresses = (
            self._issuer.rstrip("/") + "/.well-known/openid-configuration",
            well_known(self._issuer, "/.well-known/oauth-authorization-server"),
        )
        failures = []
        for address in addresses:
            try:
                issuer_metadata = self._download(client, address)
            except IssuerFailed as failure:
                failures.append(str(failure))
                continue
            if issuer_metadata.get("issuer") != self._issuer:
                raise IssuerFailed(f"{address} is the metadata of another issuer")
            url = issuer_metadata.get("jwks_uri")
            if not isinstance(url, str) or not is_secure_transport(url):
                raise IssuerFailed(f"{address} names no jwks_uri with https")
            return url
        raise IssuerFailed("; ".join(failures))

    def _download(self, client: "httpx.Client", url: str) -> dict[str, Any]:
        """Download a JSON object. Raises IssuerFailed."""
        deadline = time.monotonic() + self._timeout
        body = bytearray()
        with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != _OK:
                raise IssuerFailed(f"{url} returns status {response.status_code}")
            for part in response.iter_bytes():
                body += part
                # httpx limits the wait for each part, but a server can send parts without end.
                if len(body) > LARGEST_DOCUMENT or time.monotonic() > deadline:
                    raise IssuerFailed(f"{url} sends too much or too slowly")
        try:
            document = orjson.loads(bytes(body))
        except orjson.JSONDecodeError:
            raise IssuerFailed(f"{url} sends no JSON") from None
        if not isinstance(document, dict):
            raise IssuerFailed(f"{url} sends no JSON object")
        return document


def _fingerprints(keys: tuple[VerificationKey, ...]) -> list[tuple[str, str, frozenset[str]]]:
    return [(key.kid, key.key.thumbprint(), key.algorithms) for key in keys]
