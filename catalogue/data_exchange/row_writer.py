"""Row after row: which record a row means, and what of it is new.

A row is the system that the register `source` knows by the row's external id; else the agency's
system of that name. What a cell does not say is left alone: an empty cell clears nothing, tags
and aliases are added to, and no record is ever deleted.
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
_GROWING = {"aliases": "aliases", "tags": "tags", "external_ids": "external_id"}
_CODES = sa.select(Capability.id, Capability.code)


class RowWriter:
    """One import under way: what the agency has, and which rows have claimed what of it."""

    def __init__(
        self, context: Context, agency_id: UUID, source: str, report: ImportReport
    ) -> None:
        session = self.session = context.session
        self.source = source
        self.report = report
        self.writer = SystemWriter(context, agency_id, observed=True)
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
        """The records that a complete file would name.

        With external ids in the file: those that this source has brought before, as others come
        from elsewhere. Without: all of the agency's. Not what is gone for good.
        """
        identified = self.report.mapping.column_of("external_id") is not None
        return [
            system
            for system in existing
            if system.lifecycle is not Lifecycle.DECOMMISSIONED
            and (not identified or self._external_id(system))
        ]

    def write(self, record: Record) -> None:
        """Create, change or reject one row."""
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
            self._change(record, system, fields)

    def _find(self, record: Record, fields: dict[str, Any]) -> System | None:
        """The system that a row means. Doubts go to the row's problems."""
        name, identity = fields.get("name"), fields.get("external_id")
        key = name_key(name) if name else None
        known = self.by_external_id.get(identity) if identity else None
        named = self.by_name.get(key) if key else None
        found = known or named
        if known is not None and named is not None and known is not named:
            self._refuse(record, "name", "name_taken", "Another system has this name.")
        elif known is None and named is not None and identity:
            other = self._external_id(named)
            if other:
                detail = f"The system of this name has the id {other!r} in {self.source!r}."
                self._refuse(record, "name", "name_taken", detail)
        if not record.problems:
            self._claim(record, identity, key, found)
        return found

    def _claim(
        self, record: Record, identity: str | None, key: str | None, found: System | None
    ) -> None:
        """One row for one system: a second one is refused, and told which was the first."""
        claims = {"external_id": identity, "name": key, None: found.id if found else None}
        for field, claim in claims.items():
            first = self.claimed.setdefault((field, claim), record.number) if claim else None
            if first not in {None, record.number}:
                detail = f"Row {first} is about the same system already."
                self._refuse(record, field or "name", "duplicate_row", detail)
                return

    def _create(self, record: Record, fields: dict[str, Any]) -> None:
        identity = fields.pop("external_id", None)
        if identity:
            fields["external_ids"] = [{"source": self.source, "id": identity}]
        fields.setdefault("lifecycle", Lifecycle.LIVE)
        try:
            system = self.writer.create(fields)
        except Unprocessable as refused:
            self.report.reject(self._refusals(record, refused))
            return
        self.report.created += 1
        # The id would be made when it is flushed, but the report wants it now.
        system.id = new_id()
        append_within_limit(
            self.report.created_records, Touched(system.name, system.id, record.number)
        )

    def _change(self, record: Record, system: System, fields: dict[str, Any]) -> None:
        changes = self._differing(system, fields)
        if overfull := self._overfull(record, changes):
            self.report.reject(overfull)
            return
        former = system.name_key
        try:
            changed = self._write(record, system, changes)
        except Unprocessable as refused:
            self.session.expire(system)
            self.report.reject(self._refusals(record, refused))
            return
        if not changed:
            self.report.unchanged += 1
            return
        self.report.updated += 1
        touched = Touched(system.name, system.id, record.number, tuple(changes))
        append_within_limit(self.report.updated_records, touched)
        if system.name_key != former:
            # A later row may take the name that is free now, and the database must know it.
            self.by_name[system.name_key] = self.by_name.pop(former)
            self.session.flush()

    def _write(self, record: Record, system: System, changes: dict[str, Any]) -> bool:
        try:
            return self.writer.change(system, changes)
        except Unprocessable as refused:
            if any(error.pointer != "/lifecycle" for error in refused.errors):
                raise
            # A list says where a system stands, but not by what right: a step that its life does
            # not allow, or that still needs a decision, is left to be taken in the catalogue.
            del changes["lifecycle"]
            for error in refused.errors:
                detail = f"The lifecycle stays {system.lifecycle.value}: {error.detail}"
                self.report.notice(self._problem(record, "lifecycle", error.code, detail))
            return self.writer.change(system, changes)

    def _differing(self, system: System, fields: dict[str, Any]) -> dict[str, Any]:
        """Only what is different: a product that was chosen by hand stays chosen."""
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

    def _overfull(self, record: Record, changes: dict[str, Any]) -> list[TableProblem]:
        """Lists that are acceptable, but not together with what is there already."""
        found = []
        for name, field in _GROWING.items():
            try:
                if name in changes:
                    validate_field(name, changes[name])
            except ValueProblem as problem:
                found.append(self._problem(record, field, problem.code, problem.detail))
        return found

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

    def _refusals(self, record: Record, refused: Unprocessable) -> list[TableProblem]:
        return [
            self._problem(record, error.pointer.split("/")[1], error.code, error.detail)
            for error in refused.errors
        ]

    def _problem(self, record: Record, field: str, code: str, detail: str) -> TableProblem:
        column = self.columns.get(field)
        label = column.label if column else None
        cell = record.cells[column.index] if column else None
        value = None if cell is None else quoted(cell)
        return TableProblem(code, detail, record.number, label, value, field)
