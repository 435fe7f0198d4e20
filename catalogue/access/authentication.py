"""Authentication: the actor of a request, found before the rest of the request is read."""

from catalogue.access import tokens
from catalogue.access.challenges import challenge
from catalogue.access.identity_providers.verification import ProviderTokens
from catalogue.access.metadata import TOKEN_PATH
from catalogue.access.token_cache import CachedToken, TokenCache
from catalogue.access.token_verification import TokenVerifier
from catalogue.access.tokens import EXPIRED, LEEWAY, REQUEST_NEW, TokenRefused
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork
from catalogue.core.errors import Unauthorized
from catalogue.core.permissions_version import VERSION_QUERY, read_permissions_version

_LEEWAY_SECONDS = LEEWAY.total_seconds()


class Authenticator:
    """The authentication of requests in one process.

    The issuer that a token names decides how it is verified: as a token of the embedded server, or
    of an identity provider.
    """

    def __init__(self, configured: Settings) -> None:
        self._settings = configured
        self._embedded = TokenVerifier(configured)
        self._providers = ProviderTokens(configured)
        self._cache = TokenCache()

    def actor(self, work: UnitOfWork, authorization: str | None) -> Actor:
        """Return the actor of an Authorization header.

        Raises Unauthorized, or Unavailable if a provider's keys cannot be fetched.
        """
        scheme, _, token = (authorization or "").partition(" ")
        own_server = f"{self._settings.public_url}{TOKEN_PATH}"
        if scheme.lower() != "bearer":
            raise Unauthorized(
                f"Request a token from {own_server}. Send it as `Authorization: Bearer <token>`.",
                headers=challenge(self._settings),
            )
        try:
            return self._actor_of(work, token.strip(" "))
        except TokenRefused as refusal:
            message = str(refusal)
            headers = challenge(self._settings, error="invalid_token", description=message)
            source = refusal.issuer or own_server
            advice = f"Request a token from {source}."
            if message.endswith(REQUEST_NEW):
                # The advice replaces the end of the message, which does not name the issuer.
                message = message.removesuffix(REQUEST_NEW)
                advice = f"Request a new token from {source}."
            raise Unauthorized(f"{message} {advice}", headers=headers) from None

    def _actor_of(self, work: UnitOfWork, token: str) -> Actor:
        key = self._cache.key(token)
        cached = self._defer(work, key)
        if cached is None:
            # The version is read first, so the result is at least as new as its version.
            version = read_permissions_version(work.connection)
            work.permissions_version = version
            cached = self._cache.get(key, version)
            if cached is None or not cached.has_current_keys():
                cached = self._verify(work, token, version)
                self._cache.put(key, cached)
                return cached.actor
        if clock.now().timestamp() >= cached.expires_at + _LEEWAY_SECONDS:
            raise TokenRefused(EXPIRED)
        return cached.actor

    def _verify(self, work: UnitOfWork, token: str, version: int) -> CachedToken:
        header = tokens.read_header(token)
        issuer = tokens.read_issuer(token)
        if issuer == self._embedded.issuer:
            verified = self._embedded.verify(work, token)
            return CachedToken(verified.actor, verified.expires_at, version)
        verified, keys, keys_version = self._providers.verify(work, token, header, issuer)
        return CachedToken(verified.actor, verified.expires_at, version, keys, keys_version)

    def _defer(self, work: UnitOfWork, key: bytes) -> CachedToken | None:
        """Return the cached token if the unit of work can check its version later.

        Else return None. On SQLite a separate query costs little, so nothing is deferred there.
        """
        if not work.deferred or work.database.dialect != "postgresql":
            return None
        cached = self._cache.peek(key)
        if cached is None or not cached.has_current_keys():
            return None
        work.deferred.query, work.deferred.expected = VERSION_QUERY, cached.version
        work.permissions_version = cached.version
        return cached
