"""XLSX and ODS workbooks: the choice of a sheet, its size and its cells."""

import io
import posixpath
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
)
from catalogue.data_exchange.spreadsheets.sheet_scan import PartScan, Place, SheetScan

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
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
    """The limit of merged ranges, and that of formulas without a value."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet, starting with A1."""

    kind: str
    name: str
    grid: list[list[Any]]
    merges: list[tuple[Place, Place]]
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    other_sheets: tuple[str, ...] = ()


def read_workbook(
    data: bytes, *, sheet: str | None, archive: ArchiveLimits, limits: SheetLimits
) -> Sheet:
    """Return the sheet with this name or number, or else the first visible sheet with cells."""
    import python_calamine

    kind, scans = _scan_sheets(data, archive)
    if kind == "ods":
        # The reader of ODS lays out every sheet at once.
        _require_few_cells(sum(s.rows * s.columns for s in scans.values()), limits)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise TableProblem("encrypted", ENCRYPTED_FILE) from None
    except (python_calamine.CalamineError, python_calamine.XmlError, OSError) as error:
        raise damaged(str(error)) from None
    name, known = _choose(book, scans, sheet)
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
                f"The texts of the sheet have more than {limits.characters:,} characters. "
                "Split the file and send the parts.",
            )
    return Sheet(
        kind=kind,
        name=name,
        grid=grid,
        merges=merges,
        errors=known.errors,
        uncalculated=known.uncalculated,
        other_sheets=tuple(n for n, s in scans.items() if n != name and s.rows),
    )


def _scan_sheets(data: bytes, limits: ArchiveLimits) -> tuple[str, dict[str, SheetScan]]:
    archive_entries = entries(data, limits)
    parts = {entry.filename: entry for entry in archive_entries}
    # The reader ignores case when it looks for a part.
    if len({name.replace("\\", "/").casefold() for name in parts}) < len(archive_entries):
        raise damaged("two of its parts have one name")
    kind = _kind(data, parts)
    budget = Budget(len(data), limits)
    part_scans: dict[str, PartScan] = {}
    for name, entry in parts.items():
        part = PartScan()
        for piece in pieces(data, entry, budget):
            part.feed(piece)
        part.close()
        is_read = name == "content.xml" or bool(part.sheets)
        if part.mentions_cells or (is_read and not part.well_formed):
            raise damaged(f"its part {name!r} is not well-formed")
        part_scans[name] = part
    named = _ods_sheets(part_scans) if kind == "ods" else _xlsx_sheets(part_scans)
    if len(dict(named)) < len(named):
        raise damaged("two of its sheets have one name")
    return kind, dict(named)


def _kind(data: bytes, parts: dict[str, zipfile.ZipInfo]) -> str:
    if "xl/workbook.xml" in parts:
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
    raise TableProblem(
        "unknown_kind",
        "The file is a ZIP archive, but neither XLSX nor ODS. Send CSV, XLSX or ODS.",
    )


def _ods_sheets(part_scans: dict[str, PartScan]) -> list[tuple[str, SheetScan]]:
    return [(sheet.name, sheet) for sheet in part_scans["content.xml"].sheets]


def _xlsx_sheets(part_scans: dict[str, PartScan]) -> list[tuple[str, SheetScan]]:
    related = part_scans.get("xl/_rels/workbook.xml.rels", PartScan()).relations
    relations = dict(related)
    if len(relations) < len(related):
        raise damaged("two of its relations have one name")
    sheets = []
    for name, key in part_scans["xl/workbook.xml"].workbook_sheets:
        target = posixpath.normpath(posixpath.join("xl", relations.get(key, ""))).lstrip("/")
        part = part_scans.get(target)
        sheets.append((name, part.sheets[0] if part and part.sheets else SheetScan()))
    return sheets


def _choose(book: Any, scans: dict[str, SheetScan], wanted: str | None) -> tuple[str, SheetScan]:
    import python_calamine

    names: list[str] = list(book.sheet_names)
    if wanted is not None:
        by_name = {name.casefold(): name for name in names}
        chosen = by_name.get(wanted.strip().casefold())
        if chosen is None and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            chosen = names[int(wanted) - 1]
        if chosen is None:
            raise TableProblem(
                "sheet_not_found",
                f"The sheet does not exist. The sheets are: {', '.join(names)}.",
                value=wanted,
            )
        if not scans.get(chosen, SheetScan()).rows:
            raise TableProblem(
                "empty_file", f"The sheet “{chosen}” is empty. Choose another sheet.", value=wanted
            )
        return chosen, scans[chosen]
    hidden = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible
    }
    # Hidden sheets come last, because they often hold the lists of drop-downs.
    for name in sorted(names, key=lambda name: name in hidden):
        scan = scans.get(name, SheetScan())
        if scan.rows:
            return name, scan
    raise TableProblem("empty_file", "Every sheet of the file is empty.")


def _require_size(known: SheetScan, limits: SheetLimits) -> None:
    if known.columns > limits.columns:
        raise TableProblem(
            "too_many_columns",
            f"The sheet has {known.columns:,} columns. At most {limits.columns:,} are allowed.",
        )
    if known.rows > limits.rows:
        raise TableProblem(
            "too_many_rows",
            f"The sheet has {known.rows:,} rows. At most {limits.rows:,} are allowed.",
        )
    if known.rows * known.columns > limits.cells:
        raise TableProblem(
            "too_large",
            f"The sheet has {known.rows:,} rows by {known.columns:,} columns. "
            f"At most {limits.cells:,} cells are allowed.",
        )
    if max(len(known.merges), len(known.errors) + len(known.uncalculated)) > limits.marks:
        raise TableProblem(
            "too_large",
            f"The sheet has more than {limits.marks:,} merged ranges or formulas without a value.",
        )


def _require_few_cells(cells: int, limits: SheetLimits) -> None:
    if cells > limits.cells:
        raise TableProblem(
            "too_large",
            f"The sheets of the file have {cells:,} cells. At most {limits.cells:,} are allowed.",
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
    return str(cell) if isinstance(cell, timedelta) else cell
