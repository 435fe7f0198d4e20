"""Amounts of money, financial years, notice periods and hours as spreadsheets write them.

Each function raises ValueError with what is wrong and what to do if a guess would be needed.
"""

import re
from decimal import Decimal

from catalogue.data_exchange.everyday_values import clock_minutes

_AMOUNT = re.compile(
    r"(?P<about>(?:approx(?:imately|\.)?|ca?\.?|circa|about|around|est(?:imated|\.)?|~) *)?"
    r"(?:gbp|£)? *"
    r"(?P<number>\d{1,3}(?:[, \u00a0]\d{3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d+)?) *"
    r"(?P<unit>k|m|thousand|million|mn)?\b *"
    r"(?:gbp|pounds?)? *"
    r"(?P<rate>p\.? ?a\.?|per (?:annum|year|yr)|(?:/|a) ?(?:year|yr)|annually|yearly)?"
    r"(?P<vat> *[,(]? *(?:(?:\+|plus|ex\.?|excl?\.?|excluding|inc\.?|incl?\.?|including|net of) ?vat"
    r"|vat (?:exclusive|inclusive))\)?)?",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"[$€¥]|\b(?:eur|usd|euros?|dollars?)\b", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"^\s*(?:(?:gbp|£)?\s*[-–−]|\(.*\)\s*$|cr\b)|\d\s*(?:[-–−]|cr)\s*$", re.IGNORECASE
)
_FACTORS = {"k": 1_000, "t": 1_000, "m": 1_000_000}
_PENCE = Decimal("0.01")
_TOO_MUCH = Decimal(10**12)
_YEAR = re.compile(
    r"(?:f\.?y\.?|financial year|year)?\s*'?(\d{4}|\d{2})\s*[/–—-]\s*'?(\d{4}|\d{2})", re.IGNORECASE
)
_YEAR_IN_TEXT = re.compile(r"(?<!\d)'?(?:\d{4}|\d{2})\s*[/–—-]\s*'?(?:\d{4}|\d{2})(?![\d/–—-])")
_LENGTH = re.compile(
    r"(\d{1,4})(?:\.0+)? *(?:calendar )?(d|days?|w|wks?|weeks?|m|mths?|months?|y|yrs?|years?)?"
)
_HOURS = re.compile(r"(\d+(?:\.\d+)?) *(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)?")
_HOURS_IN = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}
_LONGEST_HOURS = 20


def read_amount(text: str, *, is_annual: bool | None) -> tuple[str, str | None]:
    """Return an amount in pounds, and a notice if the cell says more than the amount.

    `is_annual` is whether the field holds an amount for each year. None accepts both.
    """
    if _FOREIGN.search(text):
        raise ValueError("The amount is not in pounds. Write the amount in pounds.")
    if _NEGATIVE.search(text):
        raise ValueError("The amount is less than zero. Write an amount of zero or more.")
    match = _AMOUNT.fullmatch(text.strip().rstrip("*").strip())
    if match is None:
        raise ValueError("The value is not an amount. Write digits only, such as 1250.00.")
    if match["rate"] and is_annual is False:
        raise ValueError(
            "The amount is for a year, and the field holds a total. Write the total, or fill "
            "`annual_value` from the column."
        )
    number = Decimal(re.sub(r"[, \u00a0]", "", match["number"]))
    if match["unit"]:
        number *= _FACTORS[match["unit"][0].lower()]
    rounded = number.quantize(_PENCE)
    if rounded >= _TOO_MUCH:
        raise ValueError("The amount is too large. Write an amount of less than 1,000,000,000,000.")
    shown = f"{rounded:.2f}"
    if match["about"] or match["vat"]:
        return shown, f"The cell has words beside the amount. {shown} was recorded."
    if rounded != number:
        return shown, f"The amount has parts of a penny. {shown} was recorded."
    return shown, None


def read_financial_year(text: str) -> str:
    """Return a financial year in the form 2026-27."""
    match = _YEAR.fullmatch(text.strip())
    first, second = (match[1], match[2]) if match else ("", "")
    if not match or len(first) < len(second) or not _follows(first, second):
        raise ValueError("The value is not a financial year. Write a year in the form 2026-27.")
    start = int(first) if len(first) == 4 else 2000 + int(first)
    return f"{start:04}-{(start + 1) % 100:02}"


def _follows(first: str, second: str) -> bool:
    return bool((int(first) + 1) % 10 ** len(second) == int(second))


def financial_year_in(text: str) -> tuple[str, str] | None:
    """Return the only financial year in a heading, and the rest of the heading, or None."""
    found = list(_YEAR_IN_TEXT.finditer(text))
    if len(found) != 1:
        return None
    try:
        year = read_financial_year(found[0][0])
    except ValueError:
        return None
    rest = f"{text[: found[0].start()]} {text[found[0].end() :]}"
    rest = re.sub(
        r"\b(?:f\.?y\.?|financial year|year)(?=\W|$)|[£()\[\]:]", " ", rest, flags=re.IGNORECASE
    )
    return year, " ".join(rest.strip(" -–—,").split())


class Months(int):
    """A number of months in a column of days. A month has no fixed number of days."""


def read_notice(text: str) -> int:
    """Return a notice period in days, or as `Months` if the cell has months or years."""
    number, unit = _length(text, "The value is not a number of days. Write a number such as 90.")
    if unit in {"m", "y"}:
        return Months(number if unit == "m" else number * 12)
    return number * 7 if unit == "w" else number


def read_months(text: str) -> int:
    """Return a length of time in months."""
    message = "The value is not a number of months. Write a number such as 12."
    number, unit = _length(text, message)
    if unit in {"d", "w"}:
        raise ValueError(message)
    return number * 12 if unit == "y" else number


def _length(text: str, message: str) -> tuple[int, str]:
    match = _LENGTH.fullmatch(text.strip().casefold())
    if match is None:
        raise ValueError(message)
    return int(match[1]), (match[2] or " ")[0]


def read_hours(text: str) -> int:
    """Return a length of time in hours."""
    minutes = clock_minutes(text)
    if minutes is not None and minutes % 60 == 0:
        return minutes // 60
    if minutes is not None:
        raise ValueError("The value is not a whole number of hours. Write a number such as 4.")
    match = _HOURS.fullmatch(text.casefold())
    if not match or len(text) > _LONGEST_HOURS:
        raise ValueError("The value is not a number of hours. Write a number such as 4.")
    hours = float(match[1]) * _HOURS_IN[(match[2] or "h")[0]]
    if hours != int(hours):
        raise ValueError("The value is not a whole number of hours. Write a number such as 4.")
    return int(hours)
