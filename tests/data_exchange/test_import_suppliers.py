"""Suppliers from spreadsheets, such as a vendor list of the finance system."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.api_calls import Fields, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, record
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write"
HEADINGS = ["Vendor name", "Company number", "Also known as"]
ACME = ["Acme Systems Ltd", "01234567", "Acme; AS"]

Load = Callable[..., Report]


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
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of suppliers."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("suppliers", list(rows), *options)

    return run


def suppliers(api: CheckedClient) -> dict[str, Fields]:
    found: list[Fields] = read(api, "/v1/suppliers?limit=200")["items"]
    return {each["name"]: each for each in found}


def numbers(found: Fields) -> list[str]:
    return [each["id"] for each in found["identifiers"]]


def test_suppliers_are_created_then_unchanged_then_updated(
    api: CheckedClient, agency: Agency, load: Load
) -> None:
    rows = HEADINGS, ACME, ["Bell", "", "Bell Group"]
    assert outcome(load(*rows)) == (2, 0, 0, 0)
    found = suppliers(api)["Acme Systems Ltd"]
    assert found["identifiers"] == [{"scheme": "GB-COH", "id": "01234567"}]
    assert (found["aliases"], found["recorded_by"]) == (["Acme", "AS"], agency.code)
    before = suppliers(api)
    assert outcome(load(*rows)) == (0, 0, 2, 0)
    assert suppliers(api) == before
    later = load(["Supplier", "CRN", "Alias"], ["Bell", "SC123456", "Bell UK"])
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    found = suppliers(api)["Bell"]
    assert (numbers(found), found["aliases"]) == (["SC123456"], ["Bell Group", "Bell UK"])


@pytest.mark.parametrize(
    "name", ["acme systems ltd", "Acme Systems", "ACME", "as", " Acme  Systems Ltd"]
)
def test_every_name_leads_to_the_supplier_and_renames_nothing(
    api: CheckedClient, load: Load, name: str
) -> None:
    load(HEADINGS, ACME)
    assert outcome(load(HEADINGS, [name, "01234567", ""])) == (0, 0, 1, 0)
    assert list(suppliers(api)) == ["Acme Systems Ltd"]


def test_alias_in_other_letters_is_no_new_one(api: CheckedClient, load: Load) -> None:
    load(HEADINGS, ACME)
    report = load(HEADINGS, ["Acme Systems Ltd", "", "ACME; as"])
    assert outcome(report) == (0, 0, 1, 0)
    assert suppliers(api)["Acme Systems Ltd"]["aliases"] == ["Acme", "AS"]


def test_lost_zeros_of_a_company_number_are_restored(api: CheckedClient, load: Load) -> None:
    report = load(HEADINGS, ["Acme", 1234567, ""])
    assert remarks(report, "notices") == [(2, "company_number", "id_without_zeros")]
    assert numbers(suppliers(api)["Acme"]) == ["01234567"]
    assert outcome(load(HEADINGS, ["Acme", "01234567", ""])) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (["Bell", "01234567", ""], "company_number", "different_name"),
        (["Bell", "1234567", ""], "company_number", "different_name"),
        (["Acme; Bell", "", "x"], "name", "several_suppliers"),
        (["Bell", "1.2E+12", ""], "company_number", "shortened_id"),
        (["Bell", "1" * 300, ""], "company_number", "too_long"),
        (["B" * 300, "", "x"], "name", "too_long"),
        (["#REF!", "", "x"], "name", "error_text"),
    ],
)
def test_row_with_a_doubt_is_rejected(
    api: CheckedClient, load: Load, row: list[str], field: str, code: str
) -> None:
    load(HEADINGS, ACME)
    report = load(HEADINGS, row, ["Cray", "77777777", "x"])
    assert (remarks(report), report["written"]) == ([(2, field, code)], False)
    assert list(suppliers(api)) == ["Acme Systems Ltd"]


def test_name_that_means_several_suppliers_is_ambiguous(api: CheckedClient, load: Load) -> None:
    for name in ("Bell Radio", "Bell Phones"):
        record(api, "/v1/suppliers", name=name, aliases=["Bell"])
    report = load(HEADINGS, ["Bell", "", "x"], ["Cray", "77777777", "x"])
    assert remarks(report) == [(2, "name", "ambiguous")]
    assert "“Bell Phones” and “Bell Radio”" in report["problems"][0]["detail"]


def test_new_supplier_like_a_known_one_gets_a_notice(api: CheckedClient, load: Load) -> None:
    load(["Supplier"], ["Gartan Technologies"])
    report = load(["Supplier"], ["Gartan Technologys"], ["Bell"])
    assert outcome(report) == (2, 0, 0, 0)
    assert remarks(report, "notices") == [(2, "name", "similar_record")]
    assert "“Gartan Technologies”" in report["notices"][0]["detail"]
    report = load(["Supplier"], ["Cray Research"], ["Cray Resaerch"])
    assert remarks(report, "notices") == [(3, "name", "similar_record")]
    assert len(suppliers(api)) == 5


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((["Bell", "", ""], ["BELL", "", ""]), id="same-name"),
        pytest.param((["Bell Radio", "", ""], ["Bell Radio Ltd", "", ""]), id="legal-form"),
        pytest.param((["Bell Radio", "", "Bell"], ["Bell", "", ""]), id="alias"),
    ],
)
def test_duplicate_rows_are_rejected(
    api: CheckedClient, load: Load, rows: tuple[list[str], ...]
) -> None:
    report = load(HEADINGS, *rows, ["Cray", "77777777", "x"])
    assert (remarks(report), report["written"]) == ([(3, "name", "duplicate_row")], False)
    assert suppliers(api) == {}


def test_same_company_number_in_two_rows_is_rejected(load: Load) -> None:
    report = load(HEADINGS, ["Bell", "1234567", ""], ["Cray", "01234567", "x"])
    assert remarks(report) == [(3, "company_number", "different_name")]
    assert "“Bell”" in report["problems"][0]["detail"]


def test_supplier_of_another_agency_stays(
    api: CheckedClient, partner: CheckedClient, load: Load
) -> None:
    theirs = record(partner, "/v1/suppliers", name="Acme", aliases=["A"])
    report = load(HEADINGS, ["acme", "01234567", "Other name"])
    assert outcome(report) == (0, 0, 1, 0)
    assert remarks(report, "notices") == [(2, "name", "recorded_by_other")]
    assert suppliers(api)["Acme"] == theirs
    report = load(["id", "Supplier"], [theirs["id"], "Acme Radio"])
    assert remarks(report, "notices") == [(2, "name", "recorded_by_other")]
    assert suppliers(api)["Acme"] == theirs


def test_own_supplier_is_renamed_by_its_id(api: CheckedClient, load: Load) -> None:
    identity = record(api, "/v1/suppliers", name="Acme")["id"]
    report = load(["id", "Supplier"], [identity, "Acme Radio"])
    assert report["updated_records"][0]["changes"] == [
        {"field": "name", "before": "Acme", "after": "Acme Radio"}
    ]
    assert list(suppliers(api)) == ["Acme Radio"]
    report = load(["Supplier"], ["Acme Radio"], ["Acme"])
    assert outcome(report) == (1, 0, 1, 0)


def test_dry_run_and_atomic_import_write_nothing(api: CheckedClient, load: Load) -> None:
    rows = HEADINGS, ["Bell", "", "x"], ["Cray", "9E+10", "y"]
    assert load(*rows)["held_back"] == 1
    report = load(*rows, options=("--mode", "partial", "--dry-run"))
    assert (report["created"], report["written"]) == (2, False)
    assert suppliers(api) == {}
    assert outcome(load(*rows, options=("--mode", "partial"))) == (2, 0, 0, 0)
