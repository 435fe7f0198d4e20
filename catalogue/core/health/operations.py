"""Checks of readiness, which every caller shares for a second.

Anyone can request the readiness, so the checks show a status and nothing else: no numbers, no
addresses and no text of the database. The metrics have the numbers.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.database import Database, UnitOfWork
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.presence import is_worker_present
from catalogue.core.migrations import compare_structure
from catalogue.core.vocabulary import Vocabulary

KEPT_SECONDS = 1.0
"""The time for which one result answers all requests, so that they cannot load the database."""
PATIENCE_SECONDS = 2.0
"""The longest wait for the result of another request, which a silent database can hold up."""
LONGEST_WAIT = timedelta(minutes=10)
"""The time after which a job that still waits counts as late."""


class CheckStatus(Vocabulary):
    """The result of a check."""

    OK = "ok", "Working normally."
    WARNING = "warning", "The server responds to requests, but an operator must act."
    FAILED = "failed", "The server cannot serve requests."
    UNKNOWN = "unknown", "The check did not run, because another check failed."


class ReadinessStatus(Vocabulary):
    """The readiness of the server. A server that is not ready returns 503 instead."""

    OK = "ok", "Every check is ok."
    DEGRADED = "degraded", "The server responds to requests, and at least one check is a warning."


@dataclass(frozen=True)
class Check:
    """The status of one part of the service, and what to do if it is not ok."""

    status: CheckStatus
    detail: str


@dataclass(frozen=True)
class Readiness:
    """The checks of the server, by their names."""

    checks: dict[str, Check]

    @property
    def is_ready(self) -> bool:
        """Return whether the server can serve requests."""
        return all(check.status is not CheckStatus.FAILED for check in self.checks.values())

    @property
    def status(self) -> ReadinessStatus:
        """Return the status of a server that is ready."""
        fine = all(check.status is CheckStatus.OK for check in self.checks.values())
        return ReadinessStatus.OK if fine else ReadinessStatus.DEGRADED


_OK = Check(CheckStatus.OK, "Working normally.")
_UNKNOWN = Check(CheckStatus.UNKNOWN, "Correct the failed check first.")
_NO_DATABASE = Readiness(
    {
        "database": Check(
            CheckStatus.FAILED,
            "The database does not respond. Check that it runs and that this server reaches it.",
        ),
        "migrations": _UNKNOWN,
        "worker": _UNKNOWN,
        "oldest_job": _UNKNOWN,
    }
)
_NO_WORKER = Check(
    CheckStatus.WARNING,
    "No worker runs, so jobs stay queued and no webhook is sent. Start `catalogue worker`.",
)
_LATE = Check(
    CheckStatus.WARNING,
    f"A job has waited for more than {LONGEST_WAIT.seconds // 60} minutes. Check the workers.",
)


class _Kept:
    """The last result for a database, and the lock of the request that finds the next."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.readiness = _NO_DATABASE
        self.found_at = -KEPT_SECONDS


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
_kept_lock = threading.Lock()


def find_readiness(database: Database) -> Readiness:
    """Return the readiness of the server, which is at most a second old."""
    with _kept_lock:
        kept = _kept.setdefault(database, _Kept())
    if not kept.lock.acquire(timeout=PATIENCE_SECONDS):
        return _NO_DATABASE
    try:
        if time.monotonic() - kept.found_at >= KEPT_SECONDS:
            kept.readiness = _check(database)
            kept.found_at = time.monotonic()
        return kept.readiness
    finally:
        kept.lock.release()


def _check(database: Database) -> Readiness:
    try:
        with UnitOfWork(database, read_only=True) as work:
            comparison = compare_structure(work.connection)
            if comparison.usable:
                status = CheckStatus.WARNING if comparison.is_newer else CheckStatus.OK
                jobs = _check_jobs(work)
            else:
                # The tables of the jobs can be missing.
                status = CheckStatus.FAILED
                jobs = {"worker": _UNKNOWN, "oldest_job": _UNKNOWN}
    except sa.exc.SQLAlchemyError:
        return _NO_DATABASE
    migrations = Check(status, comparison.message)
    return Readiness({"database": _OK, "migrations": migrations} | jobs)


def _check_jobs(work: UnitOfWork) -> dict[str, Check]:
    now = clock.now()
    worker = is_worker_present(now).for_dialect(work.database.dialect)
    late = sa.exists(
        sa.select(1).where(Job.status == JobStatus.QUEUED, Job.created_at < now - LONGEST_WAIT)
    )
    seen, is_late = work.connection.execute(sa.select(worker, late)).one()
    return {"worker": _OK if seen else _NO_WORKER, "oldest_job": _LATE if is_late else _OK}
