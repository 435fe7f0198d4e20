"""What follows from the dates of a migration and the day of the request, and is never typed in."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import TODAY
from catalogue.core.types import enumeration
from catalogue.programmes.board.derived import ENDANGERED
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import Lateness, MigrationStage, Rag

_S = MigrationStage


def _in(*stages: MigrationStage) -> ColumnElement[bool]:
    return Migration.stage.in_(stages)


def _passed(day: Any) -> ColumnElement[bool]:
    return sa.and_(day.is_not(None), day < TODAY)


_STILL_TO_MOVE = sa.and_(
    Migration.actual_date.is_(None), Migration.stage.not_in((_S.COMPLETE, _S.CANCELLED))
)
_STILL_TOLD_OF = Migration.stage.not_in((_S.COMPLETE, _S.CANCELLED))

LATE: ColumnElement[bool] = sa.type_coerce(
    sa.and_(
        _STILL_TO_MOVE, sa.or_(_passed(Migration.planned_date), _passed(Migration.forecast_date))
    ),
    sa.Boolean,
)
"""Planned or expected for a day that has passed, and not moved."""

UPDATE_OVERDUE: ColumnElement[bool] = sa.type_coerce(
    sa.and_(_STILL_TOLD_OF, _passed(Migration.next_update_due)), sa.Boolean
)
"""An update was due on a day that has passed."""


def at_risk_by(endangered: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a migration is at risk, by what says that it has a red risk."""
    # As a CASE it can be compared and negated: a bare AND would come apart from its own brackets.
    return sa.case(
        (LATE, sa.false()),
        (
            sa.and_(
                _STILL_TOLD_OF,
                sa.or_(
                    sa.and_(_STILL_TO_MOVE, Migration.forecast_date > Migration.planned_date),
                    Migration.rag.in_((Rag.AMBER, Rag.RED)),
                    endangered,
                ),
            ),
            sa.true(),
        ),
        else_=sa.false(),
    )


AT_RISK = at_risk_by(ENDANGERED)
"""Not late yet, but expected after its planned day, rated amber or red, or with a red risk."""

_DUE = sa.case(
    (_passed(Migration.planned_date), Migration.planned_date), else_=Migration.forecast_date
)


def days_late() -> DialectExpression:
    """The days since the earlier of the two that passed; none where it is not late."""
    none = sa.literal_column("0", sa.Integer)
    days = sa.cast(
        sa.func.julianday(TODAY) - sa.func.julianday(sa.type_coerce(_DUE, sa.Date)), sa.Integer
    )
    return DialectExpression(
        postgresql=sa.case((LATE, sa.type_coerce(TODAY - _DUE, sa.Integer)), else_=none),
        sqlite=sa.case((LATE, days), else_=none),
    )


LATENESS: ColumnElement[Any] = sa.type_coerce(
    sa.case(
        (_in(_S.CANCELLED), sa.literal_column(f"'{Lateness.CANCELLED}'")),
        (_in(_S.COMPLETE), sa.literal_column(f"'{Lateness.COMPLETE}'")),
        (LATE, sa.literal_column(f"'{Lateness.LATE}'")),
        (UPDATE_OVERDUE, sa.literal_column(f"'{Lateness.UPDATE_OVERDUE}'")),
        else_=sa.literal_column(f"'{Lateness.ON_TIME}'"),
    ),
    enumeration(Lateness),
)
