"""Read connections: each thread keeps one.

Taking one from SQLAlchemy's pool and giving it back for each request costs as much as half of what
Flask does for it. A thread that ends, or whose turn never comes again, loses its connection to the
pool behind, from which the next thread takes it.
"""

import threading
from typing import Any

import sqlalchemy as sa


class ReadConnections:
    """Gives out connections in autocommit, and takes them back."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._own: Any = threading.local()

    def acquire(self) -> sa.Connection:
        """A connection, for the calling thread alone."""
        kept: tuple[sa.Connection, sa.Pool] | None = self._own.__dict__.pop("kept", None)
        if kept is None:
            return self._engine.connect()
        connection, pool = kept
        if pool is self._engine.pool:
            return connection
        _discard(connection)
        return self._engine.connect()

    def release(self, connection: sa.Connection) -> None:
        """Keep a connection for the thread's next turn, unless it has another or this one broke."""
        if connection.in_transaction():
            connection.rollback()
        if connection.invalidated or "kept" in self._own.__dict__:
            connection.close()
        else:
            self._own.kept = connection, self._engine.pool

    def discard(self) -> None:
        """End the calling thread's own; the others' end when it is their turn again."""
        kept = self._own.__dict__.pop("kept", None)
        if kept is not None:
            _discard(kept[0])


def _discard(connection: sa.Connection) -> None:
    """Close a connection for good, whose pool is there no more."""
    connection.invalidate()
    connection.close()
