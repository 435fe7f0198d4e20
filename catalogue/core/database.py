"""The database: engines, sessions, units of work, and the base of every table.

A request, job or command works in one `UnitOfWork`. Reads use connections in autocommit, so that
PostgreSQL needs no BEGIN and ROLLBACK around each query, and SQLite takes no lock. Writes are one
transaction, which the code that opened it commits once.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeGuard, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

from catalogue.core import clock
from catalogue.core.config import Settings
from catalogue.core.deferred_check import DeferredCheck
from catalogue.core.ids import new_id
from catalogue.core.postgres_connections import PostgresConnections
from catalogue.core.read_connections import ReadConnections
from catalogue.core.sharing import SharedWith
from catalogue.core.types import UtcDateTime

Key = TypeVar("Key")
Value = TypeVar("Value")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table, which names constraints and chooses the types of columns."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime, UUID: sa.Uuid}


# For searches within text (core.types.trigram_index). The migrations create it themselves.
event.listen(
    Base.metadata,
    "before_create",
    sa.DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm").execute_if(  # type: ignore[no-untyped-call]
        dialect="postgresql"
    ),
)


class Entity(Base):
    """A record with an id (UUIDv7), its times, and a revision that prevents lost updates."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=clock.now, onupdate=clock.now, sort_order=91
    )
    revision: Mapped[int] = mapped_column(sort_order=92)

    __mapper_args__ = {"version_id_col": revision}

    def __init__(self, **fields: Any) -> None:
        # The id exists before the first flush, so that a response can name the record.
        fields.setdefault("id", new_id())
        super().__init__(**fields)

    def stamp_creation(self) -> None:
        """Set `created_at` and `updated_at` to one moment.

        Only a later change makes them differ.
        """
        self.created_at = self.created_at or clock.now()  # type: ignore[truthy-bool]
        self.updated_at = self.created_at

    def touch(self) -> None:
        """Date the record when rows of another table that belong to it change."""
        self.updated_at = clock.now()


WITHOUT_TRANSACTION = "without_transaction"
"""The execution option of SQLite connections that stay in autocommit."""
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})


@event.listens_for(Entity, "before_insert", propagate=True)
def _stamp_creation(_mapper: Any, _connection: Any, record: Entity) -> None:
    record.stamp_creation()


class UnusableDatabase(ValueError):
    """The error for a setting that names no usable database."""


class MissingDatabaseFile(sqlite3.OperationalError):
    """The error for an SQLite database that does not exist. The API returns 503 for it."""


class SensitiveRead(NamedTuple):
    """Sensitive fields of other agencies' records that a response shows."""

    kind: str
    fields: tuple[str, ...]
    records: list[tuple[UUID, UUID]]
    """The ids of the records and of their owners."""


class Database:
    """Connections for writing in transactions, and for reading in autocommit."""

    def __init__(self, settings: Settings) -> None:
        try:
            url = sa.make_url(settings.database_url)
        except sa.exc.ArgumentError:
            raise UnusableDatabase(
                "CATALOGUE_DATABASE_URL must be a URL such as sqlite:///catalogue.db or "
                "postgresql://user@host/catalogue."
            ) from None
        if url.drivername not in DRIVERS:
            raise UnusableDatabase(
                "CATALOGUE_DATABASE_URL must be the URL of an SQLite or PostgreSQL database."
            )
        options: dict[str, Any] = {
            "json_serializer": lambda value: orjson.dumps(value).decode(),
            "json_deserializer": orjson.loads,
            # Errors go to the log, which must hold no personal data and no digests of secrets.
            "hide_parameters": True,
        }
        if url.get_backend_name() == "postgresql":
            options |= {
                "pool_size": settings.database_pool_size,
                "max_overflow": settings.database_pool_size,
                "pool_pre_ping": False,
            }
        elif _is_file(url.database):
            # Reuse the last connection first, because its prepared statements take megabytes each.
            options["pool_use_lifo"] = True
        self.settings = settings
        self.shared_with_cache: dict[UUID, tuple[int, SharedWith]] = {}
        """The shares with each agency, under the permissions version at which they were read."""
        self.known_codes: dict[str, frozenset[str]] = {}
        """The codes of reference data that this process has read, by the path of the resource."""
        self.engine = sa.create_engine(url, **options)
        self.dialect = self.engine.dialect.name
        self.reading_engine: sa.Engine
        if self.dialect == "sqlite":
            _prepare_sqlite(self.engine)
            # Not with an isolation level, which SQLAlchemy would reset with a PRAGMA after each
            # request. SQLite then drops every prepared statement, and the largest take half a
            # second to prepare.
            self.reading_engine = self.engine.execution_options(**{WITHOUT_TRANSACTION: True})
            self._read_connections = None
        else:
            # Separate connections, because switching one to autocommit and back takes longer than a
            # small query. Each thread has its own, so their number has no other limit.
            options |= {"isolation_level": "AUTOCOMMIT", "max_overflow": -1}
            self.reading_engine = sa.create_engine(url, skip_autocommit_rollback=True, **options)
            connections = PostgresConnections(settings.database_pooler)
            connections.open_for(self.engine)
            connections.open_for(self.reading_engine, read_only=True)
            self._read_connections = ReadConnections(self.reading_engine)
            _dispose_together(self.engine, self.reading_engine, self._read_connections)

    def acquire_read_connection(self) -> sa.Connection:
        """Take a connection in autocommit for the calling thread alone."""
        return (
            self._read_connections.acquire()
            if self._read_connections
            else self.reading_engine.connect()
        )

    def release_read_connection(self, connection: sa.Connection) -> None:
        """Give a connection back after its use."""
        if self._read_connections:
            self._read_connections.release(connection)
        else:
            connection.close()


SQLITE_WAIT = 20_000
"""The milliseconds that a writer on SQLite waits for the others, of which imports take longest."""


def wait_for_locks(session: Session) -> None:
    """Let a command or a job wait for locks without a limit, because no client waits for it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL lock_timeout = 0"))


def _dispose_together(
    engine: sa.Engine, reading: sa.Engine, read_connections: ReadConnections
) -> None:
    """Close all connections when `engine` is disposed of, or an engine loses its server."""

    @event.listens_for(engine, "engine_disposed")
    def _disposed(_engine: sa.Engine) -> None:
        reading.dispose()
        read_connections.discard()

    # Not with "handle_error", which slows down the opening of every connection.
    @event.listens_for(engine, "invalidate")
    @event.listens_for(reading, "invalidate")
    def _lost(_driver: Any, _record: Any, error: BaseException | None) -> None:
        if error is not None:
            engine.dispose()


def _is_file(path: str | None) -> TypeGuard[str]:
    return bool(path) and path != ":memory:" and not str(path).startswith("file:")


def create_database_file(url: sa.URL) -> None:
    """Create the file of an SQLite database if it is missing. Do nothing for other databases.

    Only its owner can read the file, because it will hold the keys that sign tokens. Raises
    MissingDatabaseFile if the file cannot be created.
    """
    path = find_missing_file(url)
    if path is None:
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise MissingDatabaseFile(
            f"The database file {path} cannot be created ({error.strerror}). "
            "Set CATALOGUE_DATABASE_URL to a file in a folder that you can write to."
        ) from None


def find_missing_file(url: sa.URL) -> str | None:
    """Return the path of an SQLite database whose file does not exist, else None."""
    if url.get_backend_name() != "sqlite" or not _is_file(url.database):
        return None
    path = Path(url.database)
    return None if path.exists() else str(path.resolve())


def missing_database(path: str) -> str:
    """Return the message for a database file that does not exist."""
    return (
        f"There is no database at {path}. Run `catalogue database upgrade` to create it, "
        "or set CATALOGUE_DATABASE_URL to another database."
    )


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def _require_file(*_arguments: Any) -> None:
        # SQLite would create an empty file for a wrong path, which then looks like a database.
        path = find_missing_file(engine.url)
        if path:
            raise MissingDatabaseFile(missing_database(path))

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself. BEGIN IMMEDIATE makes a writer wait for
        # its turn at the start, instead of failing in the middle.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get(WITHOUT_TRANSACTION):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


@event.listens_for(Session, "before_flush")
def _refuse_writes_while_reading(flushing: Session, _context: Any, _instances: Any) -> None:
    if flushing.info.get("read_only") and (flushing.new or flushing.dirty or flushing.deleted):
        raise RuntimeError("A read-only unit of work tried to write. Open it with read_only=False.")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statements_while_reading(state: ORMExecuteState) -> None:
    # In autocommit nothing would roll back a write before an error.
    if state.session.info.get("read_only") and (
        state.is_insert or state.is_update or state.is_delete
    ):
        raise RuntimeError("A read-only unit of work tried to write. Open it with read_only=False.")


class UnitOfWork:
    """The use of the database by one request, job or command.

    Session and connection are opened at first use. A request that reads usually needs no session,
    and opening one takes as long as sending a query.
    """

    def __init__(self, database: Database, *, read_only: bool) -> None:
        self.database = database
        self.read_only = read_only
        self.opened_at = time.monotonic()
        self.deferred: DeferredCheck | None = None
        """The check of the token, which a read can defer until it has read its records."""
        self.permissions_version: int | None = None
        """The permissions version under which the actor was found, if it is known."""
        self.shared_with: dict[UUID, SharedWith] = {}
        """The shares with the agency of each actor of this unit of work."""
        self.sensitive_reads: list[SensitiveRead] = []
        """Other agencies' sensitive fields that the response shows, for the access log."""
        self._session: Session | None = None
        self._connection: sa.Connection | None = None

    @property
    def session(self) -> Session:
        """The session. In a unit of work that only reads, the session is in autocommit."""
        if self._session is None:
            self._session = Session(
                self.connection if self.read_only else self.database.engine,
                autoflush=not self.read_only,
                expire_on_commit=False,
                info={"read_only": True} if self.read_only else None,
            )
        return self._session

    @property
    def connection(self) -> sa.Connection:
        """The session's connection, after a flush of pending changes.

        A read can use it without a session.
        """
        if not self.read_only:
            if self.session.new or self.session.dirty or self.session.deleted:
                self.session.flush()
            return self.session.connection()
        if self._connection is None:
            self._connection = self.database.acquire_read_connection()
        return self._connection

    def release(self) -> None:
        """Close the session and give the connection back, until their next use."""
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._connection is not None:
            self.database.release_read_connection(self._connection)
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()


@contextmanager
def open_session(database: Database, *, read_only: bool) -> Iterator[Session]:
    """Open a session for work without an actor. The caller commits, and an error rolls back."""
    with UnitOfWork(database, read_only=read_only) as work:
        yield work.session


def analyze_tables(session: Session, *models: type[Base]) -> None:
    """Update PostgreSQL's statistics of tables that many rows were just written to.

    PostgreSQL updates them by itself only after a minute. Until then its plans of queries would
    assume the old sizes.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(model.__tablename__ for model in models)
        session.execute(sa.text(f"ANALYZE {names}"))


def pairs(session: Session, statement: sa.Select[Key, Value]) -> dict[Key, Value]:
    """Read the rows of a statement with two columns as a mapping from the first to the second."""
    return {key: value for key, value in session.execute(statement)}  # noqa: C416 - untyped rows
