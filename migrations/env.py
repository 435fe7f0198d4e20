"""Environment of alembic: the database that it migrates, and the models that it compares.

The database is the first that is set of `config.attributes["connection"]`, the option
`sqlalchemy.url`, and the product's own setting `CATALOGUE_DATABASE_URL`.
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

# A migration that waits for a lock blocks every request behind it. After this time the migration
# fails, and an operator can run it again.
LOCK_TIMEOUT = "10s"
# Two releases that start together must not migrate at the same time. The number is arbitrary, but
# nothing else may use it.
ADVISORY_LOCK = 7_215_493_301


def import_models() -> None:
    """Import every module that declares tables, so that `Base.metadata` is complete."""
    for module in pkgutil.walk_packages(catalogue.__path__, "catalogue."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)


def database_url() -> str:
    """Return the database that alembic was given, or else the one in the settings."""
    # Not get_main_option(), which requires an alembic.ini.
    named = context.config.file_config.get("alembic", "sqlalchemy.url", fallback="")
    return named or Settings.from_environment().database_url


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write the product's column types as plain ones, because migrations import no product code."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def migrate(connection: sa.Connection) -> None:
    """Run the requested migrations on this connection, either all or none."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # Otherwise alembic commits each statement on SQLite, although SQLite can roll DDL back.
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
            raise RuntimeError(
                f"The migration was undone, because it left a row of {broken[0]} that refers to a "
                f"missing row of {broken[2]}. Correct the migration or the row."
            )


@contextmanager
def sqlite_without_references(connection: sa.Connection) -> Iterator[None]:
    """Turn off foreign keys on SQLite until the end of the block.

    SQLite changes a table by copying it and dropping the old one, and the drop must not cascade.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    # Through the driver, because SQLAlchemy would begin a transaction, in which this PRAGMA has no
    # effect.
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def migrate_online() -> None:
    """Migrate the connection that alembic was given, or else the database of `database_url`."""
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
    """Print the SQL of a migration, for operators who run it themselves."""
    context.configure(url=database_url(), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


import_models()
if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
