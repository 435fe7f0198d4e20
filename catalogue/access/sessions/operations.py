"""Operations that begin, find and end sessions. The caller commits."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.client_standing import find_standing
from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.sessions.demonstration import SUBJECT_PREFIX, offers_roles
from catalogue.access.sessions.models import WebSession
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import LONGEST_SESSION, Settings
from catalogue.core.database import UnitOfWork, open_session

SEEN_INTERVAL = timedelta(minutes=1)
"""The shortest time between two records of a session's use, so that reading pages writes little."""

_LONGEST = timedelta(seconds=LONGEST_SESSION)
_CSRF = b"csrf"


@dataclass(frozen=True)
class SignedIn:
    """A valid session, with the rights that a new sign-in would still give."""

    id: UUID
    """The id for administrators, which is never the cookie's value."""
    actor: Actor
    name: str
    provider_key: str | None
    """The key of the identity provider. None for a role of the demonstration."""
    csrf_token: str = field(repr=False)
    """The value that each form of the session sends back."""


def begin_session(
    session: Session,
    *,
    actor: Actor,
    name: str,
    provider_key: str | None = None,
    issuer_subject: str | None = None,
    issuer_session: str | None = None,
    id_token: str | None = None,
) -> str:
    """Begin a session, and return the cookie's value. Delete the sessions that have expired."""
    now = clock.now()
    session.execute(sa.delete(WebSession).where(WebSession.begun_at <= now - _LONGEST))
    value = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            digest=_digest(value),
            name=name,
            client_id=actor.client_id,
            agency_id=actor.agency_id,
            subject=actor.subject,
            scopes=sorted(actor.scopes),
            provider_key=provider_key,
            issuer_subject=issuer_subject,
            issuer_session=issuer_session,
            provider_token=actor.provider_token,
            id_token=id_token,
            begun_at=now,
            seen_at=now,
        )
    )
    session.flush()
    return value


def find_session(work: UnitOfWork, value: str) -> SignedIn | None:
    """Return the session of a cookie's value, or None if the person must sign in again.

    A session ends when it expires, or when its client, subject, provider or agency can no longer
    act. Its row is then deleted, so that it stays ended. A unit of work that only reads writes this
    and the time of use in a transaction of its own.
    """
    now = clock.now()
    row = work.session.get(WebSession, _digest(value))
    if row is None:
        return None
    actor = None
    settings = work.database.settings
    if not _is_expired(row, now, settings) and _could_sign_in(work.session, row, settings):
        actor = find_standing(
            work.session,
            client_id=row.client_id,
            subject=row.subject,
            agency_id=row.agency_id,
            scopes=frozenset(row.scopes),
            provider_token=row.provider_token,
        )
    this_row = WebSession.digest == row.digest
    if actor is None:
        _write(work, sa.delete(WebSession).where(this_row))
        return None
    if row.seen_at <= now - SEEN_INTERVAL:
        _write(work, sa.update(WebSession).where(this_row).values(seen_at=now))
    return SignedIn(row.id, actor, row.name, row.provider_key, _csrf_token(value))


def find_id_token(session: Session, value: str) -> str | None:
    """Return the ID token of a session, which the provider takes as a hint at sign-out."""
    return session.scalar(sa.select(WebSession.id_token).where(WebSession.digest == _digest(value)))


def end_session(session: Session, value: str) -> None:
    """End the session of a cookie's value. Do nothing if there is none."""
    session.execute(sa.delete(WebSession).where(WebSession.digest == _digest(value)))


def end_sessions(
    session: Session,
    *,
    session_id: UUID | None = None,
    provider_key: str | None = None,
    issuer_subject: str | None = None,
    issuer_session: str | None = None,
    actor: Actor | None = None,
) -> int:
    """End every session that has all the values given, and return how many there were.

    An actor stands for all sessions of its person. Raises ValueError if no value is given, and for a
    provider without a subject or a session.
    """
    conditions = []
    if session_id is not None:
        conditions.append(WebSession.id == session_id)
    if issuer_subject is not None:
        conditions.append(WebSession.issuer_subject == issuer_subject)
    if issuer_session is not None:
        conditions.append(WebSession.issuer_session == issuer_session)
    if actor is not None:
        conditions += [
            WebSession.client_id == actor.client_id,
            WebSession.subject == actor.subject,
        ]
    if not conditions:
        raise ValueError("No session is named. Give an id, a person or a session of a provider.")
    if provider_key is not None:
        conditions.append(WebSession.provider_key == provider_key)
    ended = session.execute(
        sa.delete(WebSession).where(*conditions).returning(WebSession.digest)
    ).all()
    return len(ended)


def _is_expired(row: WebSession, now: datetime, settings: Settings) -> bool:
    idle = timedelta(seconds=settings.session_idle_seconds)
    lifetime = timedelta(seconds=settings.session_lifetime_seconds)
    return now - row.seen_at >= idle or now - row.begun_at >= lifetime


def _could_sign_in(session: Session, row: WebSession, settings: Settings) -> bool:
    """Return whether the person of a session could still sign in at the same place.

    A provider must sign people in through the same client. The demonstration must offer roles.
    """
    if row.provider_key is None:
        is_role = (row.subject or "").startswith(SUBJECT_PREFIX)
        return not is_role or offers_roles(session.connection(), settings)
    client = session.scalar(
        sa.select(IdentityProvider.sign_in_client_id).where(
            IdentityProvider.key == row.provider_key
        )
    )
    return row.client_id == f"{row.provider_key}:{client}"


def _write(work: UnitOfWork, statement: sa.Update | sa.Delete) -> None:
    if not work.read_only:
        work.session.execute(statement)
        return
    with open_session(work.database, read_only=False) as session:
        session.execute(statement)
        session.commit()


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _csrf_token(value: str) -> str:
    key = value.encode("utf-8", "surrogateescape")
    return hmac.digest(key, _CSRF, "sha256").hex()
