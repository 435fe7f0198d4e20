"""Decisions, what they say of each system, and who signed them."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import AuditedList, audited, not_audited
from catalogue.rationalisation.vocabulary import DecisionStatus, MigrationStrategy, SignOffVerdict
from catalogue.systems.vocabulary import Disposition

WORKING_DAYS_TO_SIGN = 10


@not_audited("It is part of what is recorded of a decision.")
class DecisionMember(Base):
    """What is to become of one system."""

    __tablename__ = "decision_member"
    __table_args__ = (
        sa.Index(
            "uq_decision_member_system_id",
            "system_id",
            unique=True,
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        ),
        sa.CheckConstraint("successor_id <> system_id", name="successor"),
    )

    decision_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True
    )
    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id"), primary_key=True, index=True
    )
    disposition: Mapped[Disposition] = mapped_column(enumeration(Disposition))
    strategy: Mapped[MigrationStrategy] = mapped_column(enumeration(MigrationStrategy))
    successor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("system.id"))
    is_open: Mapped[bool] = mapped_column(default=True)
    """Whether an open decision holds the system. One does once the system's own agency has drafted
    or agreed to it: until then it is unknown to who may not see it, and must not be in its way."""


@audited("sign_off")
class SignOff(Entity):
    """What an agency says to a decision, over the content that it read."""

    __tablename__ = "sign_off"
    __table_args__ = (
        sa.Index(
            "uq_sign_off_counted",
            "decision_id",
            "agency_id",
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        ),
    )

    decision_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("decision.id", ondelete="CASCADE"), index=True
    )
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    verdict: Mapped[SignOffVerdict] = mapped_column(enumeration(SignOffVerdict))
    comment: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    client_id: Mapped[str] = mapped_column(sa.String(100))
    signed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    """When the proposal was changed, so that this says something of an earlier one only."""


@audited(
    "decision",
    lists={
        "members": AuditedList(
            "members",
            lambda _, member: {
                "system_id": str(member.system_id),
                "disposition": member.disposition,
                "strategy": member.strategy,
                "successor_id": member.successor_id and str(member.successor_id),
            },
        )
    },
)
class Decision(Entity):
    """Which systems of an overlap stay, which go, and to what."""

    __tablename__ = "decision"

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The agency that proposes it."""
    title: Mapped[str] = mapped_column(sa.String(200))
    rationale: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[DecisionStatus] = mapped_column(
        enumeration(DecisionStatus), default=DecisionStatus.DRAFT
    )
    content_hash: Mapped[str | None] = mapped_column(sa.String(64))
    proposed_at: Mapped[datetime | None]
    """When its present content was put before the owners: proposed, or changed since. Signed is
    what is known of the systems at this moment."""
    working_days_to_sign: Mapped[int] = mapped_column(
        default=WORKING_DAYS_TO_SIGN, server_default=str(WORKING_DAYS_TO_SIGN)
    )
    sign_by: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.Text)
    superseded_by_id: Mapped[UUID | None]
    """The decision that took its place. Not a foreign key, as SQLite adds none to a table that is
    there already; decisions are never deleted."""
    search_text: Mapped[str] = mapped_column(sa.Text)

    members: Mapped[list[DecisionMember]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    sign_offs: Mapped[list[SignOff]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


constraint_message(
    "uq_decision_member_system_id",
    pointer="/members",
    detail="One of the systems is in another open decision.",
)
constraint_message(
    "uq_sign_off_counted", pointer="", detail="The agency has signed this decision already."
)
constraint_message(
    "ck_decision_member_successor",
    pointer="/members",
    detail="A system cannot succeed itself.",
    code="circular",
)
