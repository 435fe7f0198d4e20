"""XLSX and ODS workbooks: the choice of a sheet, its size and its cells."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.archives import (
    ENCRYPTED_FILE,
    ArchiveLimits,
    Budget,
    damaged,
    entries,
    pieces,
    rebuilt,
)
from catalogue.data_exchange.spreadsheets.sheet_scan import (
    PartScan,
    Place,
    Range,
    SheetScan,
    ZeroFormat,
)

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_MAIN_PART, _MAIN_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_LINE_BREAK = re.compile(rb"<[\w.-]+:line-break\s*/>")
_EXCEL_ESCAPE = "_x000D_"
_EXACT_INTEGERS = 2**53


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """The largest sheet that is read. `cells` counts the whole block, with its empty cells."""

    rows: int
    columns: int
    cells: int = 5_000_000
    characters: int = 50_000_000
    marks: int = 200_000
    """The limit for merged ranges, for hidden ranges, and for cells with an error or a format."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet, starting with A1."""

    kind: str
    name: str
    grid: list[list[Any]]
    merges: list[tuple[Place, Place]]
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    hidden_rows: list[Range] = field(default_factory=list)
    hidden_columns: list[Range] = field(default_factory=list)
    is_filtered: bool = False
    counts_from_1904: bool = False
    other_sheets: tuple[str, ...] = ()
    visible_sheets: tuple[str, ...] = ()
    """Those of the other sheets that are visible. All of them have cells."""


@dataclass(slots=True)
class _Workbook:
    """The facts about a workbook from the scan of its parts."""

    kind: str
    parts: dict[str, zipfile.ZipInfo]
    sheets: dict[str, SheetScan]
    zero_formats: dict[str, ZeroFormat] = field(default_factory=dict)
    counts_from_1904: bool = False
    main_part: str = ""
    has_line_breaks: bool = False


def read_workbook(
    data: bytes, *, sheet: str | None, archive: ArchiveLimits, limits: SheetLimits
) -> Sheet:
    """Return the sheet with this name or number, or else the first visible sheet with cells."""
    import python_calamine

    workbook = _scan_workbook(data, archive)
    scans = workbook.sheets
    if workbook.kind == "ods":
        # The reader of ODS lays out every sheet at once.
        _require_few_cells(sum(s.rows * s.columns for s in scans.values()), limits)
    data = _readable(data, workbook, archive)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise TableProblem("encrypted", ENCRYPTED_FILE) from None
    except (python_calamine.CalamineError, python_calamine.XmlError, OSError) as error:
        raise damaged(str(error)) from None
    hidden = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible
    }
    name, known = _choose(list(book.sheet_names), hidden, scans, sheet)
    _require_size(known, limits)
    try:
        read = book.get_sheet_by_name(name)
        grid = read.to_python(skip_empty_area=False)
        merges = _clipped(read.merged_cell_ranges or known.merges, len(grid))
    except (python_calamine.CalamineError, python_calamine.XmlError) as error:
        raise damaged(str(error)) from None
    characters = 0
    for row in grid:
        row[:] = map(_plain, row)
        characters += sum(len(cell) for cell in row if isinstance(cell, str))
        if characters > limits.characters:
            raise TableProblem(
                "too_large",
                f"The text of the sheet has more than {limits.characters:,} characters. "
                "Split the file and send the parts.",
            )
    _restore_zeros(grid, known, workbook.zero_formats)
    others = tuple(n for n, s in scans.items() if n != name and s.rows)
    return Sheet(
        kind=workbook.kind,
        name=name,
        grid=grid,
        merges=merges,
        errors=known.errors,
        uncalculated=known.uncalculated,
        hidden_rows=known.hidden_rows,
        hidden_columns=known.hidden_columns,
        is_filtered=known.is_filtered,
        counts_from_1904=workbook.counts_from_1904,
        other_sheets=others,
        visible_sheets=tuple(n for n in others if n not in hidden),
    )


def _restore_zeros(grid: list[list[Any]], known: SheetScan, formats: dict[str, ZeroFormat]) -> None:
    """Replace whole numbers whose format adds zeros with the text that people see: 00017."""
    shown = known.shown | {
        (row, column): formats[style].apply(cell)
        for (row, column), style in known.styles.items()
        if type(cell := _cell(grid, row, column)) is int
    }
    for (row, column), text in shown.items():
        if type(_cell(grid, row, column)) is int:
            grid[row][column] = text


def _cell(grid: list[list[Any]], row: int, column: int) -> Any:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else None


def _readable(data: bytes, workbook: _Workbook, limits: ArchiveLimits) -> bytes:
    """Return the archive in the form that the reader knows."""
    if workbook.kind == "xlsx" and workbook.main_part != _MAIN_PART:
        folder, _, name = workbook.main_part.rpartition("/")
        names = {workbook.main_part: _MAIN_PART, f"{folder}/_rels/{name}.rels": _MAIN_RELATIONS}

        def edit(part: str, content: bytes) -> tuple[str, bytes]:
            return names.get(part, part), content
    elif workbook.has_line_breaks:

        def edit(part: str, content: bytes) -> tuple[str, bytes]:
            # The reader joins the words on both sides of this element.
            return part, _LINE_BREAK.sub(b"\n", content) if part == "content.xml" else content
    else:
        return data
    return rebuilt(data, workbook.parts, Budget(len(data), limits), edit)


def _scan_workbook(data: bytes, limits: ArchiveLimits) -> _Workbook:
    archive_entries = entries(data, limits)
    # Some Windows programs write backslashes, and the reader ignores case and such slashes.
    parts = {entry.filename.replace("\\", "/"): entry for entry in archive_entries}
    if len({name.casefold() for name in parts}) < len(archive_entries):
        raise damaged("two of its parts have one name")
    main_part = _main_part(data, parts, limits)
    kind = _kind(data, parts, main_part)
    budget = Budget(len(data), limits)
    part_scans: dict[str, PartScan] = {}
    # The style sheet comes first, because it names the formats that add zeros.
    zero_formats: dict[str, ZeroFormat] = {}
    has_line_breaks = False
    for name in sorted(parts, key=lambda name: not name.endswith("/styles.xml")):
        part = PartScan(zero_formats)
        for piece in pieces(data, parts[name], budget):
            part.feed(piece)
            if name == "content.xml":
                has_line_breaks |= b":line-break" in piece
        part.close()
        is_read = name == "content.xml" or bool(part.sheets)
        if part.mentions_cells or (is_read and not part.well_formed):
            raise damaged(f"its part {name!r} is not well-formed")
        zero_formats |= part.zero_formats
        part_scans[name] = part
    named = _ods_sheets(part_scans) if kind == "ods" else _xlsx_sheets(part_scans, main_part)
    if len(dict(named)) < len(named):
        raise damaged("two of its sheets have one name")
    return _Workbook(
        kind,
        parts,
        dict(named),
        zero_formats=zero_formats,
        counts_from_1904=kind == "xlsx" and part_scans[main_part].counts_from_1904,
        main_part=main_part,
        has_line_breaks=has_line_breaks,
    )


def _main_part(data: bytes, parts: dict[str, zipfile.ZipInfo], limits: ArchiveLimits) -> str:
    """Return the name of the workbook's part, which some programs do not call workbook.xml."""
    if _MAIN_PART in parts or "_rels/.rels" not in parts:
        return _MAIN_PART
    relations = PartScan()
    for piece in pieces(data, parts["_rels/.rels"], Budget(len(data), limits)):
        relations.feed(piece)
    relations.close()
    is_workbook = relations.main_part.startswith("xl/")
    return relations.main_part if is_workbook else _MAIN_PART


def _kind(data: bytes, parts: dict[str, zipfile.ZipInfo], main_part: str) -> str:
    if main_part in parts and main_part.endswith(".xml"):
        return "xlsx"
    if "content.xml" in parts and ODS_TYPE in data[:200]:
        return "ods"
    if "xl/workbook.bin" in parts:
        raise TableProblem(
            "unknown_kind",
            "The file is a binary workbook (.xlsb). Save the workbook as .xlsx or CSV.",
        )
    if any(name.endswith(".iwa") for name in parts):
        raise TableProblem(
            "unknown_kind", "The file is a Numbers document. Export the document as Excel or CSV."
        )
    if any(name.lower().endswith((".xlsx", ".ods", ".csv", ".zip", ".xls")) for name in parts):
        raise TableProblem(
            "unknown_kind", "The file is an archive of other files. Send the spreadsheet itself."
        )
    documents = {"word/": "a Word document", "ppt/": "a PowerPoint presentation"}
    for folder, what in documents.items():
        if any(name.startswith(folder) for name in parts):
            raise TableProblem(
                "unknown_kind",
                f"The file is {what}, not a table. Copy the table into a spreadsheet.",
            )
    raise TableProblem(
        "unknown_kind",
        "The file is a ZIP archive, but neither XLSX nor ODS. Send CSV, XLSX or ODS.",
    )


def _ods_sheets(part_scans: dict[str, PartScan]) -> list[tuple[str, SheetScan]]:
    return [(sheet.name, sheet) for sheet in part_scans["content.xml"].sheets]


def _xlsx_sheets(part_scans: dict[str, PartScan], main_part: str) -> list[tuple[str, SheetScan]]:
    folder, _, name = main_part.rpartition("/")
    related = part_scans.get(f"{folder}/_rels/{name}.rels", PartScan()).relations
    relations = dict(related)
    if len(relations) < len(related):
        raise damaged("two of its relations have one name")
    sheets = []
    for sheet_name, key in part_scans[main_part].workbook_sheets:
        target = relations.get(key, "").replace("\\", "/")
        target = posixpath.normpath(posixpath.join(folder, target)).lstrip("/")
        part = part_scans.get(target)
        sheets.append((sheet_name, part.sheets[0] if part and part.sheets else SheetScan()))
    return sheets


def _choose(
    names: list[str], hidden: set[str], scans: dict[str, SheetScan], wanted: str | None
) -> tuple[str, SheetScan]:
    if wanted is not None:
        by_name = {name.casefold(): name for name in names}
        chosen = by_name.get(wanted.strip().casefold())
        if chosen is None and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            chosen = names[int(wanted) - 1]
        if chosen is None:
            raise TableProblem(
                "sheet_not_found",
                f"The file has no such sheet. Choose one of these: {', '.join(names)}.",
                value=wanted,
            )
        if not scans.get(chosen, SheetScan()).rows:
            raise TableProblem(
                "empty_file", f"The sheet “{chosen}” is empty. Choose another sheet.", value=wanted
            )
        return chosen, scans[chosen]
    # Hidden sheets come last, because they often hold the lists of drop-downs.
    for name in sorted(names, key=lambda name: name in hidden):
        scan = scans.get(name, SheetScan())
        if scan.rows:
            return name, scan
    raise TableProblem("empty_file", "Every sheet of the file is empty. Send a file with a table.")


def _require_size(known: SheetScan, limits: SheetLimits) -> None:
    if known.columns > limits.columns:
        raise TableProblem(
            "too_many_columns",
            f"The sheet has {known.columns:,} columns. At most {limits.columns:,} are allowed. "
            "Split the table.",
        )
    if known.rows > limits.rows:
        raise TableProblem(
            "too_many_rows",
            f"The sheet has {known.rows:,} rows. At most {limits.rows:,} are allowed. "
            "Split the table.",
        )
    if known.rows * known.columns > limits.cells:
        raise TableProblem(
            "too_large",
            f"The sheet has {known.rows:,} rows by {known.columns:,} columns. "
            f"At most {limits.cells:,} cells are allowed. "
            "Split the table.",
        )
    if known.marks > limits.marks:
        raise TableProblem(
            "too_large",
            f"The sheet has more than {limits.marks:,} merged ranges, formulas without a value or "
            "special formats. Save the table as CSV.",
        )


def _require_few_cells(cells: int, limits: SheetLimits) -> None:
    if cells > limits.cells:
        raise TableProblem(
            "too_large",
            f"The sheets of the file have {cells:,} cells. At most {limits.cells:,} are allowed. "
            "Split the table.",
        )


def _clipped(merges: Iterable[tuple[Place, Place]], rows: int) -> list[tuple[Place, Place]]:
    """Return the merged ranges, cut at the last row, with one for each first cell."""
    by_start: dict[Place, Place] = {}
    for first, (row, column) in merges:
        if first[0] < rows:
            by_start.setdefault(first, (min(row, rows - 1), column))
    return list(by_start.items())


def _plain(cell: Any) -> Any:
    """Return the cell in this service's types, with whole numbers as integers."""
    if isinstance(cell, str):
        return cell.replace(_EXCEL_ESCAPE, "") or None if _EXCEL_ESCAPE in cell else cell or None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_INTEGERS:
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return cell
