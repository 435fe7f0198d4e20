"""The writer of rows, which finds the system of each row and saves what is new.

A row means the system with its external id in the register `source`, or else the agency's system
with its name. An empty cell clears nothing, tags and aliases are added, and no record is deleted.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from catalogue.capabilities.models import Capability
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import Unprocessable
from catalogue.core.ids import new_id
from catalogue.core.text import name_key
from catalogue.data_exchange.field_validation import validate_field
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.report import ImportReport, Touched, append_within_limit
from catalogue.data_exchange.values import ValueProblem
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle

_ADDED_TO = ("aliases", "tags")
_LIST_FIELDS = {"aliases": "aliases", "tags": "tags", "external_ids": "external_id"}
_CODES = sa.select(Capability.id, Capability.code)


class RowWriter:
    """A running import: the agency's systems, and the row that uses each of them."""

    def __init__(
        self, context: Context, agency_id: UUID, source: str, report: ImportReport
    ) -> None:
        session = self.session = context.session
        self.source = source
        self.report = report
        self.writer = SystemWriter(context, agency_id, allow_skipped_steps=True)
        self.columns = {match.field.name: match.column for match in report.mapping.matches}
        existing = session.scalars(
            sa.select(System)
            .where(System.agency_id == agency_id)
            .options(selectinload(System.capability_links), selectinload(System.external_id_links))
            .with_for_update(of=System)
        ).all()
        self.by_name = {system.name_key: system for system in existing}
        self.by_external_id = {i: s for s in existing if (i := self._external_id(s))}
        self.unseen = {system.id: system.name for system in self._in_scope(existing)}
        self.seen: set[UUID] = set()
        self.codes = pairs(session, _CODES)
        self.claimed: dict[Any, int] = {}

    def _in_scope(self, existing: Any) -> list[System]:
        """Return the records that a complete file would name.

        With external ids in the file, these are the systems from the same source. Without them,
        these are all systems of the agency. Decommissioned systems are never expected.
        """
        identified = self.report.mapping.column_of("external_id") is not None
        return [
            system
            for system in existing
            if system.lifecycle is not Lifecycle.DECOMMISSIONED
            and (not identified or self._external_id(system))
        ]

    def write(self, record: Record) -> None:
        """Create or update the system of a row, or reject the row."""
        fields = record.fields
        system = self._find(record, fields)
        if system is not None:
            self.seen.add(system.id)
            self.unseen.pop(system.id, None)
        if record.problems:
            self.report.reject(record.problems)
        elif system is None:
            self._create(record, fields)
        else:
            self._update(record, system, fields)

    def _find(self, record: Record, fields: dict[str, Any]) -> System | None:
        """Return the system that a row means. Doubts become problems of the row."""
        name, identity = fields.get("name"), fields.get("external_id")
        key = name_key(name) if name else None
        known = self.by_external_id.get(identity) if identity else None
        named = self.by_name.get(key) if key else None
        system = known or named
        if known is not None and named is not None and known is not named:
            self._refuse(
                record,
                "name",
                "name_taken",
                "Another system of your agency has this name. Change the name or the id.",
            )
        elif known is None and named is not None and identity:
            other = self._external_id(named)
            if other:
                detail = f"The system with this name has the id {other!r} in {self.source!r}. Correct one of them."
                self._refuse(record, "name", "name_taken", detail)
        if not record.problems:
            self._claim(record, identity, key, system)
        return system

    def _claim(
        self, record: Record, identity: str | None, key: str | None, system: System | None
    ) -> None:
        """Reserve a system for a row. A second row for it is rejected with the number of the first."""
        claims = {"external_id": identity, "name": key, None: system.id if system else None}
        for field, claim in claims.items():
            first = self.claimed.setdefault((field, claim), record.number) if claim else None
            if first not in {None, record.number}:
                detail = f"Row {first} is about the same system. Remove one of the rows."
                self._refuse(record, field or "name", "duplicate_row", detail)
                return

    def _create(self, record: Record, fields: dict[str, Any]) -> None:
        identity = fields.pop("external_id", None)
        if identity:
            fields["external_ids"] = [{"source": self.source, "id": identity}]
        fields.setdefault("lifecycle", Lifecycle.LIVE)
        try:
            system = self.writer.create(fields)
        except Unprocessable as error:
            self.report.reject(self._problems_of(record, error))
            return
        self.report.created += 1
        # A flush would set the id later, but the report needs it now.
        system.id = new_id()
        append_within_limit(
            self.report.created_records, Touched(system.name, system.id, record.number)
        )

    def _update(self, record: Record, system: System, fields: dict[str, Any]) -> None:
        changes = self._differing(system, fields)
        if problems := self._list_problems(record, changes):
            self.report.reject(problems)
            return
        former = system.name_key
        try:
            changed = self._write(record, system, changes)
        except Unprocessable as error:
            self.session.expire(system)
            self.report.reject(self._problems_of(record, error))
            return
        if not changed:
            self.report.unchanged += 1
            return
        self.report.updated += 1
        touched = Touched(system.name, system.id, record.number, tuple(changes))
        append_within_limit(self.report.updated_records, touched)
        if system.name_key != former:
            # A later row can use the name that is free now, so the database must know about it.
            self.by_name[system.name_key] = self.by_name.pop(former)
            self.session.flush()

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
        """Return only the fields that differ, so that a product chosen by a user stays."""
        changes = dict(fields)
        if "capabilities" in changes:
            changes["capabilities"].sort()
        identity = changes.pop("external_id", None)
        if identity and self._external_id(system) != identity:
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
        return {name: v for name, v in changes.items() if self._present(system, name) != v}

    def _list_problems(self, record: Record, changes: dict[str, Any]) -> list[TableProblem]:
        """Return the problems of lists that are valid alone, but not with the present values."""
        problems = []
        for name, field in _LIST_FIELDS.items():
            try:
                if name in changes:
                    validate_field(name, changes[name])
            except ValueProblem as problem:
                problems.append(self._problem(record, field, problem.code, problem.detail))
        return problems

    def _present(self, system: System, name: str) -> Any:
        match name:
            case "capabilities":
                return sorted(self.codes[link.capability_id] for link in system.capability_links)
            case "external_ids":
                return None
            case _:
                return getattr(system, name)

    def _external_id(self, system: System) -> str | None:
        return next(
            (x.external_id for x in system.external_id_links if x.source == self.source), None
        )

    def _refuse(self, record: Record, field: str, code: str, detail: str) -> None:
        record.problems.append(self._problem(record, field, code, detail))

    def _problems_of(self, record: Record, refusal: Unprocessable) -> list[TableProblem]:
        return [
            self._problem(record, error.pointer.split("/")[1], error.code, error.detail)
            for error in refusal.errors
        ]

    def _problem(self, record: Record, field: str, code: str, detail: str) -> TableProblem:
        column = self.columns.get(field)
        label = column.label if column else None
        cell = record.cells[column.index] if column else None
        value = None if cell is None else quoted(cell)
        return TableProblem(code, detail, record.number, label, value, field)
