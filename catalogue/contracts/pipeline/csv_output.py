"""Records as CSV (RFC 4180) that a spreadsheet program opens as data and never as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_COMMANDS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def as_csv(names: Sequence[str], records: Iterable[dict[str, Any]]) -> bytes:
    """A heading row and a row for each record, in UTF-8; null is an empty cell."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([cell(record[name]) for name in names])
    return target.getvalue().encode()


def cell(value: Any) -> str:
    """The text of a cell. One that a program would take for a formula begins with an apostrophe,
    as spreadsheets mark texts; what is before it - spaces, tabs, line ends - hides nothing.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    bare = text.lstrip(" \t\r\n\v\f\u00a0\ufeff\u200b")
    dangerous = bare[:1] in _COMMANDS or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if dangerous else text
