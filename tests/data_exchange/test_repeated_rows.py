"""Rows of one file that are about the same new record."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.data_exchange.conftest import sheet

LoadFile = Callable[..., dict[str, Any]]

SYSTEMS = sheet(["System", "Status"], ["Rota", "Live"], ["Payroll", "Live"])
REPEATED: dict[str, list[list[str]]] = {
    "contracts": [
        ["Contract Reference", "Supplier", "Value"],
        ["FW-1", "Lot One Ltd", "5000"],
        ["FW-1", "Another Company", "6000"],
    ],
    "costs": [
        ["System", "Financial year", "Category", "Amount"],
        ["Rota", "2026/27", "Licences", "100"],
        ["Rota", "2026/27", "Support", "200"],
    ],
    "interfaces": [
        ["From", "To", "Method", "Description"],
        ["Rota", "Payroll", "SFTP", "Hours"],
        ["Rota", "Payroll", "SFTP", "Overtime"],
    ],
    "uses": [
        ["System", "Force", "Users"],
        ["Rota", "kent-police", "10"],
        ["Rota", "kent-police", "20"],
    ],
    "suppliers": [
        ["Supplier", "Company number"],
        ["Zed Systems", "01234567"],
        ["Zed Systems", "07654321"],
    ],
    "products": [
        ["Product", "Supplier", "Also known as"],
        ["Zed", "Zed Systems", "One"],
        ["Zed", "Zed Systems", "Two"],
    ],
}


@pytest.mark.parametrize("kind", REPEATED)
def test_second_row_about_a_new_record_is_rejected(
    kind: str, load_file: LoadFile, make_agency: Callable[..., Any]
) -> None:
    make_agency("kent-police")
    assert load_file(SYSTEMS)["created"] == 2
    report = load_file(sheet(*REPEATED[kind]), "--kind", kind)
    (problem,) = report["problems"]
    assert (problem["row"], problem["code"]) == (3, "duplicate_row")
    assert problem["detail"].startswith("Rows 2 and 3 are about the same ")
    assert (report["written"], report["updated"], report["existing"]) == (False, 0, 0)
    report = load_file(sheet(*REPEATED[kind]), "--kind", kind, "--mode", "partial")
    assert (report["created"], report["updated"], report["rejected"]) == (1, 0, 1)


def test_repeated_cost_line_can_have_a_description(load_file: LoadFile) -> None:
    load_file(SYSTEMS)
    headings, *rows = REPEATED["costs"]
    (problem,) = load_file(sheet(headings, *rows), "--kind", "costs")["problems"]
    assert problem["detail"].endswith("Or give each its own description.")
    described = [[*row, name] for row, name in zip(rows, ("Licence", "Help desk"), strict=True)]
    report = load_file(sheet([*headings, "Description"], *described), "--kind", "costs")
    assert (report["created"], report["rejected"]) == (2, 0)
