"""CSV output (RFC 4180) that a spreadsheet program opens as data and never as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def as_csv(names: Sequence[str], records: Iterable[dict[str, Any]]) -> bytes:
    """Write a heading row and a row for each record, in UTF-8. Null is an empty cell."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([cell(record[name]) for name in names])
    return target.getvalue().encode()


def cell(value: Any) -> str:
    """Return the text of a cell.

    If a spreadsheet program would run the text as a formula, put an apostrophe first, which marks it
    as text. White space before the formula makes no difference.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    bare = text.lstrip(" \t\r\n\v\f\u00a0\ufeff\u200b")
    dangerous = bare[:1] in _FORMULA_SIGNS or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if dangerous else text
