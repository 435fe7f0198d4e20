"""The layout of a table in a grid of cells: its columns and its rows below the headings."""

from collections import Counter
from dataclasses import replace

from catalogue.data_exchange.problems import TableProblem, column_letter, quoted
from catalogue.data_exchange.spreadsheets.headings import (
    IDENTITIES,
    FieldOf,
    Headings,
    Merges,
    is_blank,
)
from catalogue.data_exchange.spreadsheets.row_selection import Selection, select_rows
from catalogue.data_exchange.spreadsheets.sheet_notices import sheet_notices
from catalogue.data_exchange.spreadsheets.table import (
    LONGEST_HEADING,
    Cell,
    Column,
    Limits,
    Row,
    Table,
)
from catalogue.data_exchange.spreadsheets.text_repairs import DAMAGE, repair
from catalogue.data_exchange.spreadsheets.workbooks import Sheet


def lay_out(
    grid: list[list[Cell]],
    found: Headings,
    limits: Limits,
    field_of: FieldOf | None,
    *,
    kind: str,
    sheet: Sheet | None = None,
) -> Table:
    """Return the table below the headings that were found in a grid.

    Raises TableProblem if there are no rows, or too many rows or columns.
    """
    names = list(found.names)
    width = len(names)
    if sheet is not None:
        # A value without a heading keeps its own column in a sheet, so no cell has shifted.
        width = max((len(row) for row in grid), default=0)
    elif common := _common_width(grid[found.first :], width):
        width = common
    names += [""] * (width - len(names))
    if width > limits.columns:
        raise TableProblem(
            "too_many_columns",
            f"The table has {width:,} columns. At most {limits.columns:,} are allowed. "
            "Split the table.",
        )
    columns = tuple(Column(i, name[:LONGEST_HEADING]) for i, name in enumerate(names))
    problems: list[TableProblem] = []
    notices: list[TableProblem] = []
    rows = _rows(grid, found.first, columns, problems, notices if field_of else None)
    if sheet is None and width > len(found.names):
        notices.insert(0, _without_heading(len(found.names), width))
    merges = sheet.merges if sheet else ()
    if sheet is not None:
        rows = _filled_down(rows, found.first, merges)
    selection, identity = Selection(), None
    if field_of is not None:
        identity = _identity(columns, rows, field_of)
        selection = select_rows(
            [(row.number, row.cells) for row in rows],
            [column.heading for column in columns],
            identity=identity,
            merges=merges,
        )
    notices = [*_above(grid, found), *notices, *selection.notices]
    if sheet is not None:
        problems += _unreadable_cells(sheet, columns, found.first)
        notices = [*sheet_notices(sheet, found.first, names, identity), *notices]
    rows = [row for row in rows if row.number not in selection.left_out]
    if not rows:
        left_out = " ".join(each.detail for each in selection.notices[:3])
        raise TableProblem(
            "no_rows",
            f"There are headings in row {found.row + 1}, but no rows below them. "
            f"{left_out + ' ' if left_out else ''}Add the rows, or choose `heading_row`.",
        )
    if len(rows) > limits.rows:
        raise TableProblem(
            "too_many_rows",
            f"The table has more than {limits.rows:,} rows. Split the file and send the parts.",
        )
    columns = _with_twins(_used(columns, rows), rows, field_of, notices)
    return Table(
        kind=kind,
        columns=columns,
        rows=tuple(rows),
        heading_row=found.row + 1,
        problems=tuple(problems),
        sheet=sheet.name if sheet else None,
        other_sheets=sheet.other_sheets if sheet else (),
        notices=tuple(notices),
        counts_from_1904=bool(sheet and sheet.counts_from_1904),
    )


def _common_width(records: list[list[Cell]], headings: int) -> int:
    """Return the number of cells that all rows share if it exceeds the headings, or else 0.

    An unquoted comma in text also adds a cell, but a space usually follows the comma.
    """
    if max(map(len, records), default=0) <= headings:
        return 0
    filled = [record for record in records if sum(not is_blank(c) for c in record) > 1]
    widths = {len(record) for record in filled}
    if len(filled) < 2 or len(widths) != 1 or (width := widths.pop()) <= headings:
        return 0
    starts_with_space = any(
        isinstance(cell, str) and cell.startswith(" ") for record in filled for cell in record
    )
    return 0 if starts_with_space else width


def _without_heading(first: int, width: int) -> TableProblem:
    letters = f"{column_letter(first)} to {column_letter(width - 1)}"
    if width == first + 1:
        letters = column_letter(first)
    return TableProblem(
        "no_heading",
        f"Every row has {width} cells, but there are only {first} headings. The columns without a "
        f"heading ({letters}) are left out. Add headings, or check the delimiter.",
    )


def _identity(columns: tuple[Column, ...], rows: list[Row], field_of: FieldOf) -> int:
    """Return the index of the column that names the records, or of the first used column."""
    named = {field_of(column.heading): column.index for column in reversed(columns)}
    for field_name in IDENTITIES:
        if field_name in named:
            return named[field_name]
    used = (i for i in range(len(columns)) if any(not is_blank(row.cells[i]) for row in rows))
    return next(used, 0)


def _above(grid: list[list[Cell]], found: Headings) -> list[TableProblem]:
    return [
        TableProblem(
            "row_left_out",
            f"Row {index + 1} is left out: it is above the headings in row {found.row + 1}.",
            index + 1,
            value=quoted(next(cell for cell in grid[index] if not is_blank(cell))),
        )
        for index in found.full_above
    ]


def _with_twins(
    columns: tuple[Column, ...],
    rows: list[Row],
    field_of: FieldOf | None,
    notices: list[TableProblem],
) -> tuple[Column, ...]:
    """Return the columns, each with the letters of columns with its heading but other values."""
    counts = Counter(column.heading.casefold() for column in columns if column.heading)
    if max(counts.values(), default=1) == 1:
        return columns
    groups: dict[str, list[Column]] = {}
    for column in columns:
        if counts.get(column.heading.casefold(), 0) > 1:
            groups.setdefault(column.heading.casefold(), []).append(column)
    marked: dict[int, Column | None] = {}
    for group in groups.values():
        values = {column.index: [row.cells[column.index] for row in rows] for column in group}
        filled = [c for c in group if any(not is_blank(cell) for cell in values[c.index])]
        different = [
            column
            for place, column in enumerate(filled)
            if all(values[column.index] != values[other.index] for other in filled[:place])
        ] or group[:1]
        for column in group:
            twins = tuple(each.letter for each in different if each is not column)
            kept = replace(column, twins=twins) if column in different else None
            marked[column.index] = kept
        if len(different) > 1 and not (field_of and field_of(group[0].heading)):
            letters = " and ".join(each.letter for each in different)
            notices.insert(
                0,
                TableProblem(
                    "same_heading",
                    f"Columns {letters} are all called “{quoted(group[0].heading)}”. "
                    "They are left out, unless you map one by its letter.",
                    column=group[0].heading,
                ),
            )
    listed = (marked.get(column.index, column) for column in columns)
    return tuple(column for column in listed if column is not None)


def _rows(
    grid: list[list[Cell]],
    first: int,
    columns: tuple[Column, ...],
    problems: list[TableProblem],
    notices: list[TableProblem] | None,
) -> list[Row]:
    width = len(columns)
    rows: list[Row] = []
    damaged = DAMAGE.search
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
                    "Put quotes around a cell that contains the delimiter or a line break.",
                    row=number,
                )
            )
        cells = record[:width]
        if notices is not None:
            text = "".join([cell for cell in cells if isinstance(cell, str)])
            # Nearly every row is plain, and this test is far quicker than the search.
            if not (text.isascii() and text.isprintable()) and damaged(text):
                cells = _repaired(cells, number, columns, notices)
        rows.append(Row(number, (*cells, *(None,) * (width - len(cells)))))
    return rows


def _repaired(
    cells: list[Cell], number: int, columns: tuple[Column, ...], notices: list[TableProblem]
) -> list[Cell]:
    repaired = list(cells)
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and (result := repair(cell)):
            text, notice = result
            repaired[place] = text or None
            label = columns[place].label
            notices.append(replace(notice, row=number, column=label, value=quoted(cell)))
    return repaired


def _filled_down(rows: list[Row], first: int, merges: Merges) -> list[Row]:
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
