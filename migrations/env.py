"""How alembic finds the database and the models.

The database is, in this order: `config.attributes["connection"]`, the option `sqlalchemy.url`, and
what the product itself is configured to use (`CATALOGUE_DATABASE_URL`).
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

import catalogue
from catalogue.core.config import Settings
from catalogue.core.database import Base, Database, create_database_file
from catalogue.core.migrations import belongs

# A migration must not stand in the queue for a lock, because every request that comes after it
# stands behind it: better that the migration gives up and is run again.
LOCK_TIMEOUT = "10s"
# Two releases starting at once must not migrate at once. Any number will do that nobody else uses.
ADVISORY_LOCK = 7_215_493_301


def import_models() -> None:
    """Import every module that declares tables, so that `Base.metadata` is complete."""
    for module in pkgutil.walk_packages(catalogue.__path__, "catalogue."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)


def database_url() -> str:
    """The database that was named to alembic, else the product's own."""
    # Not get_main_option(), which insists on an alembic.ini.
    named = context.config.file_config.get("alembic", "sqlalchemy.url", fallback="")
    return named or Settings.from_environment().database_url


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones below them: migrations do not import us."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def migrate(connection: sa.Connection) -> None:
    """Run what alembic was asked for on this connection, wholly or not at all."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # Alembic would commit each statement on SQLite, which can do better.
        transactional_ddl=True,
        render_as_batch=sqlite,
        render_item=render_item,
        compare_type=True,
        compare_server_default=True,
        include_object=belongs(connection.dialect.name),
    )
    with sqlite_without_references(connection), context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise RuntimeError(f"A row of {broken[0]} refers to one of {broken[2]} that is gone.")


@contextmanager
def sqlite_without_references(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one, which must not cascade."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Past SQLAlchemy, which would begin a transaction, and within one it has no effect.
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def migrate_online() -> None:
    """Find the database, and migrate it."""
    given = context.config.attributes.get("connection")
    if isinstance(given, sa.Connection):
        migrate(given)
        return
    engine = Database(replace(Settings.from_environment(), database_url=database_url())).engine
    create_database_file(engine.url)
    with engine.connect() as connection:
        migrate(connection)
    engine.dispose()


def migrate_offline() -> None:
    """Print the SQL of a migration, for those who may not let a program change their database."""
    context.configure(url=database_url(), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


import_models()
if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
