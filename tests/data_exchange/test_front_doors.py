"""Reports name form fields to clients of the API, and options to users of the command line."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.suppliers.operations import create_product, create_supplier
from tests.contexts import acting
from tests.data_exchange.conftest import Report, sheet

Send = Callable[..., Report]
LOAD = {"mode": "partial"}


@pytest.fixture
def send(sign_in: Any, agency: Agency, run_jobs: Callable[[], None]) -> Send:
    """`send([headings], [row], mode="partial")`: the report of an import over HTTP."""
    api = sign_in(agency.code, "imports:write")

    def sent(*rows: Any, **fields: str) -> Report:
        answer = api.post(
            "/v1/imports",
            data={"file": (io.BytesIO(sheet(*rows)), "systems.csv"), **fields},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 202, answer.json
        run_jobs()
        report: Report = api.get(answer.headers["Location"]).json
        return report

    return sent


def details(report: Report) -> dict[str, str]:
    """Return the text of each problem and notice by its code."""
    return {each["code"]: each["detail"] for each in [*report["problems"], *report["notices"]]}


def assert_names_no_option(report: Report) -> None:
    assert "--" not in str(report)


def test_unknown_words_offer_the_form_field_over_http(send: Send) -> None:
    report = send(["Name", "Status"], ["Rota", 'On "hold"'], dry_run="true")
    (word,) = report["unknown_words"]
    options = {choice["value"]: choice["option"] for choice in word["choices"]}
    assert_names_no_option(report)
    option = options["live"]
    assert option == r'values={"lifecycle":{"On \"hold\"":"live"}}'
    name, _, value = option.partition("=")
    assert send(["Name", "Status"], ["Rota", 'On "hold"'], **{name: value})["created"] == 1


def test_names_like_recorded_ones_offer_the_form_field_over_http(
    send: Send, session: Session
) -> None:
    supplier = create_supplier(acting(session), {"name": "Civica"})
    session.flush()
    create_product(acting(session), {"name": "Workforce", "supplier_id": supplier.id})
    session.commit()
    send(["Name"], ["Custody Records"])
    report = send(["Name", "Product"], ["Custdy Records", "Workforse"])
    assert_names_no_option(report)
    found = details(report)
    offered = 'Use the form field `values={"product_name":{"Workforse":"Workforce"}}`.'
    assert offered in found["similar_name"]
    offered = 'use the form field `values={"name":{"Custdy Records":"Custody Records"}}`.'
    assert offered in found["similar_record"]


def test_questions_about_a_file_name_form_fields_over_http(send: Send) -> None:
    report = send(
        ["Asset ID", "Name", "Notes"], *([n, f"Tool {n}", "Retired"] for n in (1, 2, 3)), **LOAD
    )
    assert_names_no_option(report)
    found = details(report)
    skip = 'the form field `mapping={"external_id":null}`'
    assert skip in found["row_numbers"]
    assert "the form field `confirm_ids=true`" in found["row_numbers"]
    assert "the form field `source=NAME`" in found["source_required"]
    assert skip in found["source_required"]
    assert 'the form field `mapping={"lifecycle":"Notes"}`' in found["possible_lifecycle"]
    assert 'the form field `mapping={"lifecycle":null}`' in found["possible_lifecycle"]


def test_doubts_about_ids_name_form_fields_over_http(send: Send) -> None:
    recorded = ["17", "Rota"], ["18", "Custody"], ["19", "Payroll"]
    assert send(["Asset ID", "Name"], *recorded, source="cmdb")["created"] == 3
    moved = ["0017", "Rota"], ["18", "Payroll"], ["19", "Fleet"]
    report = send(["Asset ID", "Name"], *moved, source="cmdb", dry_run="true")
    assert_names_no_option(report)
    found = details(report)
    assert "the form field `confirm_ids=true`" in found["id_without_zeros"]
    assert "the form field `confirm_renames=true`" in found["name_of_another_record"]
    assert "the form field `confirm_renames=true`" in found["different_name"]


def test_doubts_name_options_on_the_command_line(load_file: Callable[..., Report]) -> None:
    rows = [["Asset ID", "Name"], ["17", "Rota"], ["18", "Custody"], ["19", "Payroll"]]
    assert "the option `--source NAME`" in details(load_file(sheet(*rows)))["source_required"]
    load_file(sheet(*rows), "--source", "cmdb")
    moved = [["Asset ID", "Name"], ["0017", "Rota"], ["18", "Payroll"], ["19", "Fleet"]]
    found = details(load_file(sheet(*moved), "--source", "cmdb"))
    assert "the option `--confirm-ids`" in found["id_without_zeros"]
    assert "the option `--confirm-renames`" in found["name_of_another_record"]
    assert "the option `--confirm-renames`" in found["different_name"]
    assert "form field" not in str(found)
