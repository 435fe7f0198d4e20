"""Token verification: all checks of a bearer token, and its actor."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard
from uuid import UUID

import sqlalchemy as sa

from catalogue.access import keys, tokens
from catalogue.access.models import OAuthClient, RevokedToken
from catalogue.access.scopes import known_scopes
from catalogue.access.tokens import UNKNOWN_KEY, Header, TokenRefused, VerificationKey
from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import Actor, Scope
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork
from catalogue.core.permissions_version import VERSION_QUERY, read_permissions_version

LONGEST_CLIENT_ID = 100

_REVOCATION_STATE = sa.select(
    sa.exists().where(RevokedToken.jti == sa.bindparam("jti")),
    sa.exists().where(
        OAuthClient.client_id == sa.bindparam("client_id"), OAuthClient.revoked_at.is_(None)
    ),
)
"""Two booleans: true if the token is revoked, and true if its client is live."""

_AGENCY_ID = sa.select(Agency.id).where(Agency.code == sa.bindparam("code"))


@dataclass(frozen=True)
class VerifiedToken:
    """A valid token. `expires_at` is Unix time."""

    actor: Actor
    claims: dict[str, Any]
    expires_at: float


class KeySource(Protocol):
    """A source of an issuer's public keys, with a version by which tokens are cached."""

    def version(self, work: UnitOfWork) -> int:
        """Return a number that changes when a cached token may have become invalid."""

    def version_query(self, work: UnitOfWork) -> str | None:
        """Return the SQL of `version`, to run together with a request's own query, or None."""

    def find(self, work: UnitOfWork, header: Header) -> VerificationKey:
        """Return the key of a token. Raises TokenRefused, or Unavailable without the keys."""


class EmbeddedKeys:
    """The keys of the embedded authorization server, from the database."""

    def version(self, work: UnitOfWork) -> int:
        """Return the permissions version, so that every worker sees a revocation at once."""
        work.permissions_version = read_permissions_version(work.connection)
        return work.permissions_version

    def version_query(self, work: UnitOfWork) -> str | None:
        """Return the SQL on PostgreSQL.

        Return None on SQLite, where a separate query costs little.
        """
        return VERSION_QUERY if work.database.dialect == "postgresql" else None

    def find(self, work: UnitOfWork, header: Header) -> VerificationKey:
        """Return the key that signed a token. Raises TokenRefused for an unknown key."""
        key = None
        if _is_storable(header.kid):
            key = keys.verification_key(work.connection, header.kid)
        if key is None:
            raise TokenRefused(UNKNOWN_KEY)
        return key


class TokenVerifier:
    """The verification of tokens of one issuer: the embedded server, or the one in the settings."""

    def __init__(self, settings: Settings, key_source: KeySource) -> None:
        self._keys = key_source
        self._embedded = not settings.oauth_issuer
        self._agency_claim = "agency" if self._embedded else settings.oauth_agency_claim
        self._scope_claim = "scope" if self._embedded else settings.oauth_scope_claim
        types = (tokens.TOKEN_TYPE,) if self._embedded else settings.oauth_token_types
        self._expected = tokens.Expectations(
            issuer=settings.issuer,
            audience=settings.audience,
            types=frozenset(map(tokens.normal_type, types)),
            # The embedded server follows RFC 9068, which few other providers do.
            required=("iat", "jti", "client_id", "sub") if self._embedded else ("sub",),
        )

    def verify(self, work: UnitOfWork, token: str) -> VerifiedToken:
        """Verify a token with all checks, in a read-only unit of work.

        A unit of work that writes would take the lock that all writers share on SQLite. Raises
        TokenRefused, or Unavailable without the issuer's keys.
        """
        header = tokens.read_header(token)
        tokens.check_type(header, self._expected.types)
        key = self._keys.find(work, header)
        claims = tokens.verified_claims(token, header, key)
        expires_at = tokens.check_claims(claims, self._expected, clock.now())
        if self._embedded:
            _check_not_revoked(work.connection, claims)
        return VerifiedToken(self._actor(claims, work.connection), claims, expires_at)

    def _actor(self, claims: dict[str, Any], connection: sa.Connection) -> Actor:
        scopes = known_scopes(claims.get(self._scope_claim))
        code = claims.get(self._agency_claim)
        if code is None and Scope.ADMIN.value not in scopes:
            raise TokenRefused(
                "The access token names no agency. Request one for a client that is linked to an "
                "agency."
            )
        return Actor(
            client_id=_client_id(claims),
            agency_id=None if code is None else _agency_id(connection, code),
            agency=code,
            scopes=scopes,
            subject=str(claims["sub"]),
        )


def _check_not_revoked(connection: sa.Connection, claims: dict[str, Any]) -> None:
    identifiers = {"jti": claims["jti"], "client_id": claims["client_id"]}
    if not all(map(_is_storable, identifiers.values())):
        raise TokenRefused("The access token has invalid claims. Request a new one.")
    revoked, live = connection.execute(_REVOCATION_STATE, identifiers).one()
    if revoked:
        raise TokenRefused("The access token was revoked. Request a new one.")
    if not live:
        raise TokenRefused("The client of the access token was revoked. Use another client.")


def _agency_id(connection: sa.Connection, code: object) -> UUID:
    agency_id = None
    if _is_storable(code):
        agency_id = connection.scalar(_AGENCY_ID, {"code": code})
    if agency_id is None:
        raise TokenRefused(
            "The access token names an unknown agency. Correct the agency of the client."
        )
    return UUID(str(agency_id))


def _client_id(claims: dict[str, Any]) -> str:
    # The names of the claim in RFC 9068, OpenID Connect, Microsoft and Okta.
    for name in ("client_id", "azp", "appid", "cid"):
        value = claims.get(name)
        if isinstance(value, str) and value:
            return _checked_client_id(value)
    return _checked_client_id(str(claims["sub"]))


def _checked_client_id(client_id: str) -> str:
    """Return the id if the audit log can record it. Raises TokenRefused if not."""
    if not _is_storable(client_id) or len(client_id) > LONGEST_CLIENT_ID:
        raise TokenRefused(
            "The access token has an invalid client id. Use an id of at most 100 characters."
        )
    return client_id


def _is_storable(value: object) -> TypeGuard[str]:
    """Return whether a value is text that PostgreSQL can store, which excludes NUL characters."""
    return isinstance(value, str) and "\x00" not in value
