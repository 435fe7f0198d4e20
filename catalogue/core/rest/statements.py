"""The SQL of lists and reads, made once for each shape of question and then kept.

On PostgreSQL the database makes each record's JSON and the statement is kept as compiled text,
because building and compiling a select of forty columns costs more than running it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.rows import TupleRow
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from catalogue.core.database import Work
from catalogue.core.driver import ask, documents, last_number
from catalogue.core.reach import Profile
from catalogue.core.rest.columns import document_of, on, shown, sorted_by
from catalogue.core.rest.profiles import ACCESS, WITHHELD, Profiles
from catalogue.core.rest.query import Condition, ListQuery, Shape, Vocabulary

KEPT_STATEMENTS = 512


@dataclass(frozen=True, eq=False)
class Statements:
    """What one resource's statements are made from."""

    columns: Mapping[str, Any]
    identity: ColumnElement[Any]
    source: Any
    visible: ColumnElement[bool]
    search: Any
    summary_search: Any
    profiles: Profiles | None
    vocabulary: Vocabulary

    def names(self, shape: Shape) -> tuple[str, ...]:
        """The fields that a list shows."""
        return shape.fields or self.vocabulary.fields

    def sensitive(self, shape: Shape) -> tuple[str, ...]:
        """The fields of the full profile that a question shows, or answers by."""
        full = self.profiles.full if self.profiles else frozenset()
        asked = {
            *self.names(shape),
            *(c.name for c in shape.conditions),
            *(n for n, _ in shape.sort),
        }
        return tuple(sorted(full & asked))

    def page(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """One page: each row's fields, then the keys that it is sorted by."""
        keys = self._keys(shape, dialect)
        statement = (
            self._rows(shape, dialect)
            .add_columns(*[key.label(f"key_{i}") for i, (key, _) in enumerate(keys)])
            .where(*self._where(shape, dialect))
            .limit(bindparam("limit", type_=sa.Integer()))
        )
        for key, descending in keys:
            # Nulls stand last in both directions, on both stores.
            if nullable(key, self._table):
                statement = statement.order_by(key.is_(None))
            statement = statement.order_by(key.desc() if descending else key)
        if shape.after:
            statement = statement.where(_after(keys, shape.after, self._table))
        return self._shown(statement, shape, dialect)

    def count(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """How many rows there are on all pages."""
        return (
            sa.select(sa.func.count()).select_from(self.source).where(*self._where(shape, dialect))
        )

    def one(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """One row's fields."""
        identity = self.identity == bindparam("identity", type_=sa.Uuid())
        statement = self._rows(shape, dialect).where(self.visible, identity)
        # The limit keeps PostgreSQL from working out the row's profile anew for each field.
        limited = statement.limit(sa.literal_column("1")) if self.profiles else statement
        return self._shown(limited, shape, dialect)

    def _rows(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """The fields of rows as they are, and how much of each row the actor sees."""
        names = [name for name in self.names(shape) if name in self.columns]
        columns = [shown(dialect, self.columns[name]).label(name) for name in names]
        if self.profiles:
            columns.append(self.profiles.level.label(ACCESS))
        if shape.watched and self.profiles:
            columns += [self.identity.label("record_id"), self.profiles.owner.label("owner")]
        return sa.select(*columns).select_from(self.source)

    def _shown(self, rows: sa.Select[Any], shape: Shape, dialect: str) -> sa.Select[Any]:
        """The rows as they are answered: masked by profile, and on PostgreSQL as JSON already."""
        if dialect != "postgresql" and not self.profiles:
            return rows
        names = self.names(shape)
        page = rows.subquery("page")
        fields = [self._field(name, page, dialect).label(name) for name in names]
        others = [c for c in page.c if c.name.startswith("key_")]
        if shape.watched and self.profiles:
            others += [page.c.record_id, self.profiles.read_of(page).label("read_of")]
        if dialect != "postgresql":
            return sa.select(*fields, *others)
        # PostgreSQL makes each row's JSON, after LIMIT has left only the page.
        record = sa.select(*fields).correlate(page).subquery("record")
        document = sa.select(_json_of(record)).select_from(record).scalar_subquery()
        return sa.select(document.label("document"), *others).select_from(page)

    def _field(self, name: str, page: sa.Subquery, dialect: str) -> ColumnElement[Any]:
        if self.profiles is None:
            return page.c[name]
        if name == WITHHELD:
            return self.profiles.withheld(self.names(NO_SHAPE), page, dialect)
        return self.profiles.column(name, page)

    def _text_matches(self, dialect: str, term: ColumnElement[str]) -> ColumnElement[bool]:
        matches = on(dialect, self.search).like(term, escape="\\")
        if self.profiles is None:
            return matches
        of_summary = on(dialect, self.summary_search).like(term, escape="\\")
        # What the summary shows is part of the whole text, so one index finds all candidates.
        return sa.and_(matches, sa.or_(self.profiles.shows(Profile.STANDARD), of_summary))

    @property
    def _table(self) -> Any:
        return self.identity.table

    def _keys(self, shape: Shape, dialect: str) -> list[tuple[ColumnElement[Any], bool]]:
        keys = [
            (sorted_by(dialect, self.vocabulary.sorts[name]), descending)
            for name, descending in shape.sort
        ]
        # The id makes every order total, in the direction of the last key.
        return [*keys, (self.identity, keys[-1][1])]

    def _where(self, shape: Shape, dialect: str) -> list[ColumnElement[bool]]:
        clauses = [self.visible]
        clauses += [self._condition(c, dialect) for c in shape.conditions]
        if shape.terms:
            clauses += [
                self._text_matches(dialect, bindparam(f"q_{i}", type_=sa.String()))
                for i in range(shape.terms)
            ]
        return clauses

    def _condition(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        asked = self.vocabulary.filters[condition.name]
        suffix = "" if condition.operator == "eq" else f"__{condition.operator}"
        values = [
            bindparam(
                f"{condition.name}{suffix}_{i}",
                type_=sa.Boolean() if condition.operator == "isnull" else asked.type,
            )
            for i in range(condition.values)
        ]
        if asked.contains:
            return on(dialect, asked.contains(values[0]))
        column = on(dialect, asked.expression)
        shown = asked.shown_where
        found = _compared(column, condition.operator, values)
        # Not a comparison with the masked value: PostgreSQL knows how often a column's values
        # come, and looks at them before it asks who may see them. And what is withheld is not
        # known to be empty either.
        return found if shown is None else sa.and_(found, shown)


def _compared(column: Any, operator: str, values: list[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    match operator:
        case "isnull":
            found = column.is_(None) == values[0]
        case "in":
            found = sa.or_(*[column == value for value in values])
        case "gte":
            found = column >= values[0]
        case "lte":
            found = column <= values[0]
        case _:
            found = column == values[0]
    return found


def nullable(key: ColumnElement[Any], table: Any) -> bool:
    """Whether an expression can be null: if a column in it can, or is of a joined table, or if
    some rows do not show it."""
    parts = list(sa.sql.visitors.iterate(key))
    columns = [part for part in parts if isinstance(part, sa.Column)]
    if any(isinstance(part, sa.Null) for part in parts):
        return True
    return not columns or any(c.nullable or c.table is not table for c in columns)


def _after(
    keys: list[tuple[ColumnElement[Any], bool]], nulls: tuple[bool, ...], table: Any
) -> ColumnElement[bool]:
    """The rows behind the cursor's, key by key; a null stands behind every value."""
    values = [bindparam(f"after_{i}", type_=key.type) for i, (key, _) in enumerate(keys)]
    directions = {descending for _, descending in keys}
    if len(directions) == 1 and not any(nullable(key, table) for key, _ in keys):
        # One comparison of rows, which an index on the keys can answer.
        row = sa.tuple_(*[key for key, _ in keys])
        return row < sa.tuple_(*values) if directions == {True} else row > sa.tuple_(*values)
    branches: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for (key, descending), value, null in zip(keys, values, nulls, strict=True):
        if not null:
            behind = key < value if descending else key > value
            if nullable(key, table):
                behind = sa.or_(behind, key.is_(None))
            branches.append(sa.and_(*equal, behind))
        equal.append(key.is_(None) if null else key == value)
    return sa.or_(*branches)


def _json_of(record: sa.Subquery) -> ColumnElement[str]:
    return sa.cast(sa.func.row_to_json(sa.literal_column(record.name)), sa.Text).label("document")


@dataclass(frozen=True)
class Compiled:
    """A statement as PostgreSQL takes it, and the names of its values in the order of $1, $2."""

    text: bytes
    names: tuple[str, ...]


_NUMBERED: sa.Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compiled(made: Statements, kind: str, shape: Shape, along: str) -> Compiled:
    statement = _with_constants(_statement(made, kind, shape, "postgresql"))
    if along:
        statement = statement.add_columns(sa.literal_column(f"({along})"))
    compiled: Any = statement.compile(
        dialect=_NUMBERED, compile_kwargs={"render_postcompile": True}
    )
    return Compiled(str(compiled).encode(), tuple(compiled.positiontup or ()))


@lru_cache(maxsize=KEPT_STATEMENTS)
def _statement(made: Statements, kind: str, shape: Shape, dialect: str) -> sa.Select[Any]:
    if kind == "page":
        return made.page(shape, dialect)
    return made.count(shape, dialect) if kind == "count" else made.one(shape, dialect)


def _with_constants(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Write the values that are known from the start, which are ours, into the text: there is
    less to send, and PostgreSQL plans for what the row rule really says.
    """

    def write(bind: Any) -> None:
        bind.literal_execute = bind.value is not None
        bind.required = False

    return sa.sql.visitors.cloned_traverse(statement, {}, {"bindparam": write})


@dataclass(frozen=True)
class Page:
    """The records of a page as JSON, and the sort keys of the last if more follow."""

    documents: list[bytes]
    more_after: tuple[Any, ...] | None


@dataclass(frozen=True)
class Reading:
    """Runs a resource's statements for one actor, in the work under way."""

    work: Work
    parameters: dict[str, Any]
    watched: str | None = None
    """The kind of record, where others' sensitive fields may be among what is shown."""

    def page(self, asked: ListQuery, made: Statements) -> Page:
        """The page that was asked for."""
        shape = self._watched(asked.shape, made)
        # One row more than the page has tells whether another page follows.
        values = asked.values | self.parameters | {"limit": asked.limit + 1}
        last, keys = asked.limit - 1, len(shape.sort) + 1
        if self._on_postgres:
            cursor = self._ask("page", shape, values, made)
            found = documents(cursor)
            more = len(found) > asked.limit
            row: Sequence[Any] = ()
            if shape.watched:
                rows = cursor.fetchall()
                self._note(shape, made, [each[keys + 1 :] for each in rows[: asked.limit]])
                row = rows[last] if more else ()
            elif more:
                cursor.scroll(last)
                row = cursor.fetchone() or ()
            return Page(found[: asked.limit], tuple(row[1 : keys + 1]) if more else None)
        names = made.names(shape)
        found_rows = self._rows("page", shape, values, made)
        page = found_rows[: asked.limit]
        if shape.watched:
            self._note(shape, made, [row[len(names) + keys :] for row in page])
        after = None
        if len(found_rows) > asked.limit:
            after = tuple(found_rows[last][len(names) : len(names) + keys])
        return Page([document_of(names, row) for row in page], after)

    def count(self, asked: ListQuery, made: Statements) -> int:
        """How many rows there are on all pages."""
        values = asked.values | self.parameters
        shape = Shape(asked.shape.conditions, asked.shape.terms)
        if self._on_postgres:
            return int(documents(self._ask("count", shape, values, made))[0])
        return int(self._rows("count", shape, values, made)[0][0])

    def one(self, identity: UUID, made: Statements) -> bytes | None:
        """One row's JSON."""
        shape = self._watched(NO_SHAPE, made)
        values = self.parameters | {"identity": identity}
        if self._on_postgres:
            cursor = self._ask("one", shape, values, made)
            found = documents(cursor)
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
        return self.work.database.dialect == "postgresql"

    def _watched(self, shape: Shape, made: Statements) -> Shape:
        concerned = self.watched is not None and made.sensitive(shape)
        return replace(shape, watched=True) if concerned else shape

    def _note(self, shape: Shape, made: Statements, read: Sequence[Sequence[Any]]) -> None:
        """Keep in mind whose sensitive fields were shown, to be logged before the answer is."""
        of_others = [(row[0], row[1]) for row in read if row[1] is not None]
        if of_others and self.watched:
            self.work.reads.append((self.watched, made.sensitive(shape), of_others))

    def _ask(
        self, kind: str, shape: Shape, values: dict[str, Any], made: Statements
    ) -> psycopg.RawCursor[TupleRow]:
        standing = self.work.standing
        along = standing.query if standing and standing.unsettled else ""
        compiled = _compiled(made, kind, shape, along)
        values_in_order = [values[name] for name in compiled.names]
        cursor = ask(self.work.connection, compiled.text, values_in_order)
        if standing and along:
            standing.found = last_number(cursor)
        return cursor

    def _rows(
        self, kind: str, shape: Shape, values: dict[str, Any], made: Statements
    ) -> Sequence[sa.Row[Any]]:
        return self.work.session.execute(_statement(made, kind, shape, "sqlite"), values).all()


NO_SHAPE = Shape()
