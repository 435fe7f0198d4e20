"""Imports, exports and templates with custom fields."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import python_calamine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.data_exchange.commands import import_file
from catalogue.data_exchange.exports.commands import export_list
from catalogue.data_exchange.templates.commands import import_template
from tests.api_calls import answer, change, read
from tests.custom_fields.api_custom_fields import SYSTEMS, declare
from tests.data_exchange.conftest import sheet
from tests.factories import BEDS, READ_WRITE, system
from tests.unsaved import CheckedClient

DIRECTORATES = ["Crime & Intelligence", "Estates"]
FIELDS = {
    "cost_centre": "text",
    "licences": "integer",
    "fee": "decimal",
    "renewal": "date",
    "hosted_abroad": "boolean",
    "directorate": "choice",
}


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    return sign_in(BEDS, f"{READ_WRITE} imports:write")


@pytest.fixture
def declared(api: CheckedClient) -> None:
    """A field of each type. Two have labels that do not repeat the key."""
    labels = {"renewal": "Licence renewal", "fee": "Yearly fee"}
    for key, type_ in FIELDS.items():
        fields: dict[str, Any] = {"choices": DIRECTORATES} if type_ == "choice" else {}
        fields |= {"label": labels[key]} if key in labels else {}
        declare(api, key, type_, **fields)


@pytest.fixture
def imported(api: CheckedClient, run_jobs: Callable[[], None]) -> Callable[..., Any]:
    """`imported(data, values="{}")`: the report of an import over HTTP, or its refusal."""

    def run(data: bytes, name: str = "systems.csv", **fields: str) -> Any:
        form = {"file": (io.BytesIO(data), name), **fields}
        response = api.post("/v1/imports", data=form, content_type="multipart/form-data")
        if response.status_code != 202:
            return response.json
        run_jobs()
        return api.get(response.headers["Location"]).json

    return run


def attributes(api: CheckedClient, name: str) -> Any:
    (found,) = answer(api.get(SYSTEMS, query_string={"name": name}))["items"]
    return found["attributes"]


HEADINGS = [
    "System", "Status", "Cost Centre", "Licences", "Yearly fee (£)", "Licence renewal",
    "Hosted abroad?", "Directorate",
]  # fmt: skip


@pytest.mark.usefixtures("declared")
def test_labels_and_keys_are_headings_and_cells_are_read_by_type(
    api: CheckedClient, imported: Any
) -> None:
    rows = [
        ["Rota", "live", "0047", "approx 200", "£1,250", "01/04/24", "Yes", "crime & intelligence"],
        ["Fleet", "live", "", "", "-5.5", "2027-10-01", "n", "ESTATES"],
    ]
    report = imported(sheet(HEADINGS, *rows))
    assert (report["status"], report["created"], report["problems"]) == ("succeeded", 2, [])
    assert [n["code"] for n in report["notices"]] == ["approximate_number"]
    assert attributes(api, "Rota") == {
        "cost_centre": "0047",
        "licences": 200,
        "fee": "1250.00",
        "renewal": "2024-04-01",
        "hosted_abroad": True,
        "directorate": "Crime & Intelligence",
    }
    assert attributes(api, "Fleet") == {
        "fee": "-5.50", "renewal": "2027-10-01", "hosted_abroad": False, "directorate": "Estates",
    }  # fmt: skip


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(
    ("heading", "cell", "code"),
    [
        ("Licences", "many", "not_a_number"),
        ("Licences", "3000000000", "out_of_range"),
        ("Yearly fee", "12.345", "not_a_number"),
        ("Yearly fee", "ten", "not_a_number"),
        ("Licence renewal", "April 2024", "not_a_date"),
        ("Licence renewal", "2024/25", "financial_year"),
        ("Licence renewal", "12/31/2024", "month_first_date"),
        ("Hosted abroad", "partly", "not_yes_or_no"),
        ("Directorate", "Fire", "unknown_value"),
        ("attributes.renewal", "soon", "not_a_date"),
    ],
)
def test_cell_that_needs_a_guess_is_a_problem(
    api: CheckedClient, imported: Any, heading: str, cell: str, code: str
) -> None:
    data = sheet(["System", heading], ["Rota", cell])
    report = imported(data)
    assert [(p["row"], p["column"], p["code"]) for p in report["problems"]] == [(2, heading, code)]
    assert report["created"] == 0
    partial = imported(data, mode="partial")
    assert (partial["created"], [n["code"] for n in partial["notices"]]) == (1, [code])
    assert attributes(api, "Rota") == {}


@pytest.mark.usefixtures("declared")
def test_unknown_word_is_offered_the_choices_and_can_be_translated(
    api: CheckedClient, imported: Any
) -> None:
    data = sheet(["System", "Directorate"], ["Rota", "Intel and crime"], ["Fleet", "Buildings"])
    words = imported(data)["unknown_words"]
    offered = {w["value"]: [c["value"] for c in w["choices"]] for w in words}
    assert offered == {"Intel and crime": DIRECTORATES, "Buildings": DIRECTORATES}
    chosen = {"Intel and crime": DIRECTORATES[0], "Buildings": None}
    values = orjson.dumps({"attributes.directorate": chosen}).decode()
    assert imported(data, values=values)["created"] == 2
    assert attributes(api, "Rota") == {"directorate": DIRECTORATES[0]}
    assert attributes(api, "Fleet") == {}
    wrong = imported(data, values='{"attributes.directorate": {"Buildings": "Property"}}')
    assert [(e["pointer"], e["code"]) for e in wrong["errors"]] == [
        ("/values", "invalid_translation")
    ]


@pytest.mark.usefixtures("declared")
def test_saved_mapping_knows_the_choices(api: CheckedClient, imported: Any) -> None:
    words = {"attributes.directorate": {"Buildings": "Estates"}}
    mapping = {"name": "Ours", "columns": {"attributes.licences": "Seats"}, "values": words}
    assert api.post("/v1/import-mappings", json=mapping).status_code == 201
    wrong = mapping | {"values": {"attributes.directorate": {"Buildings": "Property"}}}
    refused = api.post("/v1/import-mappings", json=wrong | {"name": "Other"})
    assert answer(refused)["errors"][0]["code"] == "invalid_translation"
    data = sheet(["System", "Seats", "Directorate"], ["Rota", "12", "Buildings"])
    assert imported(data, mapping_name="Ours")["created"] == 1
    assert attributes(api, "Rota") == {"licences": 12, "directorate": "Estates"}


@pytest.mark.usefixtures("declared")
def test_one_value_can_fill_a_field_of_every_row(api: CheckedClient, imported: Any) -> None:
    data = sheet(["System", "Licences"], ["Rota", "1"], ["Fleet", "2"])
    values = '{"attributes.directorate": {"": "estates"}, "attributes.site": {"": "HQ"}}'
    assert imported(data, values=values)["created"] == 2
    for name, licences in (("Rota", 1), ("Fleet", 2)):
        assert attributes(api, name) == {
            "licences": licences, "directorate": "Estates", "site": "HQ",
        }  # fmt: skip


def test_label_outweighs_usual_headings_but_not_the_name_of_a_field(
    api: CheckedClient, imported: Any
) -> None:
    for key, label in (("team", "Department"), ("keeper", "SRO"), ("host", "Hosting")):
        declare(api, key, label=label)
    report = imported(sheet(["System", "Department", "SRO", "Hosting"], ["Rota", "A", "B", "saas"]))
    assert report["created"] == 1
    (found,) = answer(api.get(SYSTEMS))["items"]
    assert found["attributes"] == {"team": "A", "keeper": "B"}
    assert (found["hosting"], found["business_owner"]) == ("saas", None)


def test_fields_of_another_agency_are_unknown(
    stranger: CheckedClient, administrator: CheckedClient, api: CheckedClient, imported: Any
) -> None:
    declare(stranger, "directorate", "choice", choices=["Crime"])
    declare(administrator, "asset_class", "integer", for_all_agencies=True)
    report = imported(sheet(["System", "Directorate", "Asset class"], ["Rota", "Fire", "3"]))
    assert report["created"] == 1
    assert attributes(api, "Rota") == {"asset_class": 3}


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("table_format", ["csv", "xlsx", "ods"])
def test_export_loads_again_without_a_change(
    api: CheckedClient, imported: Any, table_format: str
) -> None:
    whole = {
        "cost_centre": "0047", "licences": -3, "fee": "-12.50", "renewal": "2024-04-01",
        "hosted_abroad": True, "directorate": DIRECTORATES[0], "undeclared": 1.5,
    }  # fmt: skip
    system(api, "Whole", attributes=whole)
    system(api, "Lines", attributes={"cost_centre": "one\n two", "hosted_abroad": False})
    system(api, "Empty")
    before = answer(api.get(SYSTEMS))
    data = api.get(SYSTEMS, query_string={"format": table_format}).data
    report = imported(data, f"systems.{table_format}")
    assert report["problems"] == []
    assert (report["unchanged"], report["created"], report["updated"]) == (3, 0, 0)
    assert answer(api.get(SYSTEMS)) == before
    narrow = {"format": table_format, "attributes.licences__lte": "0", "sort": "-attributes.fee"}
    assert imported(api.get(SYSTEMS, query_string=narrow).data)["unchanged"] == 1


@pytest.mark.usefixtures("declared")
def test_undone_import_restores_values_from_before_the_declaration(
    api: CheckedClient, imported: Any
) -> None:
    made = system(api, "Rota", attributes={"seats": "about 5"})
    declare(api, "seats", "integer")
    report = imported(sheet(["System", "Seats"], ["Rota", "6"]))
    path = f"{SYSTEMS}/{made['id']}"
    assert read(api, path)["attributes"] == {"seats": 6}
    undone = api.post(f"/v1/imports/{report['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert read(api, path)["attributes"] == {"seats": "about 5"}
    assert change(api, path, attributes={"seats": 7}).status_code == 200


@pytest.mark.usefixtures("declared")
def test_export_command_filters_and_sorts_by_custom_fields(
    api: CheckedClient, app: Flask, session: Session, tmp_path: Path
) -> None:
    for name, licences in (("Rota", 3), ("Fleet", 5), ("Payroll", 1)):
        system(api, name, attributes={"licences": licences})
    session.commit()
    target = tmp_path / "systems.xlsx"
    arguments = ["systems", "--agency", BEDS, "--output", str(target), "--fields", "name"]
    arguments += ["--sort", "-attributes.licences", "--filter"]
    with app.app_context():
        exported = CliRunner().invoke(export_list, [*arguments, "attributes.licences__gte=2"])
        refused = CliRunner().invoke(export_list, [*arguments, "attributes.licence=2"])
    assert exported.exit_code == 0, exported.output
    assert [row[1] for row in rows_of(target.read_bytes(), "systems")[1:]] == ["Fleet", "Rota"]
    assert refused.exit_code == 2
    assert "Did you mean `attributes.licences`?" in refused.output


def rows_of(workbook: bytes, name: str) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


@pytest.mark.usefixtures("declared")
def test_template_has_a_column_for_each_custom_field(
    api: CheckedClient, stranger: CheckedClient, app: Flask, session: Session, tmp_path: Path
) -> None:
    declare(stranger, "theirs")
    data = api.get("/v1/import-templates?kind=systems").data
    headings = rows_of(data, "Systems")[0]
    assert headings[-6:] == [
        "Cost centre", "Directorate", "Yearly fee", "Hosted abroad", "Licences", "Licence renewal",
    ]  # fmt: skip
    choices = [row[headings.index("Directorate")] for row in rows_of(data, "Choices")]
    assert [choice for choice in choices if choice] == DIRECTORATES
    session.commit()
    target = tmp_path / "systems.xlsx"
    with app.app_context():
        for options, columns in (([], 0), (["--agency", BEDS], 6)):
            arguments = ["systems", "--output", str(target), *options]
            assert CliRunner().invoke(import_template, arguments).exit_code == 0
            assert len(rows_of(target.read_bytes(), "Systems")[0]) == len(headings) - 6 + columns


@pytest.mark.usefixtures("declared")
def test_command_imports_custom_fields(
    api: CheckedClient, app: Flask, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "systems.csv"
    path.write_bytes(sheet(["System", "Directorate", "Licences"], ["Rota", "Buildings", "c. 20"]))
    session.commit()
    arguments = [str(path), "--agency", BEDS, "--json"]
    with app.app_context():
        refused = CliRunner().invoke(import_file, arguments)
        option = orjson.loads(refused.stdout)["unknown_words"][0]["choices"][1]["option"]
        assert option == '--value "attributes.directorate:Buildings=Estates"'
        chosen = ["--value", option.removeprefix("--value ").strip('"')]
        accepted = CliRunner().invoke(import_file, [*arguments, *chosen])
    assert orjson.loads(accepted.stdout)["created"] == 1, accepted.output
    assert attributes(api, "Rota") == {"directorate": "Estates", "licences": 20}


@pytest.mark.usefixtures("declared")
def test_workbook_has_cells_of_the_declared_types(api: CheckedClient) -> None:
    declare(api, "earlier", "date")
    values = {"renewal": "2024-04-01", "fee": "-12.50", "licences": 3, "hosted_abroad": True}
    system(api, "Rota", attributes=values)
    data = api.get(SYSTEMS, query_string={"format": "xlsx", "fields": "attributes"}).data
    headings, row = rows_of(data, "systems")
    found = dict(zip(headings, row, strict=True))
    assert found["attributes.renewal"] == date(2024, 4, 1)
    assert (found["attributes.fee"], found["attributes.licences"]) == (-12.5, 3)
    assert found["attributes.hosted_abroad"] is True


def test_values_from_before_a_declaration_stay_text_in_a_file(api: CheckedClient) -> None:
    strange = ["soon", "0001-01-01", "20240401", 7, True, "1e5"]
    for place, value in enumerate(strange):
        system(api, f"System {place}", attributes={"renewal": value, "fee": value})
    declare(api, "renewal", "date")
    declare(api, "fee", "decimal")
    for table_format in ("csv", "xlsx", "ods"):
        query = {"format": table_format, "fields": "attributes", "sort": "name"}
        assert api.get(SYSTEMS, query_string=query).status_code == 200
    rows = rows_of(api.get(SYSTEMS, query_string=query | {"format": "xlsx"}).data, "systems")
    assert [row[2] for row in rows[1:]] == strange
