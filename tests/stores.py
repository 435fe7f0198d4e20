"""The two stores that every test runs on: a migrated, empty database each, and an app on it."""

import fcntl
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from flask import Flask
from sqlalchemy import event

from catalogue.app import create_app
from catalogue.core.application import database, settings
from catalogue.core.config import Settings
from catalogue.core.database import Base, Database
from catalogue.core.health import operations as health
from catalogue.history.models import BEGINNING, HistoryHead
from tests.copies import Copy
from tests.postgres import Cluster
from tests.unsaved import CheckedClient

# Tests change the database and look at once.
health.KEPT_SECONDS = 0.0

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("sqlite", "postgresql")
NO_POSTGRES = "no PostgreSQL"
NO_PROXIES = "no proxies"
NO_CHROMIUM = "no Chromium"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """The settings that the processes of one test run share."""

    directory: str
    token: str
    postgres_url: str = ""
    cluster_directory: str = ""

    def to_worker(self) -> dict[str, str]:
        """Return the run in plain types, which xdist can send."""
        return asdict(self)

    @property
    def has_postgres(self) -> bool:
        """Return whether there is a server, or the programs to make one."""
        return bool(self.postgres_url or self.cluster_directory)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold back the other processes of the run."""
        with Path(self.directory, f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def server_url(self) -> sa.URL:
        """Return the address of the PostgreSQL server.

        The throwaway cluster starts at its first use.
        """
        if self.postgres_url:
            return sa.make_url(self.postgres_url)
        return sa.make_url(Cluster(Path(self.cluster_directory)).url)


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration for a connection."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def engine_for(url: sa.URL | str) -> sa.Engine:
    """Return an engine like the product's, which on SQLite does not wait for the disc."""
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    return hurried(Database(Settings(database_url=text)))


def hurried(opened: Database) -> sa.Engine:
    """Return the engine of a database, which on SQLite then does not wait for the disc.

    SQLite also keeps its prepared statements, the largest of which take half a second to prepare.
    """
    if opened.dialect == "sqlite":

        @event.listens_for(opened.engine, "do_connect")
        def _keep_prepared(_dialect: Any, _record: Any, _place: Any, options: Any) -> None:
            options["cached_statements"] = 1_000

        @event.listens_for(opened.engine, "connect")
        def _hurry(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous = OFF")
            # A stalled machine must not make a writer give up, which it does after 5 seconds.
            connection.execute("PRAGMA busy_timeout = 60000")

    return opened.engine


def trusting_engine(url: sa.URL | str) -> sa.Engine:
    """Return an engine that does not check references, which takes most of the time."""
    engine = engine_for(url)

    @event.listens_for(engine, "connect")
    def _trust(connection: Any, _record: Any) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA foreign_keys = OFF")
            return
        # A server that existed before the run can have a user who may not set this.
        connection.execute(
            "SELECT set_config('session_replication_role', 'replica', false) "
            "WHERE current_setting('is_superuser') = 'on'"
        )
        connection.commit()

    return engine


def migrate(engine: sa.Engine, how: Callable[[Config, str], Any], revision: str) -> None:
    """Upgrade or downgrade a database to a revision."""
    with engine.connect() as connection:
        how(alembic_config(connection), revision)


def administer(server: sa.URL, *statements: str) -> None:
    """Run statements that PostgreSQL refuses in a transaction."""
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def make_database(run: Run, name: str, worker: str, *, migrated: bool = True) -> sa.URL:
    """Make a new database: a copy of the run's migrated one, or an empty one."""
    unique = f"{worker}_{secrets.token_hex(3)}"
    if name == "sqlite":
        path = Path(run.directory, f"{unique}.db")
        if migrated:
            shutil.copy(_sqlite_template(run), path)
        else:
            path.touch()
        return sa.make_url(f"sqlite:///{path}")
    server = run.server_url()
    own = f"{run.token}_{unique}"
    template = f'TEMPLATE "{_postgres_template(run, server)}"' if migrated else ""
    with run.lock("create-database"):
        administer(server, f'CREATE DATABASE "{own}" {template}')
    return server.set(database=own)


def _sqlite_template(run: Run) -> Path:
    path = Path(run.directory, "template.db")
    with run.lock("sqlite-template"):
        if not path.exists():
            half = path.with_suffix(".half")
            half.touch()
            engine = engine_for(f"sqlite:///{half}")
            migrate(engine, command.upgrade, "head")
            engine.dispose()  # the last connection folds the write-ahead log into the file
            half.rename(path)
    return path


def _postgres_template(run: Run, server: sa.URL) -> str:
    name, done = f"{run.token}_template", Path(run.directory, "postgres-template.done")
    with run.lock("postgres-template"):
        if not done.exists():
            administer(server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
            engine = engine_for(server.set(database=name))
            migrate(engine, command.upgrade, "head")
            engine.dispose()
            done.touch()
    return name


def drop_databases(run: Run) -> None:
    """Remove this run's databases from a server that existed before the run."""
    server = sa.make_url(run.postgres_url)
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        names = connection.scalars(
            sa.text("SELECT datname FROM pg_database WHERE datname LIKE :ours"),
            {"ours": f"{run.token}\\_%"},
        ).all()
        for name in names:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    engine.dispose()


@dataclass
class Store:
    """One of the two stores, and the app on it."""

    name: str
    url: str
    app: Flask
    others: list[Flask] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings of the app."""
        return settings(self.app)

    @property
    def database(self) -> Database:
        """The app's database."""
        return database(self.app)

    def app_with(self, **settings: Any) -> Flask:
        """Make another app on the same database, with some settings changed."""
        app = new_app(replace(self.settings, **settings))
        self.others.append(app)
        return app

    def copy(self) -> Copy:
        """Return a copy of the rows of the store."""
        head = HistoryHead.__table__
        with self.row_engine.connect() as connection:
            return Copy.of(connection, [*tables_with_rows(connection, self._tables), head])

    def clean(self, then: Copy | None = None) -> None:
        """Empty every table, and forget the other apps. Then write a copy, if there is one."""
        while self.others:
            database(self.others.pop()).engine.dispose()
        # A version can come again and mean something else, and codes do not outlast their rows.
        self.database.shared_with_cache.clear()
        self.database.known_codes.clear()
        try:
            self._empty_tables(then)
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._empty_tables(then)  # the test itself had cut the connections

    @cached_property
    def row_engine(self) -> sa.Engine:
        """An engine that copies and deletes rows.

        It has connections of its own. On SQLite its PRAGMA would make the app's connections
        prepare every statement again.
        """
        return trusting_engine(self.url)

    def _empty_tables(self, then: Copy | None) -> None:
        with self.row_engine.connect() as connection:
            written = tables_with_rows(connection, self._tables)
            if not written and not then:
                return
            # TRUNCATE would be slower: it makes new files for every table and index.
            for table in reversed(written):
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
            if then:
                connection.execute(sa.delete(HistoryHead))
                then.write(connection)
            else:
                # A migrated database has this one row.
                head = sa.update(HistoryHead)
                connection.execute(head.values(number=0, at=EPOCH, digest=BEGINNING))
            connection.commit()

    @cached_property
    def _tables(self) -> tuple[sa.Table, ...]:
        """List the tables that the migrations made, each after those that it refers to."""
        present = sa.inspect(self.database.engine).get_table_names()
        head = HistoryHead.__tablename__
        return tuple(t for t in Base.metadata.sorted_tables if t.name in present and t.name != head)


def tables_with_rows(connection: sa.Connection, tables: tuple[sa.Table, ...]) -> list[sa.Table]:
    """Return the tables that are not empty, in the order given."""
    filled = {name for (name,) in connection.exec_driver_sql(_which_have_rows(tables))}
    return [table for table in tables if table.name in filled]


@cache
def _which_have_rows(tables: tuple[sa.Table, ...]) -> str:
    # Text, since this is asked around every test, and putting it together takes far longer.
    asked = (
        sa.select(sa.literal(table.name, sa.Text)).where(sa.exists(sa.select(1).select_from(table)))
        for table in tables
    )
    return str(sa.union_all(*asked).compile(compile_kwargs={"literal_binds": True}))


def new_app(settings: Settings) -> Flask:
    """Make an app for tests.

    Its client notices unsaved work, and SQLite does not wait for the disc.
    """
    app = create_app(settings)
    app.testing = True
    app.test_client_class = CheckedClient
    hurried(database(app))
    return app


@contextmanager
def open_store(run: Run, name: str, worker: str) -> Iterator[Store]:
    """Make the store of one worker, for the whole of its run."""
    url = make_database(run, name, worker).render_as_string(hide_password=False)
    app = new_app(
        Settings(
            database_url=url,
            public_url="http://catalogue.test",
            # Jobs run when a test says so, and no test is held up by the limit it does not test.
            job_worker="external",
            token_requests_per_minute=1_000_000,
            # No request of a made-up client is to wait for what does not come.
            feed_waiters=0,
        )
    )
    store = Store(name, url, app)
    try:
        yield store
    finally:
        store.clean()
        store.row_engine.dispose()
        store.database.engine.dispose()
