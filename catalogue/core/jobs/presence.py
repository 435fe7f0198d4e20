"""Presence of workers: each renews a row of `job_worker`, so that a missing worker is noticed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.database import Database, open_session
from catalogue.core.ids import new_id
from catalogue.core.jobs.models import Job, JobStatus, JobWorker
from catalogue.core.rest.columns import DialectExpression
from catalogue.core.upsert import insert

PRESENCE = timedelta(seconds=30)
"""The time for which a worker counts as present after it was last seen."""
RENEWAL_SECONDS = PRESENCE.total_seconds() / 3


def is_worker_present(now: Any) -> DialectExpression:
    """Make the condition that a worker is present at `now`, for each store.

    On SQLite a running job holds the only write lock, so its worker cannot renew its presence.
    """
    seen = sa.exists(sa.select(1).where(JobWorker.seen_until > now))
    other = sa.orm.aliased(Job)
    running = sa.exists(sa.select(1).where(other.status == JobStatus.RUNNING))
    return DialectExpression(postgresql=seen, sqlite=sa.or_(seen, running))


@contextmanager
def present(database: Database) -> Iterator[None]:
    """Show this process as a worker until the end of the block."""
    worker_id = new_id()
    stop = threading.Event()

    def renew() -> None:
        while not stop.is_set():
            # A database that does not respond is reported by the worker itself.
            with suppress(sa.exc.SQLAlchemyError):
                record_presence(database, worker_id)
            stop.wait(RENEWAL_SECONDS)

    thread = threading.Thread(target=renew, name="catalogue-presence", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        with suppress(sa.exc.SQLAlchemyError):
            end_presence(database, worker_id)


def record_presence(database: Database, worker_id: UUID) -> None:
    """Record that a worker is present now. Delete workers that ended without a trace."""
    now = clock.now()
    with open_session(database, read_only=False) as session:
        values = {"id": worker_id, "started_at": now, "seen_until": now + PRESENCE}
        session.execute(
            insert(session, JobWorker)
            .values(values)
            .on_conflict_do_update(
                index_elements=[JobWorker.id], set_={"seen_until": now + PRESENCE}
            )
        )
        session.execute(sa.delete(JobWorker).where(JobWorker.seen_until < now - PRESENCE))
        session.commit()


def end_presence(database: Database, worker_id: UUID) -> None:
    """Record that a worker has ended."""
    with open_session(database, read_only=False) as session:
        session.execute(sa.delete(JobWorker).where(JobWorker.id == worker_id))
        session.commit()
