"""Verification of the hash chain, which finds later edits of the audit log.

The code reads one change set at a time, in order, so that a longer log needs no more memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.text import format_date
from catalogue.history.hash_chain import change_set_digest, expected_digest, person_id, pseudonym
from catalogue.history.models import BEGINNING, ChangeSet, Event, HistoryHead, Person

_BATCH = 500
_AHEAD = timedelta(minutes=5)
"""The largest accepted difference between the clocks of two servers, for dates in the future."""

_MOST_NAMED = 10
"""The most events of a change set that a fault names as possibly edited."""

_sets: Any = ChangeSet.__table__
_persons: Any = Person.__table__
_events: Any = Event.__table__
_heads: Any = HistoryHead.__table__


@dataclass(frozen=True)
class Anchor:
    """The number and digest of a change set, as an operator kept them outside the database."""

    number: int
    digest: str


@dataclass
class Chain:
    """The length and the end of the chain after a verification."""

    changes: int = 0
    events: int = 0
    number: int = 0
    digest: str = BEGINNING
    at: datetime | None = None


def faults_of_the_chain(
    connection: sa.Connection, chain: Chain, *, anchor: Anchor | None = None
) -> Iterator[str]:
    """Read the whole chain, and yield a sentence for each fault. Set the length and end of `chain`."""
    anchored = anchor is None
    for row in _change_sets(connection):
        yield from _faults_of_place(row, chain)
        yield from _faults_of_change_set(connection, row, chain)
        chain.changes += 1
        chain.number, chain.digest, chain.at = row["number"], row["digest"], row["at"]
        if row["at"] > clock.now() + _AHEAD:
            day = format_date(row["at"].date())
            yield f"Change {row['number']} is dated {day}, which is in the future."
        if anchor is not None and anchor.number == row["number"]:
            anchored = True
            if anchor.digest != row["digest"]:
                yield f"Change {anchor.number} does not have the expected digest."
    head = connection.execute(sa.select(_heads)).mappings().first()
    if head is None:
        yield "The head of the chain is missing."
    elif (head["number"], head["digest"]) != (chain.number, chain.digest):
        yield (
            f"The chain ends with change {chain.number}, but its head names change "
            f"{head['number']}. Changes after it were removed, or one of the two was edited."
        )
    elif chain.at is not None and head["at"] != chain.at:
        yield "The head of the chain has a different time from the last change."
    if not anchored and anchor is not None:
        yield f"The chain ends before change {anchor.number}, which was expected."
    yield from _events_without_change_set(connection)


def _change_sets(connection: sa.Connection) -> Iterator[Any]:
    last: int | None = None
    while True:
        statement = sa.select(_sets).order_by(_sets.c.number).limit(_BATCH)
        if last is not None:
            statement = statement.where(_sets.c.number > last)
        rows = connection.execute(statement).mappings().all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1]["number"]


def _faults_of_place(row: Any, chain: Chain) -> Iterator[str]:
    number = row["number"]
    if number > chain.number + 1:
        missing = (
            f"Change {chain.number + 1} is"
            if number == chain.number + 2
            else f"Changes {chain.number + 1} to {number - 1} are"
        )
        yield f"{missing} missing."
    elif row["previous_digest"] != chain.digest:
        before = f"change {chain.number}" if chain.number else "the beginning"
        yield f"Change {number} does not follow from {before}: one of the two was edited or moved."


def _faults_of_change_set(connection: sa.Connection, row: Any, chain: Chain) -> Iterator[str]:
    number, count = row["number"], row["event_count"]
    stored: list[str] = []
    read: list[str] = []
    names: list[str] = []
    expected, complete = 1, True
    rows = connection.execution_options(yield_per=_BATCH).execute(
        sa.select(_events).where(_events.c.change_set_id == row["id"]).order_by(_events.c.ordinal)
    )
    for stored_event in rows.mappings():
        event = dict(stored_event)
        name = f"Event {event['ordinal']} of change {number} ({_describe_event(event)})"
        while expected < event["ordinal"] and expected <= count:
            complete = False
            yield f"Event {expected} of change {number} is missing."
            expected += 1
        expected = event["ordinal"] + 1
        digest = expected_digest(event)
        if not 1 <= event["ordinal"] <= count:
            complete = False
            yield f"{name} was added."
        elif digest != event["digest"]:
            yield f"{name} was edited or moved."
        chain.events += 1
        stored.append(event["digest"])
        read.append(digest)
        if len(names) < _MOST_NAMED:
            names.append(name)
    for ordinal in range(expected, count + 1):
        complete = False
        yield f"Event {ordinal} of change {number} is missing."
    # An edit can change an event with or without its digest, so both are compared.
    if complete and row["digest"] not in {
        _change_set_digest(row, stored),
        _change_set_digest(row, read),
    }:
        more = f" and {count - _MOST_NAMED} more" if count > _MOST_NAMED else ""
        yield (
            f"Change {number} ({row['id']}) was edited or moved, or one of its events was "
            f"edited together with its digest: {', '.join(names)}{more}."
        )


def _change_set_digest(row: Any, digests: list[str]) -> str:
    return change_set_digest(
        previous=row["previous_digest"],
        number=row["number"],
        identity=row["id"],
        at=row["at"],
        client_id=row["client_id"],
        person_id=row["person_id"],
        agency_id=row["agency_id"],
        reason=row["reason"],
        import_id=row["import_id"],
        event_digests=digests,
        event_count=row["event_count"],
    )


def faults_of_persons(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each author whose name was edited, other than by pseudonymisation."""
    known = sa.exists().where(_persons.c.id == _sets.c.person_id)
    lost = sa.select(_sets.c.number, _sets.c.person_id).where(
        _sets.c.person_id.is_not(None), ~known
    )
    for row in connection.execution_options(yield_per=_BATCH).execute(lost):
        yield f"The person {row.person_id}, who made change {row.number}, was removed."
    statement = sa.select(_persons).order_by(_persons.c.id)
    for row in connection.execution_options(yield_per=_BATCH).execute(statement):
        if row.salt is None:
            if row.name != pseudonym(row.id):
                yield f"The name of the person {row.id} was edited."
        elif person_id(row.name, row.salt) != row.id:
            yield f"The name of the person {row.id} was edited."


def _describe_event(event: Any) -> str:
    return f"{event['id']}, {event['kind']}, {event['resource']} {event['resource_id']}"


def _events_without_change_set(connection: sa.Connection) -> Iterator[str]:
    statement = (
        sa.select(_events)
        .where(~sa.exists().where(_sets.c.id == _events.c.change_set_id))
        .order_by(_events.c.change_set_id, _events.c.ordinal)
    )
    for event in connection.execution_options(yield_per=_BATCH).execute(statement).mappings():
        yield (
            f"Event {event['ordinal']} ({_describe_event(event)}) belongs to the change "
            f"{event['change_set_id']}, which is missing."
        )


def last_events(
    connection: sa.Connection, resource: str
) -> Iterator[list[tuple[UUID, dict[str, Any] | None]]]:
    """Yield the ids and last recorded states of all records of a kind, in batches."""
    after: UUID | None = None
    while True:
        statement = (
            sa.select(_events.c.resource_id)
            .where(_events.c.resource == resource, *_is_change())
            .distinct()
            .order_by(_events.c.resource_id)
            .limit(_BATCH)
        )
        if after is not None:
            statement = statement.where(_events.c.resource_id > after)
        identities = connection.scalars(statement).all()
        if not identities:
            return
        place = sa.func.row_number().over(
            partition_by=_events.c.resource_id,
            order_by=(_sets.c.number.desc(), _events.c.ordinal.desc()),
        )
        ranked = (
            sa.select(_events.c.resource_id, _events.c.state, place.label("place"))
            .join(_sets, _sets.c.id == _events.c.change_set_id)
            .where(
                _events.c.resource == resource, _events.c.resource_id.in_(identities), *_is_change()
            )
            .subquery()
        )
        rows = connection.execute(
            sa.select(ranked.c.resource_id, ranked.c.state).where(ranked.c.place == 1)
        )
        yield [(row.resource_id, row.state) for row in rows]
        after = identities[-1]


def _is_change() -> list[sa.ColumnElement[bool]]:
    """Exclude events of reads, which record no state."""
    return [_events.c.kind.not_like("%.read")]
