"""Token verification: all checks of a token of the embedded server, and its actor."""

from dataclasses import dataclass
from typing import Any, TypeGuard
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


class TokenVerifier:
    """The verification of tokens of the embedded authorization server."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.issuer
        self._expected = tokens.Expectations(settings.issuer, frozenset({settings.audience}))

    def verify(self, work: UnitOfWork, token: str) -> VerifiedToken:
        """Verify a token with all checks, in a read-only unit of work.

        A unit of work that writes would take the lock that all writers share on SQLite. Raises
        TokenRefused.
        """
        header = tokens.read_header(token)
        tokens.check_type(header)
        claims = tokens.verified_claims(token, header, _find_key(work, header))
        expires_at = tokens.check_claims(claims, self._expected, clock.now())
        _check_not_revoked(work.connection, claims)
        return VerifiedToken(_actor(claims, work.connection), claims, expires_at)


def _find_key(work: UnitOfWork, header: Header) -> VerificationKey:
    key = None
    if _is_storable(header.kid):
        key = keys.verification_key(work.connection, header.kid)
    if key is None:
        raise TokenRefused(UNKNOWN_KEY)
    return key


def _actor(claims: dict[str, Any], connection: sa.Connection) -> Actor:
    scopes = known_scopes(claims.get("scope"))
    code = claims.get("agency")
    if code is None and Scope.ADMIN.value not in scopes:
        raise TokenRefused(
            "The access token names no agency. Request one for a client that is linked to an "
            "agency."
        )
    return Actor(
        client_id=_client_id(claims),
        agency_id=None if code is None else find_agency_id(connection, code),
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


def find_agency_id(connection: sa.Connection, code: object) -> UUID:
    """Return the id of the agency that a token names. Raises TokenRefused for an unknown code."""
    agency_id = None
    if _is_storable(code):
        agency_id = connection.scalar(_AGENCY_ID, {"code": code})
    if agency_id is None:
        raise TokenRefused(
            "The access token names an unknown agency. Correct the agency of the client."
        )
    return UUID(str(agency_id))


def _client_id(claims: dict[str, Any]) -> str:
    """Return the id if the audit log can record it. Raises TokenRefused if not."""
    client_id = claims["client_id"]
    if not _is_storable(client_id) or len(client_id) > LONGEST_CLIENT_ID:
        raise TokenRefused(
            "The access token has an invalid client id. Use an id of at most 100 characters."
        )
    return client_id


def _is_storable(value: object) -> TypeGuard[str]:
    """Return whether a value is text that PostgreSQL can store, which excludes NUL characters."""
    return isinstance(value, str) and "\x00" not in value
