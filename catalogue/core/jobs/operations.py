"""Queue a job, take one, run it. A job that dies with its worker is taken up by another.

The table is the queue, so a job exists exactly if what asked for it was committed. A worker holds
a job by a lease that it renews; when the worker is killed the lease runs out.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import Actor, Author
from catalogue.core.database import Database, database, wait_for_turn, working
from catalogue.core.errors import InternalError, Problem
from catalogue.core.jobs.models import Job, JobStatus

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3


@dataclass
class JobContext:
    """What a running job works with: its session, who asked, and a place to say how far it is."""

    session: Session
    actor: Actor
    job_id: UUID
    database: Database

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is. Seen at once, whatever the job's own transaction comes to;
        on SQLite, which has one writer, with the job's next commit."""
        changes: dict[str, Any] = {"progress_done": done}
        if total is not None:
            changes["progress_total"] = total
        if self.database.dialect == "sqlite" and self.session.in_transaction():
            self.session.execute(sa.update(Job).where(Job.id == self.job_id).values(changes))
            return
        with working(self.database, read_only=False) as opened:
            opened.execute(sa.update(Job).where(Job.id == self.job_id).values(changes))
            opened.commit()


Handler = Callable[..., dict[str, Any]]
_handlers: dict[str, Handler] = {}


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    """Register what runs the jobs of a kind: `def run(context, **arguments) -> result`."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers:
            raise ValueError(f"There is a handler for {kind} already.")
        _handlers[kind] = handler
        return handler

    return register


def enqueue(opened: Session, kind: str, arguments: dict[str, Any], *, by: Actor) -> Job:
    """Queue a job in the caller's transaction. The arguments must be JSON."""
    if kind not in _handlers:
        raise ValueError(f"Nothing runs jobs of the kind {kind}.")
    job = Job(
        kind=kind,
        agency_id=by.agency_id,
        client_id=by.client_id,
        scopes=sorted(by.scopes),
        arguments=arguments,
    )
    opened.add(job)
    opened.flush()
    return job


def run_next(app: Flask) -> bool:
    """Take the oldest job that waits and run it; False when there was none."""
    opened_by = database(app)
    taken = _take(opened_by)
    if taken is None:
        return False
    with app.app_context(), _lease_kept(opened_by, taken):
        try:
            with working(opened_by, read_only=False) as opened:
                wait_for_turn(opened)
                opened.info["author"] = Author.of(taken.actor, reason=f"job: {taken.kind}")
                context = JobContext(opened, taken.actor, taken.job_id, opened_by)
                result = _handlers[taken.kind](context, **taken.arguments)
                _finish(opened, taken, JobStatus.SUCCEEDED, result=result)
        except Problem as problem:
            _fail(opened_by, taken, problem)
        except Exception:
            log.exception("Job %s (%s) failed", taken.job_id, taken.kind)
            _fail(opened_by, taken, InternalError("It has been logged."))
    return True


def run_waiting(app: Flask) -> int:
    """Run every job that waits; how many there were."""
    ran = 0
    while run_next(app):
        ran += 1
    return ran


@dataclass(frozen=True)
class _Taken:
    """A job that this worker holds. The attempt fences off a worker that lost its lease."""

    job_id: UUID
    attempt: int
    kind: str
    arguments: dict[str, Any]
    actor: Actor


def _take(opened_by: Database) -> _Taken | None:
    with working(opened_by, read_only=True) as looking:
        if looking.scalar(sa.select(sa.exists().where(_free()))) is not True:
            return None
    with working(opened_by, read_only=False) as opened:
        job = opened.scalar(
            sa.select(Job)
            .where(_free())
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        actor = Actor(
            job.client_id, job.agency_id, _code_of(opened, job.agency_id), frozenset(job.scopes)
        )
        taken = _Taken(job.id, job.attempts + 1, job.kind, job.arguments, actor)
        job.status, job.attempts = JobStatus.RUNNING, taken.attempt
        job.started_at = job.started_at or clock.now()
        job.lease_until = clock.now() + LEASE
        opened.commit()
    if taken.attempt > MOST_ATTEMPTS:
        _fail(opened_by, taken, InternalError("Its worker died each time that it was tried."))
        return _take(opened_by)
    return taken


def _code_of(opened: Session, agency_id: UUID | None) -> str | None:
    agency = sa.table("agency", sa.column("id", sa.Uuid()), sa.column("code", sa.String()))
    return opened.scalar(sa.select(agency.c.code).where(agency.c.id == agency_id))


def _free() -> sa.ColumnElement[bool]:
    return sa.or_(
        Job.status == JobStatus.QUEUED,
        sa.and_(Job.status == JobStatus.RUNNING, Job.lease_until < clock.now()),
    )


@contextmanager
def _lease_kept(opened_by: Database, taken: _Taken) -> Iterator[None]:
    """Renew the lease while the job runs. SQLite's job holds the only write lock, which keeps
    other workers away just as well."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            with working(opened_by, read_only=False) as opened:
                opened.execute(_held(taken).values(lease_until=clock.now() + LEASE))
                opened.commit()

    thread = threading.Thread(target=renew, name="catalogue-lease", daemon=True)
    if opened_by.dialect == "postgresql":
        thread.start()
    try:
        yield
    finally:
        stop.set()


def _held(taken: _Taken) -> sa.Update:
    return sa.update(Job).where(
        Job.id == taken.job_id, Job.attempts == taken.attempt, Job.status == JobStatus.RUNNING
    )


def _finish(opened: Session, taken: _Taken, status: JobStatus, **values: Any) -> None:
    now = clock.now()
    changes = {"status": status, "finished_at": now, "updated_at": now} | values
    if opened.execute(_held(taken).values(changes)).rowcount == 1:  # type: ignore[attr-defined]
        opened.commit()
    else:
        log.warning("Job %s was taken over by another worker", taken.job_id)
        opened.rollback()


def _fail(opened_by: Database, taken: _Taken, problem: Problem) -> None:
    with working(opened_by, read_only=False) as opened:
        _finish(opened, taken, JobStatus.FAILED, problem=problem.document())
