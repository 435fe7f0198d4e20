"""The reading of a cell: a chosen translation first, then an answer to a question, then a value."""

from typing import Any

from catalogue.data_exchange.fields import Answers, ImportField
from catalogue.data_exchange.problems import quoted
from catalogue.data_exchange.synonyms import read_yes_or_no
from catalogue.data_exchange.translations import NOTHING_CHOSEN, Translations
from catalogue.data_exchange.values import CapabilityLookup, ValueProblem, read_value


def read_cell(
    field: ImportField,
    cell: Any,
    capability: CapabilityLookup | None = None,
    *,
    answers: Answers | None = None,
    translations: Translations = NOTHING_CHOSEN,
) -> object:
    """Return the value of a cell, or None if the cell is empty. Raises ValueProblem.

    `answers` are the values that yes and no stand for, if the heading is a question.
    """
    if translations is not NOTHING_CHOSEN:
        is_chosen, value = translations.find(cell)
        if is_chosen:
            return None if value is None else read_value(field, value, capability)
    if answers is not None:
        answer = read_yes_or_no(("TRUE" if cell else "FALSE") if cell in _BOOLEANS else str(cell))
        if answer is not None:
            return _value_of(field, cell, answers[0 if answer else 1])
    return read_value(field, cell, capability)


_BOOLEANS = (True, False)


def _value_of(field: ImportField, cell: Any, value: str | None) -> str:
    if value is None:
        raise ValueProblem(
            "unknown_value",
            f"The answer “{quoted(cell)}” to the question in the heading can mean several values "
            f"of {field.name}. Choose the value that the answer stands for.",
        )
    return value
