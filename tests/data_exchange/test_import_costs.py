"""Cost lines from spreadsheets, in rows or with a column for each financial year."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.api_calls import Fields, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.data_exchange.spreadsheets import xlsx
from tests.factories import CAMBS, record, system
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write costs:read"
HEADINGS = ["System", "Financial year", "Category", "Description", "Amount"]
LICENCE = ["Rota", "2025/26", "Licences", "Users", "£8,400"]
CATEGORY = ("--value", "category:=licence")

Load = Callable[..., Report]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def rota(api: CheckedClient) -> str:
    """The id of the system that rows are about, beside a second system."""
    system(api, "Fleet")
    identity: str = system(api, "Rota", aliases=["Roster"])["id"]
    return identity


@pytest.fixture
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of cost lines."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("costs", list(rows), *options)

    return run


def costs(api: CheckedClient, identity: str) -> list[tuple[str, str, str | None, str]]:
    found: list[Fields] = read(api, f"/v1/systems/{identity}/costs?limit=200")["items"]
    names = ("financial_year", "category", "description", "amount")
    return sorted(tuple(each[name] for name in names) for each in found)


def test_costs_are_created_then_unchanged_then_updated(
    api: CheckedClient, rota: str, load: Load
) -> None:
    second = ["roster", "2026/27", "Licences", "Users", "9k"]
    assert outcome(load(HEADINGS, LICENCE, second)) == (2, 0, 0, 0)
    lines = [
        ("2025-26", "recurring_revenue", "Users", "8400.00"),
        ("2026-27", "recurring_revenue", "Users", "9000.00"),
    ]
    assert costs(api, rota) == lines
    assert outcome(load(HEADINGS, LICENCE, second)) == (0, 0, 2, 0)
    later = load(HEADINGS, ["ROTA", "25/26", "Support", "users", "£8,500.50"])
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    assert {
        each["field"]: (each["before"], each["after"])
        for each in later["updated_records"][0]["changes"]
    } == {"amount": ("8400.00", "8500.50"), "description": ("Users", "users")}
    assert costs(api, rota)[0] == ("2025-26", "recurring_revenue", "users", "8500.50")


@pytest.mark.usefixtures("rota")
@pytest.mark.parametrize(
    ("column", "cell", "code", "words"),
    [
        ("System", "Rotta", "unknown", 'Use the option `--value "system:Rotta=Rota"`'),
        ("System", "Zebra", "unknown", "Record the system first"),
        ("Financial year", "2025", "not_a_financial_year", "2026-27"),
        ("Financial year", "2025/27", "not_a_financial_year", "2026-27"),
        ("Category", "Biscuits", "unknown_value", "recurring_revenue"),
        ("Amount", "€5", "not_a_number", "not in pounds"),
        ("Amount", "-3", "not_a_number", "less than zero"),
        ("Amount", "(5)", "not_a_number", "less than zero"),
        ("Amount", "tbc", "required", "Fill the column of the amount."),
        ("Amount", "#REF!", "required", "Fill the column of the amount."),
        ("Amount", "9" * 5_000, "not_a_number", "not an amount"),
        ("Amount", "9e99", "not_a_number", "not an amount"),
    ],
)
def test_row_with_a_doubt_is_rejected_in_every_mode(
    load: Load, column: str, cell: str, code: str, words: str
) -> None:
    row = dict(zip(HEADINGS, LICENCE, strict=True)) | {column: cell}
    for options in ((), ("--mode", "partial")):
        report = load(list(row), list(row.values()), options=options)
        field = column.lower().replace(" ", "_")
        assert remarks(report) == [(2, field, code)]
        assert words in report["problems"][0]["detail"]
        assert report["rejected"] == 1


def test_years_as_columns(api: CheckedClient, rota: str, load: Load) -> None:
    rows = [
        ["System", "Owner", "2024/25", "FY 2025/26 (£)", "Comments"],
        ["Rota", "ICT", 1000, "1,100", ""],
        ["Fleet", "ICT", "", "12", "x"],
    ]
    report = load(*rows, options=CATEGORY)
    assert (outcome(report), report["rows"]) == ((3, 0, 0, 0), 3)
    assert costs(api, rota) == [
        ("2024-25", "recurring_revenue", None, "1000.00"),
        ("2025-26", "recurring_revenue", None, "1100.00"),
    ]
    assert outcome(load(*rows, options=CATEGORY)) == (0, 0, 3, 0)
    refused = load(*rows)
    assert refused["problem"]["code"] == "missing_column"
    assert refused["problem"]["field"] == "category"


def test_headings_with_years_hold_categories(api: CheckedClient, rota: str, load: Load) -> None:
    rows = [
        ["System", "Licences 2024/25", "Capital 2024/25", "Licences 2025/26"],
        ["Rota", "£1,000", "£50", "£1,100"],
    ]
    assert outcome(load(*rows)) == (3, 0, 0, 0)
    assert costs(api, rota) == [
        ("2024-25", "one_off_capital", "Capital", "50.00"),
        ("2024-25", "recurring_revenue", "Licences", "1000.00"),
        ("2025-26", "recurring_revenue", "Licences", "1100.00"),
    ]
    assert outcome(load(*rows)) == (0, 0, 3, 0)


def test_same_year_twice_is_a_duplicate(rota: str, load: Load) -> None:
    assert rota
    report = load(["System", "2024/25", "2024-25"], ["Rota", "1", "2"], options=CATEGORY)
    assert remarks(report) == [(2, "system", "duplicate_row")]
    assert "Two columns of the row" in report["problems"][0]["detail"]
    report = load(HEADINGS, LICENCE, [*LICENCE[:-1], "1"])
    assert remarks(report) == [(3, "system", "duplicate_row")]
    assert "Rows 2 and 3" in report["problems"][0]["detail"]


def test_problem_of_a_year_names_its_column(rota: str, load: Load) -> None:
    assert rota
    report = load(["System", "2024/25", "2025/26"], ["Rota", "12", "many"], options=CATEGORY)
    assert remarks(report) == [(2, "amount", "not_a_number")]
    assert report["problems"][0]["column"] == "2025-26"
    report = load(
        ["System", "Licences 25/26", "Capital 25/26", "Licences 26/27"], ["Rota", "x", "(5)", "1"]
    )
    assert [each["column"] for each in report["problems"]] == [
        "Licences 2025-26", "Capital 2025-26",
    ]  # fmt: skip


def test_rejected_amounts_of_a_row_come_back_with_their_reasons(
    rota: str, load: Load, tmp_path: Path
) -> None:
    assert rota
    target = tmp_path / "rejected.csv"
    rows = ["System", "2024/25", "2025/26"], ["Rota", "x", "(5)"]
    load(*rows, options=(*CATEGORY, "--rejected", str(target)))
    table = read_table(target.read_bytes())
    assert [column.heading for column in table.columns] == [
        "System", "Financial year", "Amount", "Reasons for rejection",
    ]  # fmt: skip
    assert len(table.rows) == 2
    for row in table.rows:
        assert "2024-25: The value is not an amount." in str(row.cells[-1])
        assert "2025-26: The amount is less than zero." in str(row.cells[-1])


def test_too_many_amounts_are_refused(
    rota: str, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rota
    monkeypatch.setattr("catalogue.data_exchange.kinds.costs.MOST_AMOUNTS", 3)
    years = [f"{2000 + i}/{i + 1:02}" for i in range(4)]
    report = load(["System", *years], ["Rota", 1, 2, 3, 4], options=CATEGORY)
    assert report["problem"]["code"] == "too_many_rows"
    assert load(["System", *years], ["Rota", 1, 2, 3, ""], options=CATEGORY)["created"] == 3


def test_table_of_years_is_found_below_a_title(api: CheckedClient, rota: str, load: Load) -> None:
    rows = [["ICT spend", "", ""], ["Item", "2024/25", "2025/26"], ["Rota", 10, 12]]
    report = load(*rows, options=(*CATEGORY, "--map", "system=Item"))
    assert (outcome(report), report["read_as"]["heading_row"]) == ((2, 0, 0, 0), 2)
    assert len(costs(api, rota)) == 2


@pytest.mark.parametrize("heading", ["Total", "Total cost", "Annual cost", "Budget", "Amount"])
def test_total_beside_years_is_no_cost(
    api: CheckedClient, rota: str, load: Load, heading: str
) -> None:
    rows = ["System", heading, "2024/25", "2025/26"], ["Rota", 22, 10, 12]
    report = load(*rows, options=CATEGORY)
    assert outcome(report) == (2, 0, 0, 0)
    assert [line[-1] for line in costs(api, rota)] == ["10.00", "12.00"]
    assert heading in [each["column"] for each in report["mapping"]["unmapped"]]


def test_totals_are_no_costs(api: CheckedClient, rota: str, load: Load) -> None:
    report = load(["System", "2024/25"], ["Rota", 10], ["Total", 10], options=CATEGORY)
    assert (outcome(report), len(costs(api, rota))) == ((1, 0, 0, 0), 1)


def test_register_of_systems_gives_costs(api: CheckedClient, rota: str, load_file: Load) -> None:
    data = xlsx(
        ("Register", [["System name", "Cost centre", "Annual cost (£)", "Notes"],
                      ["Rota", "4711", 1234.5, "see file"], ["Fleet", "4712", "£900", ""]]),
    )  # fmt: skip
    year = ("--value", "financial_year:=2025/26")
    report = load_file(data, "--kind", "costs", *CATEGORY, *year, name="register.xlsx")
    assert outcome(report) == (2, 0, 0, 0)
    assert costs(api, rota) == [("2025-26", "recurring_revenue", None, "1234.50")]


def test_costs_of_other_agencies_are_out_of_reach(
    api: CheckedClient, rota: str, sign_in: Any, load: Load
) -> None:
    partner = sign_in(CAMBS, SCOPES)
    shown = system(partner, "Shared", disclosure="all_agencies")["id"]
    hidden = system(partner, "Zebra", disclosure="owner_only")["id"]
    fields = {"financial_year": "2025-26", "category": "recurring_revenue", "amount": "5.00"}
    line = record(partner, f"/v1/systems/{shown}/costs", **fields)["id"]
    texts = set()
    for name in ("Shared", "Zebra", shown, hidden, "Gnu"):
        (problem,) = load(HEADINGS, [name, *LICENCE[1:]])["problems"]
        texts.add((problem["code"], problem["detail"].replace(name, "NAME")))
    assert len(texts) == 1
    report = load(["id", *HEADINGS], [line, *LICENCE])
    assert remarks(report) == [(2, "id", "unknown")]
    assert costs(partner, shown) == [("2025-26", "recurring_revenue", None, "5.00")]
    assert costs(api, rota) == []


def test_dry_run_and_atomic_import_write_nothing(api: CheckedClient, rota: str, load: Load) -> None:
    wrong = ["Rota", "2025/26", "Capital", "", "many"]
    assert load(HEADINGS, LICENCE, wrong)["held_back"] == 1
    report = load(HEADINGS, LICENCE, options=("--dry-run",))
    assert (report["created"], report["written"]) == (1, False)
    assert costs(api, rota) == []
    assert outcome(load(HEADINGS, LICENCE, wrong, options=("--mode", "partial"))) == (1, 0, 0, 1)
    assert len(costs(api, rota)) == 1
