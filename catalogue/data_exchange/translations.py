"""Translations of an agency's own words into values, as chosen by the person who imports."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.data_exchange.custom_values import closest_choices
from catalogue.data_exchange.fields import ImportField, Kind, RecordFields
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.synonyms import closest_values, plain_words
from catalogue.data_exchange.values import CapabilityLookup, ValueProblem, read_value

MOST_WORDS = 200
"""The largest number of unknown words that a report lists."""
UNKNOWN_WORDS = frozenset({"unknown_value", "not_yes_or_no", "unknown_capability"})
"""The codes of problems that a translation of the word can solve."""

Chosen = Mapping[str, Mapping[str, str | None]]
"""The chosen value of each word, by the name of the field. None leaves the field empty."""

_NO_TRANSLATION = object()


class Translations:
    """The chosen translations of one field. Words are compared without case and punctuation."""

    def __init__(self, words: Mapping[str, str | None]) -> None:
        self._exact = {_exact(word): value for word, value in words.items()}
        plain = {plain_words(word): value for word, value in words.items()}
        self._plain = {word: value for word, value in plain.items() if word}

    @property
    def of_empty_cell(self) -> str | None:
        """The value that was chosen for empty cells, or None."""
        return self._exact.get("")

    def find(self, cell: Any) -> tuple[bool, str | None]:
        """Return True and the translation of a cell, or False and None if it has none."""
        word = ("TRUE" if cell else "FALSE") if isinstance(cell, bool) else str(cell)
        value: Any = self._exact.get(_exact(word), _NO_TRANSLATION)
        if value is _NO_TRANSLATION:
            value = self._plain.get(plain_words(word), _NO_TRANSLATION)
        return (False, None) if value is _NO_TRANSLATION else (True, value)


NOTHING_CHOSEN = Translations({})


def _exact(word: str) -> str:
    return " ".join(word.split()).casefold()


def checked_translations(
    fields: RecordFields, chosen: Chosen, capability: CapabilityLookup | None = None
) -> dict[str, Translations]:
    """Return the translations by field. Raises TableProblem for an unknown field or value."""
    for name, words in chosen.items():
        known = fields.find(name)
        if known is None:
            raise TableProblem(
                "unknown_field",
                f"{fields.a_record} has no field {quoted(name)!r}, so its words cannot be translated. "
                "Correct the name of the field.",
                field=name,
            )
        for word, value in words.items():
            _check(known, word, value, capability)
    return {name: Translations(words) for name, words in chosen.items()}


def _check(
    known: ImportField, word: str, value: str | None, capability: CapabilityLookup | None
) -> None:
    if value is None:
        return
    try:
        read_value(known, value, capability)
    except ValueProblem as problem:
        raise TableProblem(
            "invalid_translation",
            f"{problem.detail} The word “{quoted(word)}” cannot be translated into "
            f"“{quoted(value)}”.",
            field=known.name,
            value=quoted(value),
        ) from None


@dataclass
class UnknownWords:
    """The words of a file that are not values of their fields, each with its number of rows."""

    fields: RecordFields | None = None
    """The fields that a translation can be for. Releases have none."""
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, problem: TableProblem) -> None:
        """Count the word of a rejected value, if a translation can replace it."""
        if problem.code in UNKNOWN_WORDS and problem.field:
            self.counts[problem.field, problem.column or "", problem.value or ""] += 1

    @property
    def total(self) -> int:
        return len(self.counts)

    def _offered(self, name: str, word: str) -> list[str]:
        return offered_values(self.fields.find(name) if self.fields else None, word)

    def as_json(self, front_door: FrontDoor) -> list[dict[str, Any]]:
        """Return the words, the most frequent first, each with the choices for it."""
        return [
            {
                "field": name,
                "column": column,
                "value": word,
                "count": count,
                "choices": [
                    {"value": value, "option": front_door.translate(name, word, value)}
                    for value in self._offered(name, word)
                ],
            }
            for (name, column, word), count in self.counts.most_common(MOST_WORDS)
        ]


def offered_values(field: ImportField | None, word: str) -> list[str]:
    """Return the values to offer for an unknown word, the closest first."""
    if field is None:
        return []
    if field.choices:
        return closest_choices(field.choices, word)
    if field.kind in {Kind.CHOICE, Kind.CHOICES}:
        return closest_values(field.name, word)
    return ["yes", "no"] if field.kind is Kind.BOOLEAN else []
