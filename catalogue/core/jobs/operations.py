"""The job queue: adding, claiming, running, cancelling and retrying jobs.

The table is the queue, so a job exists only if the request that queued it was committed. A worker
holds a job by a lease that it renews. If the worker dies, the lease runs out, and another worker
takes the job. The work and the note of its success are one transaction, which fails if the job was
cancelled meanwhile.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import SYSTEM_ACTOR, Actor, Author, Scope
from catalogue.core.context import Context, Ports
from catalogue.core.database import Base, Database, UnitOfWork, open_session, wait_for_locks
from catalogue.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InsufficientScope,
    InternalError,
    Problem,
    conflict,
)
from catalogue.core.jobs import stop_requests
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.late_lock import is_unlocked
from catalogue.core.transactions import run_in_transaction

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
"""The attempts that a new job has, and that a retry adds."""


class JobStopped(Exception):
    """The job was cancelled, or another worker has taken it. Its work must be rolled back."""


@dataclass(frozen=True, kw_only=True)
class JobContext(Context):
    """The context of a running job. Its actor is the client that queued the job.

    The actor has only those scopes of its token that the client still has when the job starts.
    """

    job_id: UUID
    attempt: int

    def progress(self, done: int, total: int | None = None) -> None:
        """Record how many units of work are done. Raises JobStopped if the job was cancelled.

        A separate transaction shows clients the progress at once. A job that holds the only lock of
        SQLite writes it itself, so clients see the progress with the job's next commit.
        """
        changes: dict[str, Any] = {"progress_done": done}
        if total is not None:
            changes["progress_total"] = total
        update = _update_held(self.job_id, self.attempt).values(changes)
        session = self.session
        holds_lock = session.in_transaction() and not is_unlocked(session)
        if self.database.dialect == "sqlite" and holds_lock:
            if stop_requests.is_requested(self.database, self.job_id):
                raise JobStopped
            self.session.execute(update)
            return
        with open_session(self.database, read_only=False) as session:
            if session.execute(update).rowcount == 0:  # type: ignore[attr-defined]
                raise JobStopped
            session.commit()


Handler = Callable[..., dict[str, Any]]
RequireRetryable = Callable[..., None]


@dataclass(frozen=True)
class _Kind:
    """A kind of job: its function, the scope that queues it, and the check before a retry."""

    run: Handler
    scope: Scope
    require_retryable: RequireRetryable | None


_kinds: dict[str, _Kind] = {}


def job_handler(
    kind: str, *, scope: Scope, require_retryable: RequireRetryable | None = None
) -> Callable[[Handler], Handler]:
    """Register the function that runs a kind of job: `def run(context, **arguments) -> result`.

    `scope` is the scope of the operation that queues such a job. Cancelling and retrying need it
    too. `require_retryable(session, **arguments)` raises Conflict if a retry cannot succeed.
    """

    def register(handler: Handler) -> Handler:
        if kind in _kinds:
            raise ValueError(f"The kind {kind} has a handler already.")
        _kinds[kind] = _Kind(handler, scope, require_retryable)
        return handler

    return register


Chore = Callable[[Session], None]
_chores: list[Chore] = []


def chore(run: Chore) -> Chore:
    """Register a chore: a function that the worker runs regularly, such as to delete old files."""
    _chores.append(run)
    return run


def run_chores(database: Database) -> None:
    """Run every chore, each in a transaction of its own."""
    for each in _chores:
        with open_session(database, read_only=False) as session:
            each(session)
            session.commit()


def enqueue(context: Context, kind: str, arguments: dict[str, Any]) -> Job:
    """Queue a job in the caller's transaction. The arguments must be JSON."""
    if kind not in _kinds:
        raise ValueError(f"The kind {kind} has no handler.")
    job = Job(kind=kind, agency_id=context.actor.agency_id)
    job.act_for(context.actor, arguments)
    context.session.add(job)
    context.session.flush()
    return job


def require_scope_of_kind(context: Context, job: Job) -> None:
    """Raise InsufficientScope if the actor could not queue a job of this kind."""
    kind = _kinds.get(job.kind)
    if kind is None:
        # A newer release queued the job, while this one still runs.
        raise Conflict("This server does not know jobs of this kind. Try again later.")
    if not context.actor.has(kind.scope):
        raise InsufficientScope(
            f"You need the scope `{kind.scope}` to cancel or retry a job of this kind. "
            "Request a token with it.",
            headers=context.ports.challenge(
                context.settings, error="insufficient_scope", scope=kind.scope
            ),
        )


def request_stop(context: Context, job: Job) -> None:
    """Make a running job on SQLite stop at its next step, and so release the only write lock.

    Elsewhere do nothing, because `cancel_job` itself stops the job. The caller has not locked it.
    """
    if context.database.dialect == "sqlite" and job.status is JobStatus.RUNNING:
        stop_requests.request(context.database, job.id)


def cancel_job(context: Context, job: Job) -> None:
    """Cancel a job that has not ended. The caller has locked it.

    A running job stops at its next step, and its transaction is rolled back. A job that was
    cancelled before stays as it is. Raises Conflict if the job has ended otherwise.
    """
    require_scope_of_kind(context, job)
    # On SQLite no job runs while this transaction has the write lock.
    stop_requests.clear(context.database, job.id)
    if job.status in {JobStatus.SUCCEEDED, JobStatus.FAILED}:
        raise conflict(
            "/status",
            "transition",
            f"The job has {job.status} already, so it cannot be cancelled. Read its result.",
        )
    if job.status is not JobStatus.CANCELLED:
        job.status, job.finished_at = JobStatus.CANCELLED, clock.now()
        job.arguments = job.kind_arguments


def retry_job(context: Context, job: Job) -> None:
    """Queue a failed or cancelled job again, for the actor. The caller has locked it.

    Raises Conflict if the job has another status, or if what it needs no longer exists.
    """
    require_scope_of_kind(context, job)
    if job.status not in {JobStatus.FAILED, JobStatus.CANCELLED}:
        raise conflict(
            "/status",
            "transition",
            f"The job is `{job.status}`. You can only retry a job that failed or was cancelled.",
        )
    if require_retryable := _kinds[job.kind].require_retryable:
        require_retryable(context.session, **job.kind_arguments)
    # The actor answers for the changes, because the first client may have lost its access.
    job.act_for(context.actor, job.kind_arguments)
    job.status, job.problem, job.result = JobStatus.QUEUED, None, None
    job.progress_done, job.progress_total = 0, None
    job.started_at = job.finished_at = job.lease_until = None
    # The attempts go on counting, because their number excludes a worker that still runs the job.
    job.attempts_allowed = job.attempts + MOST_ATTEMPTS


def run_next(database: Database, ports: Ports) -> bool:
    """Run the oldest waiting job. Return False if there is none."""
    claimed = _claim(database)
    if claimed is None:
        return False
    with _renewing_lease(database, claimed):
        try:
            actor = _find_standing(database, ports, claimed)
            run_in_transaction(database, lambda work: _run(work, claimed, actor, ports))
        except JobStopped:
            _end_stopped(database, claimed)
        except Problem as problem:
            _fail(database, claimed, problem)
        except Exception:
            log.exception("Job %s (%s) failed", claimed.job_id, claimed.kind)
            _fail(database, claimed, InternalError(_FAULT))
        finally:
            stop_requests.clear(database, claimed.job_id)
    return True


def _find_standing(database: Database, ports: Ports, claimed: "_ClaimedJob") -> Actor:
    """Return the actor with the scopes that its client still has.

    Raises Forbidden if the client can no longer do this for the agency, because the client or the
    person may have been revoked or blocked after the job was queued.
    """
    actor = claimed.actor
    if actor.client_id == SYSTEM_ACTOR.client_id:
        return actor
    with open_session(database, read_only=True) as session:
        standing = ports.find_standing(
            session,
            client_id=actor.client_id,
            subject=actor.subject,
            agency_id=actor.agency_id,
            scopes=actor.scopes,
            provider_token=actor.provider_token,
        )
    if standing is None or not standing.has(_kinds[claimed.kind].scope):
        raise Forbidden(_NO_STANDING, errors=[FieldError("", "client_revoked", _NO_STANDING)])
    return standing


_NO_STANDING = (
    "The client or person that queued the job can no longer do this for your agency, so the job "
    "changed nothing. Retry it with another client."
)


def _run(work: UnitOfWork, claimed: "_ClaimedJob", actor: Actor, ports: Ports) -> None:
    context = JobContext(work, actor, ports, job_id=claimed.job_id, attempt=claimed.attempt)
    wait_for_locks(context.session)
    context.write_as(Author.of(actor, reason=f"job: {claimed.kind}"))
    result = _kinds[claimed.kind].run(context, **claimed.arguments)
    _finish(context.session, claimed, JobStatus.SUCCEEDED, result=result)


_FAULT = "The job failed because of a fault in the service. Report the job's id to the operator."


@dataclass(frozen=True)
class _ClaimedJob:
    """A job that this worker holds. `attempt` excludes a worker that has lost its lease."""

    job_id: UUID
    attempt: int
    kind: str
    arguments: dict[str, Any]
    actor: Actor


def _claim(database: Database) -> _ClaimedJob | None:
    with open_session(database, read_only=True) as session:
        if session.scalar(sa.select(sa.exists().where(_is_claimable()))) is not True:
            return None
    with open_session(database, read_only=False) as session:
        job = session.scalar(
            sa.select(Job)
            .where(_is_claimable())
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        code = _code_of(session, job.agency_id)
        actor = Actor(
            job.client_id,
            job.agency_id,
            code,
            frozenset(job.scopes),
            job.subject,
            job.provider_token,
        )
        allowed = job.attempts_allowed
        claimed = _ClaimedJob(job.id, job.attempts + 1, job.kind, job.kind_arguments, actor)
        job.status, job.attempts = JobStatus.RUNNING, claimed.attempt
        job.started_at = job.started_at or clock.now()
        job.lease_until = clock.now() + LEASE
        session.commit()
    if claimed.attempt > allowed:
        detail = (
            f"The job stopped unexpectedly each of the {MOST_ATTEMPTS} times that it ran. "
            "Queue it again, or report its id to the operator."
        )
        _fail(database, claimed, InternalError(detail))
        return _claim(database)
    return claimed


def _code_of(session: Session, agency_id: UUID | None) -> str | None:
    # The agencies' package is above the kernel, so this refers to their table by its name.
    agency = Base.metadata.tables["agency"]
    return session.scalar(sa.select(agency.c.code).where(agency.c.id == agency_id))


def _is_claimable() -> sa.ColumnElement[bool]:
    free = sa.or_(
        Job.status == JobStatus.QUEUED,
        sa.and_(Job.status == JobStatus.RUNNING, Job.lease_until < clock.now()),
    )
    # During an upgrade a newer release can queue kinds that only its own workers know.
    return sa.and_(free, Job.kind.in_(_kinds))


@contextmanager
def _renewing_lease(database: Database, claimed: _ClaimedJob) -> Iterator[None]:
    """Renew the lease while the job runs.

    On SQLite this fails while the job holds the only lock, which also excludes other workers.
    """
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            with (
                suppress(sa.exc.OperationalError),
                open_session(database, read_only=False) as session,
            ):
                session.execute(_update_claimed(claimed).values(lease_until=clock.now() + LEASE))
                session.commit()

    thread = threading.Thread(target=renew, name="catalogue-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _update_claimed(claimed: _ClaimedJob) -> sa.Update:
    return _update_held(claimed.job_id, claimed.attempt)


def _update_held(job_id: UUID, attempt: int) -> sa.Update:
    return sa.update(Job).where(
        Job.id == job_id, Job.attempts == attempt, Job.status == JobStatus.RUNNING
    )


def _finish(session: Session, claimed: _ClaimedJob, status: JobStatus, **values: Any) -> None:
    now = clock.now()
    # The person is kept no longer than the job needs.
    changes = {
        "status": status,
        "finished_at": now,
        "updated_at": now,
        "arguments": claimed.arguments,
    } | values
    if session.execute(_update_claimed(claimed).values(changes)).rowcount == 1:  # type: ignore[attr-defined]
        session.commit()
    else:
        log.warning("Job %s was cancelled, or taken over by another worker", claimed.job_id)
        session.rollback()


def _fail(database: Database, claimed: _ClaimedJob, problem: Problem) -> None:
    with open_session(database, read_only=False) as session:
        _finish(session, claimed, JobStatus.FAILED, problem=problem.document())


def _end_stopped(database: Database, claimed: _ClaimedJob) -> None:
    """End a job that stopped. Only on SQLite is its status still `running`."""
    if stop_requests.is_requested(database, claimed.job_id):
        with open_session(database, read_only=False) as session:
            _finish(session, claimed, JobStatus.CANCELLED)
