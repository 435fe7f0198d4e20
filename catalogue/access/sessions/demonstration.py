"""The roles of the demonstration, which anybody can take without a password."""

import sqlalchemy as sa

from catalogue.access.identity_providers.verification import list_issuers
from catalogue.core.config import Settings

SUBJECT_PREFIX = "demonstration:"
"""The beginning of the subject of each role."""


def offers_roles(connection: sa.Connection, settings: Settings) -> bool:
    """Return whether visitors can act as a role: never beside an identity provider."""
    return settings.demonstration_sign_in and settings.is_local and not list_issuers(connection)
