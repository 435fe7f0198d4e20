"""Bringing a database to the state that this release needs."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

_PACKAGE = Path(__file__).resolve().parent.parent
FOLDER = next(
    # Beside the package in a checkout, and within it where it was installed from a wheel.
    (f for f in (_PACKAGE.parent / "migrations", _PACKAGE / "migrations") if f.is_dir()),
    _PACKAGE / "migrations",
)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def upgrade(engine: sa.Engine) -> None:
    """Run every migration that the database lacks."""
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: sa.Engine) -> bool:
    """Whether the database has had every migration."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(_config()).get_heads())


def belongs(dialect: str) -> Any:
    """For alembic's comparison: leave out what another store alone has."""

    def include(found: Any, _name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
        only_on = getattr(found, "info", {}).get("only_on")
        return only_on is None or only_on == dialect

    return include
