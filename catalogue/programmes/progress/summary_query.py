"""Query for the summary of a programme, in one statement.

The database returns columns as JSON arrays, because reading thousands of rows value by value takes
longer than finding them.
"""

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.capabilities.models import Capability
from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.models import CostLine
from catalogue.contracts.resources import COSTS, SHARES_COSTS
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.profiles import token_has
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.as_of import rebind, table_as_of
from catalogue.programmes.board.derived import (
    BLOCKER_OPEN,
    MILESTONE_OVERDUE,
    RED_RISK,
    REQUIRED_DECISION_OPEN,
    REQUIRED_DECISION_OVERDUE,
    RISK_OPEN,
    flag,
)
from catalogue.programmes.board.models import Blocker, Milestone, RequiredDecision, Risk
from catalogue.programmes.models import Migration, Wave
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.schedule_status import LATENESS, UPDATE_OVERDUE, at_risk_by
from catalogue.systems.models import System, SystemCapability

_PROGRAMME: ColumnElement[Any] = bindparam("programme_id", type_=sa.Uuid(), required=True)
_THIS_YEAR: ColumnElement[Any] = bindparam("this_year", type_=sa.String(), required=True)
_NULL: ColumnElement[Any] = sa.null()

_PAST: dict[Any, Any] = {
    Migration: table_as_of(Migration, "migration"),
    System: table_as_of(System, "system", ("capabilities",)),
    Wave: table_as_of(Wave, "wave"),
    Milestone: table_as_of(Milestone, "milestone"),
    Risk: table_as_of(Risk, "risk"),
    Blocker: table_as_of(Blocker, "blocker"),
    RequiredDecision: table_as_of(RequiredDecision, "required_decision"),
    CostLine: table_as_of(CostLine, "cost"),
}
_SYSTEMS_THEN = _PAST[System]
_STILL = System.__table__.alias("still")


class json_columns(FunctionElement[str]):  # noqa: N801 - named like an SQL function
    """All rows of a query as one JSON list of columns.

    PostgreSQL builds a list of columns in half the time of a list of rows. The order of the rows is
    undefined, but the same in each column.
    """

    type = sa.Text()
    name = "json_columns"
    inherit_cache = True


@compiles(json_columns, "postgresql")
def _columns_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    columns = (f"json_agg({compiler.process(clause, **kw)})" for clause in element.clauses)
    return f"json_build_array({', '.join(columns)})::text"


@compiles(json_columns, "sqlite")
def _columns_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    columns = (f"json_group_array({compiler.process(clause, **kw)})" for clause in element.clauses)
    return f"json_array({', '.join(columns)})"


def _rows(columns: str) -> list[tuple[Any, ...]]:
    """Turn columns back into rows. PostgreSQL returns null for an empty column."""
    return list(zip(*(column or () for column in orjson.loads(columns)), strict=True))


class SummaryRows(NamedTuple):
    """The lists behind a summary: first the subqueries of the statement, later the rows read."""

    systems: Any
    """The system of each migration, including those that the actor cannot see."""
    moves: Any
    """The migrations that the actor can see, with the fields of `Move`."""
    served: Any
    """Each system with a capability that it provides, or with all its codes in an as-of read."""
    capabilities: Any
    """The id and code of each capability."""
    costs: Any
    """The visible recurring cost lines of the latest financial year that has any."""
    waves: Any
    milestones: Any
    """The overdue milestones."""
    risks: Any
    """The migration of each open red risk."""
    questions: Any
    """The questions that the board has not decided."""


def read_rows(
    context: Context, programme_id: UUID, *, as_of: datetime | None = None
) -> tuple[SummaryRows, date]:
    """Read the lists of a programme, and return them with the day that they describe."""
    parameters = rule_parameters(context, as_of)
    today: date = parameters["today"]
    parameters |= {"programme_id": programme_id, "this_year": financial_year_of(today)}
    query = summary_statement(context.session.get_bind().dialect.name, past=as_of is not None)
    row = context.session.execute(query, parameters).one()
    return SummaryRows(*map(_rows, row)), today


@cache
def summary_statement(dialect: str, *, past: bool) -> sa.Select[Any]:
    """Build the statement, whose one row holds the lists as JSON.

    With `past`, it reads records as they were, if the actor can see them both then and now.
    """

    def at(expression: Any) -> Any:
        if past:
            for model, then in _PAST.items():
                expression = rebind(expression, model.__table__, then)
        return expression

    # PostgreSQL's planner prefers to read every system, though two thousand look-ups are faster.
    one_by_one = dialect == "postgresql" and not past
    of_programme = at(Migration.programme_id == _PROGRAMME)
    lists = SummaryRows(
        systems=sa.select(at(Migration.system_id)).where(of_programme),
        moves=_migrations(at, past=past, one_by_one=one_by_one),
        served=_capabilities(at, past=past, one_by_one=one_by_one),
        capabilities=sa.select(Capability.id, Capability.code),
        costs=_costs(at, past=past),
        waves=_of(at, Wave, Wave.id, Wave.name, Wave.position),
        milestones=_overdue_milestones(at),
        risks=_of(at, Risk, Risk.migration_id, where=sa.and_(RISK_OPEN, RED_RISK)),
        questions=_open_questions(at),
    )
    return sa.select(*map(_list, lists))


def _list(rows: Any) -> Any:
    subquery = rows.subquery()
    return sa.select(json_columns(*subquery.c)).select_from(subquery).scalar_subquery()


def _of(at: Any, model: Any, *columns: Any, where: Any = None) -> sa.Select[Any]:
    chosen = [at(column).label(f"c{place}") for place, column in enumerate(columns)]
    query = sa.select(*chosen).where(at(model.programme_id == _PROGRAMME))
    return query if where is None else query.where(at(where))


def _overdue_milestones(at: Any) -> sa.Select[Any]:
    m = Milestone
    fields = (m.id, m.migration_id, m.name, m.planned_date, m.forecast_date, m.owner, m.rag)
    return _of(at, m, *fields, where=MILESTONE_OVERDUE)


def _open_questions(at: Any) -> sa.Select[Any]:
    d = RequiredDecision
    fields = (d.id, d.migration_id, d.question, d.needed_by, d.owner, REQUIRED_DECISION_OVERDUE)
    return _of(at, d, *fields, where=REQUIRED_DECISION_OPEN)


def _also_now(condition: ColumnElement[bool], *, past: bool) -> ColumnElement[bool]:
    """In an as-of read, require that the system also meets the condition now."""
    if not past:
        return sa.true()
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_STILL.c.id == _SYSTEMS_THEN.c.id, rebind(condition, System.__table__, _STILL))
        .correlate(_SYSTEMS_THEN)
    )


def _named_by(at: Any, model: Any, where: Any) -> ColumnElement[bool]:
    """Match migrations with a board record in the programme that meets a condition."""
    named = sa.select(at(model.migration_id)).where(
        at(model.programme_id == _PROGRAMME), at(model.migration_id.is_not(None)), at(where)
    )
    is_named: ColumnElement[bool] = at(Migration.id).in_(named)
    return is_named


def _migrations(at: Any, *, past: bool, one_by_one: bool) -> sa.Select[Any]:
    s, m = System, Migration
    joined: Any = sa.join(m, s, s.id == m.system_id)
    of_system = at
    if one_by_one:
        own = (s.id, s.agency_id, s.disclosure, s.name, s.user_count)
        looked_up = sa.select(*own).where(s.id == m.system_id).correlate(m)
        moving = looked_up.offset(sa.literal_column("0")).lateral("moved_system")
        joined = sa.join(m, moving, sa.true())

        def of_system(expression: Any) -> Any:
            return rebind(expression, s.__table__, moving)

    standard = seen(s, at=Profile.STANDARD)
    users_shown = (of_system(standard), _also_now(standard, past=past))
    costs_shown = (
        token_has(Scope.COSTS_READ),
        of_system(SHARES_COSTS),
        _also_now(SHARES_COSTS, past=past),
    )
    has_red_risk = _named_by(at, Risk, sa.and_(RISK_OPEN, RED_RISK))
    columns = (
        at(m.id),
        at(m.system_id),
        of_system(s.name),
        Agency.code,
        at(m.wave_id),
        at(m.stage),
        at(LATENESS),
        at(UPDATE_OVERDUE),
        flag(_named_by(at, Blocker, BLOCKER_OPEN)),
        at(at_risk_by(has_red_risk)),
        at(m.planned_date),
        at(m.forecast_date),
        at(m.actual_date),
        at(m.next_update_due),
        at(m.rag),
        sa.case((sa.and_(*users_shown), of_system(s.user_count)), else_=_NULL),
        flag(*users_shown),
        flag(*costs_shown),
    )
    return (
        sa.select(*[each.label(f"c{place}") for place, each in enumerate(columns)])
        .select_from(at(joined).join(Agency, Agency.id == of_system(s.agency_id)))
        # The actor can see the programme, and so every migration whose system it can see.
        .where(at(m.programme_id == _PROGRAMME), of_system(seen(s)))
        .where(at(MIGRATIONS.visible) if past else sa.true())
    )


def _moving() -> sa.Select[Any]:
    return sa.select(Migration.system_id).where(Migration.programme_id == _PROGRAMME)


def _capabilities(at: Any, *, past: bool, one_by_one: bool) -> sa.Select[Any]:
    """Select pairs of a moving system and one of its capabilities, by id.

    An as-of read selects each system with the list of its capabilities' codes instead.
    """
    if past:
        then = _SYSTEMS_THEN.c
        return sa.select(then.id, then.capabilities).where(then.id.in_(at(_moving())))
    link = SystemCapability
    served = sa.select(link.capability_id).where(link.system_id == Migration.system_id)
    if one_by_one:
        lookup: Any = served.correlate(Migration).offset(sa.literal_column("0")).lateral("served")
        joined, capability_id = sa.join(Migration, lookup, sa.true()), lookup.c.capability_id
    else:
        joined = sa.join(Migration, link, link.system_id == Migration.system_id)
        capability_id = link.capability_id
    return (
        sa.select(Migration.system_id, capability_id)
        .select_from(joined)
        .where(Migration.programme_id == _PROGRAMME)
        # A system with two migrations would otherwise appear twice.
        .distinct()
    )


def _costs(at: Any, *, past: bool) -> sa.Select[Any]:
    """Select the recurring cost lines of the latest financial year that has any.

    Amounts are in pence, which both databases add up exactly. A line of another agency comes with
    its id and owner, for the access log.
    """
    c = CostLine
    foreign = System.agency_id != ACTOR_AGENCY
    recurring = sa.literal_column(f"'{CostCategory.RECURRING_REVENUE}'", c.category.type)
    lines = (
        sa.select(
            at(c.system_id).label("system_id"),
            at(c.financial_year).label("year"),
            sa.cast(sa.func.round(at(c.amount) * 100), sa.BigInteger).label("pence"),
            at(sa.case((foreign, c.id), else_=_NULL)).label("line_id"),
            at(sa.case((foreign, System.agency_id), else_=_NULL)).label("owner_id"),
        )
        .select_from(at(sa.join(c, System, System.id == c.system_id)))
        .where(
            token_has(Scope.COSTS_READ),
            at(c.system_id).in_(at(_moving())),
            at(c.category == recurring),
            at(c.financial_year) <= _THIS_YEAR,
            at(seen(System)),
            at(SHARES_COSTS),
            at(COSTS.visible) if past else sa.true(),
        )
        .cte("lines")
    )
    latest = sa.select(sa.func.max(lines.c.year)).scalar_subquery()
    return sa.select(lines).where(lines.c.year == latest)
