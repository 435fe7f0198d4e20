"""The writer of rows that the kinds of records other than systems share.

A row means the record with its id of this catalogue, or else the record with the same key, such as
the reference of a contract. An empty cell clears nothing, lists are added to, and no record is
deleted.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from catalogue.core.errors import Unprocessable
from catalogue.core.ids import new_id
from catalogue.core.text import fold
from catalogue.data_exchange.fields import LISTS, RecordFields
from catalogue.data_exchange.kinds.record_kind import ImportRun
from catalogue.data_exchange.kinds.round_trip import is_as_exported
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.report import Change, Touched
from catalogue.data_exchange.values import ValueProblem
from catalogue.history.bulk_inserts import PreparedInserts, prepare_new, write_and_flush


class RecordRows:
    """A running import: the recorded records, and the row that uses each of them.

    Subclasses state how a row names other records, and how a record is found and saved.
    """

    fields: ClassVar[RecordFields]
    key_fields: ClassVar[tuple[str, ...]]
    """The fields that identify a record, the first of which an error about the record names."""
    repeat_advice: ClassVar[str] = ""
    """Another correction of two rows about the same record than to remove one of them."""
    written_as: ClassVar[Mapping[str, str]] = {}
    """The fields whose errors name another field than the one that the row has."""
    has_ids = False

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.report = run.report
        # Records are written for the agency, even if an administrator imports them.
        acting = replace(run.context.actor, agency_id=run.agency.id, agency=run.agency.code)
        self.context = run.context.acting_as(acting)
        self.session = run.context.session
        self.columns = {m.field.name: m.column for m in reversed(self.report.mapping.matches)}
        self.prepare()
        existing = list(self.load())
        self.by_id = {record.id: record for record in existing}
        self.by_key = {self.key_of(record): record for record in existing}
        self.unseen = {each.id: self.name_of(each) for each in existing if self.is_expected(each)}
        self.seen: set[UUID] = set()
        self.claimed: dict[Hashable, Record] = {}
        self.prepared: list[PreparedInserts] = []

    def prepare(self) -> None:
        """Read the records that rows can name."""

    def load(self) -> Iterable[Any]:
        """Return the records that a row can mean, locked for the import."""
        raise NotImplementedError

    def resolve(self, record: Record) -> None:
        """Replace the names of other records in a row by ids. Add a problem for an unknown name."""

    def key_of(self, record: Any) -> Hashable:
        """Return the values that identify a record."""
        raise NotImplementedError

    def key_in(self, values: dict[str, Any]) -> Hashable:
        """Return the values that identify the record of a row."""
        raise NotImplementedError

    def key_after(self, record: Any, values: dict[str, Any]) -> Hashable:
        """Return the values that identify a record after the change by a row with its id.

        An empty cell, or a word that means nothing, keeps the recorded value.
        """
        present = {name: self.present(record, name) for name in self.key_fields}
        return self.key_in(present | values)

    def name_of(self, record: Any) -> str:
        """Return the name of a record for the report."""
        raise NotImplementedError

    def is_expected(self, record: Any) -> bool:
        """Return whether a complete file would name the record."""
        return True

    def create(self, values: dict[str, Any]) -> Any:
        """Record a new record. Raises Unprocessable for invalid values."""
        raise NotImplementedError

    def change(self, record: Any, changes: dict[str, Any]) -> None:
        """Change some fields of a record. Raises Unprocessable for invalid values."""
        raise NotImplementedError

    def present(self, record: Any, name: str) -> Any:
        """Return the present value of a field, as `change` accepts it."""
        return getattr(record, name)

    def shown(self, name: str, value: Any) -> Any:
        """Return a value as the report shows it."""
        return value

    def before_change(self, row: Record, record: Any, changes: dict[str, Any]) -> None:
        """Leave out changes that the agency cannot make, each with a notice."""

    def write(self, record: Record) -> None:
        """Create or update the record of a row, or reject the row."""
        if not record.problems:
            self.resolve(record)
        found = None if record.problems else self._find(record)
        if record.problems:
            self.report.reject(record.problems)
            return
        if found is not None:
            self.seen.add(found.id)
            self.unseen.pop(found.id, None)
        try:
            touched = self._save(record, found)
        except Unprocessable as error:
            if found is not None:
                self.session.expire(found)
            self.report.reject(self._problems_of(record, error))
            return
        for notice in record.notices:
            self.report.notice(notice)
        if touched is None:
            self.report.unchanged += 1
        elif found is None:
            self.report.add_created(touched)
        else:
            self.report.add_updated(touched)

    def guarded(self, values: dict[str, Any], record: Any = None) -> AbstractContextManager[Any]:
        """Return a context that takes back everything that an invalid row adds to other tables."""
        return nullcontext()

    def flush(self) -> None:
        """Write the rows so far."""
        self.prepare_inserts()
        write_and_flush(self.session, self.prepared)

    def prepare_inserts(self) -> None:
        """Make what can be made of the new records without a lock."""
        self.prepared.append(prepare_new(self.session))

    def finish(self) -> None:
        """Record the notices that depend on the whole file."""

    def _find(self, row: Record) -> Any:
        values = row.fields
        identity = values.pop("id", None)
        own = self.by_id.get(identity) if identity else None
        if identity and own is None:
            detail = (
                f"No {self.fields.noun} of your agency has this id. Empty the cell to record a new "
                f"{self.fields.noun}, or remove the row."
            )
            row.problems.append(self.problem(row, "id", "unknown", detail))
            return None
        key = self.key_in(values) if own is None else self.key_after(own, values)
        keyed = self.by_key.get(key)
        if own is not None and keyed is not None and keyed is not own:
            detail = (
                f"Another {self.fields.noun} of your agency has these values. "
                "Correct them, or the id."
            )
            row.problems.append(self.problem(row, self.key_fields[0], "name_taken", detail))
            return None
        found = own or keyed
        claim: Hashable = found.id if found is not None else key
        first = self.claimed.setdefault(claim, row)
        if first is not row:
            detail = (
                f"Rows {first.number} and {row.number} are about the same {self.fields.noun}. "
                "Remove one of the rows."
            )
            if first.number == row.number:
                detail = (
                    f"Two columns of the row are about the same {self.fields.noun}. "
                    "Leave out one of the columns."
                )
            if self.repeat_advice:
                detail = f"{detail} {self.repeat_advice}"
            row.problems.append(self.problem(row, self.key_fields[0], "duplicate_row", detail))
        return found

    def _save(self, row: Record, found: Any) -> Touched | None:
        if found is None:
            with self.guarded(row.fields):
                record = self.create(row.fields)
            record.id = record.id or new_id()
            self.by_key[self.key_of(record)] = record
            # A later row finds the new record, and must not overwrite what this row gave.
            self.claimed[record.id] = row
            return Touched(self.name_of(record), record.id, row.number)
        changes = self._differing(found, row.fields)
        self.before_change(row, found, changes)
        if not changes:
            return None
        former = self.key_of(found)
        before = {name: self.present(found, name) for name in changes}
        with self.guarded(changes, found):
            self.change(found, dict(changes))
        if (key := self.key_of(found)) != former:
            self.by_key.pop(former, None)
            self.by_key[key] = found
        listed = tuple(
            Change.of(name, self.shown(name, before[name]), self.shown(name, changes[name]))
            for name in sorted(changes)
        )
        return Touched(self.name_of(found), found.id, row.number, listed)

    def _differing(self, record: Any, values: dict[str, Any]) -> dict[str, Any]:
        changes = {}
        for name, value in values.items():
            field, present = self.fields.find(name), self.present(record, name)
            if field is not None and field.kind in LISTS:
                known = {_folded(each) for each in present}
                added = [each for each in value if _folded(each) not in known]
                if added and not is_as_exported(field, present, value):
                    changes[name] = [*present, *added]
            elif self.differs(record, name, value):
                changes[name] = value
        return changes

    def differs(self, record: Any, name: str, value: Any) -> bool:
        """Return whether a value in a row is not the present one."""
        return not is_as_exported(self.fields.find(name), self.present(record, name), value)

    def replace_name(self, row: Record, name: str, find: Callable[[str, str], Any]) -> None:
        """Replace the name of another record in a row by its id, or add the problem of the name."""
        if name in row.fields:
            row.fields[name] = self.resolve_name(row, name, find, row.fields[name])

    def resolve_name(
        self, row: Record, name: str, find: Callable[[str, str], Any], text: str
    ) -> Any:
        """Return what a name in a row means, or add the problem of the name and return None."""
        try:
            return find(name, text)
        except ValueProblem as problem:
            row.problems.append(self.problem(row, name, problem.code, problem.detail))
            return None

    def problem(self, row: Record, field: str, code: str, detail: str) -> TableProblem:
        """Return a problem of a row, with the column and the value of the field."""
        column = self.columns.get(field)
        cell = row.cells[column.index] if column else None
        value = None if cell is None else quoted(cell)
        return TableProblem(
            code, detail, row.number, column.label if column else None, value, field
        )

    def _problems_of(self, row: Record, refusal: Unprocessable) -> list[TableProblem]:
        written = [error.pointer.split("/")[1] for error in refusal.errors]
        return [
            self.problem(row, self.written_as.get(name, name), error.code, error.detail)
            for name, error in zip(written, refusal.errors, strict=True)
        ]


def _folded(item: Any) -> Any:
    """Return an item of a list in the form for comparisons, in which a name has no case."""
    return fold(item) if isinstance(item, str) else item
