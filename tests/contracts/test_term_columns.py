"""The SQL of terms gives what the rule in Python gives, on both stores."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.contracts.models import Contract
from catalogue.contracts.notice import TERM_FIELDS, Term
from catalogue.contracts.term_columns import (
    END_OF_TERM,
    LAST_NOTICE_DATE,
    NEXT_NOTICE_DATE,
    TERM_STATUS,
)
from catalogue.contracts.vocabulary import Renewal
from tests.contracts.random_terms import DAYS, terms

COLUMNS = (END_OF_TERM, LAST_NOTICE_DATE, NEXT_NOTICE_DATE, TERM_STATUS)
STORED = {"last_notice_date": "first_notice_date", "ends_on": "ends_on"}
NOTICES: list[dict[str, Any]] = [
    {"notice_period_days": 60},
    {"notice_period_months": 1},
    {"notice_period_months": 7},
]
NAMES = (*TERM_FIELDS, *STORED)


def row_of(term: Term) -> str:
    """Write a term as a row of SQL."""
    values = [getattr(term, STORED.get(name, name)) for name in NAMES]
    columns = [Contract.__table__.c[name] for name in NAMES]
    pairs = zip(values, columns, strict=True)
    return f"({', '.join(_literal(value, column.type) for value, column in pairs)})"


def _literal(value: Any, kind: Any) -> str:
    written = "NULL" if value is None else f"'{value}'"
    return f"CAST({written} AS INTEGER)" if isinstance(kind, sa.Integer) else written


def read_terms(session: Session, rows: list[Term], today: date) -> list[tuple[Any, ...]]:
    """Read the columns of terms that stand in for the table of contracts."""
    bind = session.get_bind()
    columns = [each.for_dialect(bind.dialect.name).label(f"c{i}") for i, each in enumerate(COLUMNS)]
    statement: Any = sa.select(*columns).select_from(Contract.__table__)
    compiled = statement.params(today=today).compile(
        dialect=bind.dialect, compile_kwargs={"literal_binds": True}
    )
    kinds = {
        name: "date" if isinstance(Contract.__table__.c[name].type, sa.Date) else ""
        for name in NAMES
    }
    on_postgres = bind.dialect.name == "postgresql"
    typed = [f"CAST({n} AS date) AS {n}" if kinds[n] and on_postgres else n for n in NAMES]
    values = ", ".join(map(row_of, rows))
    sql = (
        f"WITH given({', '.join(NAMES)}) AS (VALUES {values}), "
        f"contract AS (SELECT {', '.join(typed)} FROM given) {compiled}"
    )
    return [tuple(map(_plain, row)) for row in session.connection().exec_driver_sql(sql)]


def _plain(value: Any) -> Any:
    return None if value is None else str(value)


def expected(term: Term, today: date) -> tuple[Any, ...]:
    values = (
        term.end_of_term(today),
        term.last_notice_date(today),
        term.next_notice_date(today),
        term.status(today),
    )
    return tuple(map(_plain, values))


@st.composite
def any_terms(draw: st.DrawFn) -> Term:
    """Draw a term, also without an end date, and also with notice given."""
    fixed: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        fixed["notice_given_on"] = draw(DAYS)
    if draw(st.integers(0, 9)) == 0:
        fixed["end_date"] = None
    return draw(terms(**fixed))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(any_terms(), min_size=30, max_size=60), DAYS)
def test_terms_in_sql_follow_the_rule(session: Session, rows: list[Term], today: date) -> None:
    found = read_terms(session, rows, today)
    for term, values in zip(rows, found, strict=True):
        assert values == expected(term, today), (term, today)


@pytest.mark.parametrize("today", ["2024-02-29", "2026-11-29", "2027-02-28", "2028-12-31"])
def test_month_ends_in_sql_follow_the_rule(session: Session, today: str) -> None:
    ends = [date(2024, 1, 31), date(2024, 2, 29), date(2025, 2, 28), date(2023, 12, 30)]
    rows = [
        Term(end_date=end, renewal=renewal, renewal_period_months=months, **notice)
        for end in ends
        for renewal in (None, Renewal.AUTOMATIC)
        for months in (1, 5, 12, 48)
        for notice in NOTICES
    ]
    on = date.fromisoformat(today)
    assert read_terms(session, rows, on) == [expected(term, on) for term in rows]
