"""Verification of the records against the audit log, which finds changes that bypassed it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.canonical import canonical
from catalogue.history.chain_verification import last_events
from catalogue.history.hash_chain import normalised
from catalogue.history.registry import AuditedModel, list_audited_models

_BATCH = 500


def faults_of_records(session: Session) -> Iterator[str]:
    """Yield a sentence for each record that differs from its last event.

    A record without any event was added without the audit log, however old it looks. Columns that
    are newer than an event are not in the event, and are not compared.
    """
    connection = session.connection()
    for audited_model in list_audited_models():
        for last in last_events(connection, audited_model.resource):
            yield from _compare(session, audited_model, dict(last))
        yield from _never_recorded(connection, audited_model)


def _compare(
    session: Session, audited_model: AuditedModel, last: dict[UUID, dict[str, Any] | None]
) -> Iterator[str]:
    now = _read_records(session, audited_model, list(last))
    for identity, state in last.items():
        name = f"The {_noun(audited_model)} {identity}"
        record = now.get(identity)
        if state is None:
            if record is not None:
                yield f"{name} exists, although the audit log records its deletion."
        elif record is None:
            yield f"{name} was deleted, which the audit log does not record."
        else:
            different = [
                key
                for key, value in record.items()
                if key in state
                and key not in audited_model.ignored_columns
                and canonical(normalised(state[key])) != canonical(value)
            ]
            if different:
                fields = ", ".join(different)
                yield f"{name} has changes that the audit log does not record: {fields}."


def _never_recorded(connection: sa.Connection, audited_model: AuditedModel) -> Iterator[str]:
    table: Any = audited_model.model.__table__
    events = sa.table("event", sa.column("resource"), sa.column("resource_id", sa.Uuid()))
    has_event = sa.exists().where(
        events.c.resource == audited_model.resource, events.c.resource_id == table.c.id
    )
    for identity in connection.scalars(sa.select(table.c.id).where(~has_event)):
        noun = _noun(audited_model)
        yield f"The {noun} {identity} was added, which the audit log does not record."


def _read_records(
    session: Session, audited_model: AuditedModel, identities: list[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Read the records from the store, in the form of the audit log."""
    table: Any = audited_model.model.__table__
    connection = session.connection()
    # A column's key is the name of its attribute, and can differ from its name in the database.
    columns = [column.label(column.key) for column in table.c]
    rows = connection.execute(sa.select(*columns).where(table.c.id.in_(identities))).mappings()
    records = {row["id"]: audited_model.values(dict(row)) for row in rows}
    for name, listed in audited_model.lists.items():
        items: dict[UUID, list[Any]] = {identity: [] for identity in records}
        for parent, item in _items(connection, audited_model, listed.relationship, list(records)):
            items[parent].append(item)
        for identity, values in records.items():
            values[name] = listed.as_json(session, items[identity])
    # Written and parsed as text, as the recorded states were.
    return {i: normalised(orjson.loads(canonical(values))) for i, values in records.items()}


def _items(
    connection: sa.Connection,
    audited_model: AuditedModel,
    relationship: str,
    identities: list[UUID],
) -> Iterator[tuple[UUID, Any]]:
    prop = sa.inspect(audited_model.model).relationships[relationship]
    target: Any = prop.mapper.local_table
    columns = [column.label(column.key) for column in target.c]
    if prop.secondary is None:
        ((_, remote),) = prop.local_remote_pairs
        statement = sa.select(remote.label("_parent"), *columns).where(remote.in_(identities))
    else:
        (here,) = (remote for _, remote in prop.synchronize_pairs)
        (there,) = (remote for _, remote in prop.secondary_synchronize_pairs)
        statement = (
            sa.select(here.label("_parent"), *columns)
            .join(target, target.c.id == there)
            .where(here.in_(identities))
        )
    for row in connection.execute(statement):
        yield row._mapping["_parent"], row


def _noun(audited_model: AuditedModel) -> str:
    return audited_model.resource.replace("_", " ")
