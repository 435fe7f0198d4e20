"""The writer of rows of records in the register that all agencies share."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from catalogue.data_exchange.kinds.record_rows import RecordRows
from catalogue.data_exchange.records import Record


class SharedRows(RecordRows):
    """A running import of shared records. An agency changes only those that it recorded."""

    def load_all(self, model: Any) -> Sequence[Any]:
        """Return every record of the register, and lock those that the agency recorded."""
        own = sa.select(model).where(model.agency_id == self.run.agency.id)
        self.session.scalars(own.order_by(model.id).with_for_update(of=model)).all()
        return self.session.scalars(sa.select(model)).all()

    def is_expected(self, record: Any) -> bool:
        return bool(record.agency_id == self.run.agency.id)

    def before_change(self, row: Record, record: Any, changes: dict[str, Any]) -> None:
        if not changes or self.is_expected(record):
            return
        names = ", ".join(f"`{name}`" for name in sorted(changes))
        detail = (
            f"Another agency, or the reference data, recorded this {self.fields.noun}, so {names} "
            "stays as it is. Ask an administrator to change it."
        )
        row.notices.append(self.problem(row, self.key_fields[0], "recorded_by_other", detail))
        changes.clear()
