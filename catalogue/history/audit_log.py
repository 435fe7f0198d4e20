"""Audit log: the recording of changes to audited tables, in the transaction that makes them.

SQLAlchemy reports each flush, whatever code caused it. What the flush inserted, changed and deleted
becomes events, which disappear with a savepoint that is rolled back. At the commit the events
become one change set in the hash chain (see hash_chain.py). Statements that bypass the session,
such as an UPDATE of many rows, are refused.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

from catalogue.core.canonical import canonical
from catalogue.core.ids import new_id
from catalogue.core.late_lock import take_lock
from catalogue.history.audience.tracking import Tracker
from catalogue.history.change_sets import OpenChangeSet, RecordedEvent, seal
from catalogue.history.changes import Flush, PendingEvent, load_originals
from catalogue.history.hash_chain import event_digest
from catalogue.history.models import Event
from catalogue.history.registry import (
    AuditedList,
    audited,
    audited_tables,
    code_of,
    disclosure_through,
    find_audited_model,
    in_utc,
    list_audited_models,
    not_audited,
    owner_through,
    parents_of,
)
from catalogue.history.row_inserts import FEWEST, insert_rows

__all__ = [
    "AuditedList",
    "audited",
    "code_of",
    "disclosure_through",
    "in_utc",
    "not_audited",
    "open_change_set_id",
    "owner_through",
    "record_event",
    "record_reads",
    "rows_of_events",
    "tracker_of",
    "write_rows_of_events",
]

_INFO = "history"
_TRACKER = "audiences"
_NULL = canonical(None)
_VERSION_BITS, _VERSION_7 = 0xF << 76 | 0x3 << 62, 0x7 << 76 | 0x2 << 62
"""The mask of an id's version and variant bits, and their values in a UUIDv7 (RFC 9562)."""

# Before and state are JSON text already, which the stores must take unchanged.
_EVENTS = sa.table(
    "event",
    *(
        sa.column(c.name, None if isinstance(c.type, sa.JSON) else c.type)
        for c in Event.__table__.columns
    ),
)
_ADD_EVENTS = sa.insert(_EVENTS)


def record_event(session: Session, entity: Any, *, verb: str) -> None:
    """Record an event about a record whose own fields did not change."""
    audited_model = find_audited_model(type(entity))
    if audited_model is None:
        raise TypeError(f"{type(entity).__name__} is not audited.")
    session.flush()
    state = {name: getattr(entity, name) for name in audited_model.columns}
    values = audited_model.values(state)
    for name, listed in audited_model.lists.items():
        values[name] = listed.as_json(session, getattr(entity, listed.relationship))
    _write_events(
        session,
        [
            PendingEvent(
                audited_model,
                entity.id,
                audited_model.owner(session, entity),
                audited_model.disclosure(session, entity),
                verb,
                {},
                values,
            )
        ],
    )


def tracker_of(session: Session) -> Tracker:
    """Return the tracker of who sees the records that the transaction changes."""
    tracker: Tracker = session.info.setdefault(_TRACKER, Tracker())
    return tracker


def open_change_set_id(session: Session) -> UUID | None:
    """Return the id of the transaction's change set, or None if nothing has changed yet."""
    session.flush()
    change_set: OpenChangeSet | None = session.info.get(_INFO)
    return None if change_set is None else change_set.id


def record_reads(session: Session, resource: str, owners: Mapping[UUID, UUID]) -> None:
    """Record the reads of records. `owners` maps the id of each record to the id of its owner.

    A read changes nothing, so these events have no state.
    """
    (audited_model,) = (model for model in list_audited_models() if model.resource == resource)
    _write_events(
        session,
        [
            PendingEvent(audited_model, identity, owner, None, "read", None, None)
            for identity, owner in owners.items()
        ],
    )


def _write_events(session: Session, pending_events: list[PendingEvent]) -> None:
    """Add events to the change set of the transaction, and insert their rows."""
    write_rows_of_events(session, rows_of_events(session, pending_events))


def write_rows_of_events(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert the rows of events that are in the change set of the transaction."""
    if not rows:
        return
    session.info[_INFO].unwritten -= len(rows)
    if len(rows) < FEWEST:
        session.connection().execute(_ADD_EVENTS, rows)
    else:
        names = list(rows[0])
        insert_rows(session.connection(), _EVENTS, names, [tuple(row.values()) for row in rows])


def rows_of_events(session: Session, pending_events: list[PendingEvent]) -> list[dict[str, Any]]:
    """Add events to the change set of the transaction, and return their rows."""
    if not pending_events:
        return []
    change_set: OpenChangeSet | None = session.info.get(_INFO)
    if change_set is None:
        if session.info.get("author") is None:
            raise RuntimeError("A record was changed without an author. Call `write_as` first.")
        change_set = session.info[_INFO] = OpenChangeSet(new_id())
    change_set.require_open()
    rows: list[dict[str, Any]] = []
    for pending in pending_events:
        before = _NULL if pending.before is None else canonical(pending.before)
        state = _NULL if pending.state is None else canonical(pending.state)
        resource = pending.audited_model.resource
        row: dict[str, Any] = {
            "change_set_id": change_set.id,
            "ordinal": len(change_set.digests) + 1,
            "id": _event_id(change_set, pending),
            "kind": f"{resource}.{pending.verb}",
            "resource": resource,
            "resource_id": pending.resource_id,
            "agency_id": pending.agency_id,
            "disclosure": pending.disclosure,
        }
        row["digest"] = event_digest(row, before, state)
        row["before"] = None if pending.before is None else before.decode()
        row["state"] = None if pending.state is None else state.decode()
        change_set.digests.append(row["digest"])
        change_set.events.append(
            RecordedEvent(
                row["ordinal"], pending.verb, resource, pending.resource_id, pending.agency_id
            )
        )
        rows.append(row)
    change_set.unwritten += len(rows)
    return rows


def _event_id(change_set: OpenChangeSet, pending: PendingEvent) -> UUID:
    """Derive an event's id from the change set, the record, the verb and a count.

    The count is the number of events of the record in the change set so far, including this one. A
    number from the common sequence would reveal how many events of hidden records came before. The
    first six bytes are those of the change set's id, so the id is a UUIDv7 of the same moment.
    """
    key = (pending.audited_model.resource, pending.resource_id)
    count = change_set.counts[key] = change_set.counts.get(key, 0) + 1
    content = canonical([change_set.id, *key, pending.verb, count])
    number = int.from_bytes(change_set.id.bytes[:6] + sha256(content).digest()[:10])
    return UUID(int=number & ~_VERSION_BITS | _VERSION_7)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: UOWTransaction, _objects: Any) -> None:
    load_originals(session)
    session.connection()
    if not session.info.get("read_only") and _changes_records(session):
        tracker_of(session).note(session)
    _set_guard(session, flushing=True)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, context: UOWTransaction) -> None:
    _set_guard(session, flushing=False)
    pending_events = list(Flush(session, context).pending_events())
    if pending_events:
        _write_events(session, pending_events)


@event.listens_for(Session, "after_transaction_create")
def _begun(session: Session, transaction: SessionTransaction) -> None:
    change_set: OpenChangeSet | None = session.info.get(_INFO)
    if transaction.nested and change_set is not None:
        change_set.marks[transaction] = len(change_set.digests)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, transaction: SessionTransaction) -> None:
    _set_guard(session, flushing=False)
    change_set: OpenChangeSet | None = session.info.get(_INFO)
    if transaction.nested and change_set is not None:
        change_set.roll_back_to(transaction)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    change_set: OpenChangeSet | None = session.info.get(_INFO)
    if change_set is not None and change_set.digests:
        tracker: Tracker = session.info.get(_TRACKER) or Tracker()
        rows = tracker.rows(session, change_set)
        number, at = seal(session, change_set, session.info["author"])
        rows.save(session, number, at)
        tracker.settle(session)


def _changes_records(session: Session) -> bool:
    """Return whether a flush changes records of the audit log, or parts of them."""
    return any(
        find_audited_model(type(entity)) is not None or parents_of(type(entity))
        for entity in (*session.new, *session.dirty, *session.deleted)
    )


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_INFO, None)
        session.info.pop(_TRACKER, None)
        for info in session.info.pop("connections", ()):
            info.pop(_GUARD, None)


_WRITES = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+\"?(\w+)", re.IGNORECASE
)
_GUARD, _CLOSED = "history", "shut"


def _require_recorded(statement: Any) -> None:
    """Raise RuntimeError if a statement writes to an audited table."""
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete):
        written = {getattr(statement.table, "name", "")}
    elif isinstance(statement, sa.TextClause):
        written = set(_WRITES.findall(statement.text))
    else:
        return
    if passed := written & audited_tables():
        raise RuntimeError(
            f"This statement bypasses the audit log. Change {passed.pop()} through the session."
        )


@event.listens_for(Session, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    _require_recorded(state.statement)


# The connection of a session also refuses statements that bypass the audit log, except during
# flushes. Connections without a session, such as those of migrations, accept them.


@event.listens_for(Session, "after_begin")
def _guard_connection(
    session: Session, _transaction: SessionTransaction, connection: sa.Connection
) -> None:
    connection.info[_GUARD] = _CLOSED
    known = session.info.setdefault("connections", [])
    # A savepoint begins on the connection of its transaction.
    if not any(info is connection.info for info in known):
        known.append(connection.info)


def _set_guard(session: Session, *, flushing: bool) -> None:
    for info in session.info.get("connections", ()):
        info[_GUARD] = None if flushing else _CLOSED


@event.listens_for(sa.Engine, "before_execute")
def _refuse_on_connections(
    connection: sa.Connection, statement: Any, _many: Any, _one: Any, _options: Any
) -> None:
    if isinstance(statement, sa.Select):
        return
    if connection.info.get(_GUARD) == _CLOSED:
        _require_recorded(statement)
    take_lock(connection)
