"""Clients, their secrets, signing keys, and what the token endpoint has to remember."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.database import Base, Entity
from catalogue.core.ids import new_id
from catalogue.history.audit_log import audited, not_audited


def _verb(client: Any, before: dict[str, Any]) -> str | None:
    return "revoked" if "revoked_at" in before and client.revoked_at else None


@audited("client", verb=_verb)
class OAuthClient(Entity):
    """A program that may ask for tokens, for one agency. Administrators' clients have none."""

    __tablename__ = "oauth_client"

    client_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    scopes: Mapped[str] = mapped_column(sa.Text)
    revoked_at: Mapped[datetime | None]


@not_audited("Secrets stand nowhere else; that a client got one is recorded of the client.")
class ClientSecret(Base):
    """The digest of one secret of a client: see credentials.py for why a fast one is right.

    Apart from the client, so that no record of a client's changes ever holds a digest. For a
    while after a rotation there are two, and the older one has an end.
    """

    __tablename__ = "client_secret"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    oauth_client_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("oauth_client.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


@not_audited("It tells itself since when and until when it was used.")
class SigningKey(Base):
    """A private key for access tokens. `signing` is true for one key and NULL for the others:
    the unique constraint is what keeps two workers from each making a first key.
    """

    __tablename__ = "signing_key"
    __table_args__ = (sa.CheckConstraint("signing", name="signing_true_or_null"),)

    kid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(sa.String(10))
    private_key: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    signing: Mapped[bool | None] = mapped_column(unique=True)
    verifies_until: Mapped[datetime | None]


@not_audited("It is forgotten with the token.")
class RevokedToken(Base):
    """A token that was taken back before its time; forgotten once it would have expired."""

    __tablename__ = "revoked_token"

    jti: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


@not_audited("It is forgotten after a minute.")
class TokenAttempt(Base):
    """How many requests came to a token endpoint in one minute, by whom; older ones are deleted."""

    __tablename__ = "token_attempt"

    bucket: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    attempts: Mapped[int]
