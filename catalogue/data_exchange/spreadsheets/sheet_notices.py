"""The choice of a sheet, and notices of everything that a sheet hides from its sender."""

from collections.abc import Callable, Iterable, Sequence

from catalogue.data_exchange.problems import TableProblem, column_letter, quoted
from catalogue.data_exchange.spreadsheets.headings import FieldOf, find_headings, is_blank
from catalogue.data_exchange.spreadsheets.sheet_scan import Range
from catalogue.data_exchange.spreadsheets.workbooks import Sheet

_CLEARLY_KNOWN = 3
_MUCH_BETTER = 2
_MOST_TRIED = 8
_TABLE_ROWS, _TABLE_COLUMNS = 5, 3
_MOST_LISTED = 10


def choose_sheet(
    first: Sheet,
    read: Callable[[str | None], Sheet],
    field_of: FieldOf,
    heading_row: int | None = None,
) -> Sheet:
    """Return the first sheet, or the visible one with known headings if the first has none.

    Raises TableProblem if another sheet has more known headings, but the first also has some or
    looks like a table.
    """
    known = _known(first, field_of, heading_row)
    is_named = bool(field_of(first.name))
    if known >= _CLEARLY_KNOWN or not first.visible_sheets or (known and is_named):
        return first
    others = [(read(name), name) for name in first.visible_sheets[:_MOST_TRIED]]
    scores = [_known(sheet, field_of, heading_row) for sheet, _ in others]
    most = max(scores)
    best, name = others[scores.index(most)]
    if most < known + _MUCH_BETTER and not (most and not known):
        return first
    if known or _is_table(first):
        names = ", ".join(f"“{quoted(each)}”" for each in (first.name, *first.visible_sheets))
        raise TableProblem(
            "sheet_unclear",
            f"The first sheet has {known} known headings, and the sheet “{quoted(name)}” has "
            f"{most}. Choose one with `sheet`. The sheets are {names}.",
        )
    return best


def _known(sheet: Sheet, field_of: FieldOf, heading_row: int | None) -> int:
    try:
        found = find_headings(sheet.grid, sheet.merges, field_of=field_of, heading_row=heading_row)
    except TableProblem:
        return 0
    names = [name for name in found.names if name]
    # One known word among others, as in a table of contents, does not make headings.
    return 0 if found.known == 1 < len(names) else found.known


def _is_table(sheet: Sheet) -> bool:
    """Return whether a sheet has several wide rows, which a cover sheet lacks."""
    wide = (sum(not is_blank(cell) for cell in row) >= _TABLE_COLUMNS for row in sheet.grid)
    return sum(wide) > _TABLE_ROWS


def sheet_notices(
    sheet: Sheet, first: int, names: Sequence[str], identity: int | None
) -> list[TableProblem]:
    """Return notices of other sheets, hidden rows and columns, and merged cells.

    `first` is the index of the first row below the headings. `identity` is the index of the column
    of names, whose merged cells are reported with the rows.
    """
    notices = []
    if sheet.other_sheets:
        others = ", ".join(f"“{quoted(name)}”" for name in sheet.other_sheets)
        notices.append(
            TableProblem(
                "sheets_not_read",
                f"Only the sheet “{sheet.name}” was read. Not read: {others}. "
                "Choose another with `sheet`.",
            )
        )
    hidden = [
        index
        for index in _indexes(sheet.hidden_rows, len(sheet.grid))
        if index >= first and not all(is_blank(cell) for cell in sheet.grid[index])
    ]
    if hidden:
        by = " by a filter" if sheet.is_filtered else ""
        numbers = _listed([str(index + 1) for index in hidden])
        notices.append(
            TableProblem(
                "hidden_rows",
                f"{_count(len(hidden), 'row is', 'rows are')} hidden{by}, and read like any other: "
                f"{numbers}. Delete the rows that you do not want.",
                hidden[0] + 1,
            )
        )
    below = sheet.grid[first:]
    for index in _indexes(sheet.hidden_columns, max(map(len, sheet.grid), default=0)):
        if any(index < len(row) and not is_blank(row[index]) for row in below):
            heading = names[index] if index < len(names) else ""
            label = f" (“{quoted(heading)}”)" if heading else ""
            notices.append(
                TableProblem(
                    "hidden_column",
                    f"Column {column_letter(index)}{label} is hidden, and read like any other. "
                    "Delete the column if you do not want it.",
                    column=heading or None,
                )
            )
    return notices + _merged(sheet, first, names, identity)


def _merged(
    sheet: Sheet, first: int, names: Sequence[str], identity: int | None
) -> list[TableProblem]:
    """Return a notice for each column whose cells are merged over several rows."""
    rows: dict[int, list[int]] = {}
    for (top, left), (bottom, _) in sheet.merges:
        if top >= first and bottom > top and not is_blank(_cell(sheet, top, left)):
            rows.setdefault(left, []).append(top)
    return [
        TableProblem(
            "merged_cells",
            f"Column {column_letter(column)} has merged cells, which begin in {_rows(tops)}. Each row "
            "that they cover has their value. Check these rows.",
            min(tops) + 1,
            names[column] if column < len(names) and names[column] else None,
        )
        for column, tops in sorted(rows.items())
        if column != identity
    ]


def _cell(sheet: Sheet, row: int, column: int) -> object:
    cells = sheet.grid[row]
    return cells[column] if column < len(cells) else None


def _indexes(ranges: Iterable[Range], size: int) -> list[int]:
    return [index for first, last in ranges for index in range(first, min(last + 1, size))]


def _rows(indexes: list[int]) -> str:
    word = "row" if len(indexes) == 1 else "rows"
    return f"{word} {_listed([str(index + 1) for index in sorted(indexes)])}"


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _listed(texts: list[str]) -> str:
    shown = ", ".join(texts[:_MOST_LISTED])
    return f"{shown} and {len(texts) - _MOST_LISTED:,} more" if len(texts) > _MOST_LISTED else shown
