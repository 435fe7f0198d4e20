"""Keys of an identity provider: discovered, fetched, cached and refreshed.

A token with an unknown key id causes a new fetch, since the provider may have rotated its keys. That
happens at most once in MINIMUM_INTERVAL, or in RETRY_AFTER_FAILURE after a failed fetch. So invented
key ids cannot overload the provider. One thread fetches, and requests wait for it for the configured
time at most. Cached keys remain valid for KEEP_FOR while the provider does not respond.
"""

import logging
from datetime import datetime, timedelta

from catalogue.access.identity_providers.discovery import ProviderFault, discover_keys
from catalogue.access.identity_providers.shared_fetch import SharedFetch
from catalogue.access.tokens import UNKNOWN_KEY, Header, TokenRefused, VerificationKey
from catalogue.core import clock
from catalogue.core.config import Settings
from catalogue.core.errors import Unavailable
from catalogue.core.outgoing import Reach

MINIMUM_INTERVAL = timedelta(seconds=30)
RETRY_AFTER_FAILURE = timedelta(seconds=5)
REFRESH_AFTER = timedelta(hours=1)
KEEP_FOR = timedelta(hours=24)
"""The time for which keys are used after the last fetch that succeeded."""

_log = logging.getLogger(__name__)


class ProviderKeys:
    """The public keys of one issuer, as this process has cached them."""

    def __init__(self, issuer: str, jwks_url: str | None, settings: Settings) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._reach = Reach.of_identity_providers(settings)
        self._timeout = settings.identity_provider_timeout_seconds
        self._shared_fetch = SharedFetch(self._fetch, self._timeout)
        self._keys: tuple[VerificationKey, ...] = ()
        self._fetched_at: datetime | None = None
        self._failed = False
        self._fault: str | None = None
        self.version = 0
        """A number that changes with the keys, so that cached tokens are verified again."""

    def find(self, header: Header) -> VerificationKey:
        """Return the key of a token. Raises TokenRefused if the issuer has no such key.

        Raises Unavailable if the issuer does not respond and no cached key matches.
        """
        if not self._has(header.kid):
            self._wait_for_fetch()
        self.require_fresh()
        fitting = [
            key
            for key in self._keys
            if header.algorithm in key.algorithms and header.kid in (None, key.kid)
        ]
        if fitting and (header.kid is not None or len(fitting) == 1):
            return fitting[0]
        if self._failed and not self._has(header.kid):
            raise self._unavailable()
        raise TokenRefused(UNKNOWN_KEY)

    def require_fresh(self) -> None:
        """Start a fetch if the keys are old. Raises Unavailable if they are too old to be used."""
        if self._fetched_at is None:
            return
        age = clock.now() - self._fetched_at
        if age > KEEP_FOR:
            self._wait_for_fetch()
            age = clock.now() - self._fetched_at
            if age > KEEP_FOR:
                raise self._unavailable()
        elif age > REFRESH_AFTER:
            self._start_fetch()

    def _unavailable(self) -> Unavailable:
        if self._fault:
            detail = (
                f"The identity provider is set up wrongly here: {self._fault}. "
                "Tell the administrator of the catalogue."
            )
        else:
            detail = (
                "The identity provider does not respond, so the token cannot be checked. "
                "Try again later."
            )
        retry_after = str(int(RETRY_AFTER_FAILURE.total_seconds()))
        return Unavailable(detail, headers={"Retry-After": retry_after})

    def _has(self, kid: str | None) -> bool:
        return bool(self._keys) and (kid is None or any(key.kid == kid for key in self._keys))

    def _wait_for_fetch(self) -> None:
        if not self._shared_fetch.wait(self._interval):
            self._failed, self._fault = True, None

    def _start_fetch(self) -> None:
        self._shared_fetch.start(self._interval)

    @property
    def _interval(self) -> timedelta:
        return RETRY_AFTER_FAILURE if self._failed else MINIMUM_INTERVAL

    def _fetch(self, begun_at: datetime) -> None:
        try:
            keys = discover_keys(self._issuer, self._jwks_url, self._reach, self._timeout).keys
        except Exception as failure:  # noqa: BLE001 - every failure leaves the cached keys
            self._failed = True
            self._fault = failure.fault if isinstance(failure, ProviderFault) else None
            _log.warning("Cannot fetch the keys of %s: %s", self._issuer, failure)
        else:
            if _fingerprints(keys) != _fingerprints(self._keys):
                self._keys, self.version = keys, self.version + 1
            self._fetched_at, self._failed = begun_at, False


def _fingerprints(keys: tuple[VerificationKey, ...]) -> list[tuple[str, str, frozenset[str]]]:
    return [(key.kid, key.key.thumbprint(), key.algorithms) for key in keys]
