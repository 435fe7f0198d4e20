"""Inserts of many new records, each with its event in the audit log, past SQLAlchemy's flush.

A flush compares, sorts and tracks every object, because it can hold changes of any kind. For new
records none of that is needed: their rows follow from their attributes, and their events from the
same declarations (registry.py) that a flush uses. The digests, the order and the change set are the
same too, since `write_events` makes them for both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.database import Base, Entity
from catalogue.core.drafts import model_of
from catalogue.history.audit_log import write_events
from catalogue.history.changes import PendingEvent
from catalogue.history.registry import AuditedModel, find_audited_model, reason_not_audited
from catalogue.history.row_inserts import insert_rows


def insert_records(session: Session, records: Iterable[Base]) -> None:
    """Insert new records with the rows of their lists, and record an event for each.

    The records are drafts, or objects that no session holds. They stay outside the session.
    """
    batch = _Batch()
    for record in records:
        batch.add(record)
    if not batch.rows:
        return
    connection = session.connection()
    for table in Base.metadata.sorted_tables:
        insert_rows(connection, table, batch.rows.get(table.name, ()))
    write_events(session, [_event_of(session, model, each) for model, each in batch.audited])


@dataclass
class _Batch:
    """The rows of new records by table, and the records that need an event, in their order."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    audited: list[tuple[AuditedModel, Any]] = field(default_factory=list)

    def add(self, record: Any) -> None:
        shape = _shape(model_of(record))
        if isinstance(record, Entity):
            record.stamp_creation()
        values = record.__dict__
        for name, default in shape.defaults:
            if name not in values:
                values[name] = default()
        row = {column: values.get(name) for name, column in shape.columns}
        self.rows.setdefault(shape.table, []).append(row)
        if shape.audited is not None:
            self.audited.append((shape.audited, record))
        for name, keys in shape.parts:
            for part in values.get(name) or ():
                for foreign_key, key in keys:
                    part.__dict__[foreign_key] = values[key]
                self.add(part)


@dataclass(frozen=True)
class _Shape:
    """The columns, defaults and parts of the records of a model."""

    table: str
    columns: list[tuple[str, str]]
    """The attribute and the name of each column."""
    defaults: list[tuple[str, Callable[[], Any]]]
    parts: list[tuple[str, list[tuple[str, str]]]]
    """Each list of rows in another table, with its foreign keys and the keys that they hold."""
    audited: AuditedModel | None


@cache
def _shape(model: type[Any]) -> _Shape:
    audited_model = find_audited_model(model)
    if audited_model is None and reason_not_audited(model) is None:
        raise RuntimeError(f"{model.__name__} is declared neither `audited` nor `not_audited`.")
    mapper = sa.inspect(model)
    columns, defaults = [], []
    for attribute in mapper.column_attrs:
        column: Any = attribute.columns[0]
        columns.append((attribute.key, column.name))
        if column is mapper.version_id_col:
            defaults.append((attribute.key, lambda: 1))
        elif column.default is not None:
            defaults.append((attribute.key, _default_of(column)))
        elif column.server_default is not None:
            # The event needs the value before the store could set it.
            defaults.append((attribute.key, _refuse(f"{model.__name__}.{attribute.key}")))
    parts = [
        (name, [(far.key, near.key) for near, far in each.local_remote_pairs])
        for name, each in mapper.relationships.items()
        if each.direction is sa.orm.RelationshipDirection.ONETOMANY
    ]
    return _Shape(mapper.local_table.name, columns, defaults, parts, audited_model)


def _default_of(column: sa.Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else lambda: default.arg


def _refuse(name: str) -> Callable[[], Any]:
    def refuse() -> Any:
        raise RuntimeError(f"{name} has no value, and a bulk insert takes none from the store.")

    return refuse


def _event_of(session: Session, audited_model: AuditedModel, record: Any) -> PendingEvent:
    values = record.__dict__
    state = audited_model.values(values)
    for name, listed in audited_model.lists.items():
        state[name] = listed.as_json(session, values.get(listed.relationship) or ())
    return PendingEvent(
        audited_model,
        values["id"],
        audited_model.owner(session, record),
        audited_model.disclosure(session, record),
        "created",
        None,
        state,
    )
