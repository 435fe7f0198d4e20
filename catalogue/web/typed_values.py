"""Values that a person typed into a form, in words, for a page without the controls."""

import re
from collections.abc import Iterable
from uuid import UUID

from catalogue.web.wording import label, show_field, value_label

_PART_OF_DATE = re.compile(r"(.+)-(day|month|year)")
_FOR_PROGRAMS = frozenset({"base", "confirmed", "etag", "form_key", "key", "next", "step"})
"""Hidden fields, which people did not type."""
_ONE_WORD = re.compile(r"[a-z]+(_[a-z]+)+")
_YES_NO = {"true": "Yes", "false": "No"}


def typed_in_words(typed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the label and the value of each field that a person filled in.

    The parts of a date are joined, and so are the values of boxes that were ticked.
    """
    values: dict[str, list[str]] = {}
    for name, value in typed:
        date = _PART_OF_DATE.fullmatch(name)
        if value.strip() and name not in _FOR_PROGRAMS and not _is_id(value):
            values.setdefault(date[1] if date else name, []).append(value)
        if date:
            values.setdefault(f"{date[1]}-", [])
    return [
        (label(name), " ".join(parts) if f"{name}-" in values else _in_words(name, parts))
        for name, parts in values.items()
        if parts
    ]


def _in_words(name: str, values: list[str]) -> str:
    return ", ".join(_value_in_words(name, value) for value in values)


def _value_in_words(name: str, value: str) -> str:
    if value in _YES_NO:
        return _YES_NO[value]
    try:
        shown = show_field(name, value)
    except ValueError:
        return value  # The text is no date.
    if shown != value:
        return shown
    return value_label(value) if _ONE_WORD.fullmatch(value) else value


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
