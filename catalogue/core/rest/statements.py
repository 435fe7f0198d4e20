"""SQL of lists and reads, made once for each shape of query and then cached.

On PostgreSQL the database makes each record's JSON, and the statement is cached as compiled text.
Building and compiling a select of forty columns costs more than running it.

An example: `GET /v1/systems?lifecycle=live&sort=-criticality&fields=name,criticality,legacy_risk`.
Here `RULE(n)` is the row rule at profile n: the actor sees the row at that profile or a larger one.

    SELECT (SELECT CAST(row_to_json(shown_fields) AS TEXT)                          -- the JSON
            FROM (SELECT page.id, page.name,                                        -- the mask
                         CASE WHEN page.access >= 2 THEN page.criticality … AS criticality,
                         CASE WHEN page.access >= 3 AND $1 THEN page.legacy_risk … AS legacy_risk
                 ) AS shown_fields) AS document,
           page.key_0, page.key_1,                                                  -- the cursor
           (SELECT value FROM revocation_epoch)                                     -- `extra_query`
    FROM (SELECT system.id, system.name, system.criticality, system.legacy_risk,
                 CASE WHEN RULE(3) THEN 3 WHEN RULE(2) THEN 2 ELSE 1 END AS access,
                 CAST(CASE WHEN RULE(2) THEN system.criticality … AS VARCHAR) … AS key_0,
                 system.id AS key_1
          FROM system JOIN agency ON …
          WHERE RULE(1) AND system.lifecycle = $9                                   -- the row rule
          ORDER BY (key_0) IS NULL, key_0 DESC, system.id DESC
          LIMIT $10) AS page

where RULE(1) is in full

    system.agency_id = $2 OR system.disclosure = 'all_agencies'
    OR system.disclosure != 'owner_only' AND system.agency_id = ANY ($7)    -- by agreement
    OR system.agency_id = ANY ($8)                                          -- by grant

- The row rule is below LIMIT. Above it, hidden rows would take places on the page, and a short
  page would reveal them.
- The mask is above LIMIT, so that only the rows of the page are masked and become JSON. The row's
  profile, `access`, is computed once below and compared for each field.
- A sort key is masked below LIMIT, because the order of rows would reveal withheld values.
- Nulls are last in both directions, where the two stores differ by default. A withheld value is
  null too, so withheld and empty values are together at the end, and the order reveals nothing.
- `extra_query` reads one number with the page, to save a round trip. See `core/deferred_check.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg

from catalogue.core.rest.columns import for_dialect, json_value, sort_key
from catalogue.core.rest.profiles import ACCESS, WITHHELD, Profiles
from catalogue.core.rest.query import Condition, ListParameters, QueryShape
from catalogue.core.sharing import Profile

KEPT_STATEMENTS = 512


@dataclass(frozen=True, eq=False)
class Statements:
    """The statements of one resource, and the parts that they are made from."""

    columns: Mapping[str, Any]
    identity: ColumnElement[Any]
    source: Any
    visible: ColumnElement[bool]
    narrowed_to: Any
    search: Any
    summary_search: Any
    profiles: Profiles | None
    list_parameters: ListParameters

    def names(self, shape: QueryShape) -> tuple[str, ...]:
        """Return the fields that a list shows."""
        return shape.fields or self.list_parameters.fields

    def sensitive(self, shape: QueryShape) -> tuple[str, ...]:
        """Return the fields of the full profile that a list shows, filters by or sorts by."""
        full = self.profiles.full if self.profiles else frozenset()
        names = {
            *self.names(shape),
            *(c.name for c in shape.conditions),
            *(n for n, _ in shape.sort),
        }
        return tuple(sorted(full & names))

    def page(self, shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Make the select of a page: each row's fields, then its sort keys."""
        keys = self._keys(shape, dialect)
        statement = (
            self._rows(shape, dialect)
            .add_columns(*[key.label(f"key_{i}") for i, (key, _) in enumerate(keys)])
            .where(*self.conditions(shape, dialect))
            .limit(bindparam("limit", type_=sa.Integer()))
        )
        for key, descending in keys:
            # Nulls are last in both directions on both stores, which `_after` relies on.
            if nullable(key, self._table):
                statement = statement.order_by(key.is_(None))
            statement = statement.order_by(key.desc() if descending else key)
        if shape.after:
            statement = statement.where(_after(keys, shape.after, self._table))
        return self._shown(statement, shape, dialect)

    def count(self, shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Make the select that counts the rows on all pages."""
        return (
            sa.select(sa.func.count())
            .select_from(self.source)
            .where(*self.conditions(shape, dialect))
        )

    def count_some(self, shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Make the select that counts the rows on all pages, and ends at the value of `most`."""
        rows: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(self.source)
        most = bindparam("most", type_=sa.Integer())
        some = rows.where(*self.conditions(shape, dialect)).limit(most).subquery("counted")
        return sa.select(sa.func.count()).select_from(some)

    def one(self, shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Make the select of one row's fields."""
        identity = self.identity == bindparam("identity", type_=sa.Uuid())
        statement = self._rows(shape, dialect).where(self.visible, identity)
        # With a limit, PostgreSQL computes the row's profile once, and not for each field.
        limited = statement.limit(sa.literal_column("1")) if self.profiles else statement
        return self._shown(limited, shape, dialect)

    def _rows(self, shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Select the unmasked fields of rows, and the profile at which the actor sees each row."""
        names = [name for name in self.names(shape) if name in self.columns]
        columns = [json_value(dialect, self.columns[name]).label(name) for name in names]
        if self.profiles:
            columns.append(self.profiles.level.label(ACCESS))
        if shape.tracks_reads and self.profiles:
            columns += [self.identity.label("record_id"), self.profiles.owner.label("owner")]
        return sa.select(*columns).select_from(self.source)

    def _shown(self, rows: sa.Select[Any], shape: QueryShape, dialect: str) -> sa.Select[Any]:
        """Mask the rows by profile, and on PostgreSQL make their JSON."""
        if dialect != "postgresql" and not self.profiles:
            return rows
        names = self.names(shape)
        page = rows.subquery("page")
        fields = [self._field(name, page, dialect).label(name) for name in names]
        others = [c for c in page.c if c.name.startswith("key_")]
        if shape.tracks_reads and self.profiles:
            others += [page.c.record_id, self.profiles.foreign_owner(page).label("foreign_owner")]
        if dialect != "postgresql":
            return sa.select(*fields, *others)
        # PostgreSQL makes each row's JSON, after LIMIT has left only the page.
        # No field has this name, because row_to_json() would then take the field.
        record = sa.select(*fields).correlate(page).subquery("shown_fields")
        document = sa.select(_json_of(record)).select_from(record).scalar_subquery()
        return sa.select(document.label("document"), *others).select_from(page)

    def _field(self, name: str, page: sa.Subquery, dialect: str) -> ColumnElement[Any]:
        if self.profiles is None:
            return page.c[name]
        if name == WITHHELD:
            return self.profiles.withheld(self.names(NO_SHAPE), page, dialect)
        return self.profiles.column(name, page)

    def _text_matches(self, dialect: str, term: ColumnElement[str]) -> ColumnElement[bool]:
        matches = for_dialect(dialect, self.search).like(term, escape="\\")
        if self.profiles is None:
            return matches
        of_summary = for_dialect(dialect, self.summary_search).like(term, escape="\\")
        # The summary's text is a part of the whole text, so one index finds all candidates.
        return sa.and_(matches, sa.or_(self.profiles.shows(Profile.STANDARD), of_summary))

    @property
    def _table(self) -> Any:
        return self.identity.table

    def _keys(self, shape: QueryShape, dialect: str) -> list[tuple[ColumnElement[Any], bool]]:
        keys = [
            (sort_key(dialect, self.list_parameters.sort_of(name)), descending)
            for name, descending in shape.sort
        ]
        # The id makes every order total, in the direction of the last key.
        return [*keys, (self.identity, keys[-1][1])]

    def conditions(self, shape: QueryShape, dialect: str) -> list[ColumnElement[bool]]:
        """Make the conditions of the rows on all pages: the row rule, the filters, the search."""
        clauses = [self.visible]
        if self.narrowed_to is not None:
            clauses.append(for_dialect(dialect, self.narrowed_to))
        clauses += [self._condition(c, dialect) for c in shape.conditions]
        if shape.terms:
            clauses += [
                self._text_matches(dialect, bindparam(f"q_{i}", type_=sa.String()))
                for i in range(shape.terms)
            ]
        return clauses

    def _condition(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        field = self.list_parameters.field_of(condition)
        suffix = "" if condition.operator == "eq" else f"__{condition.operator}"
        values = [
            bindparam(
                f"{condition.name}{suffix}_{i}",
                type_=_TYPES.get(condition.operator) or field.type,
            )
            for i in range(condition.values)
        ]
        if field.contains:
            return sa.and_(*[for_dialect(dialect, field.contains(value)) for value in values])
        is_within = condition.operator == "contains"
        column = for_dialect(dialect, field.folded if is_within else field.expression)
        shown_where = field.shown_where
        matches = _compared(column, condition.operator, values)
        # For hosting=cloud this is `system.hosting = $9 AND RULE(2)`. The plain column stands here
        # instead of the masked value, because PostgreSQL plans from statistics of columns. As a
        # result, hosting__isnull=true leaves out rows that withhold the field, whether or not it is
        # empty.
        return matches if shown_where is None else sa.and_(matches, shown_where)


_TYPES: dict[str, sa.types.TypeEngine[Any]] = {"isnull": sa.Boolean(), "contains": sa.String()}
"""The types of the values of operators that do not compare the field itself."""


def _compared(column: Any, operator: str, values: list[Any]) -> ColumnElement[bool]:
    matches: ColumnElement[bool]
    match operator:
        case "isnull":
            matches = column.is_(None) == values[0]
        case "in":
            matches = sa.or_(*[column == value for value in values])
        case "ne":
            # A row without a value has none of these values.
            matches = sa.and_(*[column.is_distinct_from(value) for value in values])
        case "contains":
            matches = column.like(values[0], escape="\\")
        case "gte":
            matches = column >= values[0]
        case "lte":
            matches = column <= values[0]
        case _:
            matches = column == values[0]
    return matches


def nullable(key: ColumnElement[Any], table: Any) -> bool:
    """Return whether an expression can be null.

    An expression can be null if one of its columns can, or belongs to a joined table, or if some
    rows withhold it.
    """
    parts = list(sa.sql.visitors.iterate(key))
    columns = [part for part in parts if isinstance(part, sa.Column)]
    if any(isinstance(part, sa.Null) for part in parts):
        return True
    return not columns or any(c.nullable or c.table is not table for c in columns)


def _after(
    keys: list[tuple[ColumnElement[Any], bool]], nulls: tuple[bool, ...], table: Any
) -> ColumnElement[bool]:
    """Make the condition of the rows after the cursor, where nulls come after all values.

    After a row with criticality "high" and id X, in the example of the module:

        key_0 < 'high' OR key_0 IS NULL OR key_0 = 'high' AND system.id < X

    After a row whose criticality is null: `key_0 IS NULL AND system.id < X`.
    """
    values = [bindparam(f"after_{i}", type_=key.type) for i, (key, _) in enumerate(keys)]
    directions = {descending for _, descending in keys}
    if len(directions) == 1 and not any(nullable(key, table) for key, _ in keys):
        # A single comparison of rows can use an index on the keys.
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
    """A statement as text for PostgreSQL, and the names of its values in the order of $1, $2."""

    text: bytes
    names: tuple[str, ...]


class _ConstantsCompiler(PGCompiler_psycopg):
    """A compiler that writes values that come from the code, such as 'owner_only', into the text.

    The database then receives fewer values, and plans for the actual row rule. The parameters of a
    request have no values yet, and stay parameters.
    """

    def visit_bindparam(self, bindparam: Any, *args: Any, **options: Any) -> Any:
        if bindparam.value is not None:
            options["literal_execute"] = True
        return super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-untyped-call]

    def construct_params(self, *args: Any, **options: Any) -> Any:
        # Only the text is needed, so the parameters of a request need no values.
        return super().construct_params(*args, **(options | {"_check": False}))


class _NumberedDialect(PGDialect_psycopg):
    statement_compiler = _ConstantsCompiler
    supports_statement_cache = True


_NUMBERED: sa.Dialect = _NumberedDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

_EXTRA_COLUMN = "/* extra_query */"


@lru_cache(maxsize=KEPT_STATEMENTS)
def compiled_for_postgresql(
    statements: Statements, kind: str, shape: QueryShape, extra_query: str
) -> Compiled:
    """Compile a statement to text for PostgreSQL.

    `extra_query` is the SQL of a query for one number, which becomes the last column, or "".
    """
    compiled = _compiled_with_extra_column(statements, kind, shape)
    extra = f", ({extra_query})" if extra_query else ""
    text = compiled.text.replace(f", {_EXTRA_COLUMN}".encode(), extra.encode(), 1)
    return Compiled(text, compiled.names)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compiled_with_extra_column(statements: Statements, kind: str, shape: QueryShape) -> Compiled:
    statement = statement_for(statements, kind, shape, "postgresql")
    compiled: Any = statement.add_columns(sa.literal_column(_EXTRA_COLUMN)).compile(
        dialect=_NUMBERED, compile_kwargs={"render_postcompile": True}
    )
    return Compiled(str(compiled).encode(), tuple(compiled.positiontup or ()))


@lru_cache(maxsize=KEPT_STATEMENTS)
def statement_for(
    statements: Statements, kind: str, shape: QueryShape, dialect: str
) -> sa.Select[Any]:
    """Make the select of a page, a count or one record."""
    if kind == "page":
        return without_orm(statements.page(shape, dialect))
    if kind == "count":
        return without_orm(statements.count(shape, dialect))
    if kind == "count_some":
        return without_orm(statements.count_some(shape, dialect))
    return without_orm(statements.one(shape, dialect))


def without_orm(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Let a select, and every select in it, compile as if it named tables instead of models.

    The statement must select columns and never records. Then its SQL stays the same, at half the
    cost. A session runs such a statement without a flush, so run it on a connection.
    """
    parts: list[Any] = [statement]
    known = set()
    while parts:
        part = parts.pop()
        if part in known or isinstance(part, sa.Column | sa.Table):
            continue
        known.add(part)
        if isinstance(part, sa.Select):
            part._propagate_attrs = sa.util.EMPTY_DICT
        parts += part.get_children()
    return statement


NO_SHAPE = QueryShape()
"""The shape of a read of one record: no filter, and all fields."""
