"""Tables of decisions, their members and their sign-offs, and their error messages."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import enumeration
from catalogue.history.audit_log import AuditedList, audited, not_audited
from catalogue.rationalisation.vocabulary import DecisionStatus, MigrationStrategy, SignOffVerdict
from catalogue.systems.vocabulary import Disposition

WORKING_DAYS_TO_SIGN = 10
ALREADY_SIGNED = "Your agency has already signed this decision. No action is needed."


@not_audited("The audit log records members as a field of their decision.")
class DecisionMember(Base):
    """The planned outcome for one system of a decision."""

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
    """True while an open decision reserves the system.

    A decision reserves a system when the system's owner drafts or agrees to the decision. Before
    that, the decision must not block decisions of agencies that may be unable to see it.
    """


@audited("sign_off")
class SignOff(Entity):
    """An agency's agreement to a decision, or its refusal, tied to the content that it read."""

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
    person_id: Mapped[UUID | None]
    """The person who signed. Not a foreign key, because SQLite cannot add one to a table."""
    role: Mapped[str | None] = mapped_column(sa.String(200))
    client_id: Mapped[str] = mapped_column(sa.String(100))
    signed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    """The time when a change to the proposal made this sign-off void. None while it counts."""


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
    """A plan for the systems of an overlap: which stay, which retire, and their successors."""

    __tablename__ = "decision"

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The agency that drafts and proposes the decision."""
    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    rationale: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[DecisionStatus] = mapped_column(
        enumeration(DecisionStatus), default=DecisionStatus.DRAFT
    )
    content_hash: Mapped[str | None] = mapped_column(sa.String(64))
    proposed_at: Mapped[datetime | None]
    """The time when the current content was proposed, or last changed after that.

    Owners sign the systems' records as they were at this moment.
    """
    working_days_to_sign: Mapped[int] = mapped_column(
        default=WORKING_DAYS_TO_SIGN, server_default=str(WORKING_DAYS_TO_SIGN)
    )
    sign_by: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.Text)
    superseded_by_id: Mapped[UUID | None]
    """The decision that replaced this one.

    This is not a foreign key, because SQLite cannot add one to an existing table. Decisions are
    never deleted, so the id always refers to a decision.
    """
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
    detail="One of the systems is in another open decision. Remove that system from `members`.",
)
constraint_message("uq_sign_off_counted", pointer="", detail=ALREADY_SIGNED)
constraint_message(
    "ck_decision_member_successor",
    pointer="/members",
    detail="A system cannot be its own successor. Choose another system in `successor_id`.",
    code="circular",
)
