"""A job outlives its worker, and no two workers do it both."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import SYSTEM_ACTOR
from catalogue.core.application import database, ports
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.operations import (
    LEASE,
    MOST_ATTEMPTS,
    JobContext,
    enqueue,
    run_next,
)
from catalogue.core.jobs.worker import run_waiting
from catalogue.suppliers.operations import create_supplier
from tests.contexts import acting
from tests.core.trial_jobs import KIND, Killed, Trial, list_suppliers
from tests.threads import PATIENCE_SECONDS

A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def job(session: Session, trial: Trial) -> Job:
    made = enqueue(acting(session), KIND, {})
    session.commit()
    return made


def die(context: JobContext, **_: Any) -> None:
    create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": "Half"})
    context.session.flush()
    raise Killed


def refresh(session: Session, *jobs: Job) -> None:
    """Read the jobs again, and leave the database to the workers."""
    for job in jobs:
        session.refresh(job)
    session.commit()


def run_until_killed(app: Flask, moment: datetime) -> None:
    """Let a worker take the job at that moment, and die of it."""
    with clock.freeze(moment), pytest.raises(Killed):
        run_next(database(app), ports(app))


def test_job_of_dead_worker_is_retried_after_its_lease(
    app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    trial.behave = die
    started = clock.now()
    run_until_killed(app, started)
    refresh(session, job)
    assert (job.status, job.attempts) == (JobStatus.RUNNING, 1)
    assert list_suppliers(session) == []

    trial.behave = lambda context, **_: (
        create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": "Whole"}) and {"attempt": 2}
    )
    with clock.freeze(started + LEASE - A_MOMENT):
        assert run_next(database(app), ports(app)) is False
    with clock.freeze(started + LEASE + A_MOMENT):
        assert run_next(database(app), ports(app)) is True
    refresh(session, job)
    assert (job.status, job.attempts, job.result) == (JobStatus.SUCCEEDED, 2, {"attempt": 2})
    assert job.started_at == started
    assert list_suppliers(session) == ["Whole"]


def test_job_that_kills_every_worker_fails_after_last_attempt(
    app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    trial.behave = die
    moment = clock.now()
    for _ in range(MOST_ATTEMPTS):
        run_until_killed(app, moment)
        moment += LEASE + A_MOMENT
    next_one = enqueue(acting(session), KIND, {})
    session.commit()
    trial.behave = lambda *_, **__: {}
    with clock.freeze(moment):
        run_waiting(app)
    refresh(session, job, next_one)
    assert len(trial.contexts) == MOST_ATTEMPTS + 1
    assert job.status is JobStatus.FAILED
    assert job.finished_at
    assert job.problem
    assert job.problem["status"] == 500
    assert next_one.status is JobStatus.SUCCEEDED, "it does not wait for the one given up"
    assert list_suppliers(session) == []
    with clock.freeze(moment + LEASE * 10):
        assert run_waiting(app) == 0


def test_worker_that_lost_its_lease_saves_nothing(
    app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    started = clock.now()

    def slow(context: JobContext, **_: Any) -> dict[str, Any]:
        trial.behave = quick
        with clock.freeze(started + LEASE + A_MOMENT):
            assert run_next(database(app), ports(app)) is True
        create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": "Slow"})
        return {"by": "slow"}

    def quick(context: JobContext, **_: Any) -> dict[str, Any]:
        create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": "Quick"})
        return {"by": "quick"}

    trial.behave = slow
    with clock.freeze(started):
        run_next(database(app), ports(app))
    refresh(session, job)
    assert (job.status, job.result, job.attempts) == (JobStatus.SUCCEEDED, {"by": "quick"}, 2)
    assert list_suppliers(session) == ["Quick"]


def test_worker_that_lost_its_lease_cannot_fail_the_job(
    app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    started = clock.now()

    def slow(_context: JobContext, **_: Any) -> None:
        trial.behave = lambda *_, **__: {"by": "quick"}
        with clock.freeze(started + LEASE + A_MOMENT):
            run_next(database(app), ports(app))
        raise RuntimeError("too late")

    trial.behave = slow
    with clock.freeze(started):
        run_next(database(app), ports(app))
    refresh(session, job)
    assert (job.status, job.result, job.problem) == (JobStatus.SUCCEEDED, {"by": "quick"}, None)


@pytest.mark.only_on("postgresql")
def test_long_job_renews_its_lease(
    app: Flask,
    session: Session,
    trial: Trial,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catalogue.core.jobs.operations.LEASE", timedelta(seconds=0.4))

    def work(_context: JobContext, **_: Any) -> None:
        refresh(session, job)
        assert job.lease_until
        # Once the first lease has run out, only a renewed one keeps other workers away.
        with clock.freeze(job.lease_until + A_MOMENT):
            deadline = time.monotonic() + PATIENCE_SECONDS
            while job.lease_until < clock.now() and time.monotonic() < deadline:
                threading.Event().wait(0.02)
                refresh(session, job)
            assert job.lease_until > clock.now()
            assert run_next(database(app), ports(app)) is False

    trial.behave = work
    run_next(database(app), ports(app))
    refresh(session, job)
    assert (job.status, job.problem, job.attempts) == (JobStatus.SUCCEEDED, None, 1)


@pytest.mark.only_on("postgresql")
def test_workers_skip_a_locked_job(app: Flask, session: Session, trial: Trial, job: Job) -> None:
    second = enqueue(acting(session), KIND, {})
    session.commit()
    session.execute(sa.select(Job).where(Job.id == job.id).with_for_update())
    assert run_waiting(app) == 1
    assert [context.job_id for context in trial.contexts] == [second.id]
    session.commit()
    assert run_waiting(app) == 1
    assert trial.contexts[1].job_id == job.id


def test_two_workers_run_each_job_once(app: Flask, session: Session, trial: Trial) -> None:
    number = 12
    for index in range(number):
        enqueue(acting(session), KIND, {"index": index})
    session.commit()
    session.close()
    start = threading.Barrier(2)
    ran: list[int] = []

    def work(do: Callable[[Flask], int] = run_waiting) -> None:
        start.wait(PATIENCE_SECONDS)
        ran.append(do(app))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_SECONDS)
    assert sum(ran) == number
    assert sorted(each["index"] for each in trial.arguments) == list(range(number))
    jobs = session.scalars(sa.select(Job)).all()
    assert {(each.status, each.attempts) for each in jobs} == {(JobStatus.SUCCEEDED, 1)}
