"""Liveness and readiness: what each depends on, and what neither shows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.database import UnitOfWork
from catalogue.core.health import operations
from catalogue.core.health.operations import LONGEST_WAIT
from catalogue.core.ids import new_id
from catalogue.core.jobs.operations import enqueue
from catalogue.core.jobs.presence import record_presence
from catalogue.core.migrations import numbers
from catalogue.core.models import ReleaseRequirement
from tests.api_calls import answer
from tests.contexts import acting
from tests.core.trial_jobs import KIND, Trial
from tests.stores import Store

UNREACHABLE = ["sqlite:////nonexistent/catalogue.db", "postgresql://nobody@127.0.0.1:1/nothing"]
READY = "/health/ready"


def statuses(response: Any) -> dict[str, str]:
    """Return the status of each check."""
    return {name: check["status"] for name, check in answer(response)["checks"].items()}


@pytest.fixture
def version(store: Store) -> Any:
    """`version("9999")`: change the version of the database, until the test ends."""

    def change(number: str) -> None:
        with store.row_engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE alembic_version SET version_num = :n"), {"n": number}
            )

    yield change
    change(numbers()[-1])


def test_server_with_database_and_worker_is_ready(client: FlaskClient, store: Store) -> None:
    record_presence(store.database, new_id())
    response = client.get(READY)
    assert (response.status_code, answer(response)["status"]) == (200, "ok")
    assert statuses(response) == {
        "database": "ok", "migrations": "ok", "worker": "ok", "oldest_job": "ok",
    }  # fmt: skip
    assert response.headers["Cache-Control"] == "no-store"
    assert client.head(READY).data == b""


def test_server_without_a_worker_is_ready_but_degraded(client: FlaskClient) -> None:
    response = client.get(READY)
    assert (response.status_code, answer(response)["status"]) == (200, "degraded")
    assert statuses(response)["worker"] == "warning"
    detail = answer(response)["checks"]["worker"]["detail"]
    assert "no webhook is sent" in detail
    assert "catalogue worker" in detail


def test_job_that_waits_too_long_is_a_warning(
    client: FlaskClient, session: Session, trial: Trial, store: Store
) -> None:
    enqueue(acting(session), KIND, {"secret": "hunter2"})
    session.commit()
    now = clock.now()
    for waited, status in ((timedelta(0), "ok"), (LONGEST_WAIT + timedelta(seconds=9), "warning")):
        with clock.freeze(now + waited):
            record_presence(store.database, new_id())
            response = client.get(READY)
        assert response.status_code == 200
        assert statuses(response)["oldest_job"] == status
        assert "hunter2" not in response.text
        assert KIND not in response.text


@pytest.mark.parametrize("url", UNREACHABLE, ids=["sqlite", "postgresql"])
def test_server_without_database_lives_but_is_not_ready(store: Store, url: str) -> None:
    client = store.app_with(database_url=url).test_client()
    assert client.get("/health/live").status_code == 200
    response = client.get(READY)
    assert response.status_code == 503
    assert answer(response)["type"] == "urn:catalogue:problem:unavailable"
    assert statuses(response)["database"] == "failed"
    assert statuses(response)["worker"] == "unknown"
    assert "nonexistent" not in response.text
    assert "nobody" not in response.text


def test_server_is_not_ready_on_an_outdated_database(
    client: FlaskClient, version: Callable[[str], None]
) -> None:
    version("0001")
    response = client.get(READY)
    assert response.status_code == 503
    assert statuses(response)["migrations"] == "failed"
    assert "catalogue database upgrade" in response.text


def test_server_stays_ready_while_a_newer_release_suits_it(
    client: FlaskClient, session: Session, version: Callable[[str], None]
) -> None:
    version("9999_next")
    response = client.get(READY)
    assert (response.status_code, statuses(response)["migrations"]) == (200, "warning")
    session.add(ReleaseRequirement(id=1, oldest_migration="9998"))
    response = client.get(READY)
    assert (response.status_code, statuses(response)["migrations"]) == (503, "failed")
    assert "newer than this release" in response.text


def test_requests_within_a_second_share_one_check(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "KEPT_SECONDS", 1000.0)
    calls: list[UnitOfWork] = []

    def count(work: UnitOfWork) -> dict[str, Any]:
        calls.append(work)
        return {}

    monkeypatch.setattr(operations, "_check_jobs", count)
    monkeypatch.setattr(operations, "_kept", {})
    for _ in range(3):
        assert client.get(READY).status_code == 200
    assert len(calls) == 1


def test_request_does_not_wait_for_a_check_that_hangs(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PATIENCE_SECONDS", 0.01)
    client.get(READY)
    with operations._kept[store.database].lock:
        assert client.get(READY).status_code == 503
    assert client.get(READY).status_code == 200


@pytest.mark.only_on("sqlite")
def test_old_address_of_the_health_check_is_gone(client: FlaskClient) -> None:
    assert client.get("/v1/health").status_code == 404
