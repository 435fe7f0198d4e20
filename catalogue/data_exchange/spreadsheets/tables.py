"""Tables in CSV, XLSX and ODS files. The content, and not the name, shows the format."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from statistics import median

from catalogue.core.tables.csv_table import rearm
from catalogue.data_exchange.problems import TableProblem, column_letter, quoted
from catalogue.data_exchange.sandbox import read_in_sandbox
from catalogue.data_exchange.spreadsheets.archives import ENCRYPTED_FILE, ArchiveLimits
from catalogue.data_exchange.spreadsheets.delimited import known_delimiter, read_delimited
from catalogue.data_exchange.spreadsheets.encodings import decode, known_encoding
from catalogue.data_exchange.spreadsheets.sheet_scan import Place
from catalogue.data_exchange.spreadsheets.workbooks import Sheet, SheetLimits

Cell = str | int | float | bool | date | datetime | time | None
"""A cell's value. An empty cell is None, and a text keeps its spaces."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LONGEST_HEADING = 200
"""The number of characters of a heading that are kept, which is enough to recognise a field."""
_HEADING_WITHIN = 30
_HEADING_FILLED = 0.75
_DEEPEST_HEADING = 3
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"{\\rtf", "a rich-text document"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest table that is read."""

    rows: int = 200_000
    columns: int = 1_000
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its index from 0, and its heading, empty if there is none."""

    index: int
    heading: str

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    @property
    def label(self) -> str:
        return self.heading or f"column {self.letter}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number as spreadsheet programs show it, and a cell for each column."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows, with the problems of single rows. Blank rows are left out."""

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heading_row: int
    problems: tuple[TableProblem, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()


def read_table(
    data: bytes,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits | None = None,
) -> Table:
    """Return the table in a file. Raises TableProblem if it cannot be read as a whole.

    `sheet` is a name or a number from 1. A text file is its own sheet 1. `encoding` and `delimiter`
    replace the detected ones.
    """
    limits = limits or Limits()
    if encoding is not None:
        encoding = known_encoding(encoding)
    if delimiter is not None:
        delimiter = known_delimiter(delimiter)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise TableProblem("empty_file", "The file is empty.")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        sheet_limits = SheetLimits(limits.rows + _HEADING_WITHIN, limits.columns)
        workbook_sheet = read_in_sandbox(
            data, sheet=sheet, archive=limits.archive, limits=sheet_limits
        )
        return _from_sheet(workbook_sheet, limits)
    _refuse_other_kinds(data)
    if sheet not in {None, "1"}:
        raise TableProblem(
            "sheet_not_found",
            "The file is a text file without sheets. Leave out the sheet.",
            value=sheet,
        )
    text, encoding = decode(data, encoding)
    records, delimiter = read_delimited(
        text, delimiter=delimiter, most_rows=limits.rows + _HEADING_WITHIN
    )
    grid: list[list[Cell]] = [[rearm(cell) or None for cell in record] for record in records]
    return _lay_out(grid, limits, kind="csv", encoding=encoding, delimiter=delimiter)


def _refuse_other_kinds(data: bytes) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise TableProblem("encrypted", ENCRYPTED_FILE)
        raise TableProblem(
            "old_excel_format",
            "The file is in the Excel format used before 2007. Save the file as .xlsx or CSV.",
        )
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise TableProblem(
                "unknown_kind", f"The file is {what}, not a table. Send CSV, XLSX or ODS."
            )
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<?xml", b"<html", b"<!doctype", b"<table", b"<workbook")):
        raise TableProblem(
            "unknown_kind",
            "The file is a web page or XML, not a table. Save the table as .xlsx or CSV.",
        )


def _from_sheet(sheet: Sheet, limits: Limits) -> Table:
    return _lay_out(sheet.grid, limits, kind=sheet.kind, merges=sheet.merges, sheet=sheet)


def _lay_out(
    grid: list[list[Cell]],
    limits: Limits,
    *,
    kind: str,
    merges: Iterable[tuple[Place, Place]] = (),
    sheet: Sheet | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Table:
    heading = _heading_row(grid)
    below = _heading_depth(heading, merges)
    names = _headings(grid, heading, below, merges)
    width = len(names)
    if sheet is not None:
        # A value without a heading keeps its own column in a sheet, so no cell has shifted.
        width = max((len(row) for row in grid), default=0)
        names += [""] * (width - len(names))
    if width > limits.columns:
        raise TableProblem(
            "too_many_columns",
            f"The table has {width:,} columns. At most {limits.columns:,} are allowed.",
        )
    _refuse_duplicates([Column(i, name) for i, name in enumerate(names)])
    columns = tuple(Column(i, name[:LONGEST_HEADING]) for i, name in enumerate(names))
    first = heading + below + 1
    problems: list[TableProblem] = []
    rows = _rows(grid, first, columns, problems)
    if not rows:
        raise TableProblem(
            "no_rows",
            f"There are headings in row {heading + 1}, but no rows below them. Add the rows.",
        )
    if len(rows) > limits.rows:
        raise TableProblem(
            "too_many_rows",
            f"The table has more than {limits.rows:,} rows. Split the file and send the parts.",
        )
    if sheet is not None:
        rows = _filled_down(rows, first, merges)
        problems += _unreadable_cells(sheet, columns, first)
    return Table(
        kind=kind,
        columns=_used(columns, rows),
        rows=tuple(rows),
        heading_row=heading + 1,
        problems=tuple(problems),
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet.name if sheet else None,
        other_sheets=sheet.other_sheets if sheet else (),
    )


def _filled(row: list[Cell]) -> int:
    return sum(not is_blank(cell) for cell in row)


def is_blank(cell: Cell) -> bool:
    """Return whether a cell is empty or holds only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _heading_row(grid: list[list[Cell]]) -> int:
    """Return the first row that is about as full as most rows. Titles above a table are sparse."""
    used = [(i, n) for i, row in enumerate(grid) if (n := _filled(row))]
    if not used:
        raise TableProblem("empty_file", "The file has no cell with a value.")
    sample = used[:_HEADING_WITHIN]
    usual = median(n for _, n in sample)
    enough = max(math.ceil(usual * _HEADING_FILLED), min(2, max(n for _, n in sample)))
    for index, count in sample:
        if count >= enough and any(isinstance(cell, str) for cell in grid[index]):
            return index
    raise TableProblem(
        "no_header",
        "No row looks like the headings of a table. Put the headings into one row above the data.",
    )


def _heading_depth(heading: int, merges: Iterable[tuple[Place, Place]]) -> int:
    """Return how many further rows the headings cover through merged cells."""
    depths = (last[0] - heading for first, last in merges if first[0] == heading)
    return min(max(depths, default=0), _DEEPEST_HEADING)


def _headings(
    grid: list[list[Cell]], heading: int, below: int, merges: Iterable[tuple[Place, Place]]
) -> list[str]:
    """Return one text for each column. Of two rows of headings, the upper one comes first."""
    block = [list(row) for row in grid[heading : heading + below + 1]]
    if below:
        for first, last in merges:
            if heading <= first[0] < heading + below:
                row = block[first[0] - heading]
                for column in range(first[1], min(last[1] + 1, len(row))):
                    row[column] = row[first[1]]
    names = []
    for column in range(max(len(row) for row in block)):
        parts = [
            " ".join(str(row[column]).split())
            for row in block
            if column < len(row) and not is_blank(row[column])
        ]
        names.append(" ".join(dict.fromkeys(parts)).replace("\x00", ""))
    while names and not names[-1]:
        names.pop()
    return names


def _refuse_duplicates(columns: Iterable[Column]) -> None:
    seen: dict[str, Column] = {}
    for column in columns:
        if not column.heading:
            continue
        other = seen.setdefault(column.heading.casefold(), column)
        if other is not column:
            raise TableProblem(
                "duplicate_columns",
                f"Columns {other.letter} and {column.letter} are both called "
                f"“{quoted(column.heading)}”. Rename one of them.",
                column=column.heading,
            )


def _rows(
    grid: list[list[Cell]], first: int, columns: tuple[Column, ...], problems: list[TableProblem]
) -> list[Row]:
    width = len(columns)
    rows: list[Row] = []
    for index in range(first, len(grid)):
        record = grid[index]
        if all(is_blank(cell) for cell in record):
            continue
        number = index + 1
        if any(not is_blank(cell) for cell in record[width:]):
            problems.append(
                TableProblem(
                    "too_many_cells",
                    f"The row has {len(record)} cells, but there are only {width} headings. "
                    "Put a cell with a delimiter or a line break into quotes.",
                    row=number,
                )
            )
        problems += [
            TableProblem(
                "nul_character",
                "The cell contains a NUL character. Remove the character.",
                row=number,
                column=columns[place].label,
                value=quoted(cell),
            )
            for place, cell in enumerate(record[:width])
            if isinstance(cell, str) and "\x00" in cell
        ]
        cells = tuple(record[:width])
        rows.append(Row(number, cells + (None,) * (width - len(cells))))
    return rows


def _filled_down(rows: list[Row], first: int, merges: Iterable[tuple[Place, Place]]) -> list[Row]:
    """Return rows in which a cell merged downwards has its value in each row."""
    cells_of = {row.number: row.cells for row in rows}
    filled: dict[int, list[Cell]] = {}
    reached: dict[int, int] = {}
    for (top, left), (bottom, _) in sorted(merges):
        source = cells_of.get(top + 1)
        if top < first or source is None or left >= len(source):
            continue
        # No spreadsheet program makes overlapping ranges, but a file can hold them.
        start = max(top + 2, reached.get(left, 0))
        reached[left] = max(bottom + 2, start)
        for number in range(start, min(bottom, rows[-1].number) + 2):
            if number in cells_of:
                filled.setdefault(number, list(cells_of[number]))[left] = source[left]
    return [Row(r.number, tuple(filled[r.number])) if r.number in filled else r for r in rows]


def _unreadable_cells(sheet: Sheet, columns: tuple[Column, ...], first: int) -> list[TableProblem]:
    problems = [
        TableProblem(
            "formula_error",
            "The cell's formula gives an error. Correct the formula, or replace it with its value.",
            row=row + 1,
            column=columns[column].label,
            value=text,
        )
        for (row, column), text in sheet.errors.items()
        # A look-up without a result gives "not available", which counts as an empty cell.
        if row >= first and column < len(columns) and text != "#N/A"
    ]
    problems += [
        TableProblem(
            "formula_not_calculated",
            "The cell's formula was never calculated. Open and save the file, and send it again.",
            row=row + 1,
            column=columns[column].label,
        )
        for row, column in sorted(sheet.uncalculated)
        if row >= first and column < len(columns)
    ]
    return problems


def _used(columns: tuple[Column, ...], rows: list[Row]) -> tuple[Column, ...]:
    """Return the columns that have a heading or a value."""
    return tuple(
        column
        for column in columns
        if column.heading or any(not is_blank(row.cells[column.index]) for row in rows)
    )
