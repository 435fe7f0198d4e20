"""Write down every change of a recorded table, in the transaction that makes it.

Sessions tell of each flush, whatever code caused it: what it inserted, changed and deleted becomes
events, which a rolled back savepoint takes along. At the commit they become one change set, sealed
to the one before (see sealing.py). What would go past the sessions' own bookkeeping, such as an
UPDATE of many rows, is refused.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

from catalogue.core.canonical import canonical
from catalogue.core.identity import new_id
from catalogue.history.change_sets import ChangeSetUnderWay, seal
from catalogue.history.declaring import (
    Listed,
    all_recorded,
    code_of,
    disclosure_through,
    in_utc,
    not_recorded,
    owner_through,
    recorded,
    recorded_tables,
    recording_of,
)
from catalogue.history.flushes import Flush, Happening, prepare
from catalogue.history.models import Event
from catalogue.history.sealing import event_digest

__all__ = [
    "Listed",
    "code_of",
    "disclosure_through",
    "in_utc",
    "not_recorded",
    "owner_through",
    "record",
    "record_reading",
    "recorded",
]

_INFO = "history"
_NULL = canonical(None)

# Before and state are JSON text already, which the stores are to take as it comes.
_ADD_EVENTS = sa.insert(
    sa.table(
        "event",
        *(
            sa.column(c.name, None if isinstance(c.type, sa.JSON) else c.type)
            for c in Event.__table__.columns
        ),
    )
)


def record(session: Session, entity: Any, *, verb: str) -> None:
    """Write down something that became of a record although none of its own fields changed."""
    recording = recording_of(type(entity))
    if recording is None:
        raise TypeError(f"No history is kept of {type(entity).__name__}.")
    session.flush()
    state = {name: getattr(entity, name) for name in recording.columns}
    told = recording.values(state)
    for name, listed in recording.lists.items():
        told[name] = listed.told(session, getattr(entity, listed.relationship))
    _write(
        session,
        [
            Happening(
                recording,
                entity.id,
                recording.owner(session, entity),
                recording.disclosure(session, entity),
                verb,
                {},
                told,
            )
        ],
    )


def record_reading(session: Session, resource: str, owners: Mapping[UUID, UUID]) -> None:
    """Write down that records were read, given by their ids and those of their owners.

    What they were is not kept again: nothing became of them.
    """
    (recording,) = (each for each in all_recorded() if each.resource == resource)
    _write(
        session,
        [
            Happening(recording, identity, owner, None, "read", None, None)
            for identity, owner in owners.items()
        ],
    )


def _write(session: Session, happenings: list[Happening]) -> None:
    under_way: ChangeSetUnderWay | None = session.info.get(_INFO)
    if under_way is None:
        if session.info.get("author") is None:
            raise RuntimeError("Something was changed, and nobody said by whom.")
        under_way = session.info[_INFO] = ChangeSetUnderWay(new_id())
    under_way.require_open()
    rows: list[dict[str, Any]] = []
    for happening in happenings:
        before = _NULL if happening.before is None else canonical(happening.before)
        state = _NULL if happening.state is None else canonical(happening.state)
        resource = happening.recording.resource
        row: dict[str, Any] = {
            "change_set_id": under_way.id,
            "ordinal": len(under_way.digests) + 1,
            "id": new_id(),
            "kind": f"{resource}.{happening.verb}",
            "resource": resource,
            "resource_id": happening.resource_id,
            "agency_id": happening.agency_id,
            "disclosure": happening.disclosure,
        }
        row["digest"] = event_digest(row, before, state)
        row["before"] = None if happening.before is None else before.decode()
        row["state"] = None if happening.state is None else state.decode()
        under_way.digests.append(row["digest"])
        rows.append(row)
    session.connection().execute(_ADD_EVENTS, rows)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: UOWTransaction, _objects: Any) -> None:
    prepare(session)
    session.connection()
    _let_through(session, flushing=True)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, context: UOWTransaction) -> None:
    _let_through(session, flushing=False)
    happenings = list(Flush(session, context).happenings())
    if happenings:
        _write(session, happenings)


@event.listens_for(Session, "after_transaction_create")
def _begun(session: Session, transaction: SessionTransaction) -> None:
    under_way: ChangeSetUnderWay | None = session.info.get(_INFO)
    if transaction.nested and under_way is not None:
        under_way.marks[transaction] = len(under_way.digests)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, transaction: SessionTransaction) -> None:
    _let_through(session, flushing=False)
    under_way: ChangeSetUnderWay | None = session.info.get(_INFO)
    if transaction.nested and under_way is not None:
        under_way.go_back(transaction)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    under_way: ChangeSetUnderWay | None = session.info.get(_INFO)
    if under_way is not None and under_way.digests:
        seal(session, under_way, session.info["author"])


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_INFO, None)
        for info in session.info.pop("connections", ()):
            info.pop(_GUARD, None)


_WRITES = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+\"?(\w+)", re.IGNORECASE
)
_GUARD, _SHUT = "history", "shut"


def _require_recorded(statement: Any) -> None:
    """RuntimeError if a statement writes to a recorded table."""
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete):
        written = {getattr(statement.table, "name", "")}
    elif isinstance(statement, sa.TextClause):
        written = set(_WRITES.findall(statement.text))
    else:
        return
    if passed := written & recorded_tables():
        raise RuntimeError(
            f"History would not learn of this: change {passed.pop()} by its records."
        )


@event.listens_for(Session, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    _require_recorded(state.statement)


# The connection of a session is shut to such statements as well, but for its flushes. Connections
# that no session works with, such as a migration's, are not.


@event.listens_for(Session, "after_begin")
def _shut(session: Session, _transaction: SessionTransaction, connection: sa.Connection) -> None:
    connection.info[_GUARD] = _SHUT
    session.info.setdefault("connections", []).append(connection.info)


def _let_through(session: Session, *, flushing: bool) -> None:
    for info in session.info.get("connections", ()):
        info[_GUARD] = None if flushing else _SHUT


@event.listens_for(sa.Engine, "before_execute")
def _refuse_on_connections(
    connection: sa.Connection, statement: Any, _many: Any, _one: Any, _options: Any
) -> None:
    if not isinstance(statement, sa.Select) and connection.info.get(_GUARD) == _SHUT:
        _require_recorded(statement)
