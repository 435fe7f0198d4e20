"""An export of systems loads again, and changes nothing."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from catalogue.core.tables.csv_table import write_csv
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.systems.models import System
from tests.data_exchange.conftest import sheet
from tests.factories import record
from tests.systems.full_record import FULL

Load = Callable[..., ImportReport]
Systems = Callable[[], dict[str, System]]
FORMATS = ("csv", "xlsx", "ods")
SYSTEMS = "/v1/systems"

AWKWARD: tuple[dict[str, Any], ...] = (
    FULL,
    {"name": "=1+1", "description": "-5", "business_owner": "+44 1234 567890"},
    {"name": "-", "product_name": "@product", "supplier_name": "'=Acme"},
    {"name": "N/A", "description": "null", "business_owner": "TBC", "technical_owner": "Vacant"},
    {"name": "0012345", "product_version": "1.10", "product_name": "007", "tags": ["1", "02"]},
    {"name": "1.2E+12", "product_version": "2026-04-01", "description": "TRUE"},
    {
        "name": "Lists",
        "aliases": ["Smith, Jones & Co", "a; b", 'the "old" one', "c|d", "  e  f "],
        "tags": ["one, two"],
    },
    {"name": "One alias", "aliases": ["Left, right"], "tags": []},
    {
        "name": "Lines",
        "description": "one\r\ntwo\n\n  three\tfour \u2028 five",
        "aliases": ["a\nb"],
    },
    {"name": "Café  Überwachung", "description": "  spaced  ", "lifecycle": "planned"},
    {"name": "No personal data", "personal_data": "none", "dpia_status": "none"},
    {"name": "Ids", "external_ids": [{"source": "cmdb", "id": "000123"}], "user_count": 12345},
    {"name": "Long", "description": "x" * 4000, "retention_hold": False},
    {"name": "Long ago", "live_from": "1900-01-01", "end_of_support": "2199-12-31"},
    {"name": "Total", "supplier_name": "None", "business_owner": "approx 600", "user_count": 12},
    {"name": "Notes: what is left", "description": "a\u200bb\u00adc", "product_name": "CafÃ©"},
    {"name": "OPERATIONAL POLICING", "aliases": ["TBC"], "tags": ["n/a", "#REF!"]},
    {"name": "# end of export", "supplier_name": "Acme\u200b", "product_name": "2011/12"},
    {"name": "Only a name"},
)


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "systems:read systems:write risks:read")


@pytest.fixture
def awkward(api: Any) -> None:
    """Systems whose values a spreadsheet could change."""
    for fields in AWKWARD:
        record(api, SYSTEMS, **{"lifecycle": "live"} | fields)


def written(rows: list[list[Any]]) -> bytes:
    """Return rows as the CSV file of an export."""
    target = io.BytesIO()
    write_csv(target, rows[0], rows[1:])
    return target.getvalue()


def export(api: Any, table_format: str, **query: str) -> bytes:
    answer = api.get(SYSTEMS, query_string={"format": table_format} | query)
    assert answer.status_code == 200, answer.text
    data: bytes = answer.data
    return data


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize("table_format", FORMATS)
def test_export_loads_again_without_a_change(
    api: Any, load: Load, systems: Systems, table_format: str
) -> None:
    before = {name: system.revision for name, system in systems().items()}
    everything = api.get(SYSTEMS).json
    report = load(export(api, table_format))
    assert [problem.as_json() for problem in report.problems] == []
    assert (report.created, report.updated, report.rejected) == (0, 0, 0)
    assert report.unchanged == len(AWKWARD)
    assert report.not_seen == 0
    assert {name: system.revision for name, system in systems().items()} == before
    assert api.get(SYSTEMS).json == everything
    for left in report.mapping.unmatched:
        assert left.reason != "No field of a system has this heading.", left


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize("table_format", FORMATS)
def test_change_in_an_export_changes_that_field_alone(
    api: Any, load: Load, systems: Systems, table_format: str
) -> None:
    table = read_table(export(api, table_format))
    rows = [[column.heading for column in table.columns], *(list(row.cells) for row in table.rows)]
    (name, owner) = (rows[0].index(heading) for heading in ("name", "business_owner"))
    (row,) = (row for row in rows if row[name] == "Only a name")
    row[name], row[owner] = "Another name", "Head of IT"
    before = systems()
    report = load(written(rows))
    assert (report.created, report.updated, report.rejected) == (0, 1, 0)
    changes = report.updated_records[0].changes
    assert [change.field for change in changes] == ["name", "business_owner"]
    assert systems()["Another name"].id == before["Only a name"].id


def test_part_of_the_columns_is_enough(api: Any, load: Load, systems: Systems) -> None:
    record(api, SYSTEMS, name="Rota", product_name="Crown", lifecycle="live")
    data = export(api, "csv", fields="id,product_name")
    assert load(data).unchanged == 1
    report = load(data.replace(b"Crown", b"Crown DMS"))
    assert (report.updated, report.created) == (1, 0)
    assert systems()["Rota"].product_name == "Crown DMS"


def test_row_of_another_agency_is_rejected_like_an_unknown_one(
    api: Any, sign_in: Any, load: Load, agency: Agency
) -> None:
    other = sign_in("kent-police", "systems:write")
    record(other, SYSTEMS, name="Theirs", lifecycle="live", disclosure="all_agencies")
    record(other, SYSTEMS, name="Hidden", lifecycle="live", disclosure="owner_only")
    record(api, SYSTEMS, name="Ours", lifecycle="live")
    data = export(api, "csv")
    assert b"Hidden" not in data
    report = load(data, mode="partial")
    assert (report.unchanged, report.rejected, report.created) == (1, 1, 0)
    hidden = str(
        record(other, SYSTEMS, name="Hidden 2", lifecycle="live", disclosure="owner_only")["id"]
    )
    unknown = "01900000-0000-7000-8000-000000000000"
    problems = [
        [
            {**p.as_json(), "value": None}
            for p in load(sheet(["id", "name"], [identity, "Rota"])).problems
        ]
        for identity in (hidden, unknown)
    ]
    assert problems[0] == problems[1]
    assert problems[0][0]["code"] == "unknown"
    assert load(export(api, "csv", agency=agency.code)).unchanged == 1


def test_other_registers_ids_are_no_ids_of_the_catalogue(load: Load) -> None:
    report = load(sheet(["id", "name"], ["7", "Rota"], ["8", "Fleet"]))
    assert report.created == 2
    assert report.mapping.column_of("external_id").heading == "id"  # type: ignore[union-attr]


def test_empty_id_records_a_new_system(api: Any, load: Load) -> None:
    identity = record(api, SYSTEMS, name="Rota", lifecycle="live")["id"]
    report = load(sheet(["id", "name"], [identity, "Rota"], ["", "Fleet"]))
    assert (report.created, report.unchanged) == (1, 1)


@pytest.mark.parametrize("heading", ["name", "external_id"])
def test_id_of_a_system_with_the_name_or_external_id_of_another_is_a_question(
    api: Any, load: Load, heading: str
) -> None:
    first = record(api, SYSTEMS, name="Rota", lifecycle="live")
    external_ids = [{"source": "cmdb", "id": "SYS-2"}]
    record(api, SYSTEMS, name="Fleet", lifecycle="live", external_ids=external_ids)
    taken = {"name": "Fleet", "external_id": "SYS-2"}[heading]
    report = load(sheet(["id", heading], [first["id"], taken]), source="cmdb")
    assert [(p.code, p.field) for p in report.problems] == [("name_taken", heading)]


def test_columns_that_an_import_cannot_fill_are_named_with_the_reason(api: Any, load: Load) -> None:
    record(api, SYSTEMS, name="Rota", lifecycle="live")
    report = load(export(api, "csv"))
    reasons = {left.column.heading: left.reason for left in report.mapping.unmatched}
    for heading in ("completeness", "created_at", "updated_at", "withheld", "missing"):
        assert reasons[heading] == "The catalogue works out this value itself."
    assert reasons.pop("attributes")
    assert "No field of a system has this heading." not in reasons.values()


@pytest.mark.usefixtures("awkward")
def test_custom_fields_have_a_column_each(api: Any) -> None:
    table = read_table(export(api, "xlsx", name=FULL["name"]))
    headings = [column.heading for column in table.columns]
    found = dict(zip(headings, table.rows[0].cells, strict=True))
    assert {name: found[f"attributes.{name}"] for name in FULL["attributes"]} == FULL["attributes"]
    assert "attributes" not in headings


@pytest.mark.parametrize("table_format", FORMATS)
def test_corrected_custom_field_needs_a_mapping(
    api: Any, load: Load, systems: Systems, table_format: str
) -> None:
    record(api, SYSTEMS, name="Rota", lifecycle="live", attributes={"cost_centre": "0012"})
    data = export(api, table_format)
    (left,) = (u for u in load(data).mapping.unmatched if u.column.heading.startswith("attr"))
    assert left.reason == (
        "The column is a field of your own. Map the field `attributes.cost_centre` to it, or "
        "skip it."
    )
    mapped = {"attributes.cost_centre": "attributes.cost_centre"}
    assert load(data, columns=mapped).unchanged == 1
    identity = str(systems()["Rota"].id)
    corrected = sheet(["id", "attributes.cost_centre"], [identity, "0044"])
    assert load(corrected, columns=mapped).updated == 1
    assert systems()["Rota"].attributes == {"cost_centre": "0044"}


def test_custom_fields_that_differ_by_case_share_a_cell(api: Any, load: Load) -> None:
    record(api, SYSTEMS, name="Rota", lifecycle="live", attributes={"Site": "a;b", "site": "c"})
    data = export(api, "csv")
    assert b'"""Site: a;b""; site: c"' in data
    assert load(data).unchanged == 1
