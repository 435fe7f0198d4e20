"""CSV files (RFC 4180) that a spreadsheet program opens as data and never as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import IO

from catalogue.core.tables.cells import Cell

_FORMULA = re.compile("'*(?:[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\\t\\r\\n])")
"""The beginning of text that a spreadsheet program can run as a formula (OWASP, CSV injection).

White space and apostrophes before the sign are part of it, so that `rearm` restores any text.
"""


def write_csv(target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write headings and rows in UTF-8. A byte order mark shows the encoding to Excel."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(map(disarm, headings))
        writer.writerows(map(_texts, rows))
    finally:
        # Otherwise the wrapper would close the file when Python deletes the wrapper.
        text.detach()


def disarm(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet program would run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def rearm(cell: str) -> str:
    """Return the text from which `disarm` made a cell. Other cells stay as they are."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def _texts(row: Sequence[Cell]) -> list[str]:
    return [disarm(cell) if type(cell) is str else _text(cell) for cell in row]


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
