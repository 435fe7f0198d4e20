"""CSV files (RFC 4180) that a spreadsheet program opens as data and never as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO

from catalogue.core.tables.cells import Cell

_FORMULA = re.compile("'*(?:[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\\t\\r\\n])")
"""The beginning of text that a spreadsheet program can run as a formula (OWASP, CSV injection).

The pattern includes white space and apostrophes before the sign, so that `rearm` restores any text.
"""
_SIGN = "(?:['\"\u200b\ufeff]|[^\\S\\t\\r\\n])*+[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_WITHIN = re.compile(f"[;\\t\\r\\n](?={_SIGN})")
"""A separator inside text, with a sign after it. A program can take it for the end of a cell.

Excel divides a file at semicolons, even inside quotes, where the comma is the decimal sign.
"""
_DISARMED_WITHIN = re.compile(f"([;\\t\\r\\n])'(?={_SIGN})")


def write_csv(target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write headings and rows in UTF-8. A byte order mark shows the encoding to Excel."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    try:
        # Some programs also divide text at semicolons or tabs, unless quotes surround the text.
        writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(map(disarm, headings))
        writer.writerows(map(_cells, rows))
    finally:
        # Otherwise the wrapper would close the file when Python deletes the wrapper.
        text.detach()


def disarm(text: str) -> str:
    """Put an apostrophe before each part of the text that a program would run as a formula."""
    armed = text
    # Most text is one printable line without a semicolon, and needs no search.
    if ";" in text or not text.isprintable():
        text = _WITHIN.sub(r"\g<0>'", text)
    return f"'{text}" if _FORMULA.match(armed) else text


def rearm(cell: str) -> str:
    """Return the text that `disarm` changed into this cell. Other cells stay as they are."""
    if "'" not in cell:
        return cell
    text = _DISARMED_WITHIN.sub(r"\1", cell)
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def _cells(row: Sequence[Cell]) -> list[str | int | float | Decimal]:
    return [disarm(cell) if type(cell) is str else _plain(cell) for cell in row]


def _plain(cell: Cell) -> str | int | float | Decimal:
    """Return a cell as text or a number. The CSV writer puts quotes around all text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else cell
