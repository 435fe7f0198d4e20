"""Raw PostgreSQL: statements sent by the driver alone, for what every reading request asks.

SQLAlchemy's way to the same rows takes longer than PostgreSQL does to find them, and so does
psycopg's search of a long statement for its placeholders: so the statement goes out as it is, with
PostgreSQL's own $1, $2. The first ADR on speed has the figures.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

_CURSOR = "catalogue_cursor"


def execute(
    connection: sa.Connection, statement: bytes, values: Sequence[Any]
) -> "psycopg.RawCursor[TupleRow]":
    """A cursor that has run the statement, for use before the connection is asked again.

    Raises what SQLAlchemy would have raised.
    """
    import psycopg

    # A connection is used by one thread at a time, which takes what it asked for before it asks
    # again: so one cursor does.
    cursor: psycopg.RawCursor[TupleRow] | None = connection.info.get(_CURSOR)
    if cursor is None:
        driver: Any = connection.connection.driver_connection
        cursor = connection.info[_CURSOR] = psycopg.RawCursor(driver)
    try:
        cursor.execute(statement, values)
    except psycopg.Error as error:
        if cursor.connection.closed:
            # SQLAlchemy finds out as well, and lets go of every connection to a server that died.
            connection.exec_driver_sql("SELECT 1")
        raise sa.exc.DBAPIError.instance(
            statement.decode(), tuple(values), error, psycopg.Error, dialect=connection.dialect
        ) from error
    return cursor


def first_column(cursor: "psycopg.RawCursor[TupleRow]") -> list[bytes]:
    """The first column of all rows as PostgreSQL sent it, which is UTF-8."""
    result = cursor.pgresult
    if result is None:
        return []
    return [result.get_value(row, 0) or b"" for row in range(result.ntuples)]


def last_number(cursor: "psycopg.RawCursor[TupleRow]") -> int | None:
    """The whole number in the last column of the first row; None if there is no row."""
    result = cursor.pgresult
    if result is None or not result.ntuples:
        return None
    return int(result.get_value(0, result.nfields - 1) or 0)
