"""Contracts from spreadsheets, such as the register that an agency publishes."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.api_calls import Fields, change, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, record, system
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write contracts:read contracts:write"
Load = Callable[..., Report]

HEADINGS = ["Reference", "Title", "Supplier", "Systems", "Parties", "Annual value", "End date"]
ROTA = ["C-1", "Duty support", "Acme", "Rota; Fleet", CAMBS, "£8,400.00", "31/03/2027"]
TILL = ["C-2", "Till support", "Bell", "", "", "", ""]

REGISTER = [
    ["Contract Reference", "Contract Title", "Procurement Category", "Supplier Name",
     "Spend (Total)", "Contract Duration", "Contract Extensions", "Contract Start Date",
     "Contract Expiry Date", "Contract Review Date", "Contract Description", "CPV Code"],
    ["R/001", "Custody support", "ICT", "Acme", "£120,000.00", "36 months", "2 x 12 months",
     "01/04/2023", "31/03/2026", "30/09/2025", "Support", "72000000"],
    ["R/002", "Stores licences", "ICT", "Bell", "£8,400 p.a.", "12 months", "None",
     "01/04/2025", "31/03/2026", "01/01/2026", "Licences", "48000000"],
]  # fmt: skip


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
def named(api: CheckedClient, partner: CheckedClient) -> dict[str, str]:
    """The ids of two systems that rows name, with a party that exists."""
    assert partner
    return {name: system(api, name)["id"] for name in ("Rota", "Fleet")}


@pytest.fixture
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of contracts."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("contracts", list(rows), *options)

    return run


def contracts(api: CheckedClient) -> dict[str, Fields]:
    found: list[Fields] = read(api, "/v1/contracts?limit=200")["items"]
    return {each["reference"]: each for each in found}


def test_contracts_are_created_then_unchanged_then_updated(
    api: CheckedClient, named: dict[str, str], load: Load
) -> None:
    assert outcome(load(HEADINGS, ROTA, TILL)) == (2, 0, 0, 0)
    found = contracts(api)["C-1"]
    assert sorted(found["systems"]) == sorted(named.values())
    assert (found["parties"], found["annual_value"]) == ([CAMBS], "8400.00")
    assert (found["end_date"], found["supplier_name"]) == ("2027-03-31", "Acme")
    before = contracts(api)
    assert outcome(load(HEADINGS, ROTA, TILL)) == (0, 0, 2, 0)
    assert contracts(api) == before
    later = load(["Reference", "Title", "End date"], ["c-1", "Duties", ""])
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    assert later["updated_records"][0]["changes"] == [
        {"field": "reference", "before": "C-1", "after": "c-1"},
        {"field": "title", "before": "Duty support", "after": "Duties"},
    ]
    assert contracts(api)["c-1"]["end_date"] == "2027-03-31"


def test_published_register_is_loaded(api: CheckedClient, load: Load) -> None:
    report = load(*REGISTER)
    assert (report["written"], remarks(report)) == (False, [(3, "total_value", "not_a_number")])
    assert "is for a year" in report["problems"][0]["detail"]
    report = load(*REGISTER, options=("--mode", "partial"))
    assert outcome(report) == (2, 0, 0, 0)
    assert (3, "total_value", "not_a_number") in remarks(report, "notices")
    first, second = (contracts(api)[each] for each in ("R/001", "R/002"))
    assert (first["title"], first["total_value"]) == ("Custody support", "120000.00")
    assert (first["start_date"], first["end_date"]) == ("2023-04-01", "2026-03-31")
    assert second["total_value"] is None
    reasons = {each["column"]: each["reason"] for each in report["mapping"]["unmapped"]}
    assert reasons["Contract Extensions"].startswith("Record the last day")
    assert reasons["Contract Review Date"].startswith("The catalogue has no field for this.")


def test_reference_or_title_alone_is_enough(api: CheckedClient, load: Load) -> None:
    title = "x" * 150
    assert outcome(load(["Title", "Supplier"], [title, "Acme"])) == (1, 0, 0, 0)
    (found,) = contracts(api).values()
    assert (found["title"], found["reference"]) == (title, title[:100])
    assert outcome(load(["Title", "Supplier"], [title, "Acme"])) == (0, 0, 1, 0)
    assert outcome(load(["Reference", "Supplier"], ["R9", "Acme"])) == (1, 0, 0, 0)
    assert contracts(api)["R9"]["title"] == "R9"


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("column", "cell", "field", "code", "words"),
    [
        ("Systems", "Rotta", "systems", "unknown", 'Did you mean “Rota”? Use the option `--value'),
        ("Systems", "Zebra", "systems", "unknown", "Record the system first"),
        ("Parties", "cambridgeshire-polize", "parties", "unknown", f"Did you mean `{CAMBS}`?"),
        ("Parties", "Interpol", "parties", "unknown", "Write the name or the code of an agency,"),
        ("Supplier", "Acmme Systems", "supplier_name", "similar_name", "“Acme Systems”"),
        ("Supplier", "Acme Systems; Bell", "supplier_name", "several_suppliers", "Write one of"),
        ("End date", "2025/26", "end_date", "financial_year", "which is not a date"),
        ("End date", "01/04/2020", "end_date", "out_of_order", ""),
        ("Currency", "XXX", "currency", "unknown", ""),
    ],
)  # fmt: skip
def test_row_with_a_doubt_is_rejected(
    api: CheckedClient, load: Load, column: str, cell: str, field: str, code: str, words: str
) -> None:
    for name in ("Acme Systems", "Bell"):
        record(api, "/v1/suppliers", name=name)
    row = {"Reference": "C-1", "Title": "T", "Supplier": "Bell", "Start date": "2025-04-01"}
    row |= {column: cell}
    report = load(list(row), list(row.values()))
    assert (remarks(report), report["written"]) == ([(2, field, code)], False)
    assert words in report["problems"][0]["detail"]
    assert report["problems"][0]["column"] == column


def test_offered_translation_is_taken_as_it_is_offered(
    api: CheckedClient, named: dict[str, str], load: Load
) -> None:
    rows = ["Reference", "Supplier", "Systems"], ["C-1", "Acme", "Rotta"]
    assert outcome(load(*rows))[3] == 1
    assert outcome(load(*rows, options=("--value", "systems:Rotta=Rota"))) == (1, 0, 0, 0)
    assert contracts(api)["C-1"]["systems"] == [named["Rota"]]


@pytest.mark.usefixtures("named")
def test_systems_are_named_by_alias_id_and_external_id(
    api: CheckedClient, named: dict[str, str], load: Load
) -> None:
    ids = [{"source": "cmdb", "id": "CI7"}]
    third = system(api, "Till", aliases=["EPOS"], external_ids=ids)["id"]
    rows = [
        ["Reference", "Supplier", "Systems"],
        ["C-1", "Acme", named["Rota"]], ["C-2", "Acme", "epos"], ["C-3", "Acme", "CI7"],
    ]  # fmt: skip
    assert outcome(load(*rows, options=("--source", "cmdb"))) == (3, 0, 0, 0)
    found = {name: each["systems"] for name, each in contracts(api).items()}
    assert found == {"C-1": [named["Rota"]], "C-2": [third], "C-3": [third]}
    system(api, "Other till", aliases=["epos"])
    report = load(["Reference", "Supplier", "Systems"], ["C-9", "Acme", "EPOS"])
    assert remarks(report) == [(2, "systems", "ambiguous")]


def test_system_of_another_agency_needs_a_name_that_is_clear(
    api: CheckedClient, partner: CheckedClient, sign_in: Any, load: Load
) -> None:
    theirs = system(partner, "Shared rota", disclosure="all_agencies")["id"]
    rows = ["Reference", "Supplier", "Systems"], ["C-1", "Acme", "Shared rota"]
    assert outcome(load(*rows)) == (1, 0, 0, 0)
    assert contracts(api)["C-1"]["systems"] == [theirs]
    system(sign_in("kent-police", SCOPES), "Shared rota", disclosure="all_agencies")
    report = load(rows[0], ["C-2", "Acme", "Shared rota"])
    assert remarks(report) == [(2, "systems", "ambiguous")]


def test_hidden_system_is_reported_like_an_unknown_one(partner: CheckedClient, load: Load) -> None:
    hidden = system(partner, "Zebra", disclosure="owner_only")["id"]
    unknown = "01900000-0000-7000-8000-000000000000"
    for pair in (("Zebra", "Gnu"), (hidden, unknown)):
        reports = [load(["Reference", "Systems"], ["C-1", name]) for name in pair]
        details = [
            [each["detail"].replace(name, "NAME") for each in report["problems"]]
            for name, report in zip(pair, reports, strict=True)
        ]
        assert details[0] == details[1]


def test_hidden_system_of_a_contract_is_neither_shown_nor_lost(
    api: CheckedClient, partner: CheckedClient, named: dict[str, str], load: Load
) -> None:
    theirs = system(partner, "Shared rota", disclosure="all_agencies")["id"]
    rows = ["Reference", "Supplier", "Systems"], ["C-1", "Acme", "Shared rota"]
    assert outcome(load(*rows)) == (1, 0, 0, 0)
    assert change(partner, f"/v1/systems/{theirs}", disclosure="owner_only").status_code == 200
    assert contracts(api)["C-1"]["systems"] == []
    report = load(rows[0], ["C-1", "Acme", "Rota"])
    assert report["updated_records"][0]["changes"] == [
        {"field": "systems", "before": None, "after": "Rota"}
    ]
    again = load(*rows)
    assert remarks(again) == [(2, "systems", "unknown")]
    assert change(partner, f"/v1/systems/{theirs}", disclosure="all_agencies").status_code == 200
    assert sorted(contracts(api)["C-1"]["systems"]) == sorted([named["Rota"], theirs])


def test_duplicate_rows_are_rejected(load: Load) -> None:
    rows = [["Reference", "Title", "Supplier"], ["C-1", "A", "Acme"], ["c-1 ", "B", "Acme"]]
    report = load(*rows)
    assert (remarks(report), report["written"]) == ([(3, "reference", "duplicate_row")], False)
    assert "Rows 2 and 3 are about the same contract" in report["problems"][0]["detail"]
    assert report["held_back"] == 1


def test_new_supplier_is_recorded_with_a_notice(api: CheckedClient, load: Load) -> None:
    rows = [["Reference", "Supplier"], ["C-1", "Acme"], ["C-2", "ACME Ltd"], ["C-3", "Bell"]]
    report = load(*rows)
    assert outcome(report) == (3, 0, 0, 0)
    assert remarks(report, "notices") == [
        (2, "supplier_name", "supplier_recorded"), (4, "supplier_name", "supplier_recorded"),
    ]  # fmt: skip
    names = [each["name"] for each in read(api, "/v1/suppliers?q=acme")["items"]]
    assert names == ["Acme"]
    report = load(["Reference", "Title"], ["C-9", "No supplier"])
    assert remarks(report) == [(2, "supplier_name", "required")]


def test_supplier_of_a_rejected_row_is_taken_back(api: CheckedClient, load: Load) -> None:
    headings = ["Reference", "Supplier", "Start date", "End date"]
    wrong = ["C-1", "Acme", "2025-04-01", "2024-04-01"]
    report = load(headings, wrong, ["C-2", "Bell", "", ""], options=("--mode", "partial"))
    assert (outcome(report), remarks(report)) == ((1, 0, 0, 1), [(2, "end_date", "out_of_order")])
    assert read(api, "/v1/suppliers?q=acme")["items"] == []
    right = ["C-3", "Acme", "2025-04-01", ""]
    report = load(headings, wrong, right, options=("--mode", "partial"))
    assert outcome(report) == (1, 0, 0, 1)
    assert remarks(report, "notices") == [(3, "supplier_name", "supplier_recorded")]
    assert contracts(api)["C-3"]["supplier_name"] == "Acme"


def test_atomic_import_and_dry_run_write_nothing(api: CheckedClient, load: Load) -> None:
    rows = [["Reference", "Supplier", "End date"], ["C-1", "Acme", ""], ["C-2", "Bell", "soon"]]
    report = load(*rows)
    assert (report["written"], report["held_back"]) == (False, 1)
    report = load(*rows, options=("--mode", "partial", "--dry-run"))
    assert (report["written"], report["created"]) == (False, 2)
    assert contracts(api) == {}
    assert read(api, "/v1/suppliers?q=acme")["items"] == []
    assert outcome(load(*rows, options=("--mode", "partial"))) == (2, 0, 0, 0)


def test_contract_of_another_agency_stays(
    api: CheckedClient, partner: CheckedClient, agency: Agency, load: Load
) -> None:
    supplier = record(api, "/v1/suppliers", name="Acme")["id"]
    fields = {"reference": "C-1", "title": "Theirs", "supplier_id": supplier}
    theirs = record(partner, "/v1/contracts", **fields, parties=[agency.code])
    report = load(["id", "Reference", "Title"], [theirs["id"], "C-1", "Mine"])
    assert remarks(report) == [(2, "id", "unknown")]
    assert outcome(load(["Reference", "Title", "Supplier"], ["C-1", "Mine", "Acme"]))[0] == 1
    assert read(partner, f"/v1/contracts/{theirs['id']}")["title"] == "Theirs"


@pytest.mark.parametrize(
    ("cell", "days", "months"),
    [("90", 90, None), ("90 days", 90, None), ("6 weeks", 42, None), ("3 months", None, 3),
     ("1 year", None, 12), ("12 mths", None, 12), ("soon", None, None), ("9999", None, None)],
)  # fmt: skip
def test_notice_periods(
    api: CheckedClient, load: Load, cell: str, days: int | None, months: int | None
) -> None:
    rows = ["Reference", "Supplier", "Notice period"], ["C-1", "Acme", cell]
    report = load(*rows, options=("--mode", "partial"))
    found = contracts(api)["C-1"]
    assert (found["notice_period_days"], found["notice_period_months"]) == (days, months)
    fields = [each["field"] for each in report["notices"]]
    assert ("notice_period_days" in fields) is (days is None and months is None)


def test_renewal_and_notice_that_was_given(api: CheckedClient, load: Load) -> None:
    headings = ["Reference", "Supplier", "End date", "Notice period", "Auto renewal"]
    headings += ["Renewal period", "Notice served"]
    rows = (
        ["C-1", "Acme", "2026-10-31", "3 months", "Yes", "1 year", ""],
        ["C-2", "Acme", "2026-10-31", "90 days", "No", "", ""],
        ["C-3", "Acme", "2026-10-31", "90", "Rolling", "6", "01/06/2026"],
        ["C-4", "Acme", "2026-10-31", "40 months", "None", "", ""],
    )
    report = load(headings, *rows, options=("--mode", "partial"))
    assert remarks(report) == [(5, "notice_period_days", "out_of_range")]
    found = contracts(api)
    names = ("renewal", "renewal_period_months", "notice_period_months", "notice_given_on")
    assert [tuple(found[r][name] for name in names) for r in ("C-1", "C-2", "C-3")] == [
        ("automatic", 12, 3, None),
        ("none", None, None, None),
        ("automatic", 6, None, "2026-06-01"),
    ]
    # A row with the other unit replaces the recorded notice period.
    changed = load(headings[:4], ["C-1", "Acme", "", "60 days"], ["C-3", "Acme", "", "2 months"])
    assert outcome(changed)[:2] == (0, 2)
    found = contracts(api)
    both = ("notice_period_days", "notice_period_months")
    assert [found["C-1"][name] for name in both] == [60, None]
    assert [found["C-3"][name] for name in both] == [None, 2]


def test_history_names_the_import(api: CheckedClient, sign_in: Any, load: Load) -> None:
    report = load(["Reference", "Supplier"], ["C-1", "Acme"], options=("--reason", "Yearly list."))
    auditor = sign_in("bedfordshire-police", f"{SCOPES} audit:read")
    path = f"/v1/contracts/{report['created_records'][0]['id']}/history"
    (event,) = read(auditor, path)["items"]
    assert event["kind"] == "contract.created"
    assert report["import_id"] in event["reason"] or event["import_id"] == report["import_id"]
