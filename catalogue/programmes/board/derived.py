"""What is derived of a board's records, as SQL: what is open, overdue, or red."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.rest.resource import TODAY
from catalogue.programmes.board.models import Blocker, Milestone, RequiredDecision, Risk
from catalogue.programmes.board.vocabulary import RED_SCORE, RequiredDecisionStatus, RiskStatus
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import Rag


def _flag(*conditions: Any) -> ColumnElement[bool]:
    # As a CASE it can be compared and negated: a bare AND would come apart from its own brackets.
    return sa.case((sa.and_(*conditions), sa.true()), else_=sa.false())


def _passed(day: Any) -> ColumnElement[bool]:
    return sa.and_(day.is_not(None), day < TODAY)


def _is(column: Any, value: str) -> ColumnElement[bool]:
    # Written out: a parameter would be one more for every row rule that holds it.
    written: ColumnElement[bool] = column == sa.literal_column(f"'{value}'", column.type)
    return written


SCORE: ColumnElement[int] = sa.type_coerce(Risk.probability * Risk.impact, sa.Integer)
"""Probability times impact, of 25."""

RISK_OPEN = ~_is(Risk.status, RiskStatus.CLOSED)
"""Accepted risks and those that have come true included: they are still there."""

RED_RISK = sa.or_(sa.literal_column(f"{RED_SCORE}", sa.Integer) <= SCORE, _is(Risk.rag, Rag.RED))
"""By its score, or as it is rated."""

BLOCKER_OPEN = Blocker.resolved_on.is_(None)
BLOCKER_IS_OPEN = _flag(BLOCKER_OPEN)

MILESTONE_OVERDUE = _flag(
    Milestone.actual_date.is_(None),
    sa.or_(_passed(Milestone.planned_date), _passed(Milestone.forecast_date)),
)
RISK_OVERDUE = _flag(RISK_OPEN, _passed(Risk.due))
BLOCKER_OVERDUE = _flag(BLOCKER_OPEN, _passed(Blocker.due))
REQUIRED_DECISION_OPEN = _is(RequiredDecision.status, RequiredDecisionStatus.OPEN)
REQUIRED_DECISION_OVERDUE = _flag(REQUIRED_DECISION_OPEN, _passed(RequiredDecision.needed_by))

# Who sees a migration sees what concerns it, so this is the same for all of them.
BLOCKED = _flag(
    sa.exists(
        sa.select(sa.literal_column("1"))
        .where(Blocker.migration_id == Migration.id, BLOCKER_OPEN)
        .correlate(Migration)
    )
)
"""Whether a migration has a blocker that is not resolved."""

ENDANGERED = sa.exists(
    sa.select(sa.literal_column("1"))
    .where(Risk.migration_id == Migration.id, RISK_OPEN, RED_RISK)
    .correlate(Migration)
)
"""Whether a migration has a red risk that is not closed."""
