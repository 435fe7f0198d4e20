"""Reads of resources for one actor: documents, entities and queries, all under the row rule."""

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
from catalogue.core.errors import Forbidden, Gone, Problem, invalid
from catalogue.core.models import MergedRecord
from catalogue.core.raw_postgres import execute, first_column, last_number
from catalogue.core.rest.columns import document_of
from catalogue.core.rest.profiles import scope_parameter
from catalogue.core.rest.query import (
    LARGEST_LIMIT,
    MOST_CHOICES,
    ListQuery,
    QueryShape,
    cursor_after,
)
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

FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 100, 10, 1_000
"""The number of records that an export reads at a time: at first, at least and at most."""
BATCH_BYTES = 4 << 20
"""The size in bytes of JSON that a batch of an export aims for."""

NARROWING = (Scope.RISKS_READ, Scope.COSTS_READ)
"""The scopes that some fields require in addition to the scope of the operation."""


def rule_parameters(context: Context, as_of: datetime | None = None) -> dict[str, Any]:
    """Return the values that columns and row rules refer to, now or at a past moment.

    Sharing is always that of the present, so an agreement that has ended opens no past state.
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
) -> "RecordPage":
    """Read one page of a list, with the rows that the actor can see."""
    return _resource_reader(context, resource, as_of).page(query, resource.statements_at(as_of))


def count_rows(
    context: Context, resource: Resource, query: ListQuery, *, as_of: datetime | None = None
) -> int:
    """Count the rows on all pages of a list, at most one more than its `total_limit`."""
    return _resource_reader(context, resource, as_of).count(query, resource.statements_at(as_of))


def read_batches(
    context: Context, resource: Resource, query: ListQuery, *, as_of: datetime | None = None
) -> Iterator[list[bytes]]:
    """Read all records of a list in batches. Use a snapshot if the batches must agree.

    The size of the records in a batch decides the number in the next, which bounds the memory. All
    batches use the moment of the first, so that no share ends between two batches.
    """
    reader = _resource_reader(context, resource, as_of)
    statements = resource.statements_at(as_of)
    limit = FIRST_BATCH
    while True:
        query = replace(query, limit=limit)
        page = reader.page(query, statements)
        yield page.documents
        if page.more_after is None:
            return
        query = resource.list_parameters.continue_after(query, page.more_after)
        limit = _next_batch(limit, sum(map(len, page.documents)))
        del page


def _next_batch(records: int, size: int) -> int:
    """Return the number of records for the next batch, at most twice that of the last batch."""
    aimed = min(BATCH_BYTES * records // max(size, 1), 2 * records)
    return max(SMALLEST_BATCH, min(aimed, LARGEST_BATCH))


def read_document(
    context: Context, resource: Resource, identity: UUID, *, as_of: datetime | None = None
) -> bytes:
    """Read one record's JSON as the actor sees it. Raises NotFound if the actor cannot see it."""
    document = _resource_reader(context, resource, as_of).one(
        identity, resource.statements_at(as_of)
    )
    if document is None:
        raise resource.absent()
    return document


def absence_of(context: Context, resource: Resource, identity: UUID) -> Problem:
    """Make the error for a record that the actor cannot see.

    The error is Gone for a merged duplicate, if the actor could see the duplicate and sees the
    record that replaced it. For everything else the error is NotFound.
    """
    if resource.was_visible is None:
        return resource.absent()
    merged = context.session.scalar(
        sa.select(MergedRecord).where(
            MergedRecord.id == identity, MergedRecord.resource == resource.name
        )
    )
    if merged is None or not resource.was_visible(context, merged, merged.merged_at):
        return resource.absent()
    survivor = sa.select(resource.model.id).where(resource.model.id == merged.survivor_id)
    if context.session.scalar(only_visible(context, resource, survivor)) is None:
        return resource.absent()
    path = f"{context.settings.public_path}{resource.path}/{merged.survivor_id}"
    return Gone(
        f"This {resource.noun} was a duplicate, and was merged into {path}. Use that record.",
        extra={"merged_into": path},
    )


def read_documents(
    context: Context,
    resource: Resource,
    identities: Collection[UUID],
    *,
    as_of: datetime | None = None,
) -> dict[UUID, dict[str, Any]]:
    """Read records by their ids, as the actor sees them. Hidden records are left out."""
    documents: dict[UUID, dict[str, Any]] = {}
    wanted = sorted(identities)
    for start in range(0, len(wanted), MOST_CHOICES):
        some = wanted[start : start + MOST_CHOICES]
        # Repeat the last id, so that the statement is the same for any number of ids.
        some += [some[-1]] * (MOST_CHOICES - len(some))
        arguments = {"id__in": [",".join(map(str, some))], "limit": [str(MOST_CHOICES)]}
        page = read_page(context, resource, resource.list_parameters.read(arguments), as_of=as_of)
        for record in map(orjson.loads, page.documents):
            documents[UUID(record["id"])] = record
    return documents


def read_all(context: Context, resource: Resource, **filters: str) -> Iterator[dict[str, Any]]:
    """Read every record that the actor sees and the filters match, in the usual order."""
    arguments = {name: [text] for name, text in filters.items()} | {"limit": [str(LARGEST_LIMIT)]}
    while True:
        query = resource.list_parameters.read(arguments)
        page = read_page(context, resource, query)
        yield from map(orjson.loads, page.documents)
        if page.more_after is None:
            return
        arguments["cursor"] = [cursor_after(query.shape.sort, page.more_after)]


def only_visible(context: Context, resource: Resource, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Narrow a query about the resource's table to the rows that the actor sees."""
    values = rule_parameters(context) | resource.rule_values(context)
    return statement.where(resource.visible).params(values)


def get_record(
    context: Context, resource: Resource, identity: UUID, *, lock: bool = False, **within: UUID
) -> Any:
    """Get an entity. `within` holds the values of some of its fields, as the path gives them.

    Raises NotFound if the actor cannot see the entity, or if the value of such a field differs.
    """
    by_id = sa.select(resource.model).where(resource.model.id == identity)
    statement = only_visible(context, resource, by_id)
    if lock:
        statement = statement.with_for_update(of=resource.model)
    record = context.session.execute(statement.execution_options(populate_existing=True)).scalar()
    if record is None or any(getattr(record, name) != value for name, value in within.items()):
        raise resource.absent()
    return record


def lock_in_order(context: Context, resource: Resource, identities: Collection[UUID]) -> None:
    """Lock the records that the actor sees, in the order of their ids.

    Requests that change the same records then wait for each other, instead of in a circle.
    """
    wanted = sorted(identities)
    model = resource.model
    for start in range(0, len(wanted), MOST_CHOICES):
        some = sa.select(model.id).where(model.id.in_(wanted[start : start + MOST_CHOICES]))
        locked = some.order_by(model.id).with_for_update(of=model)
        context.session.execute(only_visible(context, resource, locked)).all()


def get_own_record(
    context: Context, resource: Resource, identity: UUID, *, lock: bool = True, **within: UUID
) -> Any:
    """Get an entity, locked, for its owner. Raises Forbidden if the actor is not its owner."""
    record = get_record(context, resource, identity, lock=lock, **within)
    require_owner(context, resource, record)
    return record


def require_visible(context: Context, resource: Resource, identity: UUID) -> None:
    """Raise NotFound if the actor cannot see the record, and so cannot see any of its parts."""
    by_id = sa.select(resource.model.id).where(resource.model.id == identity)
    if context.session.scalar(only_visible(context, resource, by_id)) is None:
        raise resource.absent()


def require_seen(
    context: Context, resource: Resource, pointer: str, statement: sa.Select[Any]
) -> Any:
    """Return a value that `statement` selects from the record with an id in the request.

    Raises Unprocessable, for the field at `pointer`, if the actor cannot see the record.
    """
    with context.session.no_autoflush:
        value = context.session.scalar(only_visible(context, resource, statement))
    if value is None:
        raise invalid(pointer, "unknown", resource.explain_unknown())
    return value


def require_owner(context: Context, resource: Resource, entity: Any) -> None:
    """Raise Forbidden unless the actor's agency owns the record, or the actor administers its kind."""
    owner = getattr(entity, resource.owner) if resource.owner else None
    if resource.administered and context.actor.has(Scope.ADMIN):
        return
    if owner is None:
        raise Forbidden(
            f"Only an administrator can change this {resource.noun}. "
            "Ask the operator of the service to make the change."
        )
    if owner != context.actor.agency_id:
        raise Forbidden(
            f"Only the agency that owns this {resource.noun} can change it. "
            "Ask that agency to make the change."
        )


def _resource_reader(
    context: Context, resource: Resource, as_of: datetime | None
) -> "_ResourceReader":
    profiles = resource.profiles
    tracked = (
        profiles is not None
        and profiles.shows_full(context.actor)
        and (profiles.shown_beyond_shares or context.shared_with.includes_full_profile(clock.now()))
    )
    parameters = rule_parameters(context, as_of) | resource.rule_values(context)
    return _ResourceReader(context, parameters, resource.name if tracked else None)


@dataclass(frozen=True)
class RecordPage:
    """The records of a page as JSON, and the sort keys of the last one if more follow."""

    documents: list[bytes]
    more_after: tuple[Any, ...] | None


@dataclass(frozen=True)
class _ResourceReader:
    """A reader of one resource for one actor in one context."""

    context: Context
    parameters: dict[str, Any]
    tracked_kind: str | None = None
    """The kind of record, if the response can show sensitive fields of other agencies."""

    def page(self, query: ListQuery, statements: Statements) -> RecordPage:
        shape = self._tracking_reads(query.shape, statements)
        # One row more than the page holds shows whether another page follows.
        values = query.values | self.parameters | {"limit": query.limit + 1}
        last, keys = query.limit - 1, len(shape.sort) + 1
        if self._on_postgres:
            cursor = self._execute("page", shape, values, statements)
            documents = first_column(cursor)
            more = len(documents) > query.limit
            row: Sequence[Any] = ()
            if shape.tracks_reads:
                rows = cursor.fetchall()
                reads = [found[keys + 1 :] for found in rows[: query.limit]]
                self._note_reads(shape, statements, reads)
                row = rows[last] if more else ()
            elif more:
                cursor.scroll(last)
                row = cursor.fetchone() or ()
            return RecordPage(documents[: query.limit], tuple(row[1 : keys + 1]) if more else None)
        names = statements.names(shape)
        found_rows = self._rows("page", shape, values, statements)
        page = found_rows[: query.limit]
        if shape.tracks_reads:
            self._note_reads(shape, statements, [row[len(names) + keys :] for row in page])
        after = None
        if len(found_rows) > query.limit:
            after = tuple(found_rows[last][len(names) : len(names) + keys])
        return RecordPage([document_of(names, row) for row in page], after)

    def count(self, query: ListQuery, statements: Statements) -> int:
        """Count the rows on all pages, at most one more than the limit."""
        values = query.values | self.parameters
        kind = "count"
        if query.total_limit is not None:
            kind, values = "count_some", values | {"most": query.total_limit + 1}
        shape = QueryShape(query.shape.conditions, query.shape.terms)
        if self._on_postgres:
            return int(first_column(self._execute(kind, shape, values, statements))[0])
        return int(self._rows(kind, shape, values, statements)[0][0])

    def one(self, identity: UUID, statements: Statements) -> bytes | None:
        """Return one row's JSON, or None if the actor sees no such row."""
        shape = self._tracking_reads(NO_SHAPE, statements)
        values = self.parameters | {"identity": identity}
        if self._on_postgres:
            cursor = self._execute("one", shape, values, statements)
            documents = first_column(cursor)
            if shape.tracks_reads:
                self._note_reads(shape, statements, [row[1:] for row in cursor.fetchall()])
            return documents[0] if documents else None
        names = statements.names(shape)
        rows = self._rows("one", shape, values, statements)
        if shape.tracks_reads:
            self._note_reads(shape, statements, [row[len(names) :] for row in rows])
        return document_of(names, rows[0]) if rows else None

    @property
    def _on_postgres(self) -> bool:
        return self.context.database.dialect == "postgresql"

    def _tracking_reads(self, shape: QueryShape, statements: Statements) -> QueryShape:
        concerned = self.tracked_kind is not None and statements.sensitive(shape)
        return replace(shape, tracks_reads=True) if concerned else shape

    def _note_reads(
        self, shape: QueryShape, statements: Statements, read: Sequence[Sequence[Any]]
    ) -> None:
        """Note other agencies' sensitive fields that the response shows, for the access log."""
        of_others = [(row[0], row[1]) for row in read if row[1] is not None]
        if self.tracked_kind:
            self.context.note_read(self.tracked_kind, statements.sensitive(shape), of_others)

    def _execute(
        self, kind: str, shape: QueryShape, values: dict[str, Any], statements: Statements
    ) -> "psycopg.RawCursor[TupleRow]":
        deferred = self.context.work.deferred
        extra_query = deferred.query if deferred and deferred.is_pending else ""
        compiled = compiled_for_postgresql(statements, kind, shape, extra_query)
        values_in_order = [values[name] for name in compiled.names]
        cursor = execute(self.context.connection, compiled.text, values_in_order)
        if deferred and extra_query:
            deferred.observed = last_number(cursor)
        return cursor

    def _rows(
        self, kind: str, shape: QueryShape, values: dict[str, Any], statements: Statements
    ) -> Sequence[sa.Row[Any]]:
        statement = statement_for(statements, kind, shape, "sqlite")
        return self.context.connection.execute(statement, values).all()
