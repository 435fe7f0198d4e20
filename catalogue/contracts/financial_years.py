"""Financial years of the public sector, from 1 April to 31 March, written as 2026-27."""

import re
from datetime import date

FORM = r"^(19|20|21)[0-9]{2}-[0-9]{2}$"
_FORM = re.compile(FORM.strip("^$"))


def financial_year_of(day: date) -> str:
    """Return the financial year that a day falls in."""
    first_year = day.year if day >= date(day.year, 4, 1) else day.year - 1
    return f"{first_year:04}-{(first_year + 1) % 100:02}"


def is_financial_year(text: str) -> bool:
    """Return whether text has the form 2026-27, with consecutive years."""
    return _FORM.fullmatch(text) is not None and (int(text[:4]) + 1) % 100 == int(text[5:])


def period_of(financial_year: str) -> tuple[date, date]:
    """Return the first and last day of a financial year. Raises ValueError for other text."""
    if not is_financial_year(financial_year):
        raise ValueError(f"{financial_year!r} is not a financial year. Use a form such as 2026-27.")
    first_year = int(financial_year[:4])
    return date(first_year, 4, 1), date(first_year + 1, 3, 31)
