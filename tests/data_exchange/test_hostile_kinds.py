"""Hostile files of records other than systems: they end soon, and write nothing wrong."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.models import Contract
from catalogue.data_exchange import resemblance
from catalogue.data_exchange.kinds import named_records
from tests.api_calls import read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, add_system
from tests.stores import Store

Load = Callable[..., Report]
CONTRACT = ["Reference", "Supplier", "Systems"]


@pytest.fixture
def statements(store: Store) -> list[str]:
    """Every statement that the store has received since the test began."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    return sent


@pytest.mark.parametrize(
    ("kind", "headings", "row"),
    [
        ("contracts", CONTRACT, ["C-{n}", "Acme", "Zebra {n}"]),
        ("interfaces", ["From system", "To system", "Standard"], ["A {n}", "B {n}", "sftp"]),
        ("uses", ["System", "Agency"], ["Zebra {n}", "Agency {n}"]),
        ("costs", ["System", "Financial year", "Category", "Amount"],
         ["Zebra {n}", "2025-26", "licence", "{n}"]),
    ],
)  # fmt: skip
def test_unknown_names_need_no_query_each(
    load_kind: Load, statements: list[str], kind: str, headings: list[str], row: list[str]
) -> None:
    counts = []
    for size in (5, 60):
        statements.clear()
        rows = [[cell.format(n=n) for cell in row] for n in range(size)]
        report = load_kind(kind, [headings, *rows], "--mode", "partial", "--dry-run")
        assert outcome(report) == (0, 0, 0, size)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_only_as_many_suggestions_as_a_report_lists(
    session: Session, agency: Agency, load_kind: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_system(session, agency.code, "Zebra")
    monkeypatch.setattr(named_records, "_MOST_SUGGESTED", 2)
    rows = [[f"C-{n}", "Acme", f"Zebra{n}"] for n in range(4)]
    details = [each["detail"] for each in load_kind("contracts", [CONTRACT, *rows])["problems"]]
    assert ["Did you mean" in detail for detail in details] == [True, True, False, False]


@pytest.mark.parametrize("kind", ["suppliers", "products"])
def test_comparison_of_new_suppliers_ends_with_a_notice(
    load_kind: Load, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(resemblance, "MOST_COMPARISONS", 2)
    names = ("Alpha works", "Bravo radio", "Cobalt phones", "Cobalt phomes")
    rows = [[name, name] for name in names]
    heading = {"suppliers": "Also known as", "products": "Product"}[kind]
    report = load_kind(kind, [["Supplier", heading], *rows])
    assert outcome(report) == (4, 0, 0, 0)
    assert (None, "supplier_name", "names_not_compared") in remarks(report, "notices")


def test_formulas_are_texts(session: Session, load_kind: Load) -> None:
    cells = ["=1+1", "+1", "@SUM(A1)", '=HYPERLINK("http://x")', "'; DROP TABLE contract; --"]
    rows = [[cell, "Acme", ""] for cell in cells]
    report = load_kind("contracts", [["Reference", "Supplier", "Systems"], *rows])
    assert outcome(report) == (len(cells), 0, 0, 0)
    assert sorted(session.scalars(sa.select(Contract.reference))) == sorted(cells)


def test_thousands_of_years_are_refused(load_kind: Load) -> None:
    years = [f"{1000 + n}/{(n + 1) % 100:02}" for n in range(1, 1_200)]
    report = load_kind("costs", [["System", *years], ["Rota", *range(1, 1_200)]])
    assert report["problem"]["code"] == "too_many_columns"


def test_many_years_of_an_unknown_system_are_one_row_each(load_kind: Load) -> None:
    years = [f"{1900 + n}/{(n + 1) % 100:02}" for n in range(250)]
    options = ("--value", "category:=licence", "--mode", "partial")
    report = load_kind("costs", [["System", *years], ["Rota", *range(1, 251)]], *options)
    assert (report["rows"], report["rejected"]) == (250, 250)
    assert {each["code"] for each in report["problems"]} == {"unknown"}


def test_supplier_that_another_client_records_meanwhile(
    session: Session, sign_in: Any, load_kind: Load
) -> None:
    rows = [["Reference", "Supplier"], ["C-1", "Acme"]]
    other = sign_in(CAMBS, "imports:write systems:read systems:write")
    assert other.post("/v1/suppliers", json={"name": "acme"}).status_code == 201
    assert outcome(load_kind("contracts", rows)) == (1, 0, 0, 0)
    assert [each["name"] for each in read(other, "/v1/suppliers")["items"]] == ["acme"]
