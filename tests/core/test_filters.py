"""Filters by exclusion, by several values, and by a part of a name."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import agree, agreement
from tests.api_calls import answer, change, listed, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient

SignIn = Callable[..., CheckedClient]
SYSTEMS = "/v1/systems"


def found(api: CheckedClient, address: str) -> list[str]:
    """Return the names on the first page of a list, by an address with its query."""
    response = api.get(address)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


@pytest.fixture
def three(api: CheckedClient) -> CheckedClient:
    """Three systems that differ in lifecycle, hosting, tags and name."""
    system(api, "Caf\u00e9 Till", lifecycle="live", hosting="saas", tags=["a", "b"])
    system(api, "100% Duty", lifecycle="planned", tags=["a", "c, d"])
    system(api, "Rostering", lifecycle="sunsetting", hosting="on_premise", tags=["b"])
    return api


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lifecycle__ne=live", ["100% Duty", "Rostering"]),
        ("lifecycle__ne=live&lifecycle__ne=planned", ["Rostering"]),
        ("lifecycle__ne=live&lifecycle__ne=live", ["100% Duty", "Rostering"]),
        ("hosting__ne=saas", ["100% Duty", "Rostering"]),
        ("hosting__ne=saas&hosting__isnull=false", ["Rostering"]),
        (f"agency__ne={BEDS}", []),
        ("tags=a&tags=b", ["Caf\u00e9 Till"]),
        ("tags=b&tags=b", ["Caf\u00e9 Till", "Rostering"]),
        ("tags=a&tags=c%2C+d", ["100% Duty"]),
        ("tags=a&tags=b&tags=c", []),
        ("name__contains=fe+t", ["Caf\u00e9 Till"]),
        ("name__contains=CAFE%CC%81", ["Caf\u00e9 Till"]),
        ("name__contains=0%25", ["100% Duty"]),
        ("name__contains=%25&lifecycle__ne=live", ["100% Duty"]),
        ("name__contains=_", []),
    ],
)
def test_filter_excludes_combines_or_finds_within(
    three: CheckedClient, query: str, names: list[str]
) -> None:
    assert found(three, f"{SYSTEMS}?{query}") == names
    pages = three.get(f"{SYSTEMS}?{query}&limit=1&total=true")
    assert pages.json["page"]["total"] == len(names)  # type: ignore[index]
    if len(names) > 1:
        following = pages.headers["Link"].partition(">")[0].strip("<")
        assert found(three, following) == names[1:2]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("lifecycle__ne=gone", {("?lifecycle__ne", "invalid")}),
        ("&".join(["lifecycle__ne=live"] * 9), {("?lifecycle__ne", "too_many")}),
        ("agency__ne=nobody", {("?agency__ne", "unknown")}),
        ("lifecycle=live&lifecycle=planned", {("?lifecycle", "repeated")}),
        ("user_count__ne=1", {("?user_count__ne", "unknown_parameter")}),
        ("description__contains=x", {("?description__contains", "unknown_parameter")}),
        ("name__contains=", {("?name__contains", "invalid")}),
        ("name__contains=%E2%80%8B", {("?name__contains", "invalid")}),
        ("name__contains=a&name__contains=b", {("?name__contains", "repeated")}),
        ("&".join(f"tags={number}" for number in range(9)), {("?tags", "too_many")}),
    ],
)
def test_wrong_filter_is_refused(
    api: CheckedClient, query: str, errors: set[tuple[str, str]]
) -> None:
    assert refusals(api.get(f"{SYSTEMS}?{query}"), 400) == errors


def test_exclusion_finds_nothing_by_a_withheld_value(sign_in: SignIn) -> None:
    scopes = f"{READ_WRITE} agencies:write agencies:read"
    api, partner = sign_in(BEDS, scopes), sign_in(CAMBS, scopes)
    for name, hosting in (("Custody", "saas"), ("Crew", None)):
        system(api, name, hosting=hosting)
    system(partner, "Own", hosting="saas")
    agree(agreement(api, CAMBS, field_profile="summary"), api, partner)
    assert listed(partner, SYSTEMS) == ["Crew", "Custody", "Own"]
    for hosting in ("saas", "on_premise"):
        assert set(listed(partner, SYSTEMS, hosting__ne=hosting)) <= {"Own"}
    assert listed(partner, SYSTEMS, lifecycle__ne="planned") == ["Crew", "Custody", "Own"]


def test_filters_work_on_past_states(sign_in: SignIn) -> None:
    with clock.freeze(datetime(2026, 6, 14, 9, 0, tzinfo=UTC)):
        api = sign_in(BEDS, READ_WRITE)
        made = system(api, "Custody", lifecycle="live", tags=["a", "b"])
    with clock.freeze(datetime(2026, 6, 15, 9, 0, tzinfo=UTC)):
        api = sign_in(BEDS, READ_WRITE)
        change(api, f"{SYSTEMS}/{made['id']}", name="Detention", lifecycle="sunsetting", tags=[])
        query = "name__contains=ustod&lifecycle__ne=sunsetting&tags=a&tags=b"
        assert found(api, f"{SYSTEMS}?{query}&as_of=2026-06-14") == ["Custody"]
        assert found(api, f"{SYSTEMS}?{query}") == []
