"""Standing of a client whose work goes on without a token, such as that of a webhook or a job."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.token_rules import fold_value
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
) -> Actor | None:
    """Return the client as an actor, or None if it can no longer act for the agency.

    `scopes` and `subject` come from its last token. A client that lost scopes since then loses them
    here too. A client or person of an identity provider can be blocked, and a provider disabled.
    """
    code = session.scalar(sa.select(Agency.code).where(Agency.id == agency_id))
    actor = Actor(client_id, agency_id, code, scopes, subject)
    key, is_external, name = client_id.partition(":")
    if is_external:
        provider = session.scalar(sa.select(IdentityProvider).where(IdentityProvider.key == key))
        person = (subject or "").removeprefix(f"{key}:")
        if (
            provider is None
            or not provider.enabled
            or code not in provider.agencies
            or _is_blocked(name, provider.blocked_clients)
            or _is_blocked(person, provider.blocked_subjects)
        ):
            return None
        return actor
    client = session.scalar(sa.select(OAuthClient).where(OAuthClient.client_id == client_id))
    if client is None or client.revoked_at is not None or client.agency_id != agency_id:
        return None
    return Actor(client_id, agency_id, code, scopes & known_scopes(client.scopes), subject)


def _is_blocked(name: str, blocked: list[str]) -> bool:
    return fold_value(name) in map(fold_value, blocked)
