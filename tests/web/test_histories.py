"""Pages of the histories of records, and of a system as it was at a past moment."""

from collections.abc import Callable

import pytest

from tests.api_calls import change
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
SCOPES = f"{READ_WRITE} contracts:read contracts:write"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, SCOPES)


def test_record_is_shown_as_it_was_after_each_change(visit: Visiting, api: CheckedClient) -> None:
    compact = system(api, name="COMPACT", user_count=5)
    assert change(api, f"/v1/systems/{compact['id']}", user_count=6).status_code == 200
    history = visit().open(f"/systems/{compact['id']}").follow("History of this record")
    links = [
        a.get("href", "") for a in history.one(".//main").iter("a") if "after this" in words(a)
    ]
    assert len(links) == 2
    for link, count in zip(links, (6, 5), strict=True):
        shown = history.visitor.open(link)
        assert shown.heading == "The record as it was"
        assert f"Number of users {count}" in shown.text
        assert "Change" not in shown.text


def test_record_is_shown_as_of_a_day(visit: Visiting, api: CheckedClient) -> None:
    compact = system(api, name="COMPACT", user_count=5)
    form = (
        visit().open(f"/systems/{compact['id']}/history").follow("The record as it was on a date")
    )
    place = f"{form.address}?as_of-day=1&as_of-month=4&as_of-year="
    before = form.visitor.open(f"{place}2001")
    assert "The record did not exist then" in before.text
    for year in ("soon", "2190", "1950"):
        wrong = form.visitor.open(f"{place}{year}")
        assert wrong.mistakes == {
            "#as_of-day": "Date must be a real date in the past, such as 27 3 2026"
        }
    assert form.visitor.open(f"{form.address}?at=no-moment").title.startswith("Error: ")


def test_past_record_of_another_agency_is_masked(visit: Visiting, sign_in: SignIn) -> None:
    theirs = system(
        sign_in(CAMBS, SCOPES), name="COMPACT", legacy_risk=12, disclosure="all_agencies"
    )
    visitor = visit()
    history = visitor.open(f"/systems/{theirs['id']}/history")
    assert "person" not in history.text
    assert "Cambridgeshire Police" in history.text
    (then,) = [link for text, link in history.links().items() if "after this" in text]
    shown = visitor.open(then)
    assert "Legacy IT risk score Not shared with your agency" in shown.text


def test_history_of_a_contract_names_its_systems_and_agencies(
    visit: Visiting, api: CheckedClient, make_agency: Callable[..., object]
) -> None:
    make_agency(CAMBS)
    compact = system(api, name="COMPACT")
    made = contract(api, systems=[compact["id"]], parties=[CAMBS])
    page = visit().open(f"/contracts/{made['id']}").follow("History of this contract")
    assert "Systems: COMPACT" in page.text
    assert "Parties: Cambridgeshire Police" in page.text
    assert made["id"] not in page.text


def test_older_changes_are_on_further_pages(visit: Visiting, api: CheckedClient) -> None:
    compact = system(api, name="COMPACT")
    for number in range(51):
        change(api, f"/v1/systems/{compact['id']}", user_count=number)
    newest = visit().open(f"/systems/{compact['id']}/history")
    assert len(newest.root.findall(".//main//ol/li")) == 50
    older = newest.visitor.open(newest.links()["Older changes"])
    assert len(older.root.findall(".//main//ol/li")) == 2
