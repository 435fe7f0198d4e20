"""Plain words for the API's names, numbers and ISO dates."""

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
WITHHELD_MEANS = "withheld: not every reader may see all of it"

_LABELS = {
    "rag": "Rating",
    "update_overdue": "Update overdue",
    "moved": "Migrations whose users work on the new system",
    "complete": "Completed migrations",
    "users_moved": "Users who work on the new system",
    "cost_moved": "Yearly cost of the systems that have moved",
    "risks_open": "Risks that are not closed",
    "risks_red": "Red risks",
    "risks_exposure": "Overall exposure (sum of risk scores)",
    "forecast": "Forecast savings",
    "validated": "Savings validated by finance",
    "realised": "Realised savings",
    "net_forecast": "Forecast savings, less all costs",
    "net_validated": "Validated savings, less all costs",
    "net_realised": "Realised savings, less all costs",
    "planned_date": "Agreed date",
    "forecast_date": "Expected date",
    "non_cash_releasing": "Non-cash-releasing",
    "cash_releasing": "Cash-releasing",
    "non_efficiency_saving": "Non-efficiency saving",
    "early_life_support": "Early-life support",
}


def label(name: str) -> str:
    """Return a name from the API as a label: `rolled_back` becomes “Rolled back”."""
    return _LABELS.get(name, sentence_case(name))


def sentence_case(name: str) -> str:
    """Return a value of an enumeration with a capital letter and spaces."""
    return name.replace("_", " ").capitalize()


def stage_label(stage: str) -> str:
    """Return the label of a stage.

    `label` cannot be used for `complete`, because it would return the label of the count.
    """
    return sentence_case(stage) if stage == "complete" else label(stage)


def rating(rag: str | None, before: str | None = None) -> str:
    """Return a rating in words, with the previous rating, so that no reader needs colour."""
    if rag is None:
        return "Not rated"
    words = rag.capitalize()
    return f"{words} (was {before})" if before and before != rag else words


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


def field_value(name: str, value: Any) -> str:
    """Return the value of a record's field in words."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if name.endswith(("_date", "_on", "_by")):
        return day(text)
    if name == "stage":
        return stage_label(text)
    if name in {"rag", "status"}:
        return sentence_case(text)
    return text


def counted(number: int, singular: str, plural: str) -> str:
    """Return a number, with commas in thousands, and its noun."""
    return f"{number:,} {singular if number == 1 else plural}"


def listed(parts: list[str]) -> str:
    """Return parts of a sentence joined by commas and “and”."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
