"""Tables of milestones, risks, blockers and required decisions, and their error messages."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.board.vocabulary import RequiredDecisionStatus, RiskStatus
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.programmes.rating import Rated, name_rating_checks, rating_checks

_OWNER = owner_through(Programme, by="programme_id")


class BoardRecord(ProgrammeRecord):
    """A record of a programme, about one of its migrations or the whole programme."""

    __abstract__ = True

    migration_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("migration.id"), index=True, sort_order=-4
    )
    owner: Mapped[str | None] = mapped_column(sa.String(200), sort_order=-3)
    """The name or role of the person who is answerable."""


@audited("milestone", owner=_OWNER)
class Milestone(Rated, BoardRecord):
    """A dated target of a programme or migration."""

    __tablename__ = "milestone"
    __table_args__ = (*rating_checks(),)

    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
    description: Mapped[str | None] = mapped_column(sa.Text)
    planned_date: Mapped[date]
    forecast_date: Mapped[date | None]
    actual_date: Mapped[date | None]


@audited("risk", owner=_OWNER)
class Risk(Rated, BoardRecord):
    """A risk, with its probability and impact from 1 to 5, and its mitigation."""

    __tablename__ = "risk"
    __table_args__ = (
        sa.CheckConstraint("probability BETWEEN 1 AND 5", name="probability"),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact"),
        sa.CheckConstraint("status = 'open' OR status_reason IS NOT NULL", name="status_reason"),
        *rating_checks(),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    description: Mapped[str | None] = mapped_column(sa.Text)
    probability: Mapped[int]
    impact: Mapped[int]
    previous_score: Mapped[int | None]
    mitigation: Mapped[str | None] = mapped_column(sa.Text)
    raised_on: Mapped[date]
    due: Mapped[date | None]
    """The date by which the mitigation must be done."""
    status: Mapped[RiskStatus] = mapped_column(enumeration(RiskStatus))
    status_reason: Mapped[str | None] = mapped_column(sa.Text)
    status_since: Mapped[date]

    @property
    def score(self) -> int:
        """Probability multiplied by impact, from 1 to 25."""
        return self.probability * self.impact


@audited("blocker", owner=_OWNER)
class Blocker(Rated, BoardRecord):
    """A problem that holds up a migration or the whole programme."""

    __tablename__ = "blocker"
    __table_args__ = (
        sa.CheckConstraint("(resolved_on IS NULL) = (resolution IS NULL)", name="resolution"),
        sa.CheckConstraint("resolved_on >= raised_on", name="period"),
        *rating_checks(),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    description: Mapped[str | None] = mapped_column(sa.Text)
    raised_on: Mapped[date]
    due: Mapped[date | None]
    resolved_on: Mapped[date | None]
    resolution: Mapped[str | None] = mapped_column(sa.Text)


@audited("required_decision", owner=_OWNER)
class RequiredDecision(Rated, BoardRecord):
    """A question that the programme board must answer by a date."""

    __tablename__ = "required_decision"
    __table_args__ = (
        sa.CheckConstraint("(status = 'decided') = (decided_on IS NOT NULL)", name="decided_on"),
        sa.CheckConstraint("status = 'open' OR outcome IS NOT NULL", name="outcome"),
        *rating_checks(),
    )

    question: Mapped[str] = mapped_column(sa.String(500))
    question_sort: Mapped[str] = sort_key_of("question")
    options: Mapped[str | None] = mapped_column(sa.Text)
    recommendation: Mapped[str | None] = mapped_column(sa.Text)
    needed_by: Mapped[date | None]
    status: Mapped[RequiredDecisionStatus] = mapped_column(enumeration(RequiredDecisionStatus))
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    decided_on: Mapped[date | None]


STATUS_REASON_MISSING = (
    "The status needs a reason. Explain in `status_reason` why the risk has this status."
)
RESOLVED_BEFORE_RAISED = (
    "The date in `resolved_on` is before the date in `raised_on`. Correct one of them."
)
OUTCOME_MISSING = (
    "The outcome is missing. Record in `outcome` what the board decided, "
    "or why no decision is needed."
)

_MESSAGES: dict[str, Any] = {
    "ck_risk_status_reason": ("/status_reason", STATUS_REASON_MISSING, "incomplete"),
    "ck_blocker_resolution": (
        "/resolution",
        "A resolved blocker needs both `resolved_on` and `resolution`. Enter both, or remove both.",
        "incomplete",
    ),
    "ck_blocker_period": ("/resolved_on", RESOLVED_BEFORE_RAISED, "out_of_order"),
    "ck_required_decision_decided_on": (
        "/decided_on",
        (
            "A decided question needs a date in `decided_on`, and no other question can have one. "
            "Correct the date or the status."
        ),
        "incomplete",
    ),
    "ck_required_decision_outcome": ("/outcome", OUTCOME_MISSING, "incomplete"),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)
for _table in ("milestone", "risk", "blocker", "required_decision"):
    name_rating_checks(_table)
