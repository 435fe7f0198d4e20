"""An export of every kind of record loads again, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.data_exchange.conftest import Report, outcome
from tests.factories import CAMBS, HERTS, record, system
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write contracts:read contracts:write costs:read"
FORMATS = ("csv", "xlsx", "ods")
AWKWARD_TEXTS = (
    "=1+1", "-5", "'=Acme", "+44 1234 567890", "N/A", "0012345", "1.2E+12", "TRUE", "2011/12",
    "a; b", 'the "old" one', "c|d", "Total", "# end of export", "Café  Überwachung", "2026-04-01",
    "a\u200bb", "Notes: what is left", "OPERATIONAL POLICING", "#REF!", "approx 600", "£5 p.a.",
)  # fmt: skip
NAMES = tuple(text for text in AWKWARD_TEXTS if text != "#REF!")
"""Texts that can name a record. An import never records the error of a formula as a name."""

Load = Callable[..., Report]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def partner(sign_in: Any, agency: Agency) -> CheckedClient:
    assert agency
    sign_in(HERTS, SCOPES)
    client: CheckedClient = sign_in(CAMBS, SCOPES)
    return client


@pytest.fixture
def reloaded(
    api: CheckedClient, agency: Agency, load_file: Load
) -> Callable[[str, str, str], Report]:
    """`reloaded("contracts", path, "csv")`: the report of loading an export again."""

    def run(kind: str, path: str, table_format: str, **query: str) -> Report:
        assert agency
        before = api.get(path, query_string={"limit": "200"}).json
        sent = api.get(path, query_string={"format": table_format} | query)
        assert sent.status_code == 200, sent.text
        report = load_file(sent.data, "--kind", kind, name=f"export.{table_format}")
        assert report["updated_records"] == []
        assert api.get(path, query_string={"limit": "200"}).json == before
        return report

    return run


def assert_unchanged(report: Report, rows: int) -> None:
    assert report.get("problems", report) == []
    assert outcome(report) == (0, 0, rows, 0)
    assert report["not_seen"] == 0
    for left in report["mapping"]["unmapped"]:
        assert not left["reason"].startswith("No field of a"), left


@pytest.mark.parametrize("table_format", FORMATS)
def test_contracts(
    api: CheckedClient, partner: CheckedClient, reloaded: Any, agency: Agency, table_format: str
) -> None:
    supplier = record(api, "/v1/suppliers", name="Acme; Bell", aliases=["Acme"])["id"]
    theirs = system(partner, "Shared", disclosure="all_agencies")["id"]
    systems = [system(api, "=1+1")["id"], theirs]
    full = {
        "parties": [CAMBS, HERTS], "systems": systems, "annual_value": "8400.10",
        "total_value": "999999999999.99", "exit_cost": "0.00", "currency": "EUR",
        "start_date": "1900-01-01", "end_date": "2029-03-31", "max_extent_date": "2199-12-31",
        "renewal": "automatic", "renewal_period_months": 24, "notice_given_on": "2026-06-01",
        "notice_period_months": 6, "procurement_route": "direct_award",
        "regime": "procurement_act_2023", "ocid": "ocds-h6vhtk-04a1f2", "disclosure": "owner_only",
    }  # fmt: skip
    record(api, "/v1/contracts", reference="C-1", title="Full", supplier_id=supplier, **full)
    for text in AWKWARD_TEXTS:
        record(api, "/v1/contracts", reference=text, title=text, supplier_id=supplier)
    shared = {"reference": "C-1", "title": "Theirs", "supplier_id": supplier}
    record(partner, "/v1/contracts", **shared, parties=[agency.code])
    report = reloaded("contracts", "/v1/contracts", table_format, agency=agency.code)
    assert_unchanged(report, len(AWKWARD_TEXTS) + 1)


@pytest.mark.parametrize("table_format", FORMATS)
def test_costs_of_a_system(api: CheckedClient, reloaded: Any, table_format: str) -> None:
    path = f"/v1/systems/{system(api, 'Rota')['id']}/costs"
    line = {"financial_year": "2025-26", "category": "recurring_revenue", "amount": "8400.10"}
    record(api, path, **line)
    record(api, path, **line | {"financial_year": "1999-00", "amount": "999999999999.99"})
    for text in AWKWARD_TEXTS:
        record(api, path, **line, description=text, note=f"{text}\nsecond line")
    assert_unchanged(reloaded("costs", path, table_format), len(AWKWARD_TEXTS) + 2)


@pytest.mark.parametrize("table_format", FORMATS)
def test_uses_of_a_system(
    api: CheckedClient, partner: CheckedClient, reloaded: Any, table_format: str
) -> None:
    assert partner
    path = f"/v1/systems/{system(api, 'Rota')['id']}/uses"
    record(api, path, agency=CAMBS, user_count=5, since="2019-04-01", until="2021-03-31")
    record(api, path, agency=CAMBS, user_count=9, since="2024-04-01")
    record(api, path, agency=HERTS, until="2021-03-31")
    record(api, path, agency=HERTS)
    assert_unchanged(reloaded("uses", path, table_format), 4)


@pytest.mark.parametrize("table_format", FORMATS)
def test_interfaces(
    api: CheckedClient, partner: CheckedClient, reloaded: Any, agency: Agency, table_format: str
) -> None:
    ours = [system(api, name)["id"] for name in ("Rota", "=1+1", "0012345")]
    theirs = system(partner, "Rota", disclosure="all_agencies")["id"]
    full = {
        "direction": "both", "data_categories": ["incidents", "workforce"],
        "criticality": "mission_critical", "fallback": "Paper\nand telephone",
        "description": "=1+1",
    }  # fmt: skip
    ends = [(ours[0], theirs), (theirs, ours[0]), (ours[0], ours[1]), (ours[2], ours[1])]
    for start, end in ends:
        ids = {"from_system_id": start, "to_system_id": end}
        record(api, "/v1/interfaces", **ids, standard="sftp", **full)
        record(api, "/v1/interfaces", **ids, standard="etl")
    report = reloaded("interfaces", "/v1/interfaces", table_format, agency=agency.code)
    assert_unchanged(report, 8)


@pytest.mark.parametrize("table_format", FORMATS)
def test_suppliers(
    api: CheckedClient, partner: CheckedClient, reloaded: Any, table_format: str
) -> None:
    for text in NAMES:
        record(api, "/v1/suppliers", name=text, aliases=[f"{text} x"])
    identifiers = [{"scheme": "GB-COH", "id": "01234567"}, {"scheme": "GB-CHC", "id": "77"}]
    former = [{"name": "Old Acme", "until": 2021}]
    record(api, "/v1/suppliers", name="Acme", identifiers=identifiers, former_names=former)
    record(partner, "/v1/suppliers", name="Theirs", aliases=["T"])
    assert_unchanged(reloaded("suppliers", "/v1/suppliers", table_format), len(NAMES) + 2)


@pytest.mark.parametrize("table_format", FORMATS)
def test_products(
    api: CheckedClient, partner: CheckedClient, reloaded: Any, table_format: str
) -> None:
    suppliers = [record(api, "/v1/suppliers", name=name)["id"] for name in ("Acme; Bell", "007")]
    for text in NAMES:
        for supplier in suppliers:
            record(api, "/v1/products", name=text, supplier_id=supplier, aliases=[f"{text} x"])
    fields = {"name": "Theirs", "supplier_id": suppliers[0], "end_of_support": "2027-12-31"}
    record(partner, "/v1/products", **fields)
    rows = 2 * len(NAMES) + 1
    assert_unchanged(reloaded("products", "/v1/products", table_format), rows)
