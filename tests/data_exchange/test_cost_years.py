"""Cost sheets with a column for each financial year."""

from collections.abc import Callable
from typing import Any

from tests.data_exchange.conftest import notices, sheet

LoadFile = Callable[..., dict[str, Any]]

BUDGET = [
    ["System", "Cost type", "2024/25", "2025/26", "2026/27 (est)"],
    ["Rota", "Support & maintenance", "£1,000", "-", ""],
    ["Payroll", "Licences", "n/a", "2.5k", "TBC"],
]


def test_years_without_an_amount_have_no_cost_line(load_file: LoadFile) -> None:
    load_file(sheet(["System", "Status"], ["Rota", "Live"], ["Payroll", "Live"]))
    report = load_file(sheet(*BUDGET), "--kind", "costs")
    assert report["problems"] == []
    assert [record["name"] for record in report["created_records"]] == [
        "Rota, 2024-25, recurring_revenue",
        "Payroll, 2025-26, recurring_revenue",
    ]
    assert notices(report, "no_value") == [(3, "n/a"), (3, "TBC")]
    detail = next(n["detail"] for n in report["notices"] if n["value"] == "TBC")
    assert detail.endswith("counts as empty. The year 2026-27 gets no cost line.")
