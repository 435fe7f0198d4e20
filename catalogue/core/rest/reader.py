"""Reading resources for one actor: documents, entities and queries, each under the row rule."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import Forbidden
from catalogue.core.raw_postgres import execute, first_column, last_number
from catalogue.core.rest.columns import document_of
from catalogue.core.rest.profiles import scope_parameter
from catalogue.core.rest.query import LARGEST_LIMIT, MOST_CHOICES, ListQuery, Shape, cursor_after
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.statements import (
    NO_SHAPE,
    Statements,
    compiled_for_postgresql,
    statement_for,
)

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

NARROWING = (Scope.RISKS_READ, Scope.COSTS_READ)
"""Scopes that some fields need besides that of the operation."""


def rule_parameters(context: Context, as_of: datetime | None = None) -> dict[str, Any]:
    """The values that columns and row rules refer to, now or at a moment of the past.

    What others share is always that of now: an agreement that has ended opens no past either.
    """
    actor, now = context.actor, clock.now()
    values = {
        "actor_agency_id": actor.agency_id,
        "now": now,
        "today": clock.today(),
        "a_year_ago": clock.a_year_ago(),
        **{scope_parameter(scope): actor.has(scope) for scope in NARROWING},
        **context.shared_with.parameters(now),
    }
    if as_of is None:
        return values
    day = as_of.astimezone(clock.UK).date()
    past = {"as_of": as_of, "now": as_of, "today": day, "a_year_ago": clock.a_year_before(day)}
    return values | past


def read_page(
    context: Context, resource: Resource, query: ListQuery, *, as_of: datetime | None = None
) -> "Page":
    """One page of a list, of what the actor may see."""
    return _reading(context, resource, as_of).page(query, resource.statements_at(as_of))


def count_rows(
    context: Context, resource: Resource, query: ListQuery, *, as_of: datetime | None = None
) -> int:
    """How many records the list has on all its pages."""
    return _reading(context, resource, as_of).count(query, resource.statements_at(as_of))


def read_document(
    context: Context, resource: Resource, identity: UUID, *, as_of: datetime | None = None
) -> bytes:
    """One record's JSON as the actor sees it; NotFound when it may not be seen."""
    document = _reading(context, resource, as_of).one(identity, resource.statements_at(as_of))
    if document is None:
        raise resource.absent()
    return document


def read_documents(
    context: Context,
    resource: Resource,
    identities: Collection[UUID],
    *,
    as_of: datetime | None = None,
) -> dict[UUID, dict[str, Any]]:
    """Some records by their ids, each as the actor sees it. Those it may not see are left out."""
    documents: dict[UUID, dict[str, Any]] = {}
    wanted = sorted(identities)
    for start in range(0, len(wanted), MOST_CHOICES):
        some = wanted[start : start + MOST_CHOICES]
        # Filled up with the last of them, so that the statement is the same for any number.
        some += [some[-1]] * (MOST_CHOICES - len(some))
        arguments = {"id__in": [",".join(map(str, some))], "limit": [str(MOST_CHOICES)]}
        page = read_page(context, resource, resource.vocabulary.read(arguments), as_of=as_of)
        for record in map(orjson.loads, page.documents):
            documents[UUID(record["id"])] = record
    return documents


def read_all(context: Context, resource: Resource, **filters: str) -> Iterator[dict[str, Any]]:
    """Every record that the actor sees and that fits, in the list's own order, page by page."""
    arguments = {name: [text] for name, text in filters.items()} | {"limit": [str(LARGEST_LIMIT)]}
    while True:
        query = resource.vocabulary.read(arguments)
        page = read_page(context, resource, query)
        yield from map(orjson.loads, page.documents)
        if page.more_after is None:
            return
        arguments["cursor"] = [cursor_after(query.shape.sort, page.more_after)]


def only_visible(context: Context, resource: Resource, statement: sa.Select[Any]) -> sa.Select[Any]:
    """A query about the resource's table, narrowed to the rows that the actor sees."""
    values = rule_parameters(context) | resource.found_first(context)
    return statement.where(resource.visible).params(values)


def get_record(
    context: Context, resource: Resource, identity: UUID, *, lock: bool = False, **within: UUID
) -> Any:
    """The entity, if the actor may see it and it is what the path says (`within`); else NotFound."""
    by_id = sa.select(resource.model).where(resource.model.id == identity)
    statement = only_visible(context, resource, by_id)
    if lock:
        statement = statement.with_for_update(of=resource.model)
    record = context.session.execute(statement.execution_options(populate_existing=True)).scalar()
    if record is None or any(getattr(record, name) != value for name, value in within.items()):
        raise resource.absent()
    return record


def get_own_record(
    context: Context, resource: Resource, identity: UUID, *, lock: bool = True, **within: UUID
) -> Any:
    """The same, locked, for its owner: Forbidden when the actor may see but not write it."""
    record = get_record(context, resource, identity, lock=lock, **within)
    require_owner(context, resource, record)
    return record


def require_visible(context: Context, resource: Resource, identity: UUID) -> None:
    """NotFound, if the actor may not see it: what belongs to it is then not there either."""
    by_id = sa.select(resource.model.id).where(resource.model.id == identity)
    if context.session.scalar(only_visible(context, resource, by_id)) is None:
        raise resource.absent()


def require_owner(context: Context, resource: Resource, entity: Any) -> None:
    """Only the owning agency writes a record; shared reference data, an administrator."""
    owner = getattr(entity, resource.owner) if resource.owner else None
    if resource.administered and context.actor.has(Scope.ADMIN):
        return
    if owner is None:
        raise Forbidden(f"Only an administrator may change this {resource.name}.")
    if owner != context.actor.agency_id:
        raise Forbidden(f"Only the agency that owns this {resource.name} may change it.")


def _reading(context: Context, resource: Resource, as_of: datetime | None) -> "_Reading":
    profiles = resource.profiles
    watched = (
        profiles is not None
        and profiles.shows_full(context.actor)
        and (profiles.shown_beyond_shares or context.shared_with.includes_full_profile(clock.now()))
    )
    parameters = rule_parameters(context, as_of) | resource.found_first(context)
    return _Reading(context, parameters, resource.name if watched else None)


@dataclass(frozen=True)
class Page:
    """The records of a page as JSON, and the sort keys of the last if more follow."""

    documents: list[bytes]
    more_after: tuple[Any, ...] | None


@dataclass(frozen=True)
class _Reading:
    """Runs a resource's statements for one actor, in one context."""

    context: Context
    parameters: dict[str, Any]
    watched: str | None = None
    """The kind of record, where others' sensitive fields may be among what is shown."""

    def page(self, query: ListQuery, made: Statements) -> Page:
        shape = self._watched(query.shape, made)
        # One row more than the page has tells whether another page follows.
        values = query.values | self.parameters | {"limit": query.limit + 1}
        last, keys = query.limit - 1, len(shape.sort) + 1
        if self._on_postgres:
            cursor = self._ask("page", shape, values, made)
            found = first_column(cursor)
            more = len(found) > query.limit
            row: Sequence[Any] = ()
            if shape.watched:
                rows = cursor.fetchall()
                self._note(shape, made, [each[keys + 1 :] for each in rows[: query.limit]])
                row = rows[last] if more else ()
            elif more:
                cursor.scroll(last)
                row = cursor.fetchone() or ()
            return Page(found[: query.limit], tuple(row[1 : keys + 1]) if more else None)
        names = made.names(shape)
        found_rows = self._rows("page", shape, values, made)
        page = found_rows[: query.limit]
        if shape.watched:
            self._note(shape, made, [row[len(names) + keys :] for row in page])
        after = None
        if len(found_rows) > query.limit:
            after = tuple(found_rows[last][len(names) : len(names) + keys])
        return Page([document_of(names, row) for row in page], after)

    def count(self, query: ListQuery, made: Statements) -> int:
        """How many rows there are on all pages."""
        values = query.values | self.parameters
        shape = Shape(query.shape.conditions, query.shape.terms)
        if self._on_postgres:
            return int(first_column(self._ask("count", shape, values, made))[0])
        return int(self._rows("count", shape, values, made)[0][0])

    def one(self, identity: UUID, made: Statements) -> bytes | None:
        """One row's JSON."""
        shape = self._watched(NO_SHAPE, made)
        values = self.parameters | {"identity": identity}
        if self._on_postgres:
            cursor = self._ask("one", shape, values, made)
            found = first_column(cursor)
            if shape.watched:
                self._note(shape, made, [row[1:] for row in cursor.fetchall()])
            return found[0] if found else None
        names = made.names(shape)
        rows = self._rows("one", shape, values, made)
        if shape.watched:
            self._note(shape, made, [row[len(names) :] for row in rows])
        return document_of(names, rows[0]) if rows else None

    @property
    def _on_postgres(self) -> bool:
        return self.context.database.dialect == "postgresql"

    def _watched(self, shape: Shape, made: Statements) -> Shape:
        concerned = self.watched is not None and made.sensitive(shape)
        return replace(shape, watched=True) if concerned else shape

    def _note(self, shape: Shape, made: Statements, read: Sequence[Sequence[Any]]) -> None:
        """Keep in mind whose sensitive fields were shown, to be logged before the answer is."""
        of_others = [(row[0], row[1]) for row in read if row[1] is not None]
        if self.watched:
            self.context.note_read(self.watched, made.sensitive(shape), of_others)

    def _ask(
        self, kind: str, shape: Shape, values: dict[str, Any], made: Statements
    ) -> "psycopg.RawCursor[TupleRow]":
        deferred = self.context.work.deferred
        along = deferred.query if deferred and deferred.is_open else ""
        compiled = compiled_for_postgresql(made, kind, shape, along)
        values_in_order = [values[name] for name in compiled.names]
        cursor = execute(self.context.connection, compiled.text, values_in_order)
        if deferred and along:
            deferred.found = last_number(cursor)
        return cursor

    def _rows(
        self, kind: str, shape: Shape, values: dict[str, Any], made: Statements
    ) -> Sequence[sa.Row[Any]]:
        return self.context.session.execute(
            statement_for(made, kind, shape, "sqlite"), values
        ).all()
