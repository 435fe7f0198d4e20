"""Copies of the rows of a store, which are written again before each test that starts from them."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Copy:
    """The rows of tables, in the form that the driver reads and writes fastest."""

    rows: dict[sa.Table, list[Any]]

    @classmethod
    def of(cls, connection: sa.Connection, tables: list[sa.Table]) -> "Copy":
        """Copy the rows of these tables, each table after those that it refers to."""
        read = _read_postgresql if connection.dialect.name == "postgresql" else _read_sqlite
        return cls({table: read(connection, table) for table in tables})

    def since(self, earlier: "Copy", *, replaced: sa.Table) -> "Copy | None":
        """Return the rows that were added since, and all of the table that is replaced.

        None if other rows were changed or deleted.
        """
        added: dict[sa.Table, list[Any]] = {}
        for table, rows in self.rows.items():
            old = set() if table is replaced else set(earlier.rows.get(table, []))
            if not old <= set(rows):
                return None
            if new := [row for row in rows if row not in old]:
                added[table] = new
        return Copy(added) if earlier.rows.keys() <= self.rows.keys() else None

    def write(self, connection: sa.Connection) -> None:
        """Write the rows to empty tables."""
        write = _write_postgresql if connection.dialect.name == "postgresql" else _write_sqlite
        for table, rows in self.rows.items():
            write(connection, table, rows)


def _read_sqlite(connection: sa.Connection, table: sa.Table) -> list[Any]:
    return [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')]


def _write_sqlite(connection: sa.Connection, table: sa.Table, rows: list[Any]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)


def _read_postgresql(connection: sa.Connection, table: sa.Table) -> list[bytes]:
    with _cursor(connection) as cursor, cursor.copy(f'COPY "{table.name}" TO STDOUT') as copy:
        return b"".join(bytes(block) for block in copy).splitlines(keepends=True)


def _write_postgresql(connection: sa.Connection, table: sa.Table, rows: list[bytes]) -> None:
    with _cursor(connection) as cursor, cursor.copy(f'COPY "{table.name}" FROM STDIN') as copy:
        copy.write(b"".join(rows))


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
