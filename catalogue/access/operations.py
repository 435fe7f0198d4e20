"""Clients and tokens: creating, authenticating and revoking them. The caller commits."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access import credentials, keys, tokens
from catalogue.access.models import ClientSecret, OAuthClient
from catalogue.access.scopes import known_scopes, parse_scopes, scope_string
from catalogue.agencies.codes import LISTED_BY_COMMAND, unknown_agency
from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.config import Settings
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.history.audit_log import record_event

LONGEST_GRACE = timedelta(days=30)
_LAST_USE_INTERVAL = timedelta(minutes=5)


class ClientError(ValueError):
    """The error for an invalid request about a client. Its message is fit to show to users."""


class UnknownClient(ClientError):
    """No client has the id. The message names the command that lists the clients."""

    def __init__(self, client_id: str) -> None:
        super().__init__(
            f"There is no client {client_id!r}. `catalogue clients list` lists the clients."
        )


def create_client(
    session: Session, *, name: str, agency_code: str | None, scopes: Iterable[Scope | str] | str
) -> tuple[OAuthClient, str]:
    """Register a client, and return it with its secret, which cannot be shown again.

    Raises ClientError for an unknown agency, and UnknownScope for an unknown scope.
    """
    requested = parse_scopes(scopes)
    if not requested:
        raise ClientError(
            "The client needs at least one scope. `catalogue clients scopes` lists the scopes."
        )
    if agency_code is None and Scope.ADMIN not in requested:
        raise ClientError(
            "The client needs an agency, because it does not have the scope `admin`. "
            "Name an agency."
        )
    client = OAuthClient(
        client_id=credentials.new_client_id(agency_code or "admin"),
        name=name.strip() or agency_code or "admin",
        agency_id=_agency_id(session, agency_code) if agency_code else None,
        scopes=scope_string(requested),
    )
    session.add(client)
    session.flush()
    return client, _add_secret(session, client, at=clock.now())


def rotate_secret(session: Session, *, client_id: str, grace: timedelta = timedelta()) -> str:
    """Give a client a new secret. Its present secret remains valid for the grace period.

    Raises UnknownClient, or ClientError for a revoked client or a grace period that is too long.
    """
    if not timedelta() <= grace <= LONGEST_GRACE:
        raise ClientError(
            f"The grace period is longer than {LONGEST_GRACE.days} days. Give a shorter one."
        )
    client = find_client(session, client_id)
    if client.revoked_at is not None:
        raise ClientError(f"The client {client_id!r} was revoked. Create another client.")
    now = clock.now()
    newest, *older = session.scalars(
        sa.select(ClientSecret)
        .where(ClientSecret.oauth_client_id == client.id)
        .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
    )
    for secret in older if grace else [newest, *older]:
        session.delete(secret)
    newest.expires_at = now + grace
    new_secret = _add_secret(session, client, at=now)
    record_event(session, client, verb="secret_rotated")
    return new_secret


def revoke_client(session: Session, *, client_id: str) -> OAuthClient:
    """Revoke a client and all its tokens, from the next request on. Raises UnknownClient."""
    client = find_client(session, client_id)
    if client.revoked_at is None:
        client.revoked_at = clock.now()
        session.execute(sa.delete(ClientSecret).where(ClientSecret.oauth_client_id == client.id))
        bump_permissions_version(session)
    return client


def find_client(session: Session, client_id: str) -> OAuthClient:
    """Return the client with this id. Raises UnknownClient if there is none."""
    client = session.scalar(sa.select(OAuthClient).where(OAuthClient.client_id == client_id))
    if client is None:
        raise UnknownClient(client_id)
    return client


def authenticate_client(session: Session, presented: credentials.Credentials) -> OAuthClient | None:
    """Return the client with these credentials, or None.

    An unknown or revoked client takes the same steps as a wrong secret, so the time of the response
    reveals nothing.
    """
    now = clock.now()
    rows = session.execute(
        sa.select(ClientSecret.digest, ClientSecret.id, ClientSecret.last_used_at)
        .join(OAuthClient, OAuthClient.id == ClientSecret.oauth_client_id)
        .where(OAuthClient.client_id == presented.client_id)
        .where(OAuthClient.revoked_at.is_(None))
        .where(sa.or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now))
    ).all()
    digest = credentials.matching_digest(presented.secret, [row.digest for row in rows])
    if digest is None:
        return None
    matched = next(row for row in rows if row.digest == digest)
    if matched.last_used_at is None or matched.last_used_at < now - _LAST_USE_INTERVAL:
        session.execute(
            sa.update(ClientSecret).where(ClientSecret.id == matched.id).values(last_used_at=now)
        )
    return find_client(session, presented.client_id)


def issue_token(
    session: Session,
    *,
    client: OAuthClient,
    settings: Settings,
    scopes: Iterable[Scope | str] | str | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """Return an access token for a client (RFC 9068), with all its scopes or the named ones.

    Raises ClientError for a scope that the client lacks, or a lifetime of more than a day.
    """
    lifetime = lifetime or timedelta(seconds=settings.token_lifetime_seconds)
    if not timedelta() < lifetime <= keys.LONGEST_LIFETIME:
        raise ClientError(
            "The lifetime of a token must be at most 24 hours. Give another lifetime."
        )
    granted = granted_scopes(client, scopes)
    key = keys.signing_key(session)
    now = int(clock.now().timestamp())
    claims: dict[str, object] = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": client.client_id,
        "client_id": client.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + int(lifetime.total_seconds()),
        "jti": secrets.token_urlsafe(16),
        "scope": scope_string(granted),
    }
    if client.agency_id is not None:
        claims["agency"] = _agency_code(session, client.agency_id)
    return tokens.sign(claims, key=keys.private_half(key), algorithm=key.algorithm, kid=key.kid)


def granted_scopes(
    client: OAuthClient, requested_scopes: Iterable[Scope | str] | str | None
) -> frozenset[str]:
    """Return the scopes of a token: the requested ones, or all scopes of the client.

    Raises UnknownScope, or ClientError if the client lacks a requested scope.
    """
    own = known_scopes(client.scopes)
    if requested_scopes is None:
        return own
    granted = frozenset(scope.value for scope in parse_scopes(requested_scopes))
    if not granted <= own:
        lacking = ", ".join(f"`{scope}`" for scope in sorted(granted - own))
        raise ClientError(
            f"The client lacks {lacking}. Request fewer scopes, or ask the operator of the service."
        )
    return granted


def _add_secret(session: Session, client: OAuthClient, *, at: datetime) -> str:
    secret = credentials.new_secret()
    session.add(
        ClientSecret(oauth_client_id=client.id, digest=credentials.digest(secret), created_at=at)
    )
    session.flush()
    return secret


def _agency_id(session: Session, code: str) -> UUID:
    agency_id = session.scalar(sa.select(Agency.id).where(Agency.code == code))
    if agency_id is None:
        raise ClientError(unknown_agency(session, code, listed_by=LISTED_BY_COMMAND))
    return UUID(str(agency_id))


def _agency_code(session: Session, agency_id: UUID) -> str:
    return str(session.scalar(sa.select(Agency.code).where(Agency.id == agency_id)))
