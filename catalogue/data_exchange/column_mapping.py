"""The mapping of a table's columns to fields: each column with its field, or the reason against it."""

from dataclasses import dataclass
from typing import Any

from catalogue.data_exchange.fields import Answers, ImportField, RecordFields
from catalogue.data_exchange.spreadsheets.table import Column


@dataclass(frozen=True, slots=True)
class Match:
    """A column with the field that it fills, the reason, and some of its values."""

    field: ImportField
    column: Column
    reason: str
    samples: tuple[str, ...] = ()
    translations: tuple[tuple[str, str], ...] = ()
    """For an enumeration: words in the column, each with its value."""
    answers: Answers | None = None
    """The values that yes and no stand for, if the heading is a question."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A column that fills no field, with the reason."""

    column: Column
    reason: str
    samples: tuple[str, ...] = ()
    is_chosen: bool = False
    """True if the user chose to leave the column out."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The use of each column of a table."""

    fields: RecordFields
    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    notes: tuple[str, ...] = ()
    possible_lifecycles: tuple[Column, ...] = ()
    """Columns that hold lifecycle words, if no column fills the lifecycle."""

    def column_of(self, field: str) -> Column | None:
        return next((m.column for m in self.matches if m.field.name == field), None)

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as the API and `--json` show it."""
        return {
            "mapped": [
                {
                    "field": match.field.name,
                    "column": match.column.label,
                    "reason": match.reason,
                    "samples": list(match.samples),
                    "translations": dict(match.translations),
                }
                for match in self.matches
            ],
            "unmapped": [
                {"column": left.column.label, "reason": left.reason, "samples": list(left.samples)}
                for left in self.unmatched
            ],
            "notes": list(self.notes),
        }
