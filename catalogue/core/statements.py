"""The SQL of lists and reads, made once for each shape of question and then kept.

On PostgreSQL the database makes each record's JSON and the statement is kept as compiled text,
because building and compiling a select of forty columns costs more than running it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import Session

from catalogue.core.columns import document_of, on, shown, sorted_by
from catalogue.core.query import Condition, ListQuery, Shape, Vocabulary

KEPT_STATEMENTS = 512


@dataclass(frozen=True, eq=False)
class Statements:
    """What one resource's statements are made from."""

    columns: Mapping[str, Any]
    identity: ColumnElement[Any]
    source: Any
    visible: ColumnElement[bool]
    search: Any
    vocabulary: Vocabulary

    def names(self, shape: Shape) -> tuple[str, ...]:
        """The fields that a list shows."""
        return shape.fields or tuple(self.columns)

    def page(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """One page: each row's fields, then the keys that it is sorted by."""
        keys = self._keys(shape, dialect)
        statement = (
            sa.select(
                *[shown(dialect, self.columns[n]).label(n) for n in self.names(shape)],
                *[key.label(f"key_{i}") for i, (key, _) in enumerate(keys)],
            )
            .select_from(self.source)
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
        return _as_documents(statement, self.names(shape)) if dialect == "postgresql" else statement

    def count(self, shape: Shape, dialect: str) -> sa.Select[Any]:
        """How many rows there are on all pages."""
        return (
            sa.select(sa.func.count()).select_from(self.source).where(*self._where(shape, dialect))
        )

    def one(self, dialect: str) -> sa.Select[Any]:
        """One row's fields."""
        names = tuple(self.columns)
        statement = (
            sa.select(*[shown(dialect, self.columns[n]).label(n) for n in names])
            .select_from(self.source)
            .where(self.identity == bindparam("identity", type_=sa.Uuid()), self.visible)
        )
        return _as_documents(statement, names) if dialect == "postgresql" else statement

    @property
    def _table(self) -> Any:
        return self.identity.table  # type: ignore[attr-defined]

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
            text = on(dialect, self.search)
            clauses += [
                text.like(bindparam(f"q_{i}", type_=sa.String()), escape="\\")
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
        match condition.operator:
            case "in":
                return sa.or_(*[column == value for value in values])
            case "gte":
                return column >= values[0]
            case "lte":
                return column <= values[0]
            case "isnull":
                return column.is_(None) == values[0]
            case _:
                return column == values[0]


def nullable(key: ColumnElement[Any], table: Any) -> bool:
    """Whether an expression can be null: if a column in it can, or is of a joined table."""
    columns = [c for c in sa.sql.visitors.iterate(key) if isinstance(c, sa.Column)]
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


def _as_documents(rows: sa.Select[Any], names: tuple[str, ...]) -> sa.Select[Any]:
    """Let PostgreSQL make each row's JSON, after LIMIT has left only the page."""
    page = rows.subquery("page")
    record = sa.select(*[page.c[name] for name in names]).correlate(page).subquery("record")
    document = (
        sa.select(sa.cast(sa.func.row_to_json(sa.literal_column("record")), sa.Text))
        .select_from(record)
        .scalar_subquery()
    )
    keys = [c for c in page.c if c.name not in names]
    return sa.select(document.label("document"), *keys)


@dataclass(frozen=True)
class Compiled:
    """A statement as text, with the values that stand in it from the start."""

    text: str
    constants: dict[str, Any]


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compiled(made: Statements, kind: str, shape: Shape | None, dialect: Any) -> Compiled:
    if kind == "page":
        statement = made.page(shape, dialect.name)  # type: ignore[arg-type]
    elif kind == "count":
        statement = made.count(shape, dialect.name)  # type: ignore[arg-type]
    else:
        statement = made.one(dialect.name)
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    constants = {
        name: _bound(compiled, name, value)
        for name, value in compiled.params.items()
        if value is not None
    }
    return Compiled(str(compiled), constants)


def _bound(compiled: Any, name: str, value: Any) -> Any:
    processor = compiled._bind_processors.get(name)
    return processor(value) if processor else value


@dataclass(frozen=True)
class Reading:
    """Runs a resource's statements for one actor, in one session."""

    session: Session
    parameters: dict[str, Any]

    def page(self, asked: ListQuery, made: Statements) -> list[tuple[bytes, tuple[Any, ...]]]:
        """The rows of a page and one more: each its JSON and its sort keys."""
        values = asked.values | self.parameters | {"limit": asked.limit + 1}
        names = made.names(asked.shape)
        if self._dialect.name == "postgresql":
            rows = self._run("page", asked.shape, values, made)
            return [(row[0].encode(), tuple(row[1:])) for row in rows]
        found = self.session.execute(made.page(asked.shape, "sqlite"), values).all()
        return [(document_of(names, row), tuple(row[len(names) :])) for row in found]

    def count(self, asked: ListQuery, made: Statements) -> int:
        """How many rows there are on all pages."""
        values = asked.values | self.parameters
        if self._dialect.name == "postgresql":
            return int(self._run("count", _for_count(asked.shape), values, made)[0][0])
        return int(self.session.scalar(made.count(asked.shape, "sqlite"), values) or 0)

    def one(self, identity: UUID, made: Statements) -> bytes | None:
        """One row's JSON."""
        values = self.parameters | {"identity": identity}
        if self._dialect.name == "postgresql":
            rows = self._run("one", None, values, made)
            return rows[0][0].encode() if rows else None
        row = self.session.execute(made.one("sqlite"), values).first()
        return None if row is None else document_of(tuple(made.columns), row)

    @property
    def _dialect(self) -> Any:
        return self.session.get_bind().dialect

    def _run(
        self, kind: str, shape: Shape | None, values: dict[str, Any], made: Statements
    ) -> list[Any]:
        compiled = _compiled(made, kind, shape, self._dialect)
        if self.session.new or self.session.dirty or self.session.deleted:
            self.session.flush()
        connection = self.session.connection()
        return connection.exec_driver_sql(compiled.text, compiled.constants | values).fetchall()  # type: ignore[arg-type]


def _for_count(shape: Shape) -> Shape:
    return Shape(shape.conditions, shape.terms)
