"""OCDS releases are imported as contracts, or rejected with a reason, and can be imported again."""

import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.models import Contract
from catalogue.data_exchange.ocds.commands import import_ocds
from catalogue.data_exchange.ocds.contract_writer import UNNAMED_SUPPLIER
from catalogue.data_exchange.ocds.files import read_releases
from catalogue.data_exchange.ocds.values import plain
from catalogue.suppliers.models import Supplier
from tests.api_calls import Fields, change
from tests.factories import record
from tests.stores import ROOT
from tests.unsaved import CheckedClient

Run = Callable[..., Fields]
SAMPLE = Path(__file__).parent / "data" / "ocds-releases.jsonl"
INVENTORIES = Path(os.environ.get("CATALOGUE_OCDS_DATA") or ROOT.parent / "shared/data/inventories")
REAL = INVENTORIES / "ocds-releases-scotland-wales.jsonl"


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(
        agency.code, "imports:write contracts:read contracts:write systems:read systems:write"
    )
    return client


@pytest.fixture
def run_import(api: CheckedClient, run_jobs: Callable[[], None]) -> Run:
    """`run_import(content, mode="partial")`: the report, after the job has run."""

    def run(content: bytes | list[Any], **options: str) -> Fields:
        data = content if isinstance(content, bytes) else orjson.dumps(content)
        form = {"file": (io.BytesIO(data), "releases.jsonl"), "mode": "partial", **options}
        answer = api.post("/v1/imports/ocds", data=form, content_type="multipart/form-data")
        assert answer.status_code == 202, answer.text
        run_jobs()
        report: Any = api.get(answer.headers["Location"]).json
        return dict(report)

    return run


def counts(report: Fields) -> tuple[int, ...]:
    names = ("rows", "created", "updated", "unchanged", "rejected")
    assert report["rows"] == sum(report[name] for name in names[1:])
    return tuple(report[name] for name in names)


def contracts(api: CheckedClient) -> dict[str, Fields]:
    page: Any = api.get("/v1/contracts?limit=200").json
    return {item["reference"]: item for item in page["items"]}


def release(ocid: str = "ocds-b5fd17-001", **award: Any) -> Fields:
    fields = {"id": "A1", "title": "Rostering", "suppliers": [{"name": "Acme"}]} | award
    fields.setdefault("contractPeriod", {"endDate": "2029-03-31"})
    return {"ocid": ocid, "id": "1", "date": "2026-01-01T00:00:00Z", "awards": [fields]}


def test_ocds_import_creates_contracts_and_reports_rejected_rows(
    run_import: Run, api: CheckedClient
) -> None:
    report = run_import(SAMPLE.read_bytes())
    assert counts(report) == (10, 4, 0, 0, 6)
    assert (report["kind"], report["source"], report["status"]) == (
        "contracts",
        "ocds",
        "succeeded",
    )
    assert report["read_as"]["kind"] == "json_lines"
    refused = {(p["row"], p["field"], p["code"]) for p in report["problems"]}
    assert refused == {
        (6, "end_date", "out_of_order"),
        (7, "total_value", "not_a_number"),
        (7, "end_date", "not_a_date"),
        (8, "reference", "required"),
        (8, "title", "required"),
        (8, "total_value", "out_of_range"),
        (9, "ocid", "pattern"),
        (11, None, "not_a_release"),
        (12, None, "malformed_json"),
    }
    noticed = {(n["row"], n["code"]) for n in report["notices"]}
    assert noticed == {
        (2, "lost_line_ends"),
        (4, "no_release_id"),
        (4, "rounded"),
        (4, "no_currency"),
        (4, "lots_differ"),
        (4, "other_buyer"),
        (4, "no_supplier"),
        (5, "supplier_is_title"),
        (5, "only_duration"),
        (5, "no_supplier"),
        (10, "no_contract"),
    }
    made = contracts(api)
    first = made["ocds-b5fd17-001/A1"]
    expected = {
        "title": "Rostering",
        "supplier_name": "Acme Ltd",
        "total_value": "1200.50",
        "start_date": "2024-04-01",
        "end_date": "2029-07-31",
        "max_extent_date": "2031-07-31",
        "procurement_route": "open",
        "regime": "pcr_2015",
        "ocid": "ocds-b5fd17-001",
    }
    assert {name: first[name] for name in expected} == expected
    second = made["ocds-b5fd17-002/A1"]
    assert (second["title"], second["end_date"]) == ("Custody, phase 2", "2028-03-31")
    assert (second["supplier_name"], second["currency"]) == ("Northgate", "EUR")
    third = made["ocds-b5fd17-003"]
    assert (third["start_date"], third["end_date"]) == ("2025-01-01", "2027-01-01")
    assert (third["title"], third["supplier_name"]) == ("Modern return", UNNAMED_SUPPLIER)
    assert third["total_value"] == "100.00"


def test_rejected_row_creates_no_supplier(run_import: Run, session: Session) -> None:
    run_import(SAMPLE.read_bytes())
    names = set(session.scalars(sa.select(Supplier.name)))
    assert {"Acme Ltd", "Northgate", UNNAMED_SUPPLIER} <= names
    assert not names & {"Beta", "Gamma", "Delta", "Epsilon"}


def test_repeated_ocds_import_changes_nothing(run_import: Run, api: CheckedClient) -> None:
    run_import(SAMPLE.read_bytes())
    before = contracts(api)
    again = run_import(SAMPLE.read_bytes())
    assert counts(again) == (10, 0, 0, 4, 6)
    assert (again["existing"], again["not_seen"]) == (4, 0)
    assert contracts(api) == before


def test_ocds_import_keeps_corrections_made_by_hand(run_import: Run, api: CheckedClient) -> None:
    run_import(SAMPLE.read_bytes())
    made = contracts(api)["ocds-b5fd17-003"]
    known = record(api, "/v1/suppliers", name="Known at last")
    path = f"/v1/contracts/{made['id']}"
    change(api, path, supplier_id=known["id"], notice_period_days=90)
    assert counts(run_import(SAMPLE.read_bytes()))[2:4] == (0, 4)
    kept = contracts(api)["ocds-b5fd17-003"]
    assert (kept["supplier_name"], kept["notice_period_days"]) == ("Known at last", 90)


def test_atomic_ocds_import_with_rejected_rows_writes_nothing(
    run_import: Run, api: CheckedClient
) -> None:
    report = run_import(SAMPLE.read_bytes(), mode="atomic")
    assert (report["status"], report["written"], report["rejected"]) == ("failed", False, 6)
    assert contracts(api) == {}
    report = run_import([release()], dry_run="true")
    assert (report["created"], report["written"], contracts(api)) == (1, False, {})
    assert report["created_records"][0]["id"] is None


def test_award_updates_the_contract_of_its_tender(run_import: Run, api: CheckedClient) -> None:
    tender = {"ocid": "ocds-b5fd17-001", "date": "2025-01-01T00:00:00Z", "tender": {"title": "T"}}
    assert counts(run_import([tender])) == (1, 1, 0, 0, 0)
    (before,) = contracts(api).values()
    assert counts(run_import([tender, release()])) == (1, 0, 1, 0, 0)
    (after,) = contracts(api).values()
    assert (after["id"], after["supplier_name"]) == (before["id"], "Acme")
    assert counts(run_import([tender])) == (1, 0, 0, 1, 0)
    assert list(contracts(api)) == ["ocds-b5fd17-001/A1"]


def test_newest_release_of_a_contract_is_used(run_import: Run, api: CheckedClient) -> None:
    later = release(title="Later") | {"date": "2026-02-01T00:00:00Z"}
    report = run_import([later, release(title="Earlier")])
    assert counts(report) == (1, 1, 0, 0, 0)
    assert [n["code"] for n in report["notices"]] == ["superseded"]
    assert [each["title"] for each in contracts(api).values()] == ["Later"]


def test_supplier_is_matched_by_alias_or_identifier(run_import: Run, api: CheckedClient) -> None:
    known = {"name": "NEC Software", "aliases": ["Northgate"]}
    ids = [{"scheme": "GB-COH", "id": "00968498"}]
    record(api, "/v1/suppliers", **known, identifiers=ids)
    party = {"id": "p", "name": "Any name", "identifier": ids[0]}
    run_import(
        [
            release("ocds-b5fd17-001", suppliers=[{"name": "NORTHGATE"}, {"name": "Other"}]),
            release("ocds-b5fd17-002", suppliers=[{"id": "p", "name": "Other name"}])
            | {"parties": [party]},
        ]
    )
    assert {each["supplier_name"] for each in contracts(api).values()} == {"NEC Software"}


def test_ocds_import_can_be_limited_to_a_buyer_and_to_named_suppliers(
    run_import: Run, api: CheckedClient
) -> None:
    ours = release() | {"buyer": {"name": "Ours"}}
    report = run_import([ours, release("ocds-b5fd17-002")], buyer="OURS")
    assert counts(report) == (1, 1, 0, 0, 0)
    assert "Contracts of other buyers that were skipped: 1." in report["mapping"]["notes"][0]
    tender = {"ocid": "ocds-b5fd17-003", "id": "3", "tender": {"title": "T"}}
    report = run_import([tender], require_supplier="true")
    assert [p["code"] for p in report["problems"]] == ["no_supplier"]


@pytest.mark.parametrize("wrap", ["package", "record", "array", "one", "marked"])
def test_every_form_of_ocds_file_is_read(wrap: str) -> None:
    one = release()
    wrapped = {
        "package": {"releases": [one]},
        "record": {"records": [{"ocid": "x", "compiledRelease": one}]},
        "array": [{"releases": [one]}],
        "one": one,
        "marked": one,
    }[wrap]
    mark = b"\xef\xbb\xbf" if wrap == "marked" else b""
    assert read_releases(mark + orjson.dumps(wrapped)).releases == [(1, one)]


def test_file_without_releases_is_refused(api: CheckedClient) -> None:
    for content, code in ((b"[]", "no_releases"), (b"{", "malformed_json"), (b"a,b", "not_json")):
        form = {"file": (io.BytesIO(content), "x.json")}
        answer = api.post("/v1/imports/ocds", data=form, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert answer.json["errors"][0]["code"] == code  # type: ignore[index]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(1, id="number"),
        pytest.param("x", id="text"),
        pytest.param(None, id="null"),
        pytest.param([], id="empty-array"),
        pytest.param({}, id="empty-object"),
        pytest.param([1], id="array-of-number"),
        pytest.param([None], id="array-of-null"),
        pytest.param({"a": [{}]}, id="object"),
        pytest.param(True, id="boolean"),
        pytest.param("\x00", id="nul-character"),
    ],
)
def test_malformed_release_is_reported_and_does_not_fail_the_job(
    wrong: Any, run_import: Run
) -> None:
    whole = release()
    award = whole["awards"][0]
    shapes = [
        whole | {name: wrong}
        for name in ("awards", "tender", "contracts", "parties", "buyer", "date")
    ]
    shapes += [
        whole | {"awards": [award | {name: wrong}]}
        for name in ("id", "title", "suppliers", "value", "contractPeriod", "status")
    ]
    shapes += [whole | {"awards": [award | {"value": {"amount": wrong, "currency": wrong}}]}]
    shapes += [whole | {"awards": [award | {"contractPeriod": {"endDate": wrong}}]}]
    report = run_import([each | {"ocid": f"ocds-b5fd17-{i}"} for i, each in enumerate(shapes)])
    counts(report)


def test_lost_line_ends_are_removed_from_texts() -> None:
    assert plain("One.rn Two,rnthree: -rn(Modern return, barn)rnrn4 rnli") == (
        "One. Two, three: - (Modern return, barn) 4 rnli"
    )


@pytest.fixture
def command(app: Flask, agency: Agency, session: Session) -> Callable[..., Result]:
    """`command(path, "--dry-run")`."""
    code = agency.code

    def run(path: Path, *options: str) -> Result:
        session.commit()
        with app.app_context():
            result = CliRunner().invoke(import_ocds, [str(path), "--agency", code, *options])
        session.expire_all()
        return result

    return run


def test_import_ocds_command_reports_rows_and_exit_codes(
    command: Callable[..., Result], tmp_path: Path, session: Session
) -> None:
    result = command(SAMPLE)
    assert result.exit_code == 1, result.output
    assert "Problems" in result.stdout
    assert "Nothing was imported" in result.stdout
    result = command(SAMPLE, "--mode", "partial", "--json")
    assert (result.exit_code, counts(orjson.loads(result.stdout))) == (1, (10, 4, 0, 0, 6))
    assert len(session.scalars(sa.select(Contract)).all()) == 4
    nothing = tmp_path / "nothing.json"
    nothing.write_text("[]")
    assert command(nothing).exit_code == 2
    assert command(SAMPLE, "--agency", "nowhere").exit_code == 2


@pytest.mark.skipif(not REAL.is_file(), reason="CATALOGUE_OCDS_DATA names no directory of releases")
def test_real_releases_are_imported(command: Callable[..., Result]) -> None:
    report = orjson.loads(command(REAL, "--json").stdout)
    assert counts(report) == (180, 180, 0, 0, 0)
    found = Counter(notice["code"] for notice in report["notices"])
    # They are notices of tenders: no supplier yet, and the dates, if any, are those of lots.
    assert found == {
        "no_supplier": 180,
        "other_buyer": 180,
        "only_duration": 147,
        "no_release_id": 90,
        "lots_differ": 1,
    }
    again = orjson.loads(command(REAL, "--json").stdout)
    assert counts(again) == (180, 0, 0, 180, 0)
    strict = command(REAL, "--json", "--require-supplier", "--mode", "partial", "--dry-run")
    assert counts(orjson.loads(strict.stdout)) == (180, 0, 0, 0, 180)


@pytest.mark.parametrize("depth", [300, 900])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_deeply_nested_json_is_reported_as_no_release(depth: int, opens: str, closes: str) -> None:
    content = opens * depth + ("1" if opens != "[" else "") + closes * depth
    found = read_releases(content.encode())
    assert found.releases == []
    assert [each.code for each in found.problems] == ["not_a_release"]


def test_release_with_too_many_parts_is_rejected(run_import: Run) -> None:
    parts = [{"id": str(n), "title": "One"} for n in range(251)]
    release = {"ocid": "ocds-aaaaaa-1", "awards": parts, "tender": {"lots": parts}}
    report = run_import([release])
    assert counts(report) == (1, 0, 0, 0, 1)
    assert [each["code"] for each in report["problems"]] == ["too_large"]
