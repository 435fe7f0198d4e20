"""A kind of record that a spreadsheet can fill, and a running import of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from marshmallow.fields import Field

from catalogue.agencies.models import Agency
from catalogue.core.context import Context
from catalogue.data_exchange.fields import RecordFields
from catalogue.data_exchange.identity import Confirmed
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.table import Table


@dataclass(frozen=True, slots=True)
class ImportRun:
    """An import that is running: for which agency, from which register, with which report."""

    context: Context
    agency: Agency
    report: ImportReport
    source: str | None = None
    confirmed: Confirmed = Confirmed()  # noqa: RUF009 - it is frozen
    file_names: Sequence[str] = ()
    """The names of all rows, which show how much a name says."""


class RowWriter(Protocol):
    """A writer of rows, which finds the record of each row and saves what is new."""

    unseen: dict[UUID, str]
    """The records that a complete file would name, and that no row has named, with their names."""
    seen: set[UUID]

    @property
    def has_ids(self) -> bool:
        """True if a record had an id in the register `source` before the import."""

    def write(self, record: Record) -> None:
        """Create or update the record of a row, or reject the row."""

    def prepare_inserts(self) -> None:
        """Make what can be made of the new records without a lock, for the next flush."""

    def flush(self) -> None:
        """Write the rows so far, which are checked against the constraints of the database."""

    def finish(self) -> None:
        """Record the notices that depend on the whole file."""


@dataclass(frozen=True)
class RecordKind:
    """The fields of a kind of record, the schemas of their values, and the writer of rows."""

    kind: ImportKind
    fields: RecordFields
    schemas: Mapping[str, Field[Any]]
    writer: Callable[[ImportRun], RowWriter]
    tables: tuple[type[Any], ...]
    """The tables whose statistics a large import makes out of date."""
    prepare: Callable[[Table], Table] | None = None
    """Changes the form of a table before its columns are mapped."""
    knows_heading: Callable[[str], bool] | None = None
    """Returns whether a heading is known although it is no field's."""

    @property
    def sheet(self) -> str:
        """The name of the sheet of a template."""
        return self.kind.value.replace("_", " ").capitalize()
