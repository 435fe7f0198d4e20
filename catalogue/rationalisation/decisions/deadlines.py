"""Deadlines for signing decisions, counted in working days of England and Wales."""

from datetime import date, datetime, timedelta
from functools import cache

from catalogue.core import clock

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Return true unless the day is at a weekend or a bank holiday in England and Wales.

    Future one-off bank holidays, such as for a coronation, are unknown until proclaimed.
    """
    return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)


def working_days_after(day: date, number: int) -> date:
    """Return the last of a number of working days, counted from the day after `day`."""
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def sign_by(proposed_at: datetime, working_days: int) -> date:
    """Return the last day, in the United Kingdom, to sign a decision proposed at this moment."""
    return working_days_after(proposed_at.astimezone(clock.UK).date(), working_days)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    import holidays

    # The calendar includes substitute days for holidays that fall on a weekend.
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
