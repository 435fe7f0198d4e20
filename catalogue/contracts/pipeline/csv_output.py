"""CSV output (RFC 4180) that a spreadsheet program opens as data and never as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def write_csv(names: Sequence[str], records: Iterable[dict[str, Any]]) -> bytes:
    """Write a heading row and a row for each record, in UTF-8. Null is an empty cell."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([format_cell(record[name]) for name in names])
    return target.getvalue().encode()


def format_cell(value: Any) -> str:
    """Return the text of a cell.

    An apostrophe comes before a text that a spreadsheet program would run as a formula. White space
    before the formula makes no difference.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    bare = text.lstrip(" \t\r\n\v\f\u00a0\ufeff\u200b")
    dangerous = bare[:1] in _FORMULA_SIGNS or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if dangerous else text
