"""Audit log: the registry of audited tables, and how a record of each is written as JSON."""

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
from catalogue.core.jobs.models import Job
from catalogue.core.models import IdempotencyKey, PermissionsVersion
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
    }
)
"""Columns that follow from others: by themselves they are no change."""


@dataclass(frozen=True)
class AuditedList:
    """A list that is part of a record, but kept in another table.

    `item_as_json(session, item)` says one item in JSON. It is asked of items as they are and as they were,
    and so may use nothing of them but their columns.
    """

    relationship: str
    item_as_json: Getter

    def as_json(self, session: Session, items: Iterable[Any]) -> list[Any]:
        """All items in JSON, in an order that does not depend on how they were found."""
        return sorted((self.item_as_json(session, item) for item in items), key=canonical)


@dataclass
class AuditedModel:
    """How the records of one table are written down."""

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
        """The columns that the store may fill in by itself."""
        return [c.key for c in self.model.__table__.columns if c.server_default is not None]

    def value(self, name: str, value: Any) -> Any:
        """A column's value as JSON."""
        convert = self.columns[name]
        return value if value is None or convert is None else convert(value)

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """All columns of a record as JSON. What a new record was not given is NULL."""
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
    """Keep the history of a table's records, under the name of the resource.

    `ignored_columns`: further columns that are no change by themselves. `owner(session, record)` says
    which agency owns a record, where that is not its `agency_id`. `verb(record, before)` may say
    better than "updated" what an update came to.
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


def not_audited(why: str) -> Callable[[_Model], _Model]:
    """Keep no history of a table, and say why none is needed."""

    def declare(model: _Model) -> _Model:
        _not_audited[model] = why
        return model

    return declare


def owner_through(parent: type[Any], *, by: str, of: tuple[type[Any], str] | None = None) -> Getter:
    """The owner of what belongs to a record of another table, found by this foreign key.

    `of` names the table that has the key, and the key that leads there, where it is not its own.
    """
    getter = _through(parent, by, "agency_id")
    return getter if of is None else _beyond(of[0], of[1], by, parent)


def disclosure_through(parent: type[Any], *, by: str) -> Getter:
    """The disclosure of what belongs to a record of another table, and is shared as that is."""
    return _through(parent, by, "disclosure")


def _through(parent: type[Any], by: str, name: str) -> Getter:
    table = parent.__table__

    def get(session: Session, entity: Any) -> Any:
        # Not as an object: it may be in the same flush, which must then not see it twice.
        statement = sa.select(table.c[name]).where(table.c.id == getattr(entity, by))
        return session.connection().execute(statement).scalar()

    return get


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
    """The code of a record that lists name by its code, which never changes."""
    codes: dict[UUID, str] = session.info.setdefault("codes", {}).setdefault(model, {})
    if identity not in codes:
        table = model.__table__
        # Not as objects: they may be in the same flush, which must then not see them twice.
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
    """How an item of a list finds the record that it is part of."""

    parent: AuditedModel
    name: str
    foreign_key: str


def find_audited_model(model: type[Any]) -> AuditedModel | None:
    """How a table's records are written down, if they are."""
    return _audited.get(model)


def list_audited_models() -> list[AuditedModel]:
    """Every table that history is kept of, by the names of the resources."""
    return sorted(_audited.values(), key=lambda each: each.resource)


def reason_not_audited(model: type[Any]) -> str | None:
    """Why no history is kept of a table."""
    return _not_audited.get(model)


def parents_of(model: type[Any]) -> list[ParentLink]:
    """The records that items of this table are part of."""
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
    """The names of the tables that nothing may write to unless history is kept of it."""
    names = {model.__tablename__ for model in _audited}
    for audited_model in _audited.values():
        for listed in audited_model.lists.values():
            prop = sa.inspect(audited_model.model).relationships[listed.relationship]
            table = prop.mapper.local_table if prop.secondary is None else prop.secondary
            names.add(table.name)
    return frozenset(names)


def _as_json(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """What makes JSON of a column's values; None where orjson does."""
    kind = column.type
    if isinstance(kind, sa.LargeBinary):
        raise TypeError(f"{column}: history keeps no files.")
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
    """A moment as the stores give it back."""
    return value.astimezone(UTC)


for _model, _why in {
    ChangeSet: "It is the history.",
    Event: "It is the history.",
    HistoryHead: "It is the history.",
    Person: "It is part of the history, and its name may be let go.",
    IdempotencyKey: "An answer that is kept for a day; what it answered to is recorded.",
    Job: "Work to be done; what it comes to is recorded.",
    PermissionsVersion: "It only counts.",
}.items():
    not_audited(_why)(_model)
