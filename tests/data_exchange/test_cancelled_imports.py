"""Imports whose job is cancelled or retried."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from catalogue.data_exchange import operations
from tests.api_calls import refusals
from tests.data_exchange.conftest import sheet

GOOD = sheet(["Ref", "Name"], ["1", "Fleet"], ["2", "Rota"])
WRONG = sheet(["Ref", "Name", "Users"], ["1", "Fleet", "many"])


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


def send(api: Any, data: bytes) -> dict[str, Any]:
    """Queue an import, and return it."""
    form = {"file": (io.BytesIO(data), "systems.csv"), "source": "cmdb"}
    queued = api.post("/v1/imports", data=form, content_type="multipart/form-data")
    assert queued.status_code == 202, queued.text
    document: dict[str, Any] = queued.json
    return document


def test_cancelled_import_writes_nothing_until_it_is_retried(
    api: Any, run_jobs: Callable[[], None]
) -> None:
    queued = send(api, GOOD)
    job = f"/v1/jobs/{queued['job_id']}"
    assert api.get(job).json["waiting_for_worker"] is True
    assert api.post(f"{job}/cancel").status_code == 200
    run_jobs()
    cancelled = api.get(f"/v1/imports/{queued['id']}").json
    assert (cancelled["status"], cancelled["written"]) == ("cancelled", False)
    assert api.get("/v1/systems").json["items"] == []
    assert api.post(f"{job}/retry").status_code == 202
    run_jobs()
    report = api.get(f"/v1/imports/{queued['id']}").json
    assert (report["status"], report["created"]) == ("succeeded", 2)


def test_import_that_failed_by_a_fault_can_be_retried(
    api: Any, run_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = send(api, GOOD)
    with monkeypatch.context() as broken:
        broken.setattr(operations, "import_table", lambda *_, **__: 1 / 0)
        run_jobs()
    assert api.get(f"/v1/imports/{queued['id']}").json["status"] == "failed"
    assert api.post(f"/v1/jobs/{queued['job_id']}/retry").status_code == 202
    run_jobs()
    assert api.get(f"/v1/imports/{queued['id']}").json["created"] == 2


def test_import_whose_file_was_deleted_cannot_be_retried(
    api: Any, run_jobs: Callable[[], None]
) -> None:
    refused, cancelled = send(api, WRONG), send(api, GOOD)
    api.post(f"/v1/jobs/{cancelled['job_id']}/cancel")
    run_jobs()
    send(api, GOOD)  # deletes the files of imports that have ended
    for queued in (refused, cancelled):
        retried = api.post(f"/v1/jobs/{queued['job_id']}/retry")
        assert refusals(retried, 409) == {("", "no_file")}
