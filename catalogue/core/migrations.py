"""Migrations of the database, and the releases that can use its structure.

A migration suits the release that is still running, so an old release can also start on a database
that a newer one has migrated. A migration that breaks older releases records in the database the
oldest release that can still use it. The ADR on newer databases has the reasons.
"""

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from catalogue.core.database import (
    WITHOUT_TRANSACTION,
    create_database_file,
    find_missing_file,
    missing_database,
)
from catalogue.core.models import ReleaseRequirement
from catalogue.core.package_files import package_file
from catalogue.core.sort_keys import refresh_keys

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = package_file("migrations")


class Structure(Enum):
    """The structure of a database, compared with the migrations of this release."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    """A newer release has migrated the database, and this release can still use it."""
    TOO_NEW = "too new"
    """A newer release has migrated the database, and this release can no longer use it."""
    FOREIGN = "foreign"
    """Another program made the database."""
    MISSING = "missing"
    """The SQLite file does not exist."""


class Comparison(NamedTuple):
    """The result of a comparison, and the message about it for an operator."""

    structure: Structure
    message: str

    @property
    def usable(self) -> bool:
        """Return whether this release can use the database."""
        return self.structure in {Structure.CURRENT, Structure.AHEAD}

    @property
    def is_newer(self) -> bool:
        """Return whether a newer release has migrated the database."""
        return self.structure in {Structure.AHEAD, Structure.TOO_NEW}


_MESSAGES = {
    Structure.CURRENT: "The database has the structure that this release needs.",
    Structure.BEHIND: (
        "The database does not have the structure that this release needs. "
        "Run `catalogue database upgrade` first."
    ),
    Structure.AHEAD: (
        "The database is newer than this release, which can still use it. "
        "Install the newer release here too."
    ),
    Structure.TOO_NEW: (
        "The database is newer than this release, which can no longer use it. "
        "Install the newer release, or restore a backup from before its upgrade."
    ),
    Structure.FOREIGN: (
        "The database was made by another program. Set CATALOGUE_DATABASE_URL to the database of "
        "this service, or to an empty one."
    ),
}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def upgrade(engine: sa.Engine) -> None:
    """Run every migration that the database lacks. Create the SQLite file if it is missing.

    A database that is newer than this release stays as it is.
    """
    from alembic import command

    create_database_file(engine.url)
    if compare(engine).is_newer:
        return
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with engine.begin() as connection:
        refresh_keys(connection)


def compare(engine: sa.Engine) -> Comparison:
    """Compare the structure of a database with this release."""
    path = find_missing_file(engine.url)
    if path:
        return Comparison(Structure.MISSING, missing_database(path))
    # Without a transaction, which on SQLite would wait for a writer.
    with engine.execution_options(**{WITHOUT_TRANSACTION: True}).connect() as connection:
        return compare_structure(connection)


def compare_structure(connection: sa.Connection) -> Comparison:
    """Compare the structure of the database behind a connection with this release.

    Every server does this at its start, so it does not use alembic, which reads all migrations.
    """
    structure = _structure(connection)
    return Comparison(structure, _MESSAGES[structure])


def _structure(connection: sa.Connection) -> Structure:
    inspector = sa.inspect(connection)
    if not inspector.has_table("alembic_version"):
        return Structure.BEHIND
    versions = sa.text("SELECT version_num FROM alembic_version")
    present = connection.execute(versions).scalars().all()
    known = numbers()
    if present == [known[-1]]:
        return Structure.CURRENT
    if set(present) <= set(known):
        return Structure.BEHIND
    if not inspector.has_table(ReleaseRequirement.__tablename__):
        return Structure.FOREIGN
    oldest = connection.scalar(sa.select(sa.func.max(ReleaseRequirement.oldest_migration)))
    return Structure.TOO_NEW if oldest and oldest > known[-1] else Structure.AHEAD


def numbers() -> list[str]:
    """List the numbers of this release's migrations in order, from the names of the files."""
    files = (FOLDER / "versions").glob("[0-9]*_*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def belongs(dialect: str) -> Any:
    """Make a filter for alembic's comparison that leaves out objects of the other store alone."""

    def include(item: Any, _name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
        only_on = getattr(item, "info", {}).get("only_on")
        return only_on is None or only_on == dialect

    return include
