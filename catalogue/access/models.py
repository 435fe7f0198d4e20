"""The tables of clients, their secrets, signing keys, revoked tokens and the rate limit."""

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
    """A program that can request tokens for one agency. An administrator's client has no agency."""

    __tablename__ = "oauth_client"

    client_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    scopes: Mapped[str] = mapped_column(sa.Text)
    revoked_at: Mapped[datetime | None]


@not_audited("A digest must not be copied. The audit log records each rotation with the client.")
class ClientSecret(Base):
    """The digest of a client's secret. credentials.py explains why a fast digest is enough.

    This table is separate so that the audit log of clients holds no digests. A client has two
    secrets after a rotation with a grace period, until the older one expires.
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


@not_audited("The row itself holds the times when the key was used.")
class SigningKey(Base):
    """A private key for access tokens.

    `signing` is true for one key and NULL for the others. Its unique constraint prevents two
    workers from each creating a first key.
    """

    __tablename__ = "signing_key"
    __table_args__ = (sa.CheckConstraint("signing", name="signing_true_or_null"),)

    kid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(sa.String(10))
    private_key: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    signing: Mapped[bool | None] = mapped_column(unique=True)
    verifies_until: Mapped[datetime | None]


@not_audited("The row is deleted when its token has expired.")
class RevokedToken(Base):
    """A token that was revoked before it expired. The row is deleted once the token has expired."""

    __tablename__ = "revoked_token"

    jti: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


@not_audited("The row is deleted after a minute.")
class TokenAttempt(Base):
    """The number of requests to a token endpoint in one minute, by client and address."""

    __tablename__ = "token_attempt"

    bucket: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    attempts: Mapped[int]
