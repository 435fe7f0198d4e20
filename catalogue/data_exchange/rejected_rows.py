"""Rejected rows of an import as a table that people can correct and send.

The table has the columns of the file, and the reasons in a column that an import leaves out. The
rows are kept with the import for 30 days, because the file itself is deleted once it is loaded.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.errors import NotFound
from catalogue.core.tables import cells
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.table import Cell, Table
from catalogue.data_exchange.synonyms import plain_words

REASONS = "Reasons for rejection"
DAYS_KEPT = 30
MOST_CELLS = 200_000
MOST_BYTES = 8 << 20
"""The largest number of cells that are kept of an import, and of bytes as JSON."""


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The headings of a file with its rejected rows, each with the reasons in its last cell."""

    headings: Sequence[str]
    rows: Sequence[Sequence[cells.Cell]]


def rejected_rows_of(report: ImportReport) -> RejectedRows:
    """Return the rejected rows of an import that has just run. Releases have no rows."""
    table = report.table
    if not isinstance(table, Table):
        return RejectedRows([], [])
    # A corrected file still has the reasons of its last import.
    columns = [c for c in table.columns if plain_words(c.heading) != plain_words(REASONS)]
    return RejectedRows(
        [*(column.heading for column in columns), REASONS],
        [
            [*(_plain(row.cells[column.index]) for column in columns), " ".join(reasons)]
            for row in table.rows
            if (reasons := report.reasons.get(row.number))
        ],
    )


def pack(rejected: RejectedRows) -> tuple[bytes | None, int]:
    """Return the first rows as bytes to keep, or None if none fits, and their number.

    The limits hold for the unpacked rows, because a few kilobytes can unpack to gigabytes.
    """
    headings = orjson.dumps(rejected.headings)
    size, rows = len(headings), []
    most_rows = MOST_CELLS // max(len(rejected.headings), 1)
    for row in rejected.rows[:most_rows]:
        packed = orjson.dumps(row)
        size += len(packed) + 1
        if size > MOST_BYTES:
            break
        rows.append(packed)
    if not rows:
        return None, 0
    document = b'{"headings":%b,"rows":[%b]}' % (headings, b",".join(rows))
    return zlib.compress(document), len(rows)


def explain_limit(kept: int, report: ImportReport) -> TableProblem | None:
    """Return the notice that some rejected rows are not kept, or None if all are."""
    if kept >= report.rejected or not isinstance(report.table, Table):
        return None
    return TableProblem(
        "rejected_rows_cut",
        f"The file of rejected rows has the first {kept:,} of {report.rejected:,} rejected rows, "
        "because it has a limit. Correct these rows, or split the file and send the parts.",
    )


def unpack(requested: Import) -> RejectedRows:
    """Return the kept rows of an import. Raises NotFound if it has none, or has them no longer."""
    packed = requested.rejected_rows
    if packed is None or requested.created_at < _oldest():
        raise NotFound(
            "The import has no rejected rows to send. They exist once the import has run, and are "
            f"deleted after {DAYS_KEPT} days."
        )
    return RejectedRows(**orjson.loads(zlib.decompress(packed)))


def delete_expired(session: Session) -> None:
    """Delete the rejected rows of old imports."""
    session.execute(
        sa.update(Import)
        .where(Import.rejected_rows.is_not(None), Import.created_at < _oldest())
        .values(rejected_rows=None),
        execution_options={"synchronize_session": False},
    )


def _oldest() -> datetime:
    return clock.now() - timedelta(days=DAYS_KEPT)


def _plain(cell: Cell) -> Any:
    """Return the cell in a form that JSON can hold. An import reads ISO dates as dates."""
    return cell.isoformat() if isinstance(cell, date | datetime | time) else cell
