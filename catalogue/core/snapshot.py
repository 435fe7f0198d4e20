"""Snapshots: one state of the database for several statements of a read-only unit of work."""

from collections.abc import Iterator
from contextlib import contextmanager

from catalogue.core.database import UnitOfWork

_BEGIN = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


@contextmanager
def snapshot(work: UnitOfWork) -> Iterator[None]:
    """Read one state of the database until the end of the block, while others write.

    The connection of a unit of work that reads is in autocommit before and after.
    """
    connection = work.connection
    connection.exec_driver_sql(_BEGIN[work.database.dialect])
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql("ROLLBACK")
