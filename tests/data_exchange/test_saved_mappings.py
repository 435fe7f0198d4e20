"""Mappings that an agency keeps, and options of an import over HTTP."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.commands import import_file
from tests.data_exchange.conftest import sheet

MAPPING = {
    "name": "Monthly list",
    "source": "cmdb",
    "columns": {"lifecycle": "Zustand", "attributes.cost_centre": "Cost"},
    "values": {"lifecycle": {"In Betrieb": "live"}, "hosting": {"Other": None}},
    "skipped_columns": ["Notes"],
}
FILE = sheet(
    ["Asset", "Asset ID", "Zustand", "Hosting", "Cost", "Notes"],
    ["Rota", "A7", "In Betrieb", "Other", "4711", "see file"],
)


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


@pytest.fixture
def imported(api: Any, run_jobs: Callable[[], None]) -> Callable[..., Any]:
    """`imported(data, values="{}")`: the report of an import over HTTP, or its refusal."""

    def run(data: bytes, **fields: str) -> Any:
        form = {"file": (io.BytesIO(data), "systems.csv"), **fields}
        answer = api.post("/v1/imports", data=form, content_type="multipart/form-data")
        if answer.status_code != 202:
            return answer.json
        run_jobs()
        return api.get(answer.headers["Location"]).json

    return run


def test_saved_mapping_is_used_over_http(api: Any, imported: Any) -> None:
    assert api.post("/v1/import-mappings", json=MAPPING).status_code == 201
    report = imported(FILE, mapping_name="MONTHLY list", mapping='{"name": "Asset"}')
    assert (report["status"], report["created"], report["source"]) == ("succeeded", 1, "cmdb")
    assert report["notices"] == []
    (system,) = api.get("/v1/systems").json["items"]
    assert (system["lifecycle"], system["hosting"]) == ("live", None)
    assert system["attributes"] == {"cost_centre": "4711"}
    assert system["external_ids"] == [{"source": "cmdb", "id": "A7"}]
    refused = imported(FILE, mapping_name="Yearly list")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/mapping_name", "unknown")]


def test_saved_mapping_is_used_by_the_command(
    api: Any, app: Flask, agency: Agency, session: Session, tmp_path: Path
) -> None:
    api.post("/v1/import-mappings", json=MAPPING)
    path = tmp_path / "systems.csv"
    path.write_bytes(FILE)
    arguments = [str(path), "--agency", agency.code, "--json", "--map", "name=Asset"]
    session.commit()
    with app.app_context():
        result = CliRunner().invoke(import_file, [*arguments, "--mapping", "Monthly list"])
        unknown = CliRunner().invoke(import_file, [*arguments, "--mapping", "Yearly list"])
    assert result.exit_code == 0, result.output
    assert orjson.loads(result.stdout)["created"] == 1
    assert unknown.exit_code == 2
    assert orjson.loads(unknown.stdout)["problem"]["errors"][0]["pointer"] == "/mapping_name"


def test_options_of_an_import_take_precedence_over_the_saved_mapping(
    api: Any, imported: Any
) -> None:
    api.post("/v1/import-mappings", json=MAPPING)
    report = imported(
        FILE,
        mapping_name="Monthly list",
        mapping='{"name": "Asset", "attributes.cost_centre": null}',
        values='{"lifecycle": {"In Betrieb": "sunsetting"}}',
        source="assets",
    )
    assert (report["created"], report["source"]) == (1, "assets")
    (system,) = api.get("/v1/systems").json["items"]
    assert (system["lifecycle"], system["attributes"]) == ("sunsetting", {})


def test_saved_mapping_is_listed_changed_and_deleted(api: Any) -> None:
    made = api.post("/v1/import-mappings", json=MAPPING)
    path = made.headers["Location"]
    assert made.json | MAPPING == made.json
    again = api.post("/v1/import-mappings", json=MAPPING | {"name": "monthly LIST"})
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (409, "/name")
    match = {"If-Match": made.headers["ETag"]}
    changed = api.patch(path, json={"heading_row": 3, "columns": {"name": "Asset"}}, headers=match)
    assert (changed.json["heading_row"], changed.json["columns"]) == (3, {"name": "Asset"})
    assert [m["name"] for m in api.get("/v1/import-mappings").json["items"]] == ["Monthly list"]
    events = api.get(f"{path}/history").json["items"]
    assert [event["kind"] for event in events] == [
        "import_mapping.created", "import_mapping.updated",
    ]  # fmt: skip
    assert api.delete(path, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"columns": {"nmae": "System"}}, "/columns/nmae", "unknown_field"),
        ({"values": {"nmae": {}}}, "/values/nmae", "unknown_field"),
        ({"values": {"lifecycle": {"Live": "alive"}}}, "/values/lifecycle", "invalid_translation"),
        ({"values": {"lifecycle": "live"}}, "/values/lifecycle", "invalid"),
        ({"columns": {"tags": []}}, "/columns/tags", "invalid"),
        ({"columns": {"tags": ["Tag"] * 51}}, "/columns/tags", "invalid"),
        pytest.param(
            {"columns": {"name": "x" * 1_001}}, "/columns/name", "invalid", id="long-column-name"
        ),
        pytest.param(
            {"values": {"lifecycle": {"x" * 501: "live"}}},
            "/values/lifecycle",
            "invalid",
            id="long-word",
        ),
        ({"source": "a b"}, "/source", "pattern"),
    ],
)
def test_wrong_mapping_is_not_saved(
    api: Any, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = api.post("/v1/import-mappings", json=MAPPING | changes)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]


def test_other_agency_has_mappings_of_its_own(
    api: Any, sign_in: Any, make_agency: Callable[..., Agency], imported: Any
) -> None:
    make_agency("kent-police")
    other = sign_in("kent-police", "imports:write")
    path = other.post("/v1/import-mappings", json=MAPPING).headers["Location"]
    assert api.get(path).status_code == 404
    assert api.get("/v1/import-mappings").json["items"] == []
    assert imported(FILE, mapping_name="Monthly list")["status"] == 422
    assert api.post("/v1/import-mappings", json=MAPPING).status_code == 201


def test_questions_of_an_import_name_the_option(imported: Any) -> None:
    report = imported(sheet(["Asset ID", "Name"], ["A7", "Rota"]))
    assert (report["status"], report["written"], report["held_back"]) == ("failed", False, 1)
    assert [(e["pointer"], e["code"]) for e in report["problem"]["errors"]] == [
        ("/source", "source_required")
    ]
    report = imported(sheet(["Name", "Zustand"], ["Rota", "Retired"]), mode="partial")
    assert "leaves a question open" in report["problem"]["detail"]
    assert report["problem"]["errors"][0]["pointer"] == "/mapping/lifecycle"


def test_values_and_confirmations_over_http(imported: Any) -> None:
    rows = [["Ref", "Name", "Status"], ["1", "A", "Live!?"], ["2", "B", "x"], ["3", "C", "x"]]
    report = imported(sheet(*rows), source="list")
    assert [w["value"] for w in report["unknown_words"]] == ["x"]
    assert {p["code"] for p in report["problems"]} == {"unknown_value", "row_numbers"}
    words = '{"lifecycle": {"x": "decommissioned"}}'
    report = imported(sheet(*rows), source="list", values=words, confirm_ids="true")
    assert (report["status"], report["created"]) == ("succeeded", 3)
    renamed = sheet(["Ref", "Name"], ["1", "Payroll"])
    assert imported(renamed, source="list")["status"] == "failed"
    report = imported(renamed, source="list", confirm_renames="true")
    assert report["updated_records"][0]["changes"] == [
        {"field": "name", "before": "A", "after": "Payroll"}
    ]


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("values", "live", "/values"),
        ("values", '{"lifecycle": "live"}', "/values/lifecycle"),
        ("values", '{"lifecycle": {"Live": "alive"}}', "/values"),
        ("mapping", '{"tags": []}', "/mapping/tags"),
        ("mapping", '{"name": ["Asset", "Cost"]}', "/mapping/name"),
        ("skipped_columns", "Notes", "/skipped_columns"),
        ("skipped_columns", "[1]", "/skipped_columns"),
    ],
)
def test_wrong_option_is_refused_at_once(
    imported: Any, field: str, value: str, pointer: str
) -> None:
    refused = imported(FILE, **{field: value})
    assert refused["status"] == 422
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
