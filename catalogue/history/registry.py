"""Audit log: the registry of audited tables, and the JSON form of their records."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.canonical import canonical
from catalogue.core.jobs.models import Job, JobWorker
from catalogue.core.models import (
    IdempotencyKey,
    MergedRecord,
    PermissionsVersion,
    ReleaseRequirement,
)
from catalogue.core.types import UtcDateTime
from catalogue.history.hash_chain import normalised
from catalogue.history.models import ChangeSet, Event, HistoryHead, Person

Getter = Callable[[Session, Any], Any]

DERIVED = frozenset(
    {
        "updated_at",
        "revision",
        "search_text",
        "summary_search_text",
        "name_key",
        "shared_updated_at",
        "name_sort",
        "title_sort",
        "reference_sort",
        "question_sort",
    }
)
"""Columns that are computed from others. A change to them alone makes no event."""


@dataclass(frozen=True)
class AuditedList:
    """A list that is part of a record, but is kept in another table.

    `item_as_json(session, item)` writes one item as JSON. The function also gets past states of
    items, so it can use only their columns. `item_of_json(session, record, value)` makes the item
    again, when a record is restored from the audit log.
    """

    relationship: str
    item_as_json: Getter
    item_of_json: Callable[[Session, Any, Any], Any] | None = None

    def as_json(self, session: Session, items: Iterable[Any]) -> list[Any]:
        """Write all items as JSON, in an order that does not depend on their order in the store."""
        return sorted((self.item_as_json(session, item) for item in items), key=canonical)


@dataclass
class AuditedModel:
    """The declaration of one audited table."""

    model: type[Any]
    resource: str
    lists: Mapping[str, AuditedList]
    ignored_columns: frozenset[str]
    owner: Getter
    disclosure: Getter
    verb: Callable[[Any, dict[str, Any]], str | None] | None
    columns: dict[str, Callable[[Any], Any] | None] = field(init=False)

    def __post_init__(self) -> None:
        table: sa.Table = self.model.__table__
        self.columns = {column.key: _as_json(column) for column in table.columns}

    @cached_property
    def server_defaults(self) -> list[str]:
        """The columns that the store can fill in by itself."""
        return [c.key for c in self.model.__table__.columns if c.server_default is not None]

    @cached_property
    def converters(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """The columns whose values are not JSON, with the functions that convert them."""
        return [(name, convert) for name, convert in self.columns.items() if convert is not None]

    def whole_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Write a record with a value for exactly each column as JSON, in place."""
        for name, convert in self.converters:
            if (value := record[name]) is not None:
                record[name] = convert(value)
        return record

    def value(self, name: str, value: Any) -> Any:
        """Write a column's value as JSON."""
        convert = self.columns[name]
        return value if value is None or convert is None else convert(value)

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Write all columns of a record as JSON. A column without a value is NULL."""
        values = {}
        for name, convert in self.columns.items():
            value = record.get(name)
            values[name] = value if value is None or convert is None else convert(value)
        return values


_audited: dict[type[Any], AuditedModel] = {}
_not_audited: dict[type[Any], str] = {}
_Model = TypeVar("_Model", bound=type[Any])


def audited(
    resource: str,
    *,
    lists: Mapping[str, AuditedList] | None = None,
    ignored_columns: Iterable[str] = (),
    owner: Getter | None = None,
    disclosure: Getter | None = None,
    verb: Callable[[Any, dict[str, Any]], str | None] | None = None,
) -> Callable[[_Model], _Model]:
    """Declare that changes to a table's records are recorded, under the name of the resource.

    `ignored_columns` are further columns whose change alone makes no event.
    `owner(session, record)` finds the owning agency of a record that has no `agency_id`.
    `verb(record, before)` can return a better verb than "updated" for an update.
    """

    def declare(model: _Model) -> _Model:
        _audited[model] = AuditedModel(
            model=model,
            resource=resource,
            lists=lists or {},
            ignored_columns=DERIVED.union(ignored_columns),
            owner=owner or _agency_of,
            disclosure=disclosure or _disclosure_of,
            verb=verb,
        )
        _parent_links.cache_clear()
        audited_tables.cache_clear()
        return model

    return declare


def not_audited(reason: str) -> Callable[[_Model], _Model]:
    """Declare that changes to a table are not recorded, and the reason."""

    def declare(model: _Model) -> _Model:
        _not_audited[model] = reason
        return model

    return declare


def owner_through(parent: type[Any], *, by: str, of: tuple[type[Any], str] | None = None) -> Getter:
    """Make the function that finds the owner of a record through its parent in another table.

    `by` is the foreign key to the parent. If a table between the two has that key, `of` holds that
    table and the record's key to it.
    """
    return _Through(parent, by, "agency_id") if of is None else _beyond(of[0], of[1], by, parent)


def disclosure_through(parent: type[Any], *, by: str) -> Getter:
    """Make the function that finds the disclosure of a record through its parent."""
    return _Through(parent, by, "disclosure")


def get_each(session: Session, getter: Getter, entities: list[Any]) -> list[Any]:
    """Call a getter for several records, with few queries if it reads a parent."""
    return (
        getter.get_each(session, entities)
        if isinstance(getter, _Through)
        else [getter(session, entity) for entity in entities]
    )


_AT_ONCE = 500


@dataclass(frozen=True)
class _Through:
    """The getter of a value of a record's parent, which is in another table."""

    parent: type[Any]
    by: str
    name: str

    def __call__(self, session: Session, entity: Any) -> Any:
        return self.get_each(session, [entity])[0]

    def get_each(self, session: Session, entities: list[Any]) -> list[Any]:
        # Not as objects, which could be in the same flush and must not be loaded twice.
        columns = self.parent.__table__.c
        parents = [getattr(entity, self.by) for entity in entities]
        found: dict[Any, Any] = {}
        identities = list(dict.fromkeys(parents))
        for start in range(0, len(identities), _AT_ONCE):
            statement = sa.select(columns.id, columns[self.name]).where(
                columns.id.in_(identities[start : start + _AT_ONCE])
            )
            found.update((key, value) for key, value in session.connection().execute(statement))
        return [found.get(identity) for identity in parents]


def _beyond(middle: type[Any], to_middle: str, by: str, parent: type[Any]) -> Getter:
    between, last = middle.__table__, parent.__table__

    def get(session: Session, entity: Any) -> Any:
        statement = (
            sa.select(last.c.agency_id)
            .join(between, between.c[by] == last.c.id)
            .where(between.c.id == getattr(entity, to_middle))
        )
        return session.connection().execute(statement).scalar()

    return get


def code_of(session: Session, model: type[Any], identity: UUID) -> str:
    """Find the code of reference data by its id. Codes never change, so they are cached."""
    codes: dict[UUID, str] = session.info.setdefault("codes", {}).setdefault(model, {})
    if identity not in codes:
        table = model.__table__
        # Not as objects, which could be in the same flush and must not be loaded twice.
        rows = session.connection().execute(sa.select(table.c.id, table.c.code))
        codes.update((row.id, row.code) for row in rows)
    return codes[identity]


def _disclosure_of(_session: Session, entity: Any) -> Any:
    return getattr(entity, "disclosure", None)


def _agency_of(_session: Session, entity: Any) -> UUID | None:
    agency_id: UUID | None = getattr(entity, "agency_id", None)
    return agency_id


@dataclass(frozen=True)
class ParentLink:
    """The link from an item of a list to the record that it is part of."""

    parent: AuditedModel
    name: str
    foreign_key: str


def find_audited_model(model: type[Any]) -> AuditedModel | None:
    """Find the declaration of an audited table, or None."""
    return _audited.get(model)


def list_audited_models() -> list[AuditedModel]:
    """List the audited tables, sorted by the names of their resources."""
    return sorted(_audited.values(), key=lambda audited_model: audited_model.resource)


def reason_not_audited(model: type[Any]) -> str | None:
    """Find the reason why a table is not audited, or None."""
    return _not_audited.get(model)


def parents_of(model: type[Any]) -> list[ParentLink]:
    """List the links from items of a table to the records that they are part of."""
    return _parent_links().get(model, [])


@cache
def _parent_links() -> dict[type[Any], list[ParentLink]]:
    links: dict[type[Any], list[ParentLink]] = {}
    for audited_model in _audited.values():
        for name, listed in audited_model.lists.items():
            prop = sa.inspect(audited_model.model).relationships[listed.relationship]
            if prop.secondary is None:
                ((_, remote),) = prop.local_remote_pairs
                links.setdefault(prop.mapper.class_, []).append(
                    ParentLink(audited_model, name, remote.key)
                )
    return links


@cache
def audited_tables() -> frozenset[str]:
    """Return the names of all tables whose changes must be recorded."""
    names = {model.__tablename__ for model in _audited}
    for audited_model in _audited.values():
        for listed in audited_model.lists.values():
            prop = sa.inspect(audited_model.model).relationships[listed.relationship]
            table = prop.mapper.local_table if prop.secondary is None else prop.secondary
            names.add(table.name)
    return frozenset(names)


def _as_json(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """Return the function that converts a column's values for JSON, or None if none is needed."""
    kind = column.type
    if isinstance(kind, sa.LargeBinary):
        raise TypeError(f"{column}: the audit log cannot record files.")
    if isinstance(kind, sa.JSON):
        return normalised
    if isinstance(kind, sa.Numeric):
        return _Fixed(kind.scale or 0)
    if isinstance(kind, UtcDateTime):
        return in_utc
    return None


@dataclass(frozen=True)
class _Fixed:
    """Numbers as text, with all of their decimals."""

    scale: int

    def __call__(self, value: Any) -> str:
        return f"{Decimal(value):.{self.scale}f}"


def in_utc(value: datetime) -> datetime:
    """Convert a moment to UTC, as the stores return it."""
    return value.astimezone(UTC)


for _model, _reason in {
    ChangeSet: "The audit log itself.",
    Event: "The audit log itself.",
    HistoryHead: "The audit log itself.",
    Person: "A part of the audit log. The name can be erased.",
    IdempotencyKey: "A response that is stored for a day. The request's own changes are recorded.",
    Job: "Work that is waiting or running. The changes that it makes are recorded.",
    JobWorker: "Processes that run now. Nothing about an agency's records.",
    MergedRecord: "The audit log has the deletion of the duplicate and the reason for it.",
    PermissionsVersion: "A counter without content.",
    ReleaseRequirement: "A number that migrations alone write.",
}.items():
    not_audited(_reason)(_model)
