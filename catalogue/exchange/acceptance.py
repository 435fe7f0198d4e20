"""Whether a row's values are acceptable: by the very schema that the API's bodies go through."""

from datetime import date
from typing import Any

from marshmallow import ValidationError

from catalogue.core.body import flatten
from catalogue.exchange.mapping import ColumnMapping
from catalogue.exchange.problems import TableProblem, shown
from catalogue.exchange.records import Record
from catalogue.systems.schemas import ExternalIdSchema, SystemCreate


class Acceptance:
    """Checks row after row. A value that was accepted once is not looked at again."""

    def __init__(self, mapping: ColumnMapping) -> None:
        external_id = ExternalIdSchema().fields["id"]
        self._fields = {**SystemCreate().fields, "external_id": external_id}
        self._columns = {match.field.name: match.column for match in mapping.matches}
        self._accepted: dict[tuple[str, Any], Any] = {}

    def check(self, record: Record) -> dict[str, Any]:
        """The row's fields as operations take them; what is wrong is added to its problems."""
        accepted: dict[str, Any] = {}
        for name, value in record.fields.items():
            key = (name, tuple(value) if isinstance(value, list) else value)
            if key not in self._accepted:
                plain = value.isoformat() if isinstance(value, date) else value
                try:
                    self._accepted[key] = self._fields[name].deserialize(plain)
                except ValidationError as error:
                    record.problems += self._refused(record, name, error)
                    continue
            found = self._accepted[key]
            accepted[name] = list(found) if isinstance(found, list) else found
            if len(self._accepted) > _MOST_REMEMBERED:
                self._accepted.clear()
        return accepted

    def refusal(self, record: Record, field: str, code: str, detail: str) -> TableProblem:
        """A problem with a field of a row."""
        column = self._columns.get(field)
        cell = record.cells[column.index] if column else None
        return TableProblem(
            code,
            detail,
            row=record.number,
            column=column.label if column else None,
            value=None if cell is None else shown(cell),
            field=field,
        )

    def _refused(self, record: Record, name: str, error: ValidationError) -> list[TableProblem]:
        return [
            self.refusal(record, name, found.code, found.detail)
            for found in flatten(error.messages)
        ]


_MOST_REMEMBERED = 50_000
