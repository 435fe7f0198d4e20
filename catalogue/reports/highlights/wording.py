"""Plain words for what the API says in names, numbers and ISO dates."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalogue.core import clock
from catalogue.core.money import pounds

NOTHING = "–"

_SAID = {
    "rag": "Confidence",
    "late": "Late",
    "blocked": "Blocked",
    "silent": "Silent",
    "at_risk": "At risk",
    "moved": "Migrations whose users work on the new system",
    "complete": "Migrations complete",
    "users_moved": "Users who have moved",
    "cost_moved": "Yearly cost of what has moved (£)",
    "risks_open": "Risks not closed",
    "risks_red": "Red risks",
    "risks_exposure": "Overall exposure (sum of scores)",
    "baseline": "Baseline (£)",
    "forecast": "Forecast savings (£)",
    "validated": "Savings validated by finance (£)",
    "realised": "Savings realised (£)",
    "cost_to_achieve": "Cost to achieve (£)",
    "net_forecast": "Forecast, less all costs (£)",
    "planned_date": "Agreed date",
    "forecast_date": "Expected date",
    "actual_date": "Actual date",
    "resolved_on": "Resolved on",
    "needed_by": "Needed by",
    "non_cash_releasing": "Non-cash-releasing",
    "cash_releasing": "Cash-releasing",
    "early_life_support": "Early-life support",
    "resources_and_vacancies": "Resources and vacancies",
    "dual_running": "Dual running (£)",
    "exit_costs": "Exit costs (£)",
    "decommissioning": "Decommissioning (£)",
    "net_validated": "Validated, less all costs (£)",
    "net_realised": "Realised, less all costs (£)",
}


def said(name: str) -> str:
    """A name of the API for people: `rolled_back` is Rolled back."""
    return _SAID.get(name, name.replace("_", " ").capitalize())


def rating(rag: str | None, before: str | None = None) -> str:
    """A rating in words, with the one before it: never by colour alone."""
    if rag is None:
        return "Not rated"
    words = rag.capitalize()
    return f"{words} (was {before})" if before and before != rag else words


def day(text: str | None) -> str:
    """A date as 5 January 2027; of a moment, the day that it was in the United Kingdom."""
    if text is None:
        return NOTHING
    if "T" in text:
        on = datetime.fromisoformat(text).astimezone(clock.UK).date()
    else:
        on = date.fromisoformat(text)
    return f"{on.day} {on:%B %Y}"


def days(number: int | None) -> str:
    """How far a date has moved."""
    if number is None:
        return NOTHING
    if number == 0:
        return "on the agreed date"
    unit = "day" if abs(number) == 1 else "days"
    return f"{abs(number)} {unit} {'later' if number > 0 else 'earlier'}"


def in_pounds(amount: str | None) -> str:
    """An amount with its sign and thousands, where there is one: £1,250.00."""
    return NOTHING if amount is None else pounds(Decimal(amount))


def value(name: str, given: Any) -> str:
    """The value of a field, for people."""
    if given is None:
        return NOTHING
    if isinstance(given, bool):
        return "yes" if given else "no"
    text = str(given)
    if name.endswith(("_date", "_on", "_by")):
        return day(text)
    if name in {"rag", "stage", "status"}:
        return said(text)
    return text


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"
