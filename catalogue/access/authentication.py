"""Who a request comes from. This runs before anything else of a request, its body included."""

from flask import Flask, Request, current_app

from catalogue.access.challenges import challenge
from catalogue.access.external_issuer import ExternalKeys
from catalogue.access.token_cache import Remembered, TokenCache
from catalogue.access.tokens import LEEWAY, TokenRefused
from catalogue.access.verification import KeySource, OwnKeys, TokenVerifier, is_reading
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.database import work
from catalogue.core.errors import Unauthorized

_EXTENSION = "access"
_LEEWAY_SECONDS = LEEWAY.total_seconds()


class Authenticator:
    """Turns the Authorization header into an actor, for one application in one process."""

    def __init__(self, configured: Settings) -> None:
        keys: KeySource = ExternalKeys(configured) if configured.oauth_issuer else OwnKeys()
        self._settings = configured
        self._keys = keys
        self._verifier = TokenVerifier(configured, keys)
        self._cache = TokenCache()

    def actor(self, authorization: str | None) -> Actor:
        """The actor of a request. Raises Unauthorized; Unavailable without the issuer's keys."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized(
                "Send an access token: Authorization: Bearer <token>.",
                headers=challenge(self._settings),
            )
        try:
            return self._actor_of(token.strip(" "))
        except TokenRefused as refusal:
            said = challenge(self._settings, error="invalid_token", description=str(refusal))
            raise Unauthorized(str(refusal), headers=said) from None

    def _actor_of(self, token: str) -> Actor:
        key = self._cache.key(token)
        found = self._remembered(key)
        if found is None:
            # The epoch comes first: what is then found out is at least as new as the epoch says.
            epoch = self._keys.epoch()
            found = self._cache.get(key, epoch)
        if found is None:
            verified = self._verifier.verify(token)
            self._cache.put(key, Remembered(verified.actor, verified.expires_at, epoch))
            return verified.actor
        if clock.now().timestamp() >= found.expires_at + _LEEWAY_SECONDS:
            raise TokenRefused("The token has expired.")
        return found.actor

    def _remembered(self, key: bytes) -> Remembered | None:
        """What is known of a token, for a request that makes sure of the epoch by itself."""
        standing = work().standing if is_reading() else None
        query = self._keys.epoch_query() if standing else None
        found = self._cache.peek(key) if query else None
        if standing and query and found:
            standing.rely_on(query, found.epoch)
        return found


def init_app(app: Flask) -> None:
    """Let an application authenticate its requests. ValueError if the settings cannot be used."""
    app.extensions[_EXTENSION] = Authenticator(app.config["SETTINGS"])
    app.extensions["authenticate"] = authenticate
    app.extensions["challenge"] = challenge


def authenticate(request: Request) -> Actor:
    """The actor of a request, by its bearer token.

    Raises Unauthorized, with the challenge of RFC 6750 and 9728; Unavailable if an external
    issuer has to be asked for its keys and does not answer.
    """
    authenticator: Authenticator = current_app.extensions[_EXTENSION]
    return authenticator.actor(request.headers.get("Authorization"))
