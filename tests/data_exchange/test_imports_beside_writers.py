"""While an import prepares its rows, clients get tokens and write, also on SQLite."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.operations import create_client
from catalogue.agencies.models import Agency
from catalogue.core.jobs.worker import run_waiting
from catalogue.data_exchange.kinds.system_rows import SystemRows
from tests.api_calls import change, listed, read
from tests.data_exchange.conftest import outcome, sheet
from tests.factories import CAMBS, READ_WRITE, record, system
from tests.history.recorded_events import run_audit
from tests.threads import Held
from tests.unsaved import CheckedClient

SCOPES = f"{READ_WRITE} imports:write"
FILE = sheet(
    ["Ref", "Name", "Users"], ["CI7", "Rota", 5], ["CI8", "Fleet", 6], ["CI9", "Stores", 7]
)
Meanwhile = Callable[[], None]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def other(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(CAMBS, SCOPES)
    return client


@pytest.fixture
def run_beside(
    app: Flask, api: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[dict[str, Any], int]]:
    """`run_beside(meanwhile)`: the report of an import that waits for `meanwhile` at its first row.

    The second result is the number of rows that it wrote, which is larger if it ran twice.
    """

    def run(meanwhile: Meanwhile, **form: str) -> tuple[dict[str, Any], int]:
        sent = api.post(
            "/v1/imports",
            data={"file": (io.BytesIO(FILE), "systems.csv"), "source": "cmdb", **form},
            content_type="multipart/form-data",
        )
        session.close()
        written = []
        held = Held(SystemRows.write)
        wait = held.wrapper()

        def write(*arguments: Any) -> None:
            written.append(arguments)
            wait(*arguments)

        monkeypatch.setattr(SystemRows, "write", write)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(run_waiting, app)
            held.wait_until_entered()
            try:
                meanwhile()
            finally:
                held.let_go()
            running.result()
        return read(api, sent.headers["Location"]), len(written)

    return run


@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_tokens_are_issued_while_an_import_prepares_its_rows(
    session: Session, agency: Agency, api: CheckedClient, run_beside: Any, dry_run: str
) -> None:
    client, secret = create_client(session, name="Feed", agency_code=agency.code, scopes=READ_WRITE)
    session.commit()
    identity = client.client_id

    def request_token() -> None:
        grant = {"grant_type": "client_credentials"}
        sent = api.post("/oauth/token", data=grant, auth=(identity, secret))
        assert sent.status_code == 200, sent.text

    report, written = run_beside(request_token, dry_run=dry_run)
    assert (outcome(report), written) == ((3, 0, 0, 0), 3)
    names = [] if dry_run == "true" else ["Fleet", "Rota", "Stores"]
    assert listed(api, "/v1/systems") == names


def test_others_write_while_an_import_prepares_its_rows(
    app: Flask, api: CheckedClient, other: CheckedClient, run_beside: Callable[..., Any]
) -> None:
    made = system(other, "Duty management")
    path = f"/v1/systems/{made['id']}"

    def write() -> None:
        assert change(other, path, name="Duties").status_code == 200
        record(other, "/v1/suppliers", name="Acme")

    report, _ = run_beside(write)
    assert outcome(report) == (3, 0, 0, 0)
    assert read(other, path)["name"] == "Duties"
    assert {"Rota", "Fleet", "Stores"} <= set(listed(api, "/v1/systems"))
    assert run_audit(app, "verify").exit_code == 0


@pytest.mark.only_on("sqlite")
def test_import_reads_again_what_changed_before_it_took_the_lock(
    app: Flask, api: CheckedClient, run_beside: Callable[..., Any]
) -> None:
    report, written = run_beside(lambda: system(api, "Fleet", user_count=1))
    assert (outcome(report), written) == ((2, 1, 0, 0), 6)
    found = {each["name"]: each["user_count"] for each in read(api, "/v1/systems")["items"]}
    assert found == {"Rota": 5, "Fleet": 6, "Stores": 7}
    assert run_audit(app, "verify").exit_code == 0


@pytest.mark.only_on("sqlite")
def test_command_lets_others_write_while_it_prepares_the_rows(
    api: CheckedClient, load_file: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, made = SystemRows.write, []

    def write(*arguments: Any) -> None:
        if not made:
            made.append(system(api, "Fleet", user_count=1))
        original(*arguments)

    monkeypatch.setattr(SystemRows, "write", write)
    assert outcome(load_file(FILE, "--source", "cmdb")) == (2, 1, 0, 0)
    assert listed(api, "/v1/systems") == ["Fleet", "Rota", "Stores"]
