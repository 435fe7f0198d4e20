"""Sessions of the demonstration's roles, which anybody can begin without a password."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.client_standing import find_standing
from catalogue.access.models import OAuthClient
from catalogue.access.scopes import known_scopes
from catalogue.access.sessions.demonstration import SUBJECT_PREFIX
from catalogue.access.sessions.operations import begin_session, end_session
from catalogue.demonstration.banner import ROLES

NOT_LOCAL = (
    "CATALOGUE_DEMONSTRATION_SIGN_IN lets everyone sign in without a password. Remove it, or set "
    "CATALOGUE_PUBLIC_URL to an http:// address of this machine."
)
PROVIDER_ENABLED = (
    "CATALOGUE_DEMONSTRATION_SIGN_IN lets everyone sign in without a password, and an identity "
    "provider is enabled. Remove the setting, or disable the provider."
)


def begin_role_session(session: Session, key: str, *, former: str | None) -> str | None:
    """Begin a session for a role, and return the cookie's value. End the former session.

    Return None if the demonstration has no such role. The caller commits.
    """
    role = next((each for each in ROLES if each.key == key), None)
    if role is None:
        return None
    client = session.scalar(sa.select(OAuthClient).where(OAuthClient.name == role.name))
    if client is None:
        return None
    actor = find_standing(
        session,
        client_id=client.client_id,
        subject=f"{SUBJECT_PREFIX}{role.key}",
        agency_id=client.agency_id,
        scopes=known_scopes(client.scopes),
        provider_token=None,
    )
    if actor is None:
        return None
    if former:
        end_session(session, former)
    return begin_session(session, actor=actor, name=role.name)
