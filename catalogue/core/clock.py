"""The one clock. Everything that asks for the time asks here, so that tests can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
"""Agreements, contracts and deadlines begin and end at midnight where they were signed."""

_frozen: datetime | None = None


def now() -> datetime:
    """The current moment in UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """The day of the calendar in the United Kingdom."""
    return now().astimezone(UK).date()


def start_of(day: date) -> datetime:
    """The moment at which a day of the United Kingdom begins."""
    return datetime.combine(day, time(), UK).astimezone(UTC)


def a_year_ago() -> datetime:
    """The moment at which this day of the calendar began last year, in the United Kingdom."""
    return a_year_before(today())


@lru_cache(maxsize=4)
def a_year_before(day: date) -> datetime:
    """The moment at which this day of the calendar began a year before."""
    # A leap day has the last of February for its anniversary.
    leap = day.month == 2 and day.day == 29
    before = day.replace(year=day.year - 1, day=28 if leap else day.day)
    return start_of(before)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment, for the whole process. For tests."""
    global _frozen  # noqa: PLW0603 - one clock for the process is the point
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before
