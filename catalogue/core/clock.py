"""The one clock. Everything that asks for the time asks here, so that tests can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
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


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment, for the whole process. For tests."""
    global _frozen  # noqa: PLW0603 - one clock for the process is the point
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before
