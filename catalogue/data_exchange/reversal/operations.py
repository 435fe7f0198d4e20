"""The reversal of imports: everything that an import wrote is taken back, or nothing is.

The audit log names the import of each change. A record that the import created is deleted, and one
that it changed has its old values again. Any later change of such a record blocks the reversal.
Suppliers and products that an import of other records created stay, because all agencies share
them: a deletion would depend on the hidden records of others. An import of suppliers or products
is taken back as its agency can delete each of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import Base
from catalogue.core.errors import FieldError, conflict
from catalogue.core.models import MergedRecord
from catalogue.core.references import (
    end_references,
    find_parts,
    find_uses,
    referred_to,
    refuse,
)
from catalogue.data_exchange.models import Import, ImportKind
from catalogue.history.feed_fields import KINDS, feed_spec
from catalogue.history.models import ChangeSet, Event
from catalogue.history.registry import AuditedModel, list_audited_models
from catalogue.history.restoration import (
    RecordedChange,
    changes_of,
    restore_record,
    values_before,
)
from catalogue.suppliers.models import Product, Supplier

_AT_ONCE = 500
_SHARED = {Supplier: ImportKind.SUPPLIERS, Product: ImportKind.PRODUCTS}
"""The tables of shared records, which only an import of this kind takes back."""
_REFERENCES = {"product_id": "product", "supplier_id": "supplier"}
"""The columns that refer to shared records, each with the noun for such a record."""
BLOCKED = "The import cannot be undone, because other changes followed."


def undo_import(context: Context, requested: Import) -> None:
    """Take back everything that an import wrote. The caller has locked the import.

    An import that was undone before stays as it is. Raises Conflict with everything that blocks the
    reversal: each later change of a record, each use of a record that the import created, and each
    old supplier or product that was deleted.
    """
    if requested.undone_at is not None:
        return
    if not requested.written:
        raise conflict("", "not_written", "This import wrote nothing, so there is nothing to undo.")
    session = context.session
    # Imports of one agency run one after another, and so does their reversal.
    session.execute(
        sa.select(Agency.id).where(Agency.id == requested.agency_id).with_for_update(key_share=True)
    )
    author = session.info["author"]
    reason = f"Undoes the import of {requested.filename} ({requested.id})."
    reason = f"{author.reason} {reason}" if author.reason else reason
    context.write_as(replace(author, reason=reason, import_id=requested.id))
    obstacles: list[FieldError] = []
    for audited_model, identities in _written_by(context, requested):
        reversal = _Reversal(context, requested, audited_model)
        obstacles += reversal.run(identities)
    refuse(BLOCKED, obstacles)
    requested.undone_at = clock.now()
    session.flush()


def _written_by(context: Context, requested: Import) -> Iterator[tuple[AuditedModel, list[UUID]]]:
    """Yield the tables that an import wrote to, with the ids of the records.

    Tables that refer to others come before them.
    """
    statement = (
        sa.select(Event.resource, Event.resource_id)
        .join(ChangeSet, ChangeSet.id == Event.change_set_id)
        .where(ChangeSet.import_id == requested.id)
        .order_by(ChangeSet.number.desc(), Event.ordinal.desc())
    )
    # The last written record comes first: a name that the import moved is free by then.
    written: defaultdict[str, dict[UUID, None]] = defaultdict(dict)
    for resource, identity in context.session.execute(statement):
        written[resource][identity] = None
    places = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    models = [each for each in list_audited_models() if each.resource in written]
    models.sort(key=lambda each: -places[each.model.__tablename__])
    for audited_model in models:
        yield audited_model, list(written[audited_model.resource])


class _Reversal:
    """The reversal of an import in one table."""

    def __init__(self, context: Context, requested: Import, audited_model: AuditedModel) -> None:
        self.context, self.session = context, context.session
        self.requested = requested
        self.audited_model = audited_model
        self.model = audited_model.model
        self.obstacles: list[FieldError] = []
        undone = sa.select(Import.id).where(
            Import.agency_id == requested.agency_id, Import.undone_at.is_not(None)
        )
        self.cancelled = {requested.id, *self.session.scalars(undone)}
        """This import, and those that were undone: their changes and reversals cancel out."""

    def run(self, identities: list[UUID]) -> list[FieldError]:
        """Take back the changes of these records, and return what blocks the reversal."""
        records = self._load(identities)
        created: list[Any] = []
        changed: list[tuple[Any, dict[str, Any]]] = []
        recorded = changes_of(self.session, self.audited_model.resource, identities)
        for identity, changes in recorded:
            first = next(
                place for place, c in enumerate(changes) if c.import_id == self.requested.id
            )
            is_new = changes[first].before is None
            if is_new and _SHARED.get(self.model, self.requested.kind) is not self.requested.kind:
                continue
            record = records.get(identity)
            later = [c for c in changes[first:] if c.import_id not in self.cancelled]
            if record is None and is_new and not self._is_merged(identity):
                continue  # somebody has deleted it already
            if later:
                self.obstacles += [self._obstacle_of(changes, change) for change in later]
            elif record is None:
                continue
            elif is_new:
                created.append(record)
            else:
                state = changes[first - 1].state or {}
                old = values_before(self.audited_model, changes[first:], state)
                changed.append((record, old))
        self._follow_references(changed)
        self._delete(created)
        if not self.obstacles:
            self._restore(changed)
        return self.obstacles

    def _load(self, identities: Sequence[UUID]) -> dict[UUID, Any]:
        lists = [
            selectinload(getattr(self.model, listed.relationship))
            for listed in self.audited_model.lists.values()
        ]
        records: dict[UUID, Any] = {}
        for start in range(0, len(identities), _AT_ONCE):
            statement = (
                sa.select(self.model)
                .where(self.model.id.in_(identities[start : start + _AT_ONCE]))
                .options(*lists)
                .order_by(self.model.id)
                .with_for_update(of=self.model)
            )
            options = {"populate_existing": True}
            for record in self.session.scalars(statement.execution_options(**options)):
                records[record.id] = record
        return records

    def _delete(self, created: list[Any]) -> None:
        used = referred_to(self.session, self.model, [record.id for record in created])
        for record in created:
            if record.id not in used:
                continue
            found = [*find_uses(self.context, record), *find_parts(self.context, record)]
            label = f"{self._noun} “{_name_of(record)}”"
            self.obstacles += [
                FieldError("", each.code, f"{each.detail} The import created the {label}.")
                for each in found
            ]
            if not found:
                end_references(self.context, record)
        if self.obstacles:
            return
        self.session.flush()
        for place, record in enumerate(created, 1):
            self.session.delete(record)
            if place % _AT_ONCE == 0:
                self.session.flush()
        self.session.flush()

    def _follow_references(self, changed: list[tuple[Any, dict[str, Any]]]) -> None:
        """Change old values to name the record that replaced a merged one.

        An old supplier or product that was deleted blocks the reversal.
        """
        for name, noun in _REFERENCES.items():
            column = self.model.__table__.c.get(name)
            if column is None:
                continue
            old_ids = {UUID(old[name]) for _, old in changed if old.get(name)}
            replacements = self._replacements(column, sorted(old_ids))
            for record, old in changed:
                if not old.get(name):
                    continue
                replacement = replacements.get(UUID(old[name]))
                if replacement is None:
                    self.obstacles.append(self._deleted_reference(record, name, noun))
                else:
                    old[name] = str(replacement)

    def _replacements(self, column: sa.Column[Any], old_ids: list[UUID]) -> dict[UUID, UUID]:
        """Return the present id of each record with an old id. Deleted records are left out."""
        (key,) = column.foreign_keys
        target = key.column
        found: dict[UUID, UUID] = {}
        for start in range(0, len(old_ids), _AT_ONCE):
            some = old_ids[start : start + _AT_ONCE]
            present = sa.select(target).where(target.in_(some)).order_by(target)
            # Locked, so that nobody deletes or merges them before the commit.
            present = present.with_for_update(read=True, key_share=True)
            found |= {each: each for each in self.session.scalars(present)}
            merged = (
                sa.select(MergedRecord.id, MergedRecord.survivor_id)
                .join(target.table, target == MergedRecord.survivor_id)
                .where(MergedRecord.id.in_(some))
                .with_for_update(of=target.table, read=True, key_share=True)
            )
            for identity, survivor_id in self.session.execute(merged):
                found[identity] = survivor_id
        return found

    def _deleted_reference(self, record: Any, name: str, noun: str) -> FieldError:
        path = f" ({feed_spec(self.audited_model.resource).resource.path}/{record.id})"
        detail = (
            f"The {noun} that the {self._noun} “{_name_of(record)}”{path} had before the import "
            f"was deleted, so `{name}` cannot get its old value back. "
            f"Correct the {self._noun} by hand."
        )
        return FieldError("", "deleted_since", detail)

    def _restore(self, changed: list[tuple[Any, dict[str, Any]]]) -> None:
        for place, (record, old) in enumerate(changed, 1):
            with self.session.no_autoflush:
                restore_record(self.session, self.audited_model, record, old)
            renames = bool({"name", "reference", "external_ids"} & set(old))
            if renames or place % _AT_ONCE == 0:
                self.session.flush()
        self.session.flush()

    def _is_merged(self, identity: UUID) -> bool:
        return self.session.get(MergedRecord, identity) is not None

    @property
    def _noun(self) -> str:
        return self.audited_model.resource.replace("_", " ")

    def _obstacle_of(self, changes: list[RecordedChange], later: RecordedChange) -> FieldError:
        """Make the error for a later change: its record, path, fields and moment."""
        state = next((c.state for c in reversed(changes) if c.state), {})
        name = state.get("name") or state.get("title") or state.get("reference") or ""
        resource = self.audited_model.resource
        path, fields = "", ""
        if resource in KINDS:
            spec = feed_spec(resource)
            identity = state.get("id")
            if "{" not in spec.resource.path:
                path = f" ({spec.resource.path}/{identity})"
            names = sorted(f.name for key, f in spec.fields.items() if key in (later.before or ()))
            if later.state is not None and names:
                fields = f": {', '.join(names)}"
        verb = later.kind.rpartition(".")[2]
        verb = "changed" if verb == "updated" else verb
        moment = later.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        detail = f"The {self._noun} “{name}”{path} was {verb} at {moment}{fields}."
        return FieldError("", "changed_since", detail)


def _name_of(record: Any) -> str:
    for attribute in ("name", "title", "reference"):
        if value := getattr(record, attribute, None):
            return str(value)
    return str(record.id)
