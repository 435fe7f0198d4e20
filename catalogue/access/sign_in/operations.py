"""Operations that begin and end sessions for a provider. The caller commits."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.models import RevokedToken
from catalogue.access.revocation import revoke_token
from catalogue.access.sessions.operations import begin_session, end_session, end_sessions
from catalogue.access.sign_in.providers import SignInProvider
from catalogue.access.sign_in.relying_party import Identity, Logout


def sign_in(
    session: Session, provider: SignInProvider, identity: Identity, *, former: str | None
) -> str:
    """Begin the session of a person, and return the cookie's value. End the former session."""
    if former:
        end_session(session, former)
    return begin_session(
        session,
        actor=identity.actor,
        name=identity.name,
        provider_key=provider.key,
        issuer_subject=identity.subject,
        issuer_session=identity.session,
        id_token=identity.id_token,
    )


def log_out(session: Session, provider: SignInProvider, logout: Logout) -> int | None:
    """End the sessions that a logout token names, and return how many there were.

    Return None if the token was used before.
    """
    used = session.scalar(sa.select(RevokedToken.jti).where(RevokedToken.jti == logout.digest))
    if used is not None:
        return None
    revoke_token(session, jti=logout.digest, expires_at=logout.expires_at)
    return end_sessions(
        session,
        provider_key=provider.key,
        issuer_subject=logout.subject,
        issuer_session=logout.session,
    )
