"""How long the owners have to sign: working days in England and Wales."""

from datetime import date, datetime, timedelta
from functools import cache

from catalogue.core import clock

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether it is neither at a weekend nor a bank holiday in England and Wales.

    Bank holidays that are yet to be proclaimed, such as that of a coronation, are not known.
    """
    return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)


def working_days_after(day: date, number: int) -> date:
    """The last of so many working days that follow a day; the day itself does not count."""
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def sign_by(proposed_at: datetime, working_days: int) -> date:
    """The last day to sign on what was proposed at a moment, by the calendar of the UK."""
    return working_days_after(proposed_at.astimezone(clock.UK).date(), working_days)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    import holidays

    # Substitute days among them: those in lieu of holidays that fall on a weekend.
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
