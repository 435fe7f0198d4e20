"""Standing of a client whose work goes on without a token, such as that of a webhook or a job."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.identity_providers.token_rules import find_present_scopes
from catalogue.access.identity_providers.verification import find_enabled_provider
from catalogue.access.models import OAuthClient
from catalogue.access.scopes import known_scopes
from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor


def find_standing(
    session: Session,
    *,
    client_id: str,
    subject: str | None,
    agency_id: UUID | None,
    scopes: frozenset[str],
    provider_token: dict[str, Any] | None,
) -> Actor | None:
    """Return the client as an actor, or None if it can no longer act for the agency.

    All parameters come from its last token. The actor has the scopes of that token that a new token
    would still get: from the client's record, or from the settings of its identity provider.
    """
    code = session.scalar(sa.select(Agency.code).where(Agency.id == agency_id))
    if provider_token is None:
        present = _scopes_of_client(session, client_id, agency_id)
    else:
        present = _scopes_of_token(session, provider_token, code)
    if not scopes & present:
        return None
    return Actor(client_id, agency_id, code, scopes & present, subject, provider_token)


def _scopes_of_client(session: Session, client_id: str, agency_id: UUID | None) -> frozenset[str]:
    client = session.scalar(sa.select(OAuthClient).where(OAuthClient.client_id == client_id))
    if client is None or client.revoked_at is not None or client.agency_id != agency_id:
        return frozenset()
    return known_scopes(client.scopes)


def _scopes_of_token(session: Session, token: dict[str, Any], code: str | None) -> frozenset[str]:
    provider = find_enabled_provider(session.connection(), token["provider"])
    return frozenset() if provider is None else find_present_scopes(token, code, provider)
