"""Labels and values of a highlight report in plain words."""

from typing import Any

from catalogue.core.wording import NOTHING, day, sentence_case

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
