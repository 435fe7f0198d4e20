"""Problems of a table, its mapping or its rows, each with a stable code."""

from dataclasses import asdict, dataclass
from typing import Any

LONGEST_VALUE_SHOWN = 80


@dataclass
class TableProblem(Exception):
    """A problem of a table.

    The problem is raised if the table as a whole cannot be read, and listed if one row is invalid.
    `row` counts every row of the sheet from 1, as a spreadsheet program does. `column` is the
    heading, or the letter of a column without one.
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

    def as_reason(self) -> str:
        """Return the text without the number of the row, for a reader who has the row in view."""
        return f"{self.column}: {self.detail}" if self.column else self.detail

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def quoted(value: object) -> str:
    """Return a value for a report: one line, printable and at most 80 characters."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= LONGEST_VALUE_SHOWN else text[: LONGEST_VALUE_SHOWN - 1] + "…"


def column_letter(index: int) -> str:
    """Return the letters of a column by its index from 0: A, B, ... Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
