"""SQL expressions that derive whether board records are open, overdue or red."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.rest.resource import TODAY
from catalogue.programmes.board.models import Blocker, Milestone, RequiredDecision, Risk
from catalogue.programmes.board.vocabulary import RED_SCORE, RequiredDecisionStatus, RiskStatus
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import Rag


def flag(*conditions: Any) -> ColumnElement[bool]:
    """Return a column that is true if all the conditions hold, and otherwise false."""
    # A CASE can be compared and negated. A bare AND would lose its brackets.
    return sa.case((sa.and_(*conditions), sa.true()), else_=sa.false())


def passed(day: Any) -> ColumnElement[bool]:
    """Return the condition that a day is recorded and is before the day of the request."""
    return sa.and_(day.is_not(None), day < TODAY)


def _is(column: Any, value: str) -> ColumnElement[bool]:
    # A literal, because a parameter would be repeated in every row rule that contains it.
    comparison: ColumnElement[bool] = column == sa.literal_column(f"'{value}'", column.type)
    return comparison


SCORE: ColumnElement[int] = sa.type_coerce(Risk.probability * Risk.impact, sa.Integer)
"""Probability multiplied by impact, from 1 to 25."""

RISK_OPEN = ~_is(Risk.status, RiskStatus.CLOSED)
"""Every risk that is not closed: accepted and materialised risks still need attention."""

RED_RISK = sa.or_(sa.literal_column(f"{RED_SCORE}", sa.Integer) <= SCORE, _is(Risk.rag, Rag.RED))
"""A risk that is red by its score or by its rating."""

BLOCKER_OPEN = Blocker.resolved_on.is_(None)
BLOCKER_IS_OPEN = flag(BLOCKER_OPEN)

MILESTONE_OVERDUE = flag(
    Milestone.actual_date.is_(None),
    sa.or_(passed(Milestone.planned_date), passed(Milestone.forecast_date)),
)
RISK_OVERDUE = flag(RISK_OPEN, passed(Risk.due))
BLOCKER_OVERDUE = flag(BLOCKER_OPEN, passed(Blocker.due))
REQUIRED_DECISION_OPEN = _is(RequiredDecision.status, RequiredDecisionStatus.OPEN)
REQUIRED_DECISION_OVERDUE = flag(REQUIRED_DECISION_OPEN, passed(RequiredDecision.needed_by))

# Every reader of a migration can see its blockers, so the value is the same for all readers.
BLOCKED = flag(
    sa.exists(
        sa.select(sa.literal_column("1"))
        .where(Blocker.migration_id == Migration.id, BLOCKER_OPEN)
        .correlate(Migration)
    )
)
"""True for a migration with a blocker that is not resolved."""

HAS_RED_RISK = sa.exists(
    sa.select(sa.literal_column("1"))
    .where(Risk.migration_id == Migration.id, RISK_OPEN, RED_RISK)
    .correlate(Migration)
)
"""True for a migration with a red risk that is not closed."""
