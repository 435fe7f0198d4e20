"""One at a time changes which systems are in which overlap."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

RUN_LOCK = 4_918_230_511
"""The number of the lock that PostgreSQL's runs take turns by; any number of one's own will do."""


def acquire_run_lock(session: Session) -> None:
    """Wait until no run is changing the groups."""
    # SQLite has one writer anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(RUN_LOCK)))
