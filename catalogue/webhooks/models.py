"""The tables of webhooks, their secrets, their progress and their deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.database import Base, Entity
from catalogue.core.ids import new_id
from catalogue.core.outgoing import LONGEST_URL
from catalogue.core.types import Json, enumeration
from catalogue.history.audit_log import audited, not_audited
from catalogue.webhooks.vocabulary import (
    DeliveryFailure,
    DeliveryStatus,
    Suspension,
    WebhookStatus,
)


@audited("webhook")
class Webhook(Entity):
    """A subscription of an agency to the change feed, with the address that receives the events.

    A delivery shows what a request of the client with these scopes would show at that moment.
    """

    __tablename__ = "webhook"

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    """The client that made the webhook or activated it last."""
    subject: Mapped[str | None] = mapped_column(sa.String(300))
    """The program or person of that client's token, which no response shows."""
    scopes: Mapped[list[str]] = mapped_column(Json)
    """The scopes of that client's token."""
    url: Mapped[str] = mapped_column(sa.String(LONGEST_URL))
    description: Mapped[str | None] = mapped_column(sa.Text)
    event_kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    """Kinds such as `system.updated` or `system.*`. Empty for all kinds."""
    status: Mapped[WebhookStatus] = mapped_column(
        enumeration(WebhookStatus), default=WebhookStatus.ACTIVE
    )
    suspended_because: Mapped[Suspension | None] = mapped_column(enumeration(Suspension))


@not_audited("A secret must not be copied. The audit log records each rotation with the webhook.")
class WebhookSecret(Base):
    """A secret that signs deliveries. After a rotation, each older one signs until it expires.

    The receiver checks signatures with the same secret, so a digest would not do.
    """

    __tablename__ = "webhook_secret"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("webhook.id", ondelete="CASCADE"), index=True
    )
    secret: Mapped[str] = mapped_column(sa.String(100))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]


@not_audited("The row changes with each delivery, and the deliveries themselves are a log.")
class WebhookProgress(Base):
    """The place in the change feed that a webhook has read up to, and when it sends next.

    The personal data of its token is here, because the audit log keeps each state of a webhook.
    """

    __tablename__ = "webhook_progress"

    webhook_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.BigInteger)
    ordinal: Mapped[int]
    failures: Mapped[int] = mapped_column(default=0)
    """The number of rounds since the receiver last accepted an event."""
    failing_since: Mapped[datetime | None]
    resume_at: Mapped[datetime | None]
    """No event is sent before this moment."""
    provider_token: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The rights of the token that changed the webhook last, if an identity provider issued it."""
    lease: Mapped[UUID | None]
    """The worker that sends now. It excludes other workers until `lease_until`."""
    lease_until: Mapped[datetime | None]


@not_audited("The table is a log itself, and old rows are deleted.")
class WebhookDelivery(Entity):
    """The delivery of an event to a webhook, in the order of the change feed.

    The row names the event and holds none of its content, which is read at each attempt.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.Index("ix_webhook_delivery_status", "webhook_id", "status", "number", "ordinal"),
        sa.Index("ix_webhook_delivery_finished_at", "finished_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(sa.BigInteger)
    ordinal: Mapped[int]
    event_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(sa.String(80))
    resource: Mapped[str] = mapped_column(sa.String(50))
    resource_id: Mapped[UUID]
    status: Mapped[DeliveryStatus] = mapped_column(
        enumeration(DeliveryStatus), default=DeliveryStatus.PENDING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    failure: Mapped[DeliveryFailure | None] = mapped_column(enumeration(DeliveryFailure))
