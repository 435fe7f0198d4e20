"""Lists of suppliers with names that nearly match the register."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from catalogue.suppliers.operations import create_supplier
from tests.contexts import acting
from tests.data_exchange.conftest import notices, sheet

LoadFile = Callable[..., dict[str, Any]]

LIST = sheet(["Supplier", "Company number"], ["Microsft", "01624297"])


def test_notice_of_a_similar_supplier_offers_the_recorded_one(
    load_file: LoadFile, session: Session
) -> None:
    create_supplier(acting(session), {"name": "Microsoft"})
    report = load_file(LIST, "--kind", "suppliers", "--dry-run")
    assert notices(report, "similar_record") == [(2, "Microsft")]
    choice = "name:Microsft=Microsoft"
    (notice,) = report["notices"]
    assert notice["detail"].endswith(f'If they are the same, use the option `--value "{choice}"`.')
    report = load_file(LIST, "--kind", "suppliers", "--value", choice)
    assert (report["created"], notices(report, "similar_record")) == (0, [])
