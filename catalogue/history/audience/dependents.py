"""Dependents: the records whose audience follows from that of another record.

A use is as visible as its system, and a milestone as its programme. These links are read from the
foreign keys of the tables and from the row rules, so that a new kind of record needs no declaration
here. References that the feed shows are links too, because a reader can gain or lose their record.
Only a link upwards is declared: a programme is visible to the agencies whose systems it moves.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import AliasedReturnsRows

from catalogue.core.rest.resource import Resource
from catalogue.history.audience.viewers import Record, kinds_with_audience
from catalogue.history.feed_fields import ReferenceField, feed_spec
from catalogue.history.registry import find_audited_model

_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class Link:
    """A way from records of one kind to records of another whose audience follows from them."""

    parent: str
    child: str
    statement: sa.Select[Any]
    """Selects pairs of parent and child, for the parents in the list `ids`."""
    shows_parent: bool
    """True if the child shows the parent's id to those who see the parent."""


@dataclass(frozen=True)
class Upward:
    """A declared link from a record to one that it opens to its own audience."""

    child: Resource
    parent: Resource
    key: str


_upward: list[Upward] = []


def opens(resource: Resource, to: Resource, *, by: str) -> None:
    """Declare that records of `resource` open the record of `to` that their key `by` names."""
    _upward.append(Upward(resource, to, by))


@cache
def links() -> Mapping[str, tuple[Link, ...]]:
    """Return the links from each kind of record."""
    found: dict[str, list[Link]] = {}
    for link in _find_links():
        found.setdefault(link.parent, []).append(link)
    return {kind: tuple(each) for kind, each in found.items()}


@cache
def kind_of_table() -> Mapping[str, str]:
    """Return the kind of record of each table."""
    return {feed_spec(kind).resource.model.__tablename__: kind for kind in kinds_with_audience()}


@cache
def parents_opened() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return, for each table, the kind of record that its rows open and the key to it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in _upward:
        kind = kind_of_table()[each.parent.model.__tablename__]
        found.setdefault(each.child.model.__tablename__, []).append((kind, each.key))
    return {table: tuple(parents) for table, parents in found.items()}


@cache
def deciding_columns() -> Mapping[str, frozenset[str]]:
    """Return the columns, by table, whose values decide who sees any record."""
    found: dict[str, set[str]] = {}
    for kind in kinds_with_audience():
        for table, column in _mentioned(feed_spec(kind).resource):
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def shows(kind: str, other: str) -> bool:
    """Return whether records of a kind show ids of records of another kind."""
    fields = feed_spec(kind).fields.values()
    return any(getattr(f, "to", None) is feed_spec(other).resource for f in fields)


def follow(session: Session, records: Collection[Record]) -> dict[Record, set[Record]]:
    """Find the records whose audience follows from that of others, with those they follow from."""
    sources: dict[Record, set[Record]] = {record: set() for record in records}
    waiting = list(records)
    while waiting:
        by_kind: dict[str, list[UUID]] = {}
        for kind, identity in waiting:
            by_kind.setdefault(kind, []).append(identity)
        waiting = []
        for kind, ids in by_kind.items():
            for link in links().get(kind, ()):
                for parent, child in _pairs(session, link, ids):
                    record = (link.child, child)
                    if record not in sources:
                        sources[record] = set()
                        waiting.append(record)
                    if link.shows_parent:
                        sources[record].add((kind, parent))
    return sources


def _pairs(session: Session, link: Link, ids: list[UUID]) -> Iterator[tuple[UUID, UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        some = {"ids": ids[start : start + _AT_ONCE]}
        for parent, child in session.connection().execute(link.statement, some):
            if child is not None:
                yield parent, child


def _find_links() -> Iterator[Link]:
    for kind in kinds_with_audience():
        resource = feed_spec(kind).resource
        table: Any = resource.model.__table__
        depends_on = {name for name, _ in _mentioned(resource)}
        keys = (*_own_keys(table), *_shown_keys(kind), *_keys_of_lists(resource.model))
        for source, here, there in keys:
            parent = kind_of_table().get(source)
            if parent is None:
                continue
            is_shown = shows(kind, parent)
            if is_shown or source in depends_on:
                yield Link(parent, kind, _from(there, here), is_shown)
    for each in _upward:
        child: Any = each.child.model.__table__
        above: Any = each.parent.model.__table__
        names = kind_of_table()
        yield Link(
            names[child.name],
            names[above.name],
            _from(child.c.id, child.c[each.key]),
            False,
        )


def _from(known: Any, wanted: Any) -> sa.Select[Any]:
    ids = bindparam("ids", expanding=True, type_=sa.Uuid())
    return sa.select(known, wanted).where(known.in_(ids)).distinct()


def _own_keys(table: sa.Table) -> Iterator[tuple[str, Any, Any]]:
    """Yield each table that a table refers to, with the id and the key."""
    for key in table.foreign_keys:
        yield key.column.table.name, table.c.id, key.parent


def _shown_keys(kind: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield each table that a kind refers to without a foreign key, as `_own_keys` does.

    Such a key can outlive its record, which the API then shows as null.
    """
    spec = feed_spec(kind)
    table: Any = spec.resource.model.__table__
    for key, field in spec.fields.items():
        if isinstance(field, ReferenceField) and not table.c[key].foreign_keys:
            yield field.to.model.__tablename__, table.c.id, table.c[key]


def _keys_of_lists(model: type[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each table that a record's lists refer to, with the keys to the record and to it."""
    audited_model = find_audited_model(model)
    for listed in audited_model.lists.values() if audited_model else ():
        prop = sa.inspect(model).relationships[listed.relationship]
        table: Any = prop.secondary if prop.secondary is not None else prop.mapper.local_table
        to_record = [k.parent for k in table.foreign_keys if k.column.table is model.__table__]
        for key in table.foreign_keys:
            if key.column.table is not model.__table__:
                for here in to_record:
                    yield key.column.table.name, here, key.parent


def _mentioned(resource: Resource) -> set[tuple[str, str]]:
    """Return the tables and columns that a resource's row rule and profiles mention."""
    rules: list[Any] = [resource.visible, *([resource.profiles.level] if resource.profiles else [])]
    found: set[tuple[str, str]] = set()
    for rule in rules:
        for element in visitors.iterate(rule):
            if isinstance(element, sa.ColumnClause) and element.table is not None:
                named: Any = element.table
                while isinstance(named, AliasedReturnsRows):
                    named = named.element
                found.add((named.name, element.key))
    return found
