"""Authentication: the actor of a request, found before the rest of the request is read."""

from catalogue.access.challenges import challenge
from catalogue.access.external_issuer import ExternalKeys
from catalogue.access.metadata import TOKEN_PATH
from catalogue.access.token_cache import CachedToken, TokenCache
from catalogue.access.token_verification import EmbeddedKeys, KeySource, TokenVerifier
from catalogue.access.tokens import EXPIRED, LEEWAY, REQUEST_NEW, TokenRefused
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork
from catalogue.core.errors import Unauthorized

_LEEWAY_SECONDS = LEEWAY.total_seconds()


class Authenticator:
    """The authentication of requests in one process.

    Raises ValueError for invalid settings.
    """

    def __init__(self, configured: Settings) -> None:
        keys: KeySource = ExternalKeys(configured) if configured.oauth_issuer else EmbeddedKeys()
        self._settings = configured
        self._keys = keys
        self._verifier = TokenVerifier(configured, keys)
        self._cache = TokenCache()

    def actor(self, work: UnitOfWork, authorization: str | None) -> Actor:
        """Return the actor of an Authorization header.

        Raises Unauthorized, or Unavailable if the issuer's keys cannot be fetched.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized(
                f"{self._token_source} Send it as `Authorization: Bearer <token>`.",
                headers=challenge(self._settings),
            )
        try:
            return self._actor_of(work, token.strip(" "))
        except TokenRefused as refusal:
            message = str(refusal)
            headers = challenge(self._settings, error="invalid_token", description=message)
            advice = self._token_source
            if message.endswith(REQUEST_NEW):
                # The advice replaces the end of the message, which does not name the issuer.
                message = message.removesuffix(REQUEST_NEW)
                advice = f"Request a new token from {self._issuer}."
            raise Unauthorized(f"{message} {advice}", headers=headers) from None

    @property
    def _token_source(self) -> str:
        if self._settings.oauth_issuer:
            return f"Tokens come from {self._issuer}."
        return f"Request a token from {self._issuer}."

    @property
    def _issuer(self) -> str:
        if self._settings.oauth_issuer:
            return self._settings.issuer
        return f"{self._settings.public_url}{TOKEN_PATH}"

    def _actor_of(self, work: UnitOfWork, token: str) -> Actor:
        key = self._cache.key(token)
        cached = self._defer(work, key)
        if cached is None:
            # The version is read first, so the result is at least as new as its version.
            version = self._keys.version(work)
            cached = self._cache.get(key, version)
        if cached is None:
            verified = self._verifier.verify(work, token)
            self._cache.put(key, CachedToken(verified.actor, verified.expires_at, version))
            return verified.actor
        if clock.now().timestamp() >= cached.expires_at + _LEEWAY_SECONDS:
            raise TokenRefused(EXPIRED)
        return cached.actor

    def _defer(self, work: UnitOfWork, key: bytes) -> CachedToken | None:
        """Return the cached token if the unit of work can check its version later.

        Else return None.
        """
        query = self._keys.version_query(work) if work.deferred else None
        cached = self._cache.peek(key) if query else None
        if work.deferred and query and cached:
            work.deferred.query, work.deferred.expected = query, cached.version
            work.permissions_version = cached.version
        return cached
