"""Inserts of many rows at once: COPY on PostgreSQL, and prepared statements on SQLite.

Only the audit log uses this module, because its statements pass the guard of audited tables.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from catalogue.core.late_lock import take_lock
from catalogue.core.raw_postgres import copy_rows

FEWEST = 20
"""The number of rows from which these inserts take less time than those of SQLAlchemy."""


def insert_rows(
    connection: sa.Connection, table: sa.TableClause, rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows that all have the same columns. Raises the exceptions of SQLAlchemy."""
    if not rows:
        return
    names = list(rows[0])
    columns = []
    for name in names:
        values: Any = [row[name] for row in rows]
        convert = _converter(table.c[name], connection.dialect)
        columns.append(values if convert is None else map(convert, values))
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
    return column.type.dialect_impl(dialect).bind_processor(dialect)
