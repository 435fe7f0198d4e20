"""Lock that lets only one transaction at a time change the members of overlaps."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

RUN_LOCK = 4_918_230_511
"""The key of the advisory lock in PostgreSQL: any number that no other lock uses."""


def acquire_run_lock(session: Session) -> None:
    """Wait for the lock, and hold it until the end of the transaction."""
    # SQLite allows only one writer at a time.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(RUN_LOCK)))
