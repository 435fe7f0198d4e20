"""The table of identity providers."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key
from catalogue.history.audit_log import audited


@audited("identity_provider")
class IdentityProvider(Entity):
    """An issuer of access tokens, and what its tokens can mean here.

    Providers are disabled and never deleted, because the audit log names people and clients with
    the key of their provider.
    """

    __tablename__ = "identity_provider"
    __table_args__ = (sa.UniqueConstraint("key"), sa.UniqueConstraint("issuer"))

    key: Mapped[str] = mapped_column(Key(30))
    name: Mapped[str] = mapped_column(sa.String(200))
    issuer: Mapped[str] = mapped_column(sa.String(500))
    jwks_url: Mapped[str | None] = mapped_column(sa.String(500))
    """The address of the keys. None if the provider's metadata names it."""
    audiences: Mapped[list[str]] = mapped_column(Json)
    algorithms: Mapped[list[str]] = mapped_column(Json)
    token_types: Mapped[list[str]] = mapped_column(Json)
    agencies: Mapped[list[str]] = mapped_column(Json)
    """The codes of the agencies that the tokens can act for. Codes never change."""
    agency_claims: Mapped[list[str]] = mapped_column(Json)
    agency_values: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    scope_claims: Mapped[list[str]] = mapped_column(Json)
    role_claims: Mapped[list[str]] = mapped_column(Json)
    roles: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    person_claims: Mapped[list[str]] = mapped_column(Json)
    client_claims: Mapped[list[str]] = mapped_column(Json)
    max_lifetime_seconds: Mapped[int]
    enabled: Mapped[bool]
    blocked_subjects: Mapped[list[str]] = mapped_column(Json)
    blocked_clients: Mapped[list[str]] = mapped_column(Json)
    sign_in_client_id: Mapped[str | None] = mapped_column(sa.String(200))
    """The client of the catalogue's own pages. None if the provider signs nobody in to them."""
    email_domains: Mapped[list[str]] = mapped_column(Json, server_default="[]")


constraint_message(
    "uq_identity_provider_key",
    pointer="/key",
    detail="Another identity provider already has this key. Choose another key.",
)
constraint_message(
    "uq_identity_provider_issuer",
    pointer="/issuer",
    detail="Another identity provider already has this issuer. Update that provider.",
)
