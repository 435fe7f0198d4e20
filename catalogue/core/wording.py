"""Plain words for the API's names, numbers, sums and dates."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalogue.core import clock
from catalogue.core.money import whole_pounds
from catalogue.core.text import format_date

Sums = dict[str, Any]
"""A sum in the form of `MoneySumSchema` or `NumberSumSchema`."""

NOTHING = "–"
WITHHELD = "withheld"
NOT_KNOWN = "not known"


def sentence_case(name: str) -> str:
    """Return a value of an enumeration with a capital letter and spaces."""
    return name.replace("_", " ").capitalize()


def day(text: str | None) -> str:
    """Return a date as 5 January 2027. A moment becomes its day in the United Kingdom."""
    if text is None:
        return NOTHING
    if "T" in text:
        on = datetime.fromisoformat(text).astimezone(clock.UK).date()
    else:
        on = date.fromisoformat(text)
    return format_date(on)


def sum_in_pounds(total: Sums) -> str:
    """Return a sum of money in whole pounds, and what it leaves out."""
    value = total["value"]
    return _complete(total, value and whole_pounds(Decimal(value)))


def sum_in_numbers(total: Sums) -> str:
    """Return a sum of people or records, with commas in thousands, and what it leaves out."""
    value = total["value"]
    return _complete(total, None if value is None else f"{value:,}")


def _complete(total: Sums, value: str | None) -> str:
    """Add to a value in words the parts of its sum that are missing."""
    missing = [
        word for word, name in ((WITHHELD, "withheld"), (NOT_KNOWN, "unknown")) if total[name]
    ]
    if value is None:
        return missing[0]
    return f"{value} ({', '.join(f'part {word}' for word in missing)})" if missing else value


def counted(number: int, singular: str, plural: str) -> str:
    """Return a number, with commas in thousands, and its noun."""
    return f"{number:,} {singular if number == 1 else plural}"


def listed(parts: list[str]) -> str:
    """Return parts of a sentence joined by commas and “and”."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
