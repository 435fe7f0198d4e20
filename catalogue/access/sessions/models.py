"""The table of sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.database import Base
from catalogue.core.ids import new_id
from catalogue.core.types import Json
from catalogue.history.audit_log import not_audited


@not_audited(
    "The row is deleted when its session ends. The audit log names the person of a change."
)
class WebSession(Base):
    """A person who is signed in, with the rights that the sign-in gave.

    The browser alone has the value of the cookie, so a stolen copy of the table signs nobody in.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        sa.Index("ix_web_session_provider_key_issuer_subject", "provider_key", "issuer_subject"),
        sa.Index("ix_web_session_provider_key_issuer_session", "provider_key", "issuer_session"),
    )

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """The SHA-256 of the cookie's value."""
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(300))
    """The name that the pages show."""
    client_id: Mapped[str] = mapped_column(sa.String(100))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    subject: Mapped[str | None] = mapped_column(sa.String(300))
    scopes: Mapped[list[str]] = mapped_column(Json)
    provider_key: Mapped[str | None] = mapped_column(sa.String(30))
    """The key of the identity provider. None for a role of the demonstration."""
    issuer_subject: Mapped[str | None] = mapped_column(sa.String(255))
    """The person's `sub` at the provider."""
    issuer_session: Mapped[str | None] = mapped_column(sa.String(255))
    """The provider's own session, the `sid` of its ID token. None if the token has no `sid`."""
    provider_token: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The parts of the ID token that the person's rights depend on."""
    id_token: Mapped[str | None] = mapped_column(sa.Text)
    """The ID token, which shows the provider whose session ends at sign-out."""
    begun_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    """The time of the last request, to the minute."""
