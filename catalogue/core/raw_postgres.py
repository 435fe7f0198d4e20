"""Raw PostgreSQL: statements that the driver sends directly, for frequent reads and many rows.

SQLAlchemy takes longer for the same rows than PostgreSQL takes to find them. So does psycopg's
search of a long statement for placeholders. The statement is therefore sent as it is, with
PostgreSQL's own $1, $2. The first ADR on speed has the figures.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

_CURSOR = "catalogue_cursor"


def execute(
    connection: sa.Connection, statement: bytes, values: Sequence[Any]
) -> "psycopg.RawCursor[TupleRow]":
    """Run a statement, and return the cursor, for use before the connection's next statement.

    Raises the exceptions that SQLAlchemy would raise.
    """
    import psycopg

    # One thread at a time uses a connection, and takes all rows before its next statement. So one
    # cursor is enough.
    cursor: psycopg.RawCursor[TupleRow] | None = connection.info.get(_CURSOR)
    if cursor is None:
        driver: Any = connection.connection.driver_connection
        cursor = connection.info[_CURSOR] = psycopg.RawCursor(driver)
    try:
        cursor.execute(statement, values)
    except psycopg.Error as error:
        if cursor.connection.closed:
            # SQLAlchemy notices too, and discards all connections to a server that has died.
            connection.exec_driver_sql("SELECT 1")
        raise sa.exc.DBAPIError.instance(
            statement.decode(),
            tuple(values),
            error,
            psycopg.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error
    return cursor


def copy_rows(connection: sa.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Send rows by a COPY statement, in the transaction of the connection.

    Raises the exceptions that SQLAlchemy would raise.
    """
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, psycopg.Error, dialect=connection.dialect
        ) from error


def first_column(cursor: "psycopg.RawCursor[TupleRow]") -> list[bytes]:
    """Return the first column of all rows as PostgreSQL sent it, in UTF-8."""
    result = cursor.pgresult
    if result is None:
        return []
    return [result.get_value(row, 0) or b"" for row in range(result.ntuples)]


def last_number(cursor: "psycopg.RawCursor[TupleRow]") -> int | None:
    """Return the whole number in the last column of the first row, or None without a row."""
    result = cursor.pgresult
    if result is None or not result.ntuples:
        return None
    return int(result.get_value(0, result.nfields - 1) or 0)
