"""Read connections: each thread keeps one.

Taking one from SQLAlchemy's pool for each request costs half as much as Flask's own work. The
connection of a thread that ends returns to the pool, and the next thread takes it.
"""

import threading
from typing import Any

import sqlalchemy as sa


class ReadConnections:
    """Connections to one database, in autocommit, one for each thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._own: Any = threading.local()

    def acquire(self) -> sa.Connection:
        """Take a connection for the calling thread alone."""
        kept: tuple[sa.Connection, sa.Pool] | None = self._own.__dict__.pop("kept", None)
        if kept is None:
            return self._engine.connect()
        connection, pool = kept
        if pool is self._engine.pool:
            return connection
        _discard(connection)
        return self._engine.connect()

    def release(self, connection: sa.Connection) -> None:
        """Keep the connection for the thread.

        Close it if it broke, or if the thread keeps another.
        """
        if connection.in_transaction():
            connection.rollback()
        if connection.invalidated or "kept" in self._own.__dict__:
            connection.close()
        else:
            self._own.kept = connection, self._engine.pool

    def discard(self) -> None:
        """Close the calling thread's connection. Other threads close theirs at their next use."""
        kept = self._own.__dict__.pop("kept", None)
        if kept is not None:
            _discard(kept[0])


def _discard(connection: sa.Connection) -> None:
    """Close a connection whose pool no longer exists."""
    connection.invalidate()
    connection.close()
