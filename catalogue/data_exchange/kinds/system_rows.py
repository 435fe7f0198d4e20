"""The writer of rows, which finds the system of each row and saves the changes.

A row means the system with its id of this catalogue. Without one, it means the system with its
external id in the register `source`, or else the agency's system with its name. An empty cell
clears nothing, tags and aliases are added, and no record is deleted.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from catalogue.capabilities.models import Capability
from catalogue.core.database import pairs
from catalogue.core.errors import Unprocessable
from catalogue.data_exchange.field_validation import validate_field
from catalogue.data_exchange.fields import ATTRIBUTE_PREFIX
from catalogue.data_exchange.identity import Doubt
from catalogue.data_exchange.kinds.name_notices import NameNotices
from catalogue.data_exchange.kinds.record_kind import ImportRun
from catalogue.data_exchange.kinds.round_trip import is_as_exported
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS, SYSTEM_SCHEMAS
from catalogue.data_exchange.kinds.system_identity import SystemIdentity
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.report import Change, Touched
from catalogue.data_exchange.values import ValueProblem
from catalogue.history.bulk_inserts import PreparedInserts, prepare_inserts, write_and_flush
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle

_ADDED_TO = ("aliases", "tags")
_LIST_FIELDS = {"aliases": "aliases", "tags": "tags", "external_ids": "external_id"}
_CODES = sa.select(Capability.id, Capability.code)


class SystemRows:
    """A running import, which matches rows with the agency's systems and writes them."""

    def __init__(self, run: ImportRun) -> None:
        session = self.session = run.context.session
        agency_id = run.agency.id
        report = self.report = run.report
        self.source = run.source
        self.writer = SystemWriter(run.context, agency_id, allow_skipped_steps=True)
        self.columns = {m.field.name: m.column for m in reversed(report.mapping.matches)}
        existing = session.scalars(
            sa.select(System)
            .where(System.agency_id == agency_id)
            .options(selectinload(System.capability_links), selectinload(System.external_id_links))
            .order_by(System.id)
            .with_for_update(of=System)
        ).all()
        door = report.front_door
        self.identity = SystemIdentity(existing, run.source, run.confirmed, run.file_names, door)
        self.names = NameNotices(session, existing, door)
        self.unseen = {system.id: system.name for system in self._in_scope(existing)}
        self.seen: set[UUID] = set()
        self.codes = pairs(session, _CODES)
        self.new: list[System] = []
        """New systems that are not prepared yet."""
        self.prepared: list[PreparedInserts] = []

    @property
    def has_ids(self) -> bool:
        """Whether some of the systems had ids in the register before the import."""
        return self.identity.has_ids

    def _in_scope(self, existing: Any) -> list[System]:
        """Return the records that a complete file would name.

        If only external ids identify the rows, these are the systems with an id from this source.
        Otherwise they are all systems of the agency. Decommissioned systems are never expected.
        """
        column_of = self.report.mapping.column_of
        identified = column_of("external_id") is not None and column_of("id") is None
        return [
            system
            for system in existing
            if system.lifecycle is not Lifecycle.DECOMMISSIONED
            and (not identified or self.identity.id_of(system))
        ]

    def write(self, record: Record) -> None:
        """Create or update the system of a row, or reject the row."""
        fields = record.fields
        system, doubts = self.identity.find(record.number, fields, has_errors=bool(record.problems))
        record.problems += [self._doubt(record, doubt) for doubt in doubts]
        if system is not None:
            self.seen.add(system.id)
            self.unseen.pop(system.id, None)
        if record.problems:
            self.report.reject(record.problems)
            return
        for notice in record.notices:
            self.report.notice(notice)
        for doubt in self.names.check(record.number, fields, system):
            self.report.notice(self._doubt(record, doubt))
        if system is None:
            self._create(record, fields)
        else:
            self._update(record, system, fields)

    def flush(self) -> None:
        """Write the rows so far."""
        self.prepare_inserts()
        write_and_flush(self.session, self.prepared)

    def prepare_inserts(self) -> None:
        """Make what can be made of the new systems without a lock."""
        self.prepared.append(prepare_inserts(self.session, self.new))
        self.new.clear()

    def finish(self) -> None:
        """Record the notices that depend on the whole file."""
        for row, name, doubt in self.names.list_similar(self.seen):
            column = self.columns.get(doubt.field)
            label = column.label if column else None
            self.report.notice(
                TableProblem(doubt.code, doubt.detail, row, label, quoted(name), doubt.field)
            )

    def _create(self, record: Record, fields: dict[str, Any]) -> None:
        identity = fields.pop("external_id", None)
        if identity and self.source:
            fields["external_ids"] = [{"source": self.source, "id": identity}]
        if "lifecycle" not in fields:
            if "lifecycle" in self.columns:
                detail = (
                    "The system is new, and its lifecycle is empty. Fill the cell, or translate "
                    "the empty word of the lifecycle."
                )
                self.report.reject([self._problem(record, "lifecycle", "required", detail)])
                return
            fields["lifecycle"] = Lifecycle.LIVE
        try:
            system = self.writer.draft(fields)
        except Unprocessable as error:
            self.report.reject(self._problems_of(record, error))
            return
        self.new.append(system)
        self.report.add_created(Touched(system.name, system.id, record.number))
        self.names.note_created(record.number, system)

    def _update(self, record: Record, system: System, fields: dict[str, Any]) -> None:
        changes = self._differing(system, fields)
        if problems := self._list_problems(record, changes):
            self.report.reject(problems)
            return
        former = system.name_key
        before = {name: self._present(system, name) for name in changes}
        try:
            changed = self._write(record, system, changes)
        except Unprocessable as error:
            self.session.expire(system)
            self.report.reject(self._problems_of(record, error))
            return
        if not changed:
            self.report.unchanged += 1
            return
        listed = tuple(
            Change.of(name, before[name], changes[name])
            for name in sorted(changes, key=lambda name: name != "name")
        )
        self.report.add_updated(Touched(system.name, system.id, record.number, listed))
        if system.name_key != former:
            # A later row can use the name that is free now, so the database must know about it.
            self.identity.rename(system, former)
            self.flush()

    def _write(self, record: Record, system: System, changes: dict[str, Any]) -> bool:
        try:
            return self.writer.change(system, changes)
        except Unprocessable as error:
            if any(problem.pointer != "/lifecycle" for problem in error.errors):
                raise
            # A spreadsheet shows a lifecycle, but not the authority to change it. A step that the
            # lifecycle does not allow, or that needs a decision, must be made in the catalogue.
            del changes["lifecycle"]
            for problem in error.errors:
                detail = f"{problem.detail} The lifecycle remains {system.lifecycle.value}."
                self.report.notice(self._problem(record, "lifecycle", problem.code, detail))
            return self.writer.change(system, changes)

    def _differing(self, system: System, fields: dict[str, Any]) -> dict[str, Any]:
        """Return only the fields that differ, so that a product stays if its name is the same."""
        changes = {n: v for n, v in fields.items() if not _is_as_exported(system, n, v)}
        if "capabilities" in changes:
            changes["capabilities"].sort()
        identity = changes.pop("external_id", None)
        if identity and self.source and self.identity.id_of(system) != identity:
            changes["external_ids"] = [
                *(
                    {"source": link.source, "id": link.external_id}
                    for link in system.external_id_links
                    if link.source != self.source
                ),
                {"source": self.source, "id": identity},
            ]
        for name in _ADDED_TO:
            if name in changes:
                present = getattr(system, name)
                changes[name] = [*present, *(v for v in changes[name] if v not in present)]
        if "attributes" in changes:
            changes["attributes"] = system.attributes | changes["attributes"]
        return {name: v for name, v in changes.items() if self._present(system, name) != v}

    def _list_problems(self, record: Record, changes: dict[str, Any]) -> list[TableProblem]:
        """Return the problems of lists that are valid alone, but not with the present values."""
        problems = []
        for name, field in _LIST_FIELDS.items():
            try:
                if name in changes:
                    validate_field(SYSTEM_SCHEMAS, name, changes[name])
            except ValueProblem as problem:
                problems.append(self._problem(record, field, problem.code, problem.detail))
        return problems

    def _present(self, system: System, name: str) -> Any:
        match name:
            case "capabilities":
                return sorted(self.codes[link.capability_id] for link in system.capability_links)
            case "external_ids":
                return [
                    {"source": link.source, "id": link.external_id}
                    for link in system.external_id_links
                ]
            case "attributes":
                return dict(system.attributes)
            case _:
                return getattr(system, name)

    def _problems_of(self, record: Record, refusal: Unprocessable) -> list[TableProblem]:
        return [
            self._problem(record, _field_at(error.pointer), error.code, error.detail)
            for error in refusal.errors
        ]

    def _doubt(self, record: Record, doubt: Doubt) -> TableProblem:
        return self._problem(record, doubt.field, doubt.code, doubt.detail)

    def _problem(self, record: Record, field: str, code: str, detail: str) -> TableProblem:
        column = self.columns.get(field)
        if field == "attributes":
            own = (name for name in self.columns if name.startswith(ATTRIBUTE_PREFIX))
            column = self.columns.get(next(own, ""))
        label = column.label if column else None
        cell = record.cells[column.index] if column else None
        value = None if cell is None else quoted(cell)
        return TableProblem(code, detail, record.number, label, value, field)


def _field_at(pointer: str) -> str:
    """Return the field that a pointer of the API leads to, such as `attributes.cost_centre`."""
    _, name, *rest = pointer.split("/")
    return f"{ATTRIBUTE_PREFIX}{rest[0]}" if name == "attributes" and rest else name


def _is_as_exported(system: System, name: str, value: Any) -> bool:
    return is_as_exported(SYSTEM_FIELDS.find(name), getattr(system, name, None), value)
