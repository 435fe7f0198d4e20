"""Whether the records are as history has them: what was written past it is found here."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.canonical import canonical
from catalogue.history.declaring import Recorded, all_recorded
from catalogue.history.sealing import settled
from catalogue.history.verification import last_events

_BATCH = 500


def faults_of_records(session: Session) -> Iterator[str]:
    """A sentence for each record that is not as its last event says.

    A record without any event was added past the history, whatever it says of its
    age. Columns that came after an event was written are not in it, and not compared.
    """
    connection = session.connection()
    for recording in all_recorded():
        for last in last_events(connection, recording.resource):
            yield from _compared(session, recording, dict(last))
        yield from _never_recorded(connection, recording)


def _compared(
    session: Session, recording: Recorded, last: dict[UUID, dict[str, Any] | None]
) -> Iterator[str]:
    now = _as_they_are(session, recording, list(last))
    for identity, state in last.items():
        name = f"The {_words(recording)} {identity}"
        found = now.get(identity)
        if state is None:
            if found is not None:
                yield f"{name} is there, although history has it deleted."
        elif found is None:
            yield f"{name} was removed without a record of it."
        else:
            different = [
                key
                for key, value in found.items()
                if key in state
                and key not in recording.left_out
                and canonical(settled(state[key])) != canonical(value)
            ]
            if different:
                yield f"{name} was changed without a record of it: {', '.join(different)}."


def _never_recorded(connection: sa.Connection, recording: Recorded) -> Iterator[str]:
    table: Any = recording.model.__table__
    events = sa.table("event", sa.column("resource"), sa.column("resource_id", sa.Uuid()))
    told = sa.exists().where(
        events.c.resource == recording.resource, events.c.resource_id == table.c.id
    )
    for identity in connection.scalars(sa.select(table.c.id).where(~told)):
        yield f"The {_words(recording)} {identity} was added without a record of it."


def _as_they_are(
    session: Session, recording: Recorded, identities: list[UUID]
) -> dict[UUID, dict[str, Any]]:
    """The records as the store has them, told as history tells them."""
    table: Any = recording.model.__table__
    connection = session.connection()
    rows = connection.execute(sa.select(table).where(table.c.id.in_(identities))).mappings()
    found = {row["id"]: recording.values(dict(row)) for row in rows}
    for name, listed in recording.lists.items():
        items: dict[UUID, list[Any]] = {identity: [] for identity in found}
        for whole, item in _items(connection, recording, listed.relationship, list(found)):
            items[whole].append(item)
        for identity, values in found.items():
            values[name] = listed.told(session, items[identity])
    # Through text, so that both sides have been there.
    return {i: settled(orjson.loads(canonical(values))) for i, values in found.items()}


def _items(
    connection: sa.Connection, recording: Recorded, relationship: str, identities: list[UUID]
) -> Iterator[tuple[UUID, Any]]:
    prop = sa.inspect(recording.model).relationships[relationship]
    target: Any = prop.mapper.local_table
    if prop.secondary is None:
        ((_, remote),) = prop.local_remote_pairs
        asked = sa.select(remote.label("_whole"), target).where(remote.in_(identities))
    else:
        joined = {remote for _, remote in prop.secondary_synchronize_pairs}
        (here,) = (remote for _, remote in prop.synchronize_pairs)
        (there,) = joined
        asked = (
            sa.select(here.label("_whole"), target)
            .join(target, target.c.id == there)
            .where(here.in_(identities))
        )
    for row in connection.execute(asked):
        yield row._mapping["_whole"], row


def _words(recording: Recorded) -> str:
    return recording.resource.replace("_", " ")
