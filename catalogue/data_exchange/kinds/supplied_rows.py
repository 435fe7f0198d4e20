"""The writer of rows of records that have a supplier."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from uuid import UUID

from catalogue.core.errors import Unprocessable
from catalogue.core.rest.schemas import Text
from catalogue.data_exchange.kinds.named_records import NamedSuppliers
from catalogue.data_exchange.kinds.record_rows import RecordRows
from catalogue.data_exchange.problems import quoted
from catalogue.data_exchange.records import Record
from catalogue.suppliers.operations import create_supplier

SUPPLIER_NAME = Text(
    metadata={
        "description": "The supplier, by any name in the register. A new supplier is recorded.",
        "example": "NEC Software Solutions UK",
    }
)


class SuppliedRows(RecordRows):
    """A running import of records that name their supplier in `supplier_name`.

    A supplier that the register does not have is recorded together with the first row that names
    it. A name that is nearly a known one rejects its row, because it is most likely a misspelling.
    """

    written_as = MappingProxyType({"supplier_id": "supplier_name"})
    row: Record
    """The row that is being written."""

    def prepare(self) -> None:
        self.suppliers = NamedSuppliers(self.session, self.report.front_door)
        self.recorded: UUID | None = None
        """The supplier that was recorded for the row that is being written."""

    def check_supplier(self, record: Record) -> None:
        """Add the problem of a supplier's name that is in doubt, or missing in a new record."""
        name = record.fields.get("supplier_name")
        if name is not None:
            self.resolve_name(record, "supplier_name", self.suppliers.find_or_suggest, name)
        elif "id" not in record.fields and self.key_in(record.fields) not in self.by_key:
            detail = f"The {self.fields.noun} is new, and has no supplier. Fill the column of the supplier."
            record.problems.append(self.problem(record, "supplier_name", "required", detail))

    def with_supplier(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with the id of the supplier, which is recorded if its name is new."""
        values = dict(values)
        name = values.pop("supplier_name", None)
        if name is None:
            return values
        identity = self.suppliers.find(name)
        if identity is None:
            supplier = create_supplier(self.context, {"name": name})
            self.session.flush()
            self.suppliers.add(supplier)
            self.recorded = identity = supplier.id
            detail = f"The register had no supplier “{quoted(name)}”. The import records a new one."
            notice = self.problem(self.row, "supplier_name", "supplier_recorded", detail)
            self.row.notices.append(notice)
        return values | {"supplier_id": identity}

    @contextmanager
    def guarded(self, values: dict[str, Any], record: Any = None) -> Iterator[None]:
        name = values.get("supplier_name")
        if record is None and (name is None or self.suppliers.find(name) is not None):
            # A savepoint for each row would double the time of an import.
            yield
            return
        try:
            with self.session.begin_nested():
                yield
        except Unprocessable:
            if self.recorded is not None:
                self.suppliers.remove(self.recorded)
            raise

    def write(self, record: Record) -> None:
        self.row, self.recorded = record, None
        super().write(record)

    def present(self, record: Any, name: str) -> Any:
        if name == "supplier_name":
            return self.suppliers.names[record.supplier_id]
        return super().present(record, name)

    def differs(self, record: Any, name: str, value: Any) -> bool:
        if name == "supplier_name":
            return bool(self.suppliers.find(value) != record.supplier_id)
        return super().differs(record, name, value)

    def finish(self) -> None:
        self.suppliers.notice_uncompared(self.report)
