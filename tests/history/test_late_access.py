"""The change feed of an agency that gains access late omits the earlier values of a record."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.agencies.api_agreements import agreement
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, SIGNATORY, record, system
from tests.history.feed import events, grant
from tests.unsaved import CheckedClient

KENT = "kent-police"
SCOPES = (
    "audit:read systems:read systems:write agencies:read agencies:write contracts:read "
    "contracts:write costs:read risks:read"
)

SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, which owns the records."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def late(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Police, which gains access late."""
    return sign_in(CAMBS, SCOPES)


def feed_text(api: CheckedClient, **query: Any) -> str:
    """Return all events of the feed as one text."""
    return str(events(api, **query))


@pytest.mark.parametrize(
    ("path", "first", "then"),
    [
        pytest.param(
            "costs",
            {
                "financial_year": "2026-27",
                "category": "one_off_capital",
                "description": "Covert",
                "amount": "100.00",
            },
            {"amount": "200.00", "description": "Clean"},
            id="costs",
        ),
        pytest.param("uses", {"agency": KENT, "user_count": 7111}, {"user_count": 9222}, id="uses"),
    ],
)
def test_feed_omits_what_a_closed_system_held(
    owner: CheckedClient,
    late: CheckedClient,
    make_agency: Callable[..., Any],
    path: str,
    first: dict[str, Any],
    then: dict[str, Any],
) -> None:
    make_agency(KENT)
    body = {
        "title": "Whole",
        "instrument": "other",
        "parties": [CAMBS],
        "start_date": "2020-01-01",
        "field_profile": "full",
    }
    made = record(owner, "/v1/agreements", **body)
    for api in (owner, late):
        accepted = SIGNATORY | {"content_hash": made["content_hash"]}
        assert api.post(f"/v1/agreements/{made['id']}/acceptances", json=accepted).status_code in {
            200,
            201,
        }
    closed = system(owner, "Closed", disclosure="owner_only")
    held = record(owner, f"/v1/systems/{closed['id']}/{path}", **first)
    address = f"/v1/systems/{closed['id']}/{path}/{held['id']}"
    assert change(owner, address, **then).status_code == 200
    change(owner, f"/v1/systems/{closed['id']}", disclosure="agreement")
    assert late.get(address).status_code == 200
    kinds = {each["kind"] for each in events(late)}
    assert "system.updated" in kinds
    parts = {kind for kind in kinds if kind.startswith(("cost", "system_use"))}
    assert parts <= {"cost.access_given", "system_use.access_given"}
    assert len(parts) == 1
    # With the space before it, a number is never part of an id or a moment.
    for word in ("Covert", "100.00", " 7111"):
        assert word not in feed_text(late)
    opened = change(
        owner, address, **({"amount": "300.00"} if path == "costs" else {"user_count": 8})
    )
    assert opened.status_code == 200
    assert any(each["kind"].startswith(("cost.up", "system_use.up")) for each in events(late))


def test_feed_omits_agreement_before_the_agency_became_a_party(
    owner: CheckedClient, late: CheckedClient, make_agency: Callable[..., Any]
) -> None:
    make_agency(KENT)
    made = agreement(owner, KENT, title="Between the two of us")
    changed = change(owner, f"/v1/agreements/{made['id']}", title="For all", parties=[CAMBS])
    assert changed.status_code == 200, changed.text
    (event,) = events(late, resource="agreement")
    assert event["kind"] == "agreement.updated"
    assert event["changes"]["title"] == {"before": None, "after": "For all"}
    assert "Between the two" not in feed_text(late)
    assert "Between the two" in feed_text(owner)


def test_feed_omits_contract_before_the_agency_became_a_party(
    owner: CheckedClient, late: CheckedClient
) -> None:
    supplier = record(owner, "/v1/suppliers", name="Acme")
    contract = record(
        owner,
        "/v1/contracts",
        reference="R12",
        title="Rosters",
        supplier_id=supplier["id"],
        annual_value="222.00",
        disclosure="owner_only",
    )
    address = f"/v1/contracts/{contract['id']}"
    changes = {"annual_value": "333.00", "reference": "R2", "parties": [CAMBS]}
    assert change(owner, address, **changes).status_code == 200
    (event,) = events(late, resource="contract")
    assert event["changes"]["annual_value"] == {"before": None, "after": "333.00"}
    assert change(owner, address, parties=[]).status_code == 200
    assert change(owner, address, annual_value="444.00").status_code == 200
    assert change(owner, address, annual_value="555.00", parties=[CAMBS]).status_code == 200
    for word in ("R12", "222.00", "444.00"):
        assert word not in feed_text(late)
    assert change(owner, address, annual_value="666.00").status_code == 200
    assert events(late)[-1]["changes"] == {"annual_value": {"before": "555.00", "after": "666.00"}}


def test_feed_shows_own_use_without_previous_users_figures(
    owner: CheckedClient, late: CheckedClient, make_agency: Callable[..., Any]
) -> None:
    make_agency(KENT)
    grant(owner, CAMBS, "summary")
    shared = system(owner, "Shared", disclosure="agreement")
    used = record(owner, f"/v1/systems/{shared['id']}/uses", agency=KENT, user_count=7111)
    address = f"/v1/systems/{shared['id']}/uses/{used['id']}"
    assert change(owner, address, agency=CAMBS, user_count=8).status_code == 200
    assert " 7111" not in feed_text(late)
    assert " 7111" in feed_text(owner)
