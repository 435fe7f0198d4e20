"""Milestones, risks, blockers, and the decisions that a board is asked for."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.board.vocabulary import RequiredDecisionStatus, RiskStatus
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.programmes.rating import Rated, name_rating_checks, rating_checks

_OWNER = owner_through(Programme, by="programme_id")


class BoardRecord(ProgrammeRecord):
    """What belongs to a programme, and concerns one of its migrations or the whole of it."""

    __abstract__ = True

    migration_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("migration.id"), index=True, sort_order=-4
    )
    owner: Mapped[str | None] = mapped_column(sa.String(200), sort_order=-3)
    """Who answers for it: a role, or a name."""


@audited("milestone", owner=_OWNER)
class Milestone(Rated, BoardRecord):
    """A day by which something is to be reached."""

    __tablename__ = "milestone"
    __table_args__ = (*rating_checks(),)

    name: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str | None] = mapped_column(sa.Text)
    planned_date: Mapped[date]
    forecast_date: Mapped[date | None]
    actual_date: Mapped[date | None]


@audited("risk", owner=_OWNER)
class Risk(Rated, BoardRecord):
    """What may go wrong, how likely and how bad, and what is done about it."""

    __tablename__ = "risk"
    __table_args__ = (
        sa.CheckConstraint("probability BETWEEN 1 AND 5", name="probability"),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact"),
        sa.CheckConstraint("status = 'open' OR status_reason IS NOT NULL", name="status_reason"),
        *rating_checks(),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str | None] = mapped_column(sa.Text)
    probability: Mapped[int]
    impact: Mapped[int]
    previous_score: Mapped[int | None]
    mitigation: Mapped[str | None] = mapped_column(sa.Text)
    raised_on: Mapped[date]
    due: Mapped[date | None]
    """By when the mitigation is to be done."""
    status: Mapped[RiskStatus] = mapped_column(enumeration(RiskStatus))
    status_reason: Mapped[str | None] = mapped_column(sa.Text)
    status_since: Mapped[date]

    @property
    def score(self) -> int:
        """Probability times impact, of 25."""
        return self.probability * self.impact


@audited("blocker", owner=_OWNER)
class Blocker(Rated, BoardRecord):
    """What holds a migration up, or the whole programme."""

    __tablename__ = "blocker"
    __table_args__ = (
        sa.CheckConstraint("(resolved_on IS NULL) = (resolution IS NULL)", name="resolution"),
        sa.CheckConstraint("resolved_on >= raised_on", name="period"),
        *rating_checks(),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str | None] = mapped_column(sa.Text)
    raised_on: Mapped[date]
    due: Mapped[date | None]
    resolved_on: Mapped[date | None]
    resolution: Mapped[str | None] = mapped_column(sa.Text)


@audited("required_decision", owner=_OWNER)
class RequiredDecision(Rated, BoardRecord):
    """A question that the board has to answer."""

    __tablename__ = "required_decision"
    __table_args__ = (
        sa.CheckConstraint("(status = 'decided') = (decided_on IS NOT NULL)", name="decided_on"),
        sa.CheckConstraint("status = 'open' OR outcome IS NOT NULL", name="outcome"),
        *rating_checks(),
    )

    question: Mapped[str] = mapped_column(sa.String(500))
    options: Mapped[str | None] = mapped_column(sa.Text)
    recommendation: Mapped[str | None] = mapped_column(sa.Text)
    needed_by: Mapped[date | None]
    status: Mapped[RequiredDecisionStatus] = mapped_column(enumeration(RequiredDecisionStatus))
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    decided_on: Mapped[date | None]


_MESSAGES: dict[str, Any] = {
    "ck_risk_status_reason": ("/status_reason", "Say why it is no longer open.", "incomplete"),
    "ck_blocker_resolution": (
        "/resolution",
        "What is resolved has a day and a resolution, and what is not has neither.",
        "incomplete",
    ),
    "ck_blocker_period": (
        "/resolved_on",
        "It may not be resolved before it was raised.",
        "out_of_order",
    ),
    "ck_required_decision_decided_on": (
        "/decided_on",
        "What is decided has the day of it, and nothing else has one.",
        "incomplete",
    ),
    "ck_required_decision_outcome": (
        "/outcome",
        "Say what was decided, or why nothing is to be.",
        "incomplete",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)
for _table in ("milestone", "risk", "blocker", "required_decision"):
    name_rating_checks(_table)
