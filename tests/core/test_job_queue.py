"""Jobs: queued with what asked for them, run beside it, and read by those who asked."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import SYSTEM_ACTOR, Actor, Author, Scope
from catalogue.core.application import database, ports
from catalogue.core.database import open_session
from catalogue.core.errors import Unprocessable
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.operations import JobContext, enqueue, job_handler, run_next
from catalogue.core.jobs.worker import run_waiting, start_embedded
from catalogue.suppliers.operations import create_supplier
from tests.api_calls import answer, listed, read
from tests.contexts import acting, open_context
from tests.core.trial_jobs import KIND, Trial, list_suppliers, with_client
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def actor(session: Session, make_agency: Callable[..., Agency]) -> Actor:
    return with_client(session, make_agency(BEDS))


def queue_job(session: Session, by: Actor = SYSTEM_ACTOR, **arguments: Any) -> Job:
    job = enqueue(acting(session, by), KIND, arguments)
    session.commit()
    return job


def supplier(context: JobContext, name: str = "NEC") -> None:
    create_supplier(context.acting_as(SYSTEM_ACTOR), {"name": name})
    context.session.flush()


def test_job_runs_with_its_arguments_and_actor(
    app: Flask, session: Session, trial: Trial, actor: Actor
) -> None:
    job = queue_job(session, actor, numbers=[1, 2], name="é")
    assert (job.status, job.attempts, job.started_at) == (JobStatus.QUEUED, 0, None)
    trial.behave = lambda *_, **__: {"found": 7}
    assert run_next(database(app), ports(app)) is True
    session.refresh(job)
    assert (job.status, job.result, job.problem) == (JobStatus.SUCCEEDED, {"found": 7}, None)
    assert job.started_at
    assert job.finished_at
    assert job.finished_at >= job.started_at
    assert trial.arguments == [{"numbers": [1, 2], "name": "é"}]
    [context] = trial.contexts
    assert context.actor == actor
    assert context.job_id == job.id
    assert run_next(database(app), ports(app)) is False


def test_jobs_run_oldest_first_and_once_each(app: Flask, session: Session, trial: Trial) -> None:
    for number in range(5):
        queue_job(session, number=number)
    assert run_waiting(app) == 5
    assert [each["number"] for each in trial.arguments] == [0, 1, 2, 3, 4]
    assert run_waiting(app) == 0


def test_job_is_queued_only_when_its_transaction_commits(
    store: Store, app: Flask, session: Session, trial: Trial
) -> None:
    with open_context(app) as context:
        enqueue(context, KIND, {})
        context.session.rollback()
    assert run_waiting(app) == 0
    with open_context(app) as context:
        context.write_as(Author("test"))
        job = enqueue(context, KIND, {})
        create_supplier(context, {"name": "NEC"})
        if store.name == "postgresql":  # SQLite's other connections wait for the only writer.
            assert run_waiting(app) == 0
        context.session.commit()
    assert run_waiting(app) == 1
    assert trial.contexts[0].job_id == job.id
    assert list_suppliers(session) == ["NEC"]


def test_unknown_or_duplicate_job_kind_is_refused(session: Session, trial: Trial) -> None:
    with pytest.raises(ValueError, match="unheard_of"):
        enqueue(acting(session), "unheard_of", {})
    with pytest.raises(ValueError, match=KIND):
        job_handler(KIND, scope=Scope.SYSTEMS_WRITE)(trial.run)


def test_work_of_a_job_is_saved_with_its_result(app: Flask, session: Session, trial: Trial) -> None:
    trial.behave = lambda context, **_: supplier(context)
    job = queue_job(session)
    run_waiting(app)
    session.refresh(job)
    assert job.status is JobStatus.SUCCEEDED
    assert list_suppliers(session) == ["NEC"]


def test_refused_job_stores_its_problem_and_changes_nothing(
    app: Flask, session: Session, trial: Trial
) -> None:
    def refuse(context: JobContext, **_: Any) -> None:
        supplier(context)
        raise Unprocessable("Row 7 is wrong.", extra={"row": 7})

    trial.behave = refuse
    job = queue_job(session)
    run_waiting(app)
    session.refresh(job)
    assert (job.status, job.result) == (JobStatus.FAILED, None)
    assert job.finished_at
    assert job.problem
    assert job.problem["type"] == "urn:catalogue:problem:invalid"
    assert (job.problem["status"], job.problem["detail"]) == (422, "Row 7 is wrong.")
    assert job.problem["row"] == 7
    assert list_suppliers(session) == []
    assert run_waiting(app) == 0, "a refusal is final"


def test_failed_job_is_logged_and_hides_the_error(
    app: Flask, session: Session, trial: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    trial.behave = lambda *_, **__: {"secret": {}["hunter2"]}
    failing, next_one = queue_job(session), queue_job(session)
    run_next(database(app), ports(app))
    trial.behave = lambda *_, **__: {}
    run_waiting(app)
    session.refresh(failing)
    session.refresh(next_one)
    assert failing.status is JobStatus.FAILED
    assert failing.problem
    assert failing.problem["status"] == 500
    assert "hunter2" not in str(failing.problem)
    assert "hunter2" in caplog.text
    assert next_one.status is JobStatus.SUCCEEDED


def test_job_progress_is_visible_while_it_runs(
    app: Flask, session: Session, trial: Trial, store: Store
) -> None:
    seen: list[tuple[int, int | None]] = []

    def work(context: JobContext, **_: Any) -> None:
        for done in (10, 20):
            context.progress(done, 40)
            with open_session(store.database, read_only=True) as other:
                row = other.execute(sa.select(Job.progress_done, Job.progress_total)).one()
            seen.append((row.progress_done, row.progress_total))
        supplier(context)
        context.progress(30)

    trial.behave = work
    job = queue_job(session)
    run_waiting(app)
    session.refresh(job)
    assert seen == [(10, 40), (20, 40)]
    assert (job.progress_done, job.progress_total) == (30, 40)
    assert list_suppliers(session) == ["NEC"]


def test_progress_report_does_not_save_work_of_a_failed_job(
    app: Flask, session: Session, trial: Trial
) -> None:
    def work(context: JobContext, **_: Any) -> None:
        supplier(context)
        context.progress(1, 2)
        raise Unprocessable("No.")

    trial.behave = work
    job = queue_job(session)
    run_waiting(app)
    session.refresh(job)
    assert job.status is JobStatus.FAILED
    assert list_suppliers(session) == []


def test_only_requesting_agency_sees_a_job(
    api: CheckedClient,
    session: Session,
    sign_in: SignIn,
    make_agency: Callable[..., Agency],
    trial: Trial,
    actor: Actor,
) -> None:
    stranger = with_client(session, make_agency(CAMBS))
    own, foreign, nobodys = (queue_job(session, by) for by in (actor, stranger, SYSTEM_ACTOR))
    assert read(api, f"/v1/jobs/{own.id}")["status"] == "queued"
    for hidden in (foreign, nobodys):
        assert api.get(f"/v1/jobs/{hidden.id}").status_code == 404
    page = answer(api.get("/v1/jobs?total=true"))
    assert [item["id"] for item in page["items"]] == [str(own.id)]
    assert page["page"]["total"] == 1
    administrator = sign_in(None, f"admin {READ_WRITE}")
    assert answer(administrator.get("/v1/jobs"))["items"] == []
    assert administrator.get(f"/v1/jobs/{own.id}").status_code == 404


def test_job_shows_its_result_but_not_its_arguments(
    api: CheckedClient, app: Flask, session: Session, trial: Trial, actor: Actor
) -> None:
    job = queue_job(session, actor, secret="hunter2")
    before = api.get(f"/v1/jobs/{job.id}")
    trial.behave = lambda *_, **__: {"found": 7}
    run_waiting(app)
    after = api.get(f"/v1/jobs/{job.id}")
    assert before.headers["ETag"] != after.headers["ETag"]
    assert answer(after)["status"] == "succeeded"
    assert answer(after)["result"] == {"found": 7}
    assert answer(before)["result"] is answer(before)["finished_at"] is None
    assert "hunter2" not in before.text + after.text
    assert "lease" not in after.text


def test_failing_job_does_not_block_requests(
    api: CheckedClient, app: Flask, session: Session, trial: Trial
) -> None:
    trial.behave = lambda *_, **__: {"x": 1 / 0}
    queue_job(session)
    run_waiting(app)
    system(api)
    assert listed(api, "/v1/systems") == ["Duty management"]


def test_embedded_worker_runs_queued_jobs(
    store: Store, session: Session, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.core.jobs.worker.PAUSE_SECONDS", 0.01)
    done = threading.Event()

    def behave(*_: Any, **__: Any) -> None:
        done.set()

    trial.behave = behave
    stop = start_embedded(store.app)
    workers = [t for t in threading.enumerate() if t.name == "catalogue-jobs"]
    try:
        queue_job(session)
        assert done.wait(PATIENCE_SECONDS)
    finally:
        stop.set()
        for worker in workers:
            worker.join(PATIENCE_SECONDS)
    assert not any(worker.is_alive() for worker in workers)
