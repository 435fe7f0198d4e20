"""What can be wrong with a table, its mapping or one of its rows, each with a stable code."""

from dataclasses import asdict, dataclass
from typing import Any

LONGEST_VALUE_SHOWN = 80


@dataclass
class TableProblem(Exception):
    """One thing wrong with a table.

    Raised when the table as a whole cannot be read; kept in a list when only one row is bad.
    `row` counts as the spreadsheet program does: the first row of the sheet is 1, blank and
    heading rows included. `column` is the heading, or the letter where there is no heading.
    """

    code: str
    detail: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            [f"row {self.row}"] * (self.row is not None)
            + [f"column {self.column}"] * (self.column is not None)
        )
        return f"{place}: {self.detail}" if place else self.detail

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def shown(value: object) -> str:
    """The value as a report quotes it: one line, no control characters, cut to a readable length."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= LONGEST_VALUE_SHOWN else text[: LONGEST_VALUE_SHOWN - 1] + "…"


def column_letter(index: int) -> str:
    """The spreadsheet's letters for a column counted from 0: A, B, ... Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
