"""Jobs that are cancelled or retried by their agency, and jobs that wait without a worker."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import SYSTEM_ACTOR
from catalogue.core.application import database, ports
from catalogue.core.database import open_session
from catalogue.core.ids import new_id
from catalogue.core.jobs.models import Job, JobStatus, JobWorker
from catalogue.core.jobs.operations import LEASE, JobContext, enqueue, run_next
from catalogue.core.jobs.presence import PRESENCE, present, record_presence
from catalogue.core.jobs.worker import run_waiting, work
from catalogue.suppliers.operations import create_supplier
from tests.api_calls import answer, read, refusals
from tests.contexts import acting
from tests.core.trial_jobs import KIND, Killed, Trial, list_suppliers, with_client
from tests.factories import BEDS, CAMBS, READ_WRITE
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def job(session: Session, trial: Trial, make_agency: Callable[..., Agency]) -> Job:
    """A queued job of Bedfordshire Police."""
    made = enqueue(acting(session, with_client(session, make_agency(BEDS))), KIND, {})
    session.commit()
    return made


def add_supplier(context: JobContext, name: str) -> None:
    create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": name})
    context.session.flush()


def test_queued_job_that_is_cancelled_never_runs(
    api: CheckedClient, app: Flask, trial: Trial, job: Job
) -> None:
    cancelled = api.post(f"/v1/jobs/{job.id}/cancel")
    assert (cancelled.status_code, answer(cancelled)["status"]) == (200, "cancelled")
    assert answer(cancelled)["finished_at"]
    assert run_waiting(app) == 0
    assert trial.contexts == []
    assert answer(api.get("/v1/jobs?status=cancelled"))["items"] == [answer(cancelled)]
    again = api.post(f"/v1/jobs/{job.id}/cancel")
    assert (again.status_code, answer(again)) == (200, answer(cancelled))


def test_running_job_that_is_cancelled_stops_at_its_next_step_and_writes_nothing(
    api: CheckedClient, app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    path = f"/v1/jobs/{job.id}"
    responses: list[Any] = []
    steps: list[int] = []

    def cancel() -> None:
        # Not by the checked client, which would notice the work that the job rolls back.
        plain = FlaskClient(app, app.response_class, use_cookies=False)
        plain.environ_base |= api.environ_base
        responses.append(plain.post(f"{path}/cancel"))

    def behave(context: JobContext, **_: Any) -> None:
        add_supplier(context, "Half")
        thread.start()
        for step in range(PATIENCE_SECONDS * 50):
            steps.append(step)
            context.progress(step)
            threading.Event().wait(0.02)

    thread = threading.Thread(target=cancel)
    trial.behave = behave
    session.close()
    assert run_next(database(app), ports(app)) is True
    thread.join(PATIENCE_SECONDS)
    (cancelled,) = responses
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    assert len(steps) < PATIENCE_SECONDS * 50
    assert list_suppliers(session) == []
    after = read(api, path)
    assert (after["status"], after["result"], after["problem"]) == ("cancelled", None, None)
    assert run_waiting(app) == 0


@pytest.mark.only_on("postgresql")
def test_job_without_steps_that_is_cancelled_while_it_runs_writes_nothing(
    api: CheckedClient, app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    def behave(context: JobContext, **_: Any) -> None:
        add_supplier(context, "Half")
        assert api.post(f"/v1/jobs/{job.id}/cancel").status_code == 200

    trial.behave = behave
    run_waiting(app)
    assert list_suppliers(session) == []
    assert read(api, f"/v1/jobs/{job.id}")["status"] == "cancelled"


def test_job_that_has_ended_cannot_be_cancelled(
    api: CheckedClient, app: Flask, trial: Trial, job: Job
) -> None:
    run_waiting(app)
    refused = api.post(f"/v1/jobs/{job.id}/cancel")
    assert refusals(refused, 409) == {("/status", "transition")}
    assert read(api, f"/v1/jobs/{job.id}")["status"] == "succeeded"


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_only_the_jobs_agency_with_the_scope_of_its_kind_can_act_on_it(
    sign_in: SignIn, app: Flask, session: Session, job: Job, action: str
) -> None:
    reader = sign_in(BEDS, "systems:read imports:write")
    refused = reader.post(f"/v1/jobs/{job.id}/{action}")
    assert refused.status_code == 403
    assert 'scope="systems:write"' in refused.headers["WWW-Authenticate"]
    stranger = sign_in(CAMBS, READ_WRITE)
    assert stranger.post(f"/v1/jobs/{job.id}/{action}").status_code == 404
    administrator = sign_in(None, f"admin {READ_WRITE}")
    assert administrator.post(f"/v1/jobs/{job.id}/{action}").status_code == 404
    session.refresh(job)
    assert job.status is JobStatus.QUEUED


def test_failed_job_is_retried_for_the_client_that_retries_it(
    api: CheckedClient, app: Flask, trial: Trial, job: Job
) -> None:
    trial.behave = lambda *_, **__: {"x": 1 / 0}
    run_waiting(app)
    assert read(api, f"/v1/jobs/{job.id}")["status"] == "failed"
    retried = api.post(f"/v1/jobs/{job.id}/retry")
    assert retried.status_code == 202
    assert answer(retried)["status"] == "queued"
    assert answer(retried)["problem"] is answer(retried)["finished_at"] is None
    trial.behave = lambda context, **_: {"scopes": sorted(context.actor.scopes)}
    assert run_waiting(app) == 1
    after = read(api, f"/v1/jobs/{job.id}")
    assert (after["status"], after["result"]) == (
        "succeeded",
        {"scopes": sorted(READ_WRITE.split())},
    )
    assert refusals(api.post(f"/v1/jobs/{job.id}/retry"), 409) == {("/status", "transition")}


def test_worker_that_still_runs_a_retried_job_saves_nothing(
    api: CheckedClient, app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    """The first worker lost its lease, and the job was cancelled, retried and done by another."""
    started = clock.now()

    def die(context: JobContext, **_: Any) -> None:
        raise Killed

    trial.behave = die
    with clock.freeze(started), pytest.raises(Killed):
        run_next(database(app), ports(app))
    lost = trial.contexts[0]
    api.post(f"/v1/jobs/{job.id}/cancel")
    api.post(f"/v1/jobs/{job.id}/retry")
    trial.behave = lambda *_, **__: {"by": "second"}
    with clock.freeze(started + LEASE * 2):
        run_waiting(app)
    session.refresh(job)
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"by": "second"})
    assert (lost.attempt, trial.contexts[1].attempt, job.attempts_allowed) == (1, 2, 4)


def test_job_of_a_kind_that_this_release_does_not_know_is_left_for_others(
    api: CheckedClient, app: Flask, session: Session, trial: Trial, job: Job
) -> None:
    job.kind = "of_a_later_release"
    session.commit()
    assert run_waiting(app) == 0
    assert read(api, f"/v1/jobs/{job.id}")["status"] == "queued"
    assert api.post(f"/v1/jobs/{job.id}/cancel").status_code == 409


def test_job_shows_that_no_worker_runs(
    api: CheckedClient, store: Store, session: Session, trial: Trial, job: Job
) -> None:
    path = f"/v1/jobs/{job.id}"
    assert read(api, path)["waiting_for_worker"] is True
    now = clock.now()
    with clock.freeze(now):
        record_presence(store.database, new_id())
        assert read(api, path)["waiting_for_worker"] is False
    with clock.freeze(now + PRESENCE):
        assert read(api, path)["waiting_for_worker"] is True
        run_waiting(store.app)
        assert read(api, path)["waiting_for_worker"] is False


def test_worker_is_present_while_it_works_and_no_longer(
    store: Store, session: Session, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(app: Flask) -> None:
        deadline = PATIENCE_SECONDS * 50
        while not count_workers(store) and (deadline := deadline - 1):
            threading.Event().wait(0.02)
        seen.append(count_workers(store))
        stop.set()

    stop = threading.Event()
    monkeypatch.setattr("catalogue.core.jobs.worker.run_waiting", look)
    session.close()
    work(store.app, stop)
    assert seen == [1]
    assert count_workers(store) == 0


def count_workers(store: Store) -> int:
    with open_session(store.database, read_only=True) as reading:
        return reading.query(JobWorker).count()


@pytest.mark.parametrize(
    ("url"), ["sqlite:////nonexistent/x.db", "postgresql://nobody@127.0.0.1:1/nothing"]
)
def test_worker_survives_a_database_that_does_not_respond(store: Store, url: str) -> None:
    with present(database(store.app_with(database_url=url))):
        pass
