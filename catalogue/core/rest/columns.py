"""Column expressions: how a column is shown, compared and sorted on each of the two stores.

PostgreSQL makes the JSON of a record itself, which is four times as fast as building objects in
Python. For SQLite this module makes the JSON. Declarations of resources can ignore the difference.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql

from catalogue.core.money import amount_text
from catalogue.core.sort_keys import SUFFIX
from catalogue.core.types import UtcDateTime

LARGEST_INTEGER = 2_147_483_647
AMOUNT = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
"""The pattern of an amount in pounds and pence, for values and for the OpenAPI document."""

_INTEGER = re.compile(r"-?[0-9]{1,10}")
_AMOUNT = re.compile(AMOUNT.strip("^$"))
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True)
class DialectExpression:
    """An expression that each store writes in its own SQL."""

    postgresql: ColumnElement[Any]
    sqlite: ColumnElement[Any]

    def for_dialect(self, dialect: str) -> ColumnElement[Any]:
        """Return the expression for one store."""
        return self.postgresql if dialect == "postgresql" else self.sqlite


def for_dialect(dialect: str, expression: Any) -> ColumnElement[Any]:
    """Return the SQL for one store. `expression` can also be a column or a mapped attribute."""
    column: ColumnElement[Any]
    if isinstance(expression, DialectExpression):
        column = expression.for_dialect(dialect)
    elif hasattr(expression, "__clause_element__"):
        column = expression.__clause_element__()
    else:
        column = expression
    return column


def json_list(
    entry: Any, *, of: type[Any], where: ColumnElement[bool], order_by: Any
) -> DialectExpression:
    """Make a JSON list of a record's rows in other tables, as strings or as objects.

    `entry` is a column for strings, or a mapping from field names to columns for objects. `of` is
    the record's model, and `where` joins the other tables to it.
    """
    fields = entry if isinstance(entry, dict) else {"value": entry}
    # SQLite has no ORDER BY inside an aggregate. It aggregates rows in the order of the subquery.
    source = (
        sa.select(*[sa.type_coerce(c, sa.types.NullType()).label(n) for n, c in fields.items()])
        .where(where)
        .order_by(order_by)
        .correlate(of)
        .subquery("entry")
    )
    on_sqlite = {name: _as_json(source.c[name], column.type) for name, column in fields.items()}
    on_postgres = {name: _as_text(column) for name, column in fields.items()}
    postgres_entry: Any = on_postgres.get("value")
    sqlite_entry: Any = on_sqlite.get("value")
    if isinstance(entry, dict):
        postgres_entry = sa.func.json_build_object(*_pairs(on_postgres))
        sqlite_entry = sa.func.json_object(*_pairs(on_sqlite))
    postgres = sa.func.coalesce(
        sa.select(sa.func.json_agg(postgresql.aggregate_order_by(postgres_entry, order_by)))
        .where(where)
        .correlate(of)
        .scalar_subquery(),
        sa.literal_column("'[]'::json"),
    )
    sqlite = sa.select(sa.func.json_group_array(sqlite_entry)).scalar_subquery()
    return DialectExpression(
        postgresql=sa.type_coerce(postgres, sa.JSON()), sqlite=sa.type_coerce(sqlite, sa.JSON())
    )


def _pairs(fields: dict[str, Any]) -> list[Any]:
    pairs: list[Any] = []
    for name, column in fields.items():
        pairs += [sa.literal_column(f"'{name}'"), column]
    return pairs


def _as_text(column: Any) -> Any:
    """Cast an amount to text, because most clients read JSON numbers as floats."""
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.Numeric) else column


def _as_json(column: ColumnElement[Any], type_: sa.types.TypeEngine[Any]) -> ColumnElement[Any]:
    """Write an SQLite value as the JSON that PostgreSQL makes.

    SQLite has no types for ids, moments, booleans and lists.
    """
    if isinstance(type_, sa.Uuid):
        starts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        parts = [sa.cast(sa.func.substr(column, at, n), sa.String) for at, n in starts]
        written: ColumnElement[str] = parts[0]
        for part in parts[1:]:
            written = written + sa.literal_column("'-'", sa.String) + part
        return written
    if isinstance(type_, UtcDateTime):
        moment = sa.cast(sa.func.replace(column, " ", "T"), sa.String)
        return moment + sa.literal_column("'+00:00'", sa.String)
    if isinstance(type_, sa.Boolean):
        true, false = (sa.func.json(sa.literal_column(f"'{word}'")) for word in ("true", "false"))
        return sa.case(
            (column.is_(None), sa.null()), (column == sa.literal_column("1"), true), else_=false
        )
    if isinstance(type_, sa.Numeric):
        written = sa.func.printf(sa.literal_column(f"'%.{type_.scale}f'"), column)
        return sa.case((column.is_(None), sa.null()), else_=written)
    return sa.func.json(column) if isinstance(type_, sa.JSON) else column


def json_value(dialect: str, expression: Any) -> ColumnElement[Any]:
    """Return the SQL of a field for the JSON of a record."""
    column = for_dialect(dialect, expression)
    return _as_text(column) if dialect == "postgresql" else column


def sort_key(dialect: str, expression: Any) -> ColumnElement[Any]:
    """Return the expression to sort by.

    Text is sorted regardless of case, and in the same order on both stores.
    """
    column = for_dialect(dialect, expression)
    if isinstance(column, sa.Column) and column.name.endswith(("_key", SUFFIX)):
        return column
    if isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
        return sa.func.lower(sa.collate(column, "C") if dialect == "postgresql" else column)
    if isinstance(column.type, sa.Enum) and dialect == "postgresql":
        return sa.collate(sa.cast(column, sa.String), "C")
    return column


def list_contains(column: ColumnElement[Any], value: ColumnElement[Any]) -> DialectExpression:
    """Make the condition that a JSON list column contains a string."""
    entries = sa.func.json_each(column).table_valued("value", name="listed")
    return DialectExpression(
        postgresql=sa.type_coerce(column, postgresql.JSONB).has_key(value),
        sqlite=sa.exists(sa.select(1).select_from(entries).where(entries.c.value == value)),
    )


def parse(type_: sa.types.TypeEngine[Any], text: str) -> Any:
    """Parse a query parameter as a column's type.

    Raises ValueError with the expected form in words.
    """
    if "\x00" in text:
        raise ValueError("text without NUL characters")
    if isinstance(type_, sa.Boolean):
        if text not in {"true", "false"}:
            raise ValueError("true or false")
        return text == "true"
    if isinstance(type_, sa.Enum):
        if text not in type_.enums:
            raise ValueError("one of " + ", ".join(type_.enums))
        return text
    try:
        if isinstance(type_, sa.Integer):
            return _integer(text)
        if isinstance(type_, sa.Numeric):
            return _decimal(text)
        if isinstance(type_, sa.Uuid):
            return UUID(_match_whole(_UUID, text))
        if isinstance(type_, sa.Date):
            return date.fromisoformat(_match_whole(_DATE, text))
        if isinstance(type_, UtcDateTime):
            return _moment(text)
    except ValueError:
        raise ValueError(_expected(type_)) from None
    return text


def _match_whole(pattern: re.Pattern[str], text: str) -> str:
    # Python accepts more forms than the document promises, and clients would come to rely on them.
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _integer(text: str) -> int:
    value = int(_match_whole(_INTEGER, text))
    if abs(value) > LARGEST_INTEGER:
        raise ValueError
    return value


def _decimal(text: str) -> Decimal:
    return Decimal(_match_whole(_AMOUNT, text))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(_match_whole(_MOMENT, text.upper()))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # The moment is in the first or last hours of the calendar, where nothing is recorded.
        return moment.replace(tzinfo=UTC)


def _expected(type_: sa.types.TypeEngine[Any]) -> str:
    if isinstance(type_, sa.Integer):
        return "a whole number"
    if isinstance(type_, sa.Numeric):
        return "an amount such as 1250.00"
    if isinstance(type_, sa.Uuid):
        return "a UUID"
    if isinstance(type_, sa.Date):
        return "a date such as 2026-04-01"
    return "a time such as 2026-04-01T09:00:00Z"


def document_of(names: Sequence[str], row: Sequence[Any]) -> bytes:
    """Make the JSON of an SQLite row, as PostgreSQL would make it."""
    return orjson.dumps(dict(zip(names, row, strict=False)), default=_json_default)


def _json_default(value: Any) -> str:
    if isinstance(value, Decimal):
        return amount_text(value)
    raise TypeError(f"A {type(value).__name__} cannot be written as JSON.")
