"""Inserts of many new records, each with its event in the audit log, past SQLAlchemy's flush.

A flush compares, sorts and tracks every object, because it can hold changes of any kind. For new
records none of that is needed: their rows follow from their attributes, and their events from the
same declarations (registry.py) that a flush uses. The digests, the order and the change set are the
same too, since the same functions make them for both.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import RelationshipDirection, Session

from catalogue.core.database import Base, Entity
from catalogue.core.drafts import model_of
from catalogue.core.sort_keys import sort_key, sort_keys_of
from catalogue.history.audit_log import rows_of_events, tracker_of, write_rows_of_events
from catalogue.history.changes import PendingEvent
from catalogue.history.registry import (
    AuditedModel,
    find_audited_model,
    get_each,
    parents_of,
    reason_not_audited,
)
from catalogue.history.row_inserts import insert_rows


def insert_records(session: Session, records: Iterable[Base]) -> None:
    """Insert new records with the rows of their lists, and record an event for each.

    The records are drafts, or objects that no session holds. They stay outside the session.
    """
    prepare_inserts(session, records).write(session)


@dataclass(frozen=True)
class PreparedInserts:
    """The rows and events of new records, ready to be written, which needs a lock on SQLite.

    Their events have their places in the change set, so they must be written before any others.
    """

    rows: dict[str, "_Rows"]
    events: list[dict[str, Any]]

    def write(self, session: Session) -> None:
        """Insert the rows and the events."""
        if not self.rows:
            return
        connection = session.connection()
        for table in Base.metadata.sorted_tables:
            if (rows := self.rows.get(table.name)) is not None:
                insert_rows(connection, table, rows.names, rows.values)
        write_rows_of_events(session, self.events)


def prepare_inserts(session: Session, records: Iterable[Base]) -> PreparedInserts:
    """Make the rows and events of new records, and add the events to the change set."""
    batch = _Batch()
    for record in records:
        batch.add(record)
    if batch.audited:
        tracker_of(session).note_new(session, [record for _, record, _ in batch.audited])
    return PreparedInserts(
        batch.rows, rows_of_events(session, list(_events(session, batch.audited)))
    )


def write_and_flush(session: Session, prepared: list[PreparedInserts]) -> None:
    """Write prepared inserts and empty their list, then flush all other changes.

    The inserts come first, as in any flush, so that an update cannot take the place of a new record.
    """
    for each in prepared:
        each.write(session)
    prepared.clear()
    session.flush()


def prepare_new(session: Session) -> PreparedInserts:
    """Take all new audited records from the session, and make their rows and events.

    Other new rows stay in the session for the next flush, as do changes.
    """
    added = [
        each
        for each in session.new
        if find_audited_model(type(each)) and not parents_of(type(each))
    ]
    added.sort(key=lambda each: sa.inspect(each).insert_order or 0)
    for each in added:
        session.expunge(each)
    return prepare_inserts(session, added)


@dataclass(frozen=True)
class _Rows:
    """The rows of one table, with the names of their columns."""

    names: tuple[str, ...]
    values: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class _Batch:
    """The rows of new records by table, and the records that need an event, in their order."""

    rows: dict[str, _Rows] = field(default_factory=dict)
    audited: list[tuple[AuditedModel, Any, dict[str, Any]]] = field(default_factory=list)

    def add(self, record: Any) -> None:
        """Add a record with its parts."""
        model: Any = model_of(record)
        shape = _shape(model)
        if isinstance(record, Entity):
            record.stamp_creation()
        values = record.__dict__
        for name, keys in shape.references:
            if (referred := values.get(name)) is not None:
                for key, foreign_key in keys:
                    values[foreign_key] = getattr(referred, key)
        for name, default in shape.defaults:
            if name not in values:
                values[name] = default()
        for name, source in shape.sort_keys:
            values[name] = sort_key(values.get(source) or "")
        row = shape.values_of(shape.empty | values)
        rows = self.rows.get(shape.table)
        if rows is None:
            rows = self.rows[shape.table] = _Rows(shape.columns)
        rows.values.append(row)
        if shape.audited is not None:
            self.audited.append(
                (shape.audited, record, dict(zip(shape.attributes, row, strict=True)))
            )
        for name, keys in shape.parts:
            for part in values.get(name) or ():
                for foreign_key, key in keys:
                    part.__dict__[foreign_key] = values[key]
                self.add(part)


@dataclass(frozen=True)
class _Shape:
    """The columns, defaults and parts of the records of a model."""

    table: str
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    """The attribute of each column."""
    empty: dict[str, None]
    values_of: Callable[[dict[str, Any]], tuple[Any, ...]]
    defaults: list[tuple[str, Callable[[], Any]]]
    parts: list[tuple[str, list[tuple[str, str]]]]
    """Each list of rows in another table, with its foreign keys and the keys that they hold."""
    references: list[tuple[str, list[tuple[str, str]]]]
    """Each record that this one refers to, with its keys and the foreign keys that hold them."""
    sort_keys: list[tuple[str, str]]
    """Each column with a sort key, and the column with its name."""
    audited: AuditedModel | None


@cache
def _shape(model: Any) -> _Shape:
    audited_model = find_audited_model(model)
    if audited_model is None and reason_not_audited(model) is None:
        raise RuntimeError(f"{model.__name__} is declared neither `audited` nor `not_audited`.")
    mapper = sa.inspect(model)
    columns: dict[str, str] = {}
    defaults = []
    for attribute in mapper.column_attrs:
        column: Any = attribute.columns[0]
        columns[attribute.key] = column.name
        if column is mapper.version_id_col:
            defaults.append((attribute.key, lambda: 1))
        elif column.default is not None:
            defaults.append((attribute.key, _default_of(column)))
        elif column.server_default is not None:
            # The event needs the value before the store could set it.
            defaults.append((attribute.key, _refuse(f"{model.__name__}.{attribute.key}")))
    parts, references = (
        [
            (name, [(far.key, near.key) for near, far in each.local_remote_pairs])
            for name, each in mapper.relationships.items()
            if each.direction is direction
        ]
        for direction in (RelationshipDirection.ONETOMANY, RelationshipDirection.MANYTOONE)
    )
    return _Shape(
        mapper.local_table.name,
        tuple(columns.values()),
        tuple(columns),
        dict.fromkeys(columns),
        itemgetter(*columns),
        defaults,
        parts,
        references,
        sort_keys_of(mapper.local_table),
        audited_model,
    )


def _default_of(column: sa.Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else lambda: default.arg


def _refuse(name: str) -> Callable[[], Any]:
    def refuse() -> Any:
        raise RuntimeError(f"{name} has no value, and a bulk insert takes none from the store.")

    return refuse


def _events(
    session: Session, audited: list[tuple[AuditedModel, Any, dict[str, Any]]]
) -> Iterator[PendingEvent]:
    of_model: dict[str, list[tuple[AuditedModel, Any]]] = {}
    for audited_model, record, _ in audited:
        of_model.setdefault(audited_model.resource, []).append((audited_model, record))
    owners: dict[int, Any] = {}
    disclosures: dict[int, Any] = {}
    for same in of_model.values():
        audited_model, records = same[0][0], [record for _, record in same]
        places = [id(record) for record in records]
        owned = get_each(session, audited_model.owner, records)
        disclosed = get_each(session, audited_model.disclosure, records)
        owners.update(zip(places, owned, strict=True))
        disclosures.update(zip(places, disclosed, strict=True))
    for audited_model, record, values in audited:
        state = audited_model.whole_values(values)
        for name, listed in audited_model.lists.items():
            items = record.__dict__.get(listed.relationship) or ()
            state[name] = listed.as_json(session, items)
        yield PendingEvent(
            audited_model,
            values["id"],
            owners[id(record)],
            disclosures[id(record)],
            "created",
            None,
            state,
        )
