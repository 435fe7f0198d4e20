"""Products from spreadsheets, such as a list of licensed software."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.api_calls import Fields, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, record
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write"
HEADINGS = ["Software", "Manufacturer", "Also known as", "End of life"]
ROSTER = ["Roster", "Acme", "Duties", "March 2029"]

Load = Callable[..., Report]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def acme(api: CheckedClient) -> Fields:
    """A supplier in the register."""
    return record(api, "/v1/suppliers", name="Acme", aliases=["Acme UK"])


@pytest.fixture
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of products."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("products", list(rows), *options)

    return run


def products(api: CheckedClient) -> dict[str, Fields]:
    found: list[Fields] = read(api, "/v1/products?limit=200")["items"]
    return {each["name"]: each for each in found}


def test_products_are_created_then_unchanged_then_updated(
    api: CheckedClient, acme: Fields, load: Load
) -> None:
    rows = HEADINGS, ROSTER, ["Fleet", "ACME UK", "", ""]
    assert outcome(load(*rows)) == (2, 0, 0, 0)
    found = products(api)["Roster"]
    assert (found["supplier_id"], found["aliases"]) == (acme["id"], ["Duties"])
    assert found["end_of_support"] == "2029-03-31"
    before = products(api)
    assert outcome(load(*rows)) == (0, 0, 2, 0)
    assert products(api) == before
    later = load(["Product", "Supplier", "EOL"], ["roster", "Acme Ltd", "31/12/2030"])
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    assert {
        each["field"]: (each["before"], each["after"])
        for each in later["updated_records"][0]["changes"]
    } == {"end_of_support": ("2029-03-31", "2030-12-31"), "name": ("Roster", "roster")}


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("row", "field", "code", "words"),
    [
        (["Rota", "Gartan Technologys", "", ""], "supplier_name", "similar_name",
         'Use the option `--value "supplier_name:Gartan Technologys=Gartan Technologies"`'),
        (["Rota", "Acme; Bell", "", ""], "supplier_name", "several_suppliers", "Acme, Bell"),
        (["Rota", "", "x", ""], "supplier_name", "required", "The row has no supplier name"),
        (["#REF!", "Acme", "", ""], "name", "error_text", "Correct the cell."),
        (["N" * 300, "Acme", "", ""], "name", "too_long", ""),
    ],
)  # fmt: skip
def test_row_with_a_doubt_is_rejected_in_every_mode(
    api: CheckedClient, load: Load, row: list[str], field: str, code: str, words: str
) -> None:
    record(api, "/v1/suppliers", name="Gartan Technologies")
    for options in (("--dry-run",), ("--mode", "partial")):
        report = load(HEADINGS, row, ROSTER, options=options)
        assert remarks(report) == [(2, field, code)]
        assert words in report["problems"][0]["detail"]
    assert list(products(api)) == ["Roster"]


def test_unreadable_date_is_left_out_of_a_partial_import(
    api: CheckedClient, acme: Fields, load: Load
) -> None:
    assert acme
    rows = HEADINGS, ["Roster", "Acme", "", "soon"]
    assert remarks(load(*rows)) == [(2, "end_of_support", "not_a_date")]
    report = load(*rows, options=("--mode", "partial"))
    assert remarks(report, "notices") == [(2, "end_of_support", "not_a_date")]
    assert products(api)["Roster"]["end_of_support"] is None


def test_new_supplier_is_recorded_once_with_a_notice(api: CheckedClient, load: Load) -> None:
    rows = [HEADINGS[:2], ["Roster", "Bell Radio"], ["Fleet", "Bell Radio Ltd"]]
    report = load(*rows)
    assert outcome(report) == (2, 0, 0, 0)
    assert remarks(report, "notices") == [(2, "supplier_name", "supplier_recorded")]
    assert [each["name"] for each in read(api, "/v1/suppliers")["items"]] == ["Bell Radio"]
    report = load(HEADINGS[:2], ["Till", "Cray Research"], ["Cell", "Cray Resaerch"])
    assert remarks(report) == [(3, "supplier_name", "similar_name")]


def test_duplicate_rows_are_rejected(api: CheckedClient, acme: Fields, load: Load) -> None:
    assert acme
    rows = HEADINGS[:2], ["Roster", "Acme"], ["roster", "Acme UK"], ["Roster", "Bell"]
    report = load(*rows)
    assert (remarks(report), report["written"]) == ([(3, "name", "duplicate_row")], False)
    assert outcome(load(*rows, options=("--mode", "partial"))) == (2, 0, 0, 1)
    assert products(api).keys() == {"Roster"}


def test_product_of_another_agency_stays(
    api: CheckedClient, acme: Fields, sign_in: Any, load: Load
) -> None:
    partner = sign_in(CAMBS, SCOPES)
    theirs = record(partner, "/v1/products", name="Roster", supplier_id=acme["id"])
    report = load(HEADINGS, ROSTER)
    assert outcome(report) == (0, 0, 1, 0)
    assert remarks(report, "notices") == [(2, "name", "recorded_by_other")]
    assert products(api)["Roster"] == theirs
    report = load(["id", "Software"], [theirs["id"], "Mine"])
    assert remarks(report, "notices") == [(2, "name", "recorded_by_other")]
    assert products(api)["Roster"] == theirs


def test_change_of_a_foreign_product_records_no_supplier(
    api: CheckedClient, acme: Fields, sign_in: Any, load: Load
) -> None:
    partner = sign_in(CAMBS, SCOPES)
    theirs = record(partner, "/v1/products", name="Roster", supplier_id=acme["id"])
    load(["id", "Software", "Supplier"], [theirs["id"], "Roster", "Zebra"])
    assert [each["name"] for each in read(api, "/v1/suppliers")["items"]] == ["Acme"]


def test_product_moves_to_another_supplier_by_its_id(
    api: CheckedClient, acme: Fields, load: Load
) -> None:
    made = record(api, "/v1/products", name="Roster", supplier_id=acme["id"])
    report = load(["id", "Software", "Supplier"], [made["id"], "Roster", "Bell"])
    assert report["updated_records"][0]["changes"] == [
        {"field": "supplier_name", "before": "Acme", "after": "Bell"}
    ]
    assert products(api)["Roster"]["supplier_id"] != acme["id"]


def test_one_supplier_for_all_rows(api: CheckedClient, acme: Fields, load: Load) -> None:
    rows = ["Software"], ["Roster"], ["Fleet"]
    assert load(*rows)["problem"]["code"] == "missing_column"
    assert outcome(load(*rows, options=("--value", "supplier_name:=acme uk"))) == (2, 0, 0, 0)
    assert {each["supplier_id"] for each in products(api).values()} == {acme["id"]}


def test_dry_run_writes_nothing(api: CheckedClient, load: Load) -> None:
    report = load(HEADINGS, ROSTER, options=("--dry-run",))
    assert (report["created"], report["written"]) == (1, False)
    assert (products(api), read(api, "/v1/suppliers")["items"]) == ({}, [])
