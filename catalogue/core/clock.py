"""The clock. All code uses it, so that tests can set the time."""

import time as system_time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
"""The time zone whose midnight begins and ends agreements, contracts and deadlines."""

_frozen: datetime | None = None


def now() -> datetime:
    """Return the current moment in UTC."""
    return _frozen or datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only grow, to measure how long something takes."""
    return system_time.monotonic()


def today() -> date:
    """Return today's date in the United Kingdom."""
    return now().astimezone(UK).date()


def start_of(day: date) -> datetime:
    """Return the moment at which a day begins in the United Kingdom."""
    return datetime.combine(day, time(), UK).astimezone(UTC)


def a_year_ago() -> datetime:
    """Return the moment at which the same day of last year began in the United Kingdom."""
    return a_year_before(today())


@lru_cache(maxsize=4)
def a_year_before(day: date) -> datetime:
    """Return the moment at which the same day of the previous year began in the United Kingdom."""
    # The anniversary of a leap day is 28 February.
    leap = day.month == 2 and day.day == 29
    before = day.replace(year=day.year - 1, day=28 if leap else day.day)
    return start_of(before)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Stop the clock of the whole process at a moment, for tests."""
    global _frozen  # noqa: PLW0603 - one clock for the process is the point
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before
