"""Calls of the API that create and read contracts and costs, in one line each."""

from typing import Any

from tests.agencies.api_agreements import agree, agreement
from tests.api_calls import Fields, answer
from tests.factories import CAMBS, record
from tests.unsaved import CheckedClient

CONTRACTS, FEED = "/v1/contracts", "/v1/changes"
HERTS, KENT = "hertfordshire-police", "kent-police"
SCOPES = (
    "agencies:read agencies:write systems:read systems:write contracts:read contracts:write "
    "costs:read audit:read"
)
FULL: Fields = {
    "reference": "BCH/17",
    "title": "Duty management support",
    "annual_value": "185000.00",
    "total_value": "925000.10",
    "exit_cost": "0.01",
    "currency": "EUR",
    "start_date": "2024-04-01",
    "end_date": "2029-03-31",
    "max_extent_date": "2031-03-31",
    "renewal": "option",
    "renewal_period_months": 24,
    "notice_period_days": 180,
    "procurement_route": "framework_call_off",
    "regime": "pcr_2015",
    "ocid": "ocds-h6vhtk-04a1f2",
    "disclosure": "agreement",
}
"""Every field of a contract, except those that refer to other records."""

AMOUNTS = ["annual_value", "total_value", "exit_cost"]


def supplier(api: CheckedClient, name: str = "Acme", **fields: Any) -> str:
    """Return the id of a supplier, which is created if there is none of this name."""
    suppliers = answer(api.get("/v1/suppliers", query_string={"name": name}))["items"]
    chosen = suppliers[0] if suppliers else record(api, "/v1/suppliers", name=name, **fields)
    return str(chosen["id"])


def contract(api: CheckedClient, **fields: Any) -> Fields:
    """Create a contract of the client's agency."""
    least = {"reference": fields.get("title", "R1"), "title": "Support"}
    if "supplier_id" not in fields:
        fields["supplier_id"] = supplier(api)
    return record(api, CONTRACTS, **least | fields)


def path_of(contract: Fields) -> str:
    """Return the path of a contract."""
    return f"{CONTRACTS}/{contract['id']}"


def costs_of(system: Fields) -> str:
    """Return the path of the costs of a system."""
    return f"/v1/systems/{system['id']}/costs"


def cost(api: CheckedClient, system: Fields, amount: str = "100.00", **fields: Any) -> Fields:
    """Create a cost line in the financial year 2026-27."""
    line = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": amount}
    return record(api, costs_of(system), **line | fields)


def page(api: CheckedClient, path: str = CONTRACTS, **parameters: Any) -> list[Fields]:
    """Return the records on the first page of a list."""
    response = api.get(path, query_string=parameters)
    assert response.status_code == 200, response.text
    items: list[Fields] = answer(response)["items"]
    return items


def titles(api: CheckedClient, **parameters: Any) -> list[str]:
    """Return the titles of the contracts on the first page."""
    return [item["title"] for item in page(api, **parameters)]


def share(lead: CheckedClient, other: CheckedClient, profile: str, code: str = CAMBS) -> None:
    """Make an agreement at a profile between both agencies."""
    agree(agreement(lead, code, field_profile=profile), lead, other)


def list_changes(api: CheckedClient, kind: str) -> list[tuple[str, Fields]]:
    """Return each event of a kind of record, with its kind and the new values."""
    return [
        (each["kind"], {name: change["after"] for name, change in each["changes"].items()})
        for each in page(api, FEED, resource=kind)
    ]
