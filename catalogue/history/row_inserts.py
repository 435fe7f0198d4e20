"""Inserts of many rows at once: COPY on PostgreSQL, and prepared statements on SQLite.

Only the audit log uses this module, because its statements pass the guard of audited tables.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from catalogue.core.late_lock import take_lock
from catalogue.core.raw_postgres import copy_rows

FEWEST = 20
"""The number of rows from which these inserts take less time than those of SQLAlchemy."""


def insert_rows(
    connection: sa.Connection,
    table: sa.TableClause,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows, whose values are in the order of the named columns.

    Raises the exceptions of SQLAlchemy.
    """
    if not rows:
        return
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for place, name in enumerate(names):
        convert = _converter(table.c[name], connection.dialect)
        if convert is not None:
            columns[place] = map(convert, columns[place])
    records = list(zip(*columns, strict=True))
    quote = connection.dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(map(quote, names))})"
    if connection.dialect.name == "postgresql":
        copy_rows(connection, f"COPY {into} FROM STDIN", records)
    else:
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 - names of the model
        take_lock(connection)
        connection.exec_driver_sql(statement, records)


def _converter(column: sa.ColumnElement[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """Return the function that makes a driver's value of a column's value, or None."""
    if isinstance(column.type, sa.JSON):
        # As text, which both drivers send unchanged.
        return _json_text
    if isinstance(column.type, sa.Enum) and column.type.enum_class is not None:
        choices: dict[Any, Any] = {each: each.value for each in column.type.enum_class}
        return (choices | {None: None}).__getitem__
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
