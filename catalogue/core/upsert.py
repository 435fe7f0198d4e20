"""Upsert: INSERT … ON CONFLICT, for which SQLAlchemy has a separate class for each store."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert(session: Session, table: Any) -> Any:
    """Make an INSERT for the session's store, with `on_conflict_do_nothing` and `…_update`."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)
