"""Reversal of imports: everything that an import wrote is taken back, or nothing is."""

import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.reversal.commands import import_undo
from tests.api_calls import Fields, answer, change, read, refusals
from tests.data_exchange.conftest import sheet
from tests.factories import CAMBS, record, system
from tests.history.recorded_events import read_seal
from tests.unsaved import CheckedClient

SCOPES = (
    "imports:write systems:read systems:write contracts:read contracts:write risks:read audit:read"
)
VOLATILE = {"updated_at", "revision"}

Run = Callable[..., Fields]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def partner(sign_in: Any, agency: Agency) -> CheckedClient:
    assert agency
    client: CheckedClient = sign_in(CAMBS, SCOPES)
    return client


@pytest.fixture
def run_import(api: CheckedClient, run_jobs: Callable[[], None]) -> Run:
    """`run_import(data)`: the report, after the job has run."""

    def run(data: bytes, *, path: str = "/v1/imports", **fields: str) -> Fields:
        form = {"file": (io.BytesIO(data), "list.csv"), **fields}
        if path == "/v1/imports":
            form = {"source": "cmdb", "confirm_renames": "true"} | form
        sent = api.post(path, data=form, content_type="multipart/form-data")
        assert sent.status_code == 202, sent.text
        run_jobs()
        return read(api, sent.headers["Location"])

    return run


def undo(api: CheckedClient, report: Fields, **headers: str) -> Any:
    return api.post(f"/v1/imports/{report['id']}/undo", headers=headers)


def systems(api: CheckedClient) -> dict[str, Fields]:
    found: list[Fields] = answer(api.get("/v1/systems?limit=200"))["items"]
    return {each["name"]: {n: v for n, v in each.items() if n not in VOLATILE} for each in found}


FIRST = sheet(
    ["Ref", "Name", "Users", "Status", "Capabilities", "Tags", "Product", "End of support"],
    ["CI71", "Rota", 5, "live", "", "a", "Roster", "2029-03-31"],
    ["CI35", "Fleet", 6, "live", "", "", "", ""],
)
SECOND = sheet(
    ["Ref", "Name", "Users", "Status", "Tags", "Product", "End of support", "Criticality"],
    ["CI71", "Rota of crews", 9, "sunsetting", "b", "Duties", "2031-03-31", "high"],
    ["CI99", "Rota", 1, "live", "", "", "", ""],
)


def test_import_is_taken_back_whole(
    api: CheckedClient, run_import: Run, app: Flask, session: Session
) -> None:
    run_import(FIRST)
    before = systems(api)
    report = run_import(SECOND)
    assert (report["created"], report["updated"]) == (1, 1)
    assert set(systems(api)) == {"Rota", "Rota of crews", "Fleet"}
    undone = undo(api, report, **{"Change-Reason": "The wrong list."})
    assert undone.status_code == 200, undone.text
    assert answer(undone)["undone_at"] is not None
    assert systems(api) == before
    assert api.get("/v1/systems?q=crews").json["items"] == []  # type: ignore[index]
    rota = before["Rota"]
    (*_, last) = read(api, f"/v1/systems/{rota['id']}/history")["items"]
    assert last["kind"] == "system.updated"
    assert last["reason"].startswith("The wrong list. Undoes the import of list.csv")
    assert report["id"] in last["reason"]
    assert last["changes"]["lifecycle"] == {"before": "sunsetting", "after": "live"}
    assert read_seal(app)
    session.rollback()
    # The same again changes nothing.
    again = undo(api, report)
    assert answer(again)["undone_at"] == answer(undone)["undone_at"]
    (*_, still) = read(api, f"/v1/systems/{rota['id']}/history")["items"]
    assert still["id"] == last["id"]
    # And the file can be loaded once more.
    assert run_import(SECOND)["created"] == 1


def test_undone_systems_keep_their_history(api: CheckedClient, run_import: Run) -> None:
    report = run_import(FIRST)
    ids = [each["id"] for each in systems(api).values()]
    assert undo(api, report).status_code == 200
    assert systems(api) == {}
    for identity in ids:
        events = read(api, f"/v1/systems/{identity}/history")["items"]
        assert [event["kind"] for event in events] == ["system.created", "system.deleted"]


def test_later_changes_block_and_are_named(
    api: CheckedClient, partner: CheckedClient, run_import: Run
) -> None:
    run_import(FIRST)
    report = run_import(SECOND)
    before = systems(api)
    rota, crews, fleet = (before[name] for name in ("Rota", "Rota of crews", "Fleet"))
    path = f"/v1/systems/{crews['id']}"
    assert change(api, path, user_count=77, legacy_risk=2).status_code == 200
    assert change(api, f"/v1/systems/{fleet['id']}", user_count=1).status_code == 200
    record(api, f"/v1/systems/{rota['id']}/uses", agency=CAMBS)
    supplier = record(api, "/v1/suppliers", name="Acme")["id"]
    covering = record(
        api,
        "/v1/contracts",
        reference="R1",
        title="Support",
        supplier_id=supplier,
        systems=[rota["id"]],
    )
    changed = systems(api)
    refused = undo(api, report)
    assert refusals(refused, 409) == {("", "changed_since"), ("", "in_use")}
    problem = answer(refused)
    assert problem["obstacle_count"] == 3
    details = [error["detail"] for error in problem["errors"]]
    (later,) = [each for each in details if "Rota of crews" in each]
    assert "legacy_risk, user_count" in later
    assert path in later
    assert any(covering["id"] in each for each in details)
    assert systems(api) == changed
    assert read(api, f"/v1/imports/{report['id']}")["undone_at"] is None
    # Reads by another agency are no changes.
    assert partner.get(path).status_code in {200, 404}


def test_later_import_blocks_earlier_until_it_is_undone(
    api: CheckedClient, run_import: Run
) -> None:
    first = run_import(FIRST)
    second = run_import(SECOND)
    assert undo(api, first).status_code == 409
    assert undo(api, second).status_code == 200
    assert undo(api, first).status_code == 200
    assert systems(api) == {}


def test_deleted_record_does_not_block(api: CheckedClient, run_import: Run) -> None:
    report = run_import(FIRST)
    path = f"/v1/systems/{systems(api)['Rota']['id']}"
    etag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": etag}).status_code == 204
    assert undo(api, report).status_code == 200
    assert systems(api) == {}


def test_long_list_of_obstacles_is_bounded_and_counted(api: CheckedClient, run_import: Run) -> None:
    rows = [[f"CI{i * 7}", f"System {i:03}", 1] for i in range(120)]
    report = run_import(sheet(["Ref", "Name", "Users"], *rows))
    items = [
        {"id": each["id"], "etag": api.get(f"/v1/systems/{each['id']}").headers["ETag"]}
        for each in systems(api).values()
    ]
    body = {"items": [item | {"user_count": 2} for item in items]}
    assert api.patch("/v1/systems/bulk", json=body).status_code == 200
    problem = answer(undo(api, report))
    assert problem["obstacle_count"] == 120
    assert len(problem["errors"]) == 100
    assert "first 100" in problem["detail"]


def test_imports_without_effect_and_of_others_are_not_undone(
    api: CheckedClient, partner: CheckedClient, run_import: Run
) -> None:
    tried = run_import(FIRST, dry_run="true")
    assert refusals(undo(api, tried), 409) == {("", "not_written")}
    report = run_import(FIRST)
    assert undo(partner, report).status_code == 404


def test_hidden_contract_of_another_agency_blocks_nothing(
    api: CheckedClient, partner: CheckedClient, run_import: Run
) -> None:
    report = run_import(FIRST)
    rota = systems(api)["Rota"]
    path = f"/v1/systems/{rota['id']}"
    supplier = record(partner, "/v1/suppliers", name="Acme")["id"]
    opened = system(api, "Open", disclosure="all_agencies")
    assert opened
    body = {"reference": "X", "title": "X", "supplier_id": supplier, "disclosure": "owner_only"}
    assert partner.get(path).status_code == 404
    hidden = record(partner, "/v1/contracts", **body, systems=[opened["id"]])
    assert hidden["systems"] == [opened["id"]]
    assert undo(api, report).status_code == 200


def test_ocds_import_restores_contract(api: CheckedClient, run_import: Run, app: Flask) -> None:
    def releases(title: str, end: str) -> bytes:
        award = {
            "id": "A1",
            "title": title,
            "suppliers": [{"name": "Acme"}],
            "contractPeriod": {"endDate": end},
            "value": {"amount": 10, "currency": "GBP"},
        }
        fields = {"ocid": "ocds-b5fd17-001", "id": "1", "date": "2026-01-01T00:00:00Z"}
        return orjson.dumps([fields | {"awards": [award]}])

    path = "/v1/imports/ocds"
    first = run_import(releases("Rostering", "2029-03-31"), path=path)
    (before,) = read(api, "/v1/contracts")["items"]
    second = run_import(releases("Rosters", "2030-03-31"), path=path)
    assert (first["created"], second["updated"]) == (1, 1)
    assert undo(api, second).status_code == 200
    (after,) = read(api, "/v1/contracts")["items"]
    assert after | {"updated_at": None} == before | {"updated_at": None}
    assert after["end_date"] == "2029-03-31"
    assert read(api, "/v1/suppliers")["items"] != []
    assert read_seal(app)


@pytest.mark.parametrize("as_json", [True, False])
def test_command_undoes_import(
    api: CheckedClient, run_import: Run, app: Flask, session: Session, as_json: bool
) -> None:
    options = ["--json"] if as_json else []

    def run(identity: str) -> Any:
        session.commit()
        with app.app_context():
            return CliRunner().invoke(import_undo, [identity, *options])

    report = run_import(FIRST)
    fleet = systems(api)["Fleet"]
    assert change(api, f"/v1/systems/{fleet['id']}", user_count=9).status_code == 200
    blocked = run(report["id"])
    assert blocked.exit_code == 1, blocked.output
    assert "“Fleet”" in blocked.output
    etag = api.get(f"/v1/systems/{fleet['id']}").headers["ETag"]
    api.delete(f"/v1/systems/{fleet['id']}", headers={"If-Match": etag})
    done = run(report["id"])
    assert done.exit_code == 0, done.output
    assert systems(api) == {}
    assert run("0193a7e4-0000-7000-8000-000000000000").exit_code == 2


def rows(*rows: tuple[str, str]) -> bytes:
    return sheet(["Name", "Product"], *rows)


def delete(api: CheckedClient, path: str) -> Any:
    return api.delete(path, headers={"If-Match": api.get(path).headers["ETag"]})


@pytest.fixture
def products(api: CheckedClient) -> dict[str, Fields]:
    """The products Roster and Duties, by their names."""
    maker = record(api, "/v1/suppliers", name="Acme")["id"]
    return {
        name: record(api, "/v1/products", name=name, supplier_id=maker)
        for name in ("Roster", "Duties")
    }


@pytest.fixture
def admin(sign_in: Any) -> CheckedClient:
    client: CheckedClient = sign_in(None, "admin")
    return client


def test_old_product_that_was_merged_leads_to_the_product_that_stays(
    api: CheckedClient, admin: CheckedClient, run_import: Run, products: Any, app: Flask
) -> None:
    maker = products["Roster"]["supplier_id"]
    good = record(api, "/v1/products", name="Rosters", supplier_id=maker)
    made = system(api, "Rota", product_name="Roster")
    assert made["product_id"] == products["Roster"]["id"]
    report = run_import(rows(("Rota", "Duties")))
    assert systems(api)["Rota"]["product_id"] == products["Duties"]["id"]
    body = {"duplicate_id": products["Roster"]["id"]}
    assert admin.post(f"/v1/products/{good['id']}/merge", json=body).status_code == 200
    undone = undo(api, report)
    assert undone.status_code == 200, undone.text
    after = systems(api)["Rota"]
    assert (after["product_name"], after["product_id"]) == ("Roster", good["id"])
    assert read_seal(app)


def test_old_product_that_was_deleted_is_named(
    api: CheckedClient, run_import: Run, products: Any
) -> None:
    made = system(api, "Rota", product_name="Roster")
    report = run_import(rows(("Rota", "Duties")))
    assert delete(api, f"/v1/products/{products['Roster']['id']}").status_code == 204
    before = systems(api)
    refused = undo(api, report)
    assert refusals(refused, 409) == {("", "deleted_since")}
    (error,) = answer(refused)["errors"]
    for part in ("“Rota”", f"/v1/systems/{made['id']}", "`product_id`"):
        assert part in error["detail"]
    assert systems(api) == before


def release(supplier: str, day: int = 1) -> bytes:
    award = {"id": "A1", "title": "Rostering", "suppliers": [{"name": supplier}]}
    fields = {"ocid": "ocds-b5fd17-001", "id": "1", "date": f"2026-01-0{day}T00:00:00Z"}
    return orjson.dumps([fields | {"awards": [award]}])


@pytest.mark.parametrize("merged", [True, False])
def test_old_supplier_of_contract_is_followed_or_named(
    api: CheckedClient, admin: CheckedClient, run_import: Run, app: Flask, merged: bool
) -> None:
    old, new, good = (
        record(api, "/v1/suppliers", name=name)["id"] for name in ("Acme", "Best", "Acme plc")
    )
    run_import(release("Acme"), path="/v1/imports/ocds")
    report = run_import(release("Best", 2), path="/v1/imports/ocds")
    assert report["updated"] == 1
    if merged:
        body = {"duplicate_id": old}
        assert admin.post(f"/v1/suppliers/{good}/merge", json=body).status_code == 200
        assert undo(api, report).status_code == 200
    else:
        assert delete(api, f"/v1/suppliers/{old}").status_code == 204
        refused = undo(api, report)
        assert refusals(refused, 409) == {("", "deleted_since")}
        assert "`supplier_id`" in refused.text
    (contract,) = read(api, "/v1/contracts")["items"]
    assert contract["supplier_id"] == (good if merged else new)
    assert read_seal(app)


@pytest.mark.parametrize("used", [True, False])
def test_new_supplier_stays_whether_or_not_hidden_contracts_use_it(
    api: CheckedClient, partner: CheckedClient, run_import: Run, used: bool
) -> None:
    report = run_import(release("Acme"), path="/v1/imports/ocds")
    (supplier,) = read(api, "/v1/suppliers")["items"]
    body = {"reference": "X", "title": "X", "disclosure": "owner_only"}
    if used:
        record(partner, "/v1/contracts", **body, supplier_id=supplier["id"])
    assert undo(api, report).status_code == 200
    assert read(api, "/v1/contracts")["items"] == []
    assert read(api, "/v1/suppliers")["items"] == [supplier]
