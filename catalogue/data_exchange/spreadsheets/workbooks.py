"""XLSX and ODS: which sheet, how large, and its cells."""

import io
import posixpath
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.archives import (
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
    """How large a sheet may be. `cells` counts the whole block, empty cells included."""

    rows: int
    columns: int
    cells: int = 5_000_000
    characters: int = 50_000_000
    marks: int = 200_000
    """Merged ranges, and formulas without a value: each of them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet, from A1 on."""

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
    """The sheet asked for by name or number (from 1), else the first visible one that has cells."""
    import python_calamine

    kind, scans = _scan_sheets(data, archive)
    if kind == "ods":
        # Its reader lays out every sheet at once, whichever is wanted.
        _require_few_cells(sum(s.rows * s.columns for s in scans.values()), limits)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise TableProblem(
            "encrypted", "The file is protected by a password. Save it without one."
        ) from None
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
                f"The sheet's texts are longer than {limits.characters:,} characters together.",
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
    found = entries(data, limits)
    parts = {entry.filename: entry for entry in found}
    # The reader looks for a part without regard to case.
    if len({name.replace("\\", "/").casefold() for name in parts}) < len(found):
        raise damaged("two of its parts have one name")
    kind = _kind(data, parts)
    budget = Budget(len(data), limits)
    looked: dict[str, PartScan] = {}
    for name, entry in parts.items():
        part = PartScan()
        for piece in pieces(data, entry, budget):
            part.feed(piece)
        part.close()
        if part.mentions_cells or (name == "content.xml" and not part.well_formed):
            raise damaged(f"its part {name!r} is not well-formed")
        if part.sheets and not part.well_formed:
            raise damaged(f"its part {name!r} is not well-formed")
        looked[name] = part
    named = _ods_sheets(looked) if kind == "ods" else _xlsx_sheets(looked)
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
            "unknown_kind", "Binary workbooks (.xlsb) are not read. Save it as .xlsx or CSV."
        )
    if any(name.endswith(".iwa") for name in parts):
        raise TableProblem(
            "unknown_kind", "Numbers documents are not read. Export it as Excel or CSV."
        )
    if any(name.lower().endswith((".xlsx", ".ods", ".csv", ".zip", ".xls")) for name in parts):
        raise TableProblem(
            "unknown_kind", "This is an archive with files in it. Send the spreadsheet itself."
        )
    raise TableProblem("unknown_kind", "This is a ZIP archive, but neither XLSX nor ODS.")


def _ods_sheets(looked: dict[str, PartScan]) -> list[tuple[str, SheetScan]]:
    return [(sheet.name, sheet) for sheet in looked["content.xml"].sheets]


def _xlsx_sheets(looked: dict[str, PartScan]) -> list[tuple[str, SheetScan]]:
    related = looked.get("xl/_rels/workbook.xml.rels", PartScan()).relations
    relations = dict(related)
    if len(relations) < len(related):
        raise damaged("two of its relations have one name")
    sheets = []
    for name, key in looked["xl/workbook.xml"].workbook_sheets:
        target = posixpath.normpath(posixpath.join("xl", relations.get(key, ""))).lstrip("/")
        part = looked.get(target)
        sheets.append((name, part.sheets[0] if part and part.sheets else SheetScan()))
    return sheets


def _choose(book: Any, scans: dict[str, SheetScan], wanted: str | None) -> tuple[str, SheetScan]:
    import python_calamine

    names: list[str] = list(book.sheet_names)
    if wanted is not None:
        by_name = {name.casefold(): name for name in names}
        found = by_name.get(wanted.strip().casefold())
        if found is None and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            found = names[int(wanted) - 1]
        if found is None:
            raise TableProblem(
                "sheet_not_found",
                f"There is no sheet of that name. The sheets are: {', '.join(names)}.",
                value=wanted,
            )
        if not scans.get(found, SheetScan()).rows:
            raise TableProblem("empty_file", f"The sheet “{found}” is empty.", value=wanted)
        return found, scans[found]
    hidden = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible
    }
    # A hidden sheet comes last: it is where people keep lists for drop-downs.
    for name in sorted(names, key=lambda name: name in hidden):
        scan = scans.get(name, SheetScan())
        if scan.rows:
            return name, scan
    raise TableProblem("empty_file", "No sheet of the file has anything in it.")


def _require_size(known: SheetScan, limits: SheetLimits) -> None:
    if known.columns > limits.columns:
        raise TableProblem(
            "too_many_columns",
            f"The sheet is {known.columns:,} columns wide; at most {limits.columns:,} are read.",
        )
    if known.rows > limits.rows:
        raise TableProblem(
            "too_many_rows",
            f"The sheet is {known.rows:,} rows long; at most {limits.rows:,} are read.",
        )
    if known.rows * known.columns > limits.cells:
        raise TableProblem(
            "too_large",
            f"The sheet has {known.rows:,} rows by {known.columns:,} columns; "
            f"at most {limits.cells:,} cells are read.",
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
            f"The file has room for {cells:,} cells; at most {limits.cells:,} are read.",
        )


def _clipped(merges: Iterable[tuple[Place, Place]], rows: int) -> list[tuple[Place, Place]]:
    """The merged ranges as far as there are rows, one for each cell that they start from."""
    found: dict[Place, Place] = {}
    for first, (row, column) in merges:
        if first[0] < rows:
            found.setdefault(first, (min(row, rows - 1), column))
    return list(found.items())


def _plain(cell: Any) -> Any:
    """The cell as the rest of the program knows cells: numbers whole where they are whole."""
    if isinstance(cell, str):
        return cell.replace(_EXCEL_ESCAPE, "") or None if _EXCEL_ESCAPE in cell else cell or None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_INTEGERS:
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    return str(cell) if isinstance(cell, timedelta) else cell
