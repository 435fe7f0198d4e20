"""Dry runs that are loaded as they were tried, without sending the file again."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.jobs.operations import run_chores
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.queue import FILE_KEPT_FOR
from tests.api_calls import Fields, answer, change, read, refusals
from tests.data_exchange.conftest import sheet
from tests.factories import CAMBS, system
from tests.stores import Store
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write contracts:read risks:read"
FILE = sheet(["Ref", "Name", "Users"], ["CI71", "Rota", 5], ["CI35", "Fleet", 6])

Run = Callable[..., Fields]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def dry_run(api: CheckedClient, run_jobs: Callable[[], None]) -> Run:
    """`dry_run(data)`: the report of a dry run that has ended."""

    def run(data: bytes = FILE, *, path: str = "/v1/imports", **fields: str) -> Fields:
        form = {"file": (io.BytesIO(data), "list.csv"), "dry_run": "true", **fields}
        if path == "/v1/imports":
            form = {"source": "cmdb"} | form
        headers = {"Change-Reason": "Yearly list."}
        sent = api.post(path, data=form, headers=headers, content_type="multipart/form-data")
        assert sent.status_code == 202, sent.text
        run_jobs()
        return read(api, sent.headers["Location"])

    return run


@pytest.fixture
def load(api: CheckedClient, run_jobs: Callable[[], None]) -> Callable[[Fields], Fields]:
    """`load(dry_run)`: the report of the import, after its job has run."""

    def run(tried: Fields) -> Fields:
        sent = api.post(f"/v1/imports/{tried['id']}/load")
        assert sent.status_code == 202, sent.text
        run_jobs()
        return read(api, sent.headers["Location"])

    return run


def test_dry_run_is_loaded_as_it_was_tried(
    api: CheckedClient, dry_run: Run, load: Any, session: Session
) -> None:
    tried = dry_run(mapping='{"user_count": null}', source="cmdb")
    assert tried["loadable_until"] is not None
    report = load(tried)
    assert (report["status"], report["written"], report["created"]) == ("succeeded", True, 2)
    assert (report["dry_run_id"], report["dry_run"]) == (tried["id"], False)
    assert (report["source"], report["filename"]) == ("cmdb", "list.csv")
    assert report["reason"] == "Yearly list."
    assert report["loadable_until"] is None
    found = answer(api.get("/v1/systems"))["items"]
    assert {each["name"]: each["user_count"] for each in found} == {"Fleet": None, "Rota": None}
    # The file is gone with the load, so a second load is refused.
    assert set(session.scalars(sa.select(Import.content))) == {None}
    again = api.post(f"/v1/imports/{tried['id']}/load")
    assert refusals(again, 409) == {("", "no_file")}


@pytest.mark.parametrize("later", ["changed", "created", "same_change"])
def test_load_is_refused_if_its_outcome_would_differ(
    api: CheckedClient, dry_run: Run, load: Any, later: str
) -> None:
    made = system(api, "Rota", user_count=1)
    tried = dry_run()
    if later == "created":
        system(api, "Fleet")
    else:
        # The report has the same lines as before, but the old value would be another.
        path = f"/v1/systems/{made['id']}"
        changes = {"user_count": 3} if later == "changed" else {"user_count": 5}
        assert change(api, path, **changes).status_code == 200
    before = answer(api.get("/v1/systems"))
    report = load(tried)
    assert (report["status"], report["written"]) == ("failed", False)
    assert report["problem"]["errors"][0]["code"] == "changed_since"
    assert answer(api.get("/v1/systems")) == before


def test_load_is_not_refused_for_unrelated_changes(
    api: CheckedClient, dry_run: Run, load: Any
) -> None:
    made = system(api, "Rota", user_count=1)
    tried = dry_run(sheet(["Name", "Users"], ["Rota", 5]))
    other = system(api, "Other")
    assert change(api, f"/v1/systems/{other['id']}", user_count=9).status_code == 200
    assert load(tried)["status"] == "succeeded"
    assert read(api, f"/v1/systems/{made['id']}")["user_count"] == 5


def test_only_finished_dry_runs_of_own_agency_are_loaded(
    api: CheckedClient, dry_run: Run, load: Any, sign_in: Any
) -> None:
    tried = dry_run()
    stranger = sign_in(CAMBS, SCOPES)
    assert stranger.post(f"/v1/imports/{tried['id']}/load").status_code == 404
    form = {"file": (io.BytesIO(FILE), "list.csv"), "dry_run": "true", "source": "cmdb"}
    sent = api.post("/v1/imports", data=form, content_type="multipart/form-data")
    waiting = api.post(f"{sent.headers['Location']}/load")
    assert refusals(waiting, 409) == {("", "no_file")}
    loaded = load(tried)
    written = api.post(f"/v1/imports/{loaded['id']}/load")
    assert refusals(written, 409) == {("", "not_dry_run")}


def test_rejected_dry_run_is_not_kept(api: CheckedClient, dry_run: Run, session: Session) -> None:
    tried = dry_run(sheet(["Name", "Users"], ["Rota", "many"], ["Fleet", 1]))
    assert (tried["rejected"], tried["loadable_until"]) == (1, None)
    assert set(session.scalars(sa.select(Import.content))) == {None}
    assert api.post(f"/v1/imports/{tried['id']}/load").status_code == 409


def test_file_is_deleted_after_three_days(
    api: CheckedClient, dry_run: Run, session: Session, store: Store
) -> None:
    tried = dry_run()
    session.commit()
    run_chores(store.database)
    assert None not in set(session.scalars(sa.select(Import.content)))
    session.commit()
    with clock.freeze(clock.now() + FILE_KEPT_FOR + timedelta(seconds=1)):
        run_chores(store.database)
    assert set(session.scalars(sa.select(Import.content))) == {None}
    session.commit()
    assert read(api, f"/v1/imports/{tried['id']}")["loadable_until"] is None
    assert refusals(api.post(f"/v1/imports/{tried['id']}/load"), 409) == {("", "no_file")}


def test_dry_run_of_ocds_releases_is_loaded(api: CheckedClient, dry_run: Run, load: Any) -> None:
    award = {"id": "A1", "title": "Rostering", "suppliers": [{"name": "Acme"}]}
    fields = {"ocid": "ocds-b5fd17-001", "id": "1", "date": "2026-01-01T00:00:00Z"}
    tried = dry_run(orjson.dumps([fields | {"awards": [award]}]), path="/v1/imports/ocds")
    report = load(tried)
    assert (report["kind"], report["created"], report["written"]) == ("contracts", 1, True)
    (contract,) = read(api, "/v1/contracts")["items"]
    assert contract["supplier_name"] == "Acme"
