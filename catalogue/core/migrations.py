"""Migrations of the database, to the structure that this release needs."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from catalogue.core.database import create_database_file, find_missing_file, missing_database
from catalogue.core.package_files import package_file
from catalogue.core.sort_keys import refresh_keys

if TYPE_CHECKING:
    from alembic.config import Config

NOT_CURRENT = (
    "The database does not have the structure that this release needs. "
    "Run `catalogue database upgrade` first."
)
FOLDER = package_file("migrations")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def upgrade(engine: sa.Engine) -> None:
    """Run every migration that the database lacks. Create the SQLite file if it is missing."""
    from alembic import command

    create_database_file(engine.url)
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with engine.begin() as connection:
        refresh_keys(connection)


def is_current(engine: sa.Engine) -> bool:
    """Return whether every migration of this release has been run, and no later one.

    Every server checks this at its start, so it does not use alembic, which reads all migrations.
    """
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        present = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        return present.scalars().all() == [newest()]


def find_problem(engine: sa.Engine) -> str | None:
    """Return why this release cannot use the database, or None if it can."""
    path = find_missing_file(engine.url)
    if path:
        return missing_database(path)
    return None if is_current(engine) else NOT_CURRENT


def newest() -> str:
    """Return the number of the newest migration of this release, from the names of the files."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))


def belongs(dialect: str) -> Any:
    """Make a filter for alembic's comparison that leaves out objects of the other store alone."""

    def include(item: Any, _name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
        only_on = getattr(item, "info", {}).get("only_on")
        return only_on is None or only_on == dialect

    return include
