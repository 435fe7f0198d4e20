"""A table in a file: its columns, its rows, and everything to report about them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from catalogue.data_exchange.problems import TableProblem, column_letter, quoted
from catalogue.data_exchange.spreadsheets.archives import ArchiveLimits
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS

Cell = str | int | float | bool | date | datetime | time | None
"""A cell's value. An empty cell is None, and text keeps its spaces."""

LONGEST_HEADING = 200
"""The number of characters of a heading that are kept, which is enough to recognise a field."""


def kept_heading(text: str) -> str:
    """Return a heading in the form that a table keeps."""
    return " ".join(text.split())[:LONGEST_HEADING]


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest table that is read."""

    rows: int = 200_000
    columns: int = 1_000
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its index from 0 and its heading, which is empty if there is none."""

    index: int
    heading: str
    twins: tuple[str, ...] = ()
    """The letters of other columns with this heading and other values."""
    is_gathered: bool = False
    """True if the column holds the cells of several columns of the file."""

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    @property
    def label(self) -> str:
        if self.twins:
            return f"{self.heading} (column {self.letter})"
        return self.heading or f"column {self.letter}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number as spreadsheet programs show it, and a cell for each column."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows, with the problems of single rows.

    Blank rows are left out. So are rows that are not records, each of which a notice names.
    """

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heading_row: int
    problems: tuple[TableProblem, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    notices: tuple[TableProblem, ...] = ()
    """Notices of rows left out, of repaired text, and of everything that the sheet hides."""
    counts_from_1904: bool = False
    """True if the workbook counts days from 1904, also in numbers without the format of a date."""

    @property
    def reading(self) -> str:
        """A sentence on how the file was read, for errors about its headings."""
        if self.sheet is None:
            name = DELIMITERS[self.delimiter or ","]
            return (
                f"The file was read as CSV with the delimiter {name} and the headings in row "
                f"{self.heading_row}. Choose others with `delimiter` and `heading_row`."
            )
        others = ", ".join(f"“{quoted(name)}”" for name in self.other_sheets)
        return (
            f"The headings were read from row {self.heading_row} of the sheet “{self.sheet}”. "
            + (f"Not read: {others}. " if others else "")
            + "Choose others with `sheet` and `heading_row`."
        )
