"""Restoration of records to the state before some of their events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.types import UtcDateTime, same_json
from catalogue.history.models import ChangeSet, Event
from catalogue.history.registry import AuditedList, AuditedModel

_AT_ONCE = 500
KEPT = frozenset({"id", "created_at", "updated_at", "revision", "shared_updated_at"})
"""Columns that a restoration does not set, because the restoration is itself a change."""


@dataclass(frozen=True)
class RecordedChange:
    """A change to one record in the audit log, with details of its change set."""

    number: int
    ordinal: int
    at: datetime
    import_id: UUID | None
    kind: str
    before: dict[str, Any] | None
    state: dict[str, Any] | None


def changes_of(
    session: Session, resource: str, identities: Sequence[UUID]
) -> Iterator[tuple[UUID, list[RecordedChange]]]:
    """Yield the changes of each record, oldest first. Reads are left out."""
    for start in range(0, len(identities), _AT_ONCE):
        some = identities[start : start + _AT_ONCE]
        statement = (
            sa.select(
                Event.resource_id,
                ChangeSet.number,
                Event.ordinal,
                ChangeSet.at,
                ChangeSet.import_id,
                Event.kind,
                Event.before,
                Event.state,
            )
            .join(ChangeSet, ChangeSet.id == Event.change_set_id)
            .where(
                Event.resource == resource,
                Event.resource_id.in_(some),
                Event.kind != f"{resource}.read",
            )
            .order_by(ChangeSet.number, Event.ordinal)
        )
        changes: dict[UUID, list[RecordedChange]] = {identity: [] for identity in some}
        for identity, *values in session.execute(statement):
            changes[identity].append(RecordedChange(*values))
        yield from changes.items()


def values_before(
    audited_model: AuditedModel, undone: Sequence[RecordedChange], state: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values, as JSON, that a record had before the changes in `undone`, oldest first.

    `state` is the recorded state before the first of these changes. It also holds the columns that
    are computed from others, which the `before` of a change leaves out.
    """
    old = {n: state[n] for n in audited_model.ignored_columns - KEPT if n in state}
    for change in reversed(undone):
        old |= change.before or {}
    return old


def restore_record(
    session: Session, audited_model: AuditedModel, record: Any, old: Mapping[str, Any]
) -> None:
    """Set the fields and lists of a record to the old values that `values_before` returned."""
    for name, value in old.items():
        listed = audited_model.lists.get(name)
        if listed is not None:
            _restore_list(session, record, listed, value)
        elif name in audited_model.columns and name not in KEPT:
            column = audited_model.model.__table__.c[name]
            setattr(record, name, _of_json(column, value))


def _restore_list(session: Session, record: Any, listed: AuditedList, values: list[Any]) -> None:
    if listed.item_of_json is None:
        raise TypeError(f"The list {listed.relationship} cannot be restored.")
    missing = list(values)
    kept = []
    present = list(getattr(record, listed.relationship))
    for item in present:
        written = listed.item_as_json(session, item)
        place = next((i for i, v in enumerate(missing) if same_json(v, written)), None)
        if place is not None:
            kept.append(item)
            del missing[place]
    setattr(record, listed.relationship, kept)
    if missing and len(kept) < len(present):
        # A changed item keeps its key, so the old item must be deleted before the new one is added.
        session.flush()
    added = [listed.item_of_json(session, record, value) for value in missing]
    setattr(record, listed.relationship, kept + added)


def _of_json(column: sa.Column[Any], value: Any) -> Any:
    """Read a column's value from its JSON form in the audit log."""
    kind = column.type
    if value is None or isinstance(kind, sa.JSON):
        return value
    if isinstance(kind, sa.Uuid):
        return UUID(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Numeric):
        return Decimal(value)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value
