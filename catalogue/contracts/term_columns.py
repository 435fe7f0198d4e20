"""The terms of contracts in SQL, by the rule of `notice`, for the day of the request.

Nothing that depends on the day is stored, so lists, filters and sorts are right without a job. Two
columns are stored, because they depend on the contract alone: the end by a given notice, and the
last day for notice in the first term.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.contracts.models import Contract
from catalogue.contracts.vocabulary import USUAL_RENEWAL, NoticeWindow, Renewal, TermStatus
from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import TODAY
from catalogue.core.types import enumeration

_Day = Any
_Number = Any


def _number(value: int) -> _Number:
    return sa.literal_column(str(value), sa.Integer())


def _word(value: Any) -> ColumnElement[str]:
    return sa.literal_column(f"'{value}'", sa.String())


_FIRST_END: _Day = Contract.end_date
_PERIOD = sa.func.coalesce(Contract.renewal_period_months, _number(USUAL_RENEWAL))
_AUTOMATIC = Contract.renewal == _word(Renewal.AUTOMATIC)
_NOT_RECORDED = Contract.renewal.is_(None)
_NOTICE_GIVEN = Contract.notice_given_on.is_not(None)

_HAS_RENEWED = sa.and_(
    _FIRST_END < TODAY,
    sa.not_(_NOTICE_GIVEN),
    sa.or_(_AUTOMATIC, sa.and_(_NOT_RECORDED, Contract.max_extent_date > _FIRST_END)),
)
"""True for a contract that has certainly gone on after its first term."""

_RUNS_ON = sa.and_(sa.or_(_AUTOMATIC, _NOT_RECORDED), sa.not_(_NOTICE_GIVEN))
"""True for a contract that renews itself unless notice is given, as recorded or assumed."""


class _Calendar(Protocol):
    """The arithmetic of days in the SQL of one store."""

    def today(self) -> _Day:
        """Return the day of the request."""

    def count_months(self, day: _Day) -> _Number:
        """Return the number of months from the year 0 to a day."""

    def add_days(self, day: _Day, days: _Number) -> _Day:
        """Return a later day, or an earlier day for a negative number."""

    def add_months(self, day: _Day, months: _Number) -> _Day:
        """Return the same day of another month, or that month's last day if it is shorter."""

    def count_days(self, first: _Day, last: _Day) -> _Number:
        """Return the number of days from the first day to the last."""

    def day_of_month(self, day: _Day) -> _Number:
        """Return the day's number in its month."""

    def earlier(self, day: _Day, extent: _Day) -> _Day:
        """Return the earlier of two days. The second can be null."""


class _PostgreSql:
    def today(self) -> _Day:
        return sa.cast(TODAY, sa.Date)

    def count_months(self, day: _Day) -> _Number:
        months = sa.extract("year", day) * _number(12) + sa.extract("month", day)
        return sa.cast(months, sa.Integer)

    def add_days(self, day: _Day, days: _Number) -> _Day:
        return sa.type_coerce(sa.type_coerce(day, sa.Integer) + days, sa.Date)

    def add_months(self, day: _Day, months: _Number) -> _Day:
        interval = sa.func.make_interval(_number(0), months, type_=sa.Interval())
        return sa.cast(day + interval, sa.Date)

    def count_days(self, first: _Day, last: _Day) -> _Number:
        return sa.type_coerce(last - first, sa.Integer)

    def day_of_month(self, day: _Day) -> _Number:
        return sa.extract("day", day)

    def earlier(self, day: _Day, extent: _Day) -> _Day:
        return sa.func.least(day, extent, type_=sa.Date())  # LEAST leaves nulls out


class _Sqlite:
    def today(self) -> _Day:
        return TODAY

    def count_months(self, day: _Day) -> _Number:
        year, month = (sa.cast(sa.func.strftime(_word(f), day), sa.Integer) for f in ("%Y", "%m"))
        return year * _number(12) + month

    def add_days(self, day: _Day, days: _Number) -> _Day:
        return self._date(day, self._of(days, "days"))

    def add_months(self, day: _Day, months: _Number) -> _Day:
        # SQLite moves a day that the month lacks into the next month.
        first = _word("start of month")
        days = self._of(self.day_of_month(day) - _number(1), "days")
        same = self._date(day, first, self._of(months, "months"), days)
        last = self._date(day, first, self._of(months + _number(1), "months"), _word("-1 day"))
        return sa.func.min(same, last, type_=sa.Date())

    def count_days(self, first: _Day, last: _Day) -> _Number:
        return sa.cast(sa.func.julianday(last) - sa.func.julianday(first), sa.Integer)

    def day_of_month(self, day: _Day) -> _Number:
        return sa.cast(sa.func.strftime(_word("%d"), day), sa.Integer)

    def earlier(self, day: _Day, extent: _Day) -> _Day:
        return sa.func.min(day, sa.func.coalesce(extent, _word("9999-12-31")), type_=sa.Date())

    def _date(self, day: _Day, *modifiers: Any) -> _Day:
        return sa.func.date(day, *modifiers, type_=sa.Date())

    def _of(self, number: _Number, unit: str) -> ColumnElement[str]:
        return sa.cast(number, sa.String) + _word(f" {unit}")


def _step(name: str, source: Any = None, **columns: Any) -> Any:
    """Name some expressions, so that the next step can use each of them many times."""
    statement = sa.select(*(column.label(label) for label, column in columns.items()))
    if source is not None:
        statement = statement.select_from(source)
    # With a limit, both stores compute each expression once, and not for each use.
    return statement.limit(_number(1)).correlate(Contract).subquery(name)


def _value(column: Any) -> ColumnElement[Any]:
    return sa.select(column).scalar_subquery()


@dataclass(frozen=True)
class _Columns:
    """The columns of a contract's present term, on one store."""

    calendar: _Calendar

    def end_of_term(self) -> ColumnElement[Any]:
        return self._of_term(lambda end, _last: end, sa.Date())

    def last_notice_date(self) -> ColumnElement[Any]:
        return self._of_term(lambda _end, last: last, sa.Date())

    def next_notice_date(self) -> ColumnElement[Any]:
        calendar = self.calendar
        days = sa.func.coalesce(Contract.notice_period_days, _number(0))
        months = sa.func.coalesce(Contract.notice_period_months, _number(0))
        end = self._find_end("following", calendar.add_days(calendar.today(), days), months)
        following = _step("notice", end, last_day=self._notice_before(end.c.end_day))
        ahead = sa.case((following.c.last_day >= TODAY, following.c.last_day), else_=sa.null())

        def choose(_end: _Day, last: _Day) -> ColumnElement[Any]:
            missed = sa.and_(last < TODAY, _RUNS_ON)
            return sa.case((last >= TODAY, last), (missed, _value(ahead)), else_=sa.null())

        return self._of_term(choose, sa.Date())

    def status(self) -> ColumnElement[Any]:
        extent = Contract.max_extent_date
        never_renews = sa.func.coalesce(Contract.renewal == _word(Renewal.NONE), sa.false())

        def choose(end: _Day, last: _Day) -> ColumnElement[Any]:
            has_ended = sa.or_(never_renews, extent < TODAY)
            runs_on = sa.and_(_RUNS_ON, sa.or_(extent.is_(None), end < extent))
            return sa.case(
                (sa.and_(_NOTICE_GIVEN, end < TODAY), _word(TermStatus.ENDED)),
                (_NOTICE_GIVEN, _word(TermStatus.NOTICE_GIVEN)),
                (end.is_(None), _word(TermStatus.RUNNING)),
                (sa.and_(end < TODAY, has_ended), _word(TermStatus.ENDED)),
                (end < TODAY, _word(TermStatus.PAST_END)),
                (last >= TODAY, _word(TermStatus.NOTICE_DUE)),
                (sa.not_(runs_on), _word(TermStatus.ENDING)),
                (last.is_(None), _word(TermStatus.RUNNING)),
                else_=_word(TermStatus.OVERDUE),
            )

        return self._of_term(choose, enumeration(TermStatus))

    def days_left(self) -> ColumnElement[Any]:
        """Return the days from today to the last day for notice."""
        calendar = self.calendar
        return self._of_term(
            lambda _end, last: calendar.count_days(calendar.today(), last), sa.Integer()
        )

    def window(self) -> ColumnElement[Any]:
        calendar = self.calendar

        def choose(_end: _Day, last: _Day) -> ColumnElement[Any]:
            this_month = calendar.count_months(last) == calendar.count_months(calendar.today())
            return sa.case(
                (sa.func.coalesce(last < TODAY, sa.true()), _word(NoticeWindow.TOO_LATE)),
                (this_month, _word(NoticeWindow.THIS_MONTH)),
                else_=_word(NoticeWindow.LATER),
            )

        return self._of_term(choose, enumeration(NoticeWindow))

    def needs_notice(self) -> ColumnElement[Any]:
        """Return the condition of contracts whose notice is due, overdue or in doubt."""
        states = (TermStatus.NOTICE_DUE, TermStatus.OVERDUE, TermStatus.PAST_END)
        return sa.cast(self.status(), sa.String).in_([_word(state) for state in states])

    def _of_term(self, choose: Callable[[_Day, _Day], Any], kind: Any) -> ColumnElement[Any]:
        """Return an expression of the end of the term and its last day for notice.

        Most contracts are in their first term, whose days are stored and need no arithmetic.
        """
        end = self._find_end("renewed", self.calendar.today(), _number(0))
        term = _step(
            "term", end, end_day=end.c.end_day, last_day=self._notice_before(end.c.end_day)
        )
        renewed = _value(choose(term.c.end_day, term.c.last_day))
        first_end = sa.case((_NOTICE_GIVEN, Contract.ends_on), else_=_FIRST_END)
        first = choose(first_end, Contract.last_notice_date)
        return sa.type_coerce(sa.case((_HAS_RENEWED, renewed), else_=first), kind)

    def _find_end(self, name: str, day: _Day, months: _Number) -> Any:
        """Return the first end of a term that, less a number of months, is not before today.

        `day` is today, with the notice period in days added.
        """
        calendar = self.calendar
        gap = calendar.count_months(day) + months - calendar.count_months(_FIRST_END)
        whole = sa.case(
            (gap > _number(0), (gap + _PERIOD - _number(1)) // _PERIOD), else_=_number(0)
        )
        count = _step(f"{name}_count", whole=whole)
        ends = _step(
            f"{name}_ends",
            count,
            first=self._renew(count.c.whole * _PERIOD),
            second=self._renew((count.c.whole + _number(1)) * _PERIOD),
        )
        in_time = calendar.add_months(ends.c.first, -months) >= day
        chosen = sa.case((in_time, ends.c.first), else_=ends.c.second)
        return _step(name, ends, end_day=calendar.earlier(chosen, Contract.max_extent_date))

    def _renew(self, months: _Number) -> _Day:
        calendar = self.calendar
        next_day = calendar.add_days(_FIRST_END, _number(1))
        whole = calendar.add_days(calendar.add_months(next_day, months), _number(-1))
        ends_month = calendar.day_of_month(next_day) == _number(1)
        return sa.case((ends_month, whole), else_=calendar.add_months(_FIRST_END, months))

    def _notice_before(self, end: _Day) -> _Day:
        calendar, months = self.calendar, Contract.notice_period_months
        return sa.case(
            (months.is_not(None), calendar.add_months(end, -months)),
            else_=calendar.add_days(end, -Contract.notice_period_days),
        )


_postgresql, _sqlite = _Columns(_PostgreSql()), _Columns(_Sqlite())

END_OF_TERM = DialectExpression(_postgresql.end_of_term(), _sqlite.end_of_term())
LAST_NOTICE_DATE = DialectExpression(_postgresql.last_notice_date(), _sqlite.last_notice_date())
NEXT_NOTICE_DATE = DialectExpression(_postgresql.next_notice_date(), _sqlite.next_notice_date())
DAYS_LEFT = DialectExpression(_postgresql.days_left(), _sqlite.days_left())
NOTICE_WINDOW = DialectExpression(_postgresql.window(), _sqlite.window())
NEEDS_NOTICE = DialectExpression(_postgresql.needs_notice(), _sqlite.needs_notice())
TERM_STATUS = DialectExpression(_postgresql.status(), _sqlite.status())
