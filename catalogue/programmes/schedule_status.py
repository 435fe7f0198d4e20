"""Schedule status of migrations, derived in SQL from their dates and the day of the request."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import TODAY
from catalogue.core.types import enumeration
from catalogue.programmes.board.derived import HAS_RED_RISK, passed
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import Lateness, MigrationStage, Rag

_S = MigrationStage


def _in(*stages: MigrationStage) -> ColumnElement[bool]:
    return Migration.stage.in_(stages)


_STILL_GOING = Migration.stage.not_in((_S.COMPLETE, _S.CANCELLED))
_NOT_MOVED = sa.and_(Migration.actual_date.is_(None), _STILL_GOING)

LATE: ColumnElement[bool] = sa.type_coerce(
    sa.and_(_NOT_MOVED, sa.or_(passed(Migration.planned_date), passed(Migration.forecast_date))),
    sa.Boolean,
)
"""True if the planned or forecast date has passed, and the system has not moved."""

UPDATE_OVERDUE: ColumnElement[bool] = sa.type_coerce(
    sa.and_(_STILL_GOING, passed(Migration.next_update_due)), sa.Boolean
)
"""True if the next update is overdue, and the migration is neither complete nor cancelled."""


def at_risk_by(has_red_risk: ColumnElement[bool]) -> ColumnElement[bool]:
    """Derive whether a migration is at risk, from its dates, its rating and `has_red_risk`."""
    # A CASE can be compared and negated. A bare AND would lose its brackets.
    return sa.case(
        (LATE, sa.false()),
        (
            sa.and_(
                _STILL_GOING,
                sa.or_(
                    sa.and_(_NOT_MOVED, Migration.forecast_date > Migration.planned_date),
                    Migration.rag.in_((Rag.AMBER, Rag.RED)),
                    has_red_risk,
                ),
            ),
            sa.true(),
        ),
        else_=sa.false(),
    )


AT_RISK = at_risk_by(HAS_RED_RISK)
"""True if not late, but forecast after the planned date, rated amber or red, or with a red risk."""

_DUE = sa.case(
    (passed(Migration.planned_date), Migration.planned_date), else_=Migration.forecast_date
)


def days_late() -> DialectExpression:
    """Count the days since the planned date if it has passed, or else since the forecast date.

    The count is 0 if the migration is not late.
    """
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
