"""Pages of the agencies that use a system, and of its costs."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, READ_WRITE, record, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
SCOPES = f"{READ_WRITE} costs:read"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, SCOPES)


def lines(api: CheckedClient, of: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cost lines of a system."""
    found: list[dict[str, Any]] = read(api, f"/v1/systems/{of['id']}/costs")["items"]
    return found


def line(api: CheckedClient, of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Create a cost line."""
    usual = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": "52000.00"}
    return record(api, f"/v1/systems/{of['id']}/costs", **usual | fields)


def test_use_is_added_changed_and_removed(
    visit: Visiting, api: CheckedClient, make_agency: Callable[..., object]
) -> None:
    make_agency(CAMBS)
    compact = system(api, name="COMPACT")
    listed = visit().open(f"/systems/{compact['id']}").follow("Add or change agencies that use it")
    form = listed.follow("Add a use")
    added = form.send(
        agency=CAMBS,
        user_count="120",
        **{"since-day": "1", "since-month": "4", "since-year": "2021"},
    )
    assert "The use is added." in added.text
    assert "Cambridgeshire Police 120 1 April 2021 Not recorded" in added.text
    changed = added.follow("Change the use by Cambridgeshire Police").send(
        **{"until-day": "31", "until-month": "3", "until-year": "2027"}, reason="They left"
    )
    assert "Your change is saved." in changed.text
    (use,) = read(api, f"/v1/systems/{compact['id']}/uses")["items"]
    assert (use["agency"], use["until"]) == (CAMBS, "2027-03-31")
    check = changed.follow("Remove the use by Cambridgeshire Police")
    assert check.heading == "Check before you remove the use"
    assert "record its last day instead" in check.text
    removed = check.send(reason="Recorded by mistake")
    assert "The use is removed." in removed.text
    assert read(api, f"/v1/systems/{compact['id']}/uses")["items"] == []
    assert "The use is removed." in check.send().text


def test_cost_line_is_added_changed_and_removed(visit: Visiting, api: CheckedClient) -> None:
    compact = system(api, name="COMPACT")
    listed = visit().open(f"/systems/{compact['id']}").follow("Add or change costs")
    form = listed.follow("Add a cost line")
    wrong = form.send(status=422, financial_year="2026", amount="many")
    assert wrong.mistakes == {
        "#financial_year": "Financial year must be a financial year such as 2026-27.",
        "#category": "Enter the category",
        "#amount": "Amount in pounds must be an amount, such as 1,250.00",
    }
    assert wrong.values()["amount"] == "many"
    values = wrong.values()
    values["category"] = "recurring_revenue"
    values["amount"] = "£52,000"
    values["financial_year"] = "2026-27"
    for _ in range(2):
        added = wrong.visitor.send(form.address, values)
        assert "The cost line is added." in added.text
    assert [each["amount"] for each in lines(api, compact)] == ["52000.00"]
    name = "Recurring revenue in 2026-27, £52,000.00"
    unchanged = added.follow(f"Change {name}").send()
    assert "You changed nothing" in unchanged.text
    banner = unchanged.root.findall(".//div[@role='alert']")
    assert banner == []
    changed = added.follow(f"Change {name}").send(amount="53,000.50")
    assert "£53,000.50" in changed.text
    changed.follow(f"Remove {name.replace('52,000.00', '53,000.50')}").send()
    assert lines(api, compact) == []


def test_stale_form_of_a_cost_line_keeps_what_was_typed(
    visit: Visiting, api: CheckedClient
) -> None:
    compact = system(api, name="COMPACT")
    path = f"/v1/systems/{compact['id']}/costs/{line(api, compact)['id']}"
    visitor = visit()
    edit = visitor.open(f"{path.removeprefix('/v1')}/edit")
    removal = visitor.open(f"{path.removeprefix('/v1')}/removal")
    assert change(api, path, amount="60000.00").status_code == 200
    shown = edit.send(status=409, amount="55000")
    assert shown.values()["amount"] == "55000"
    assert "Recorded meanwhile: 60000.00." in shown.text
    again = removal.send(status=409, reason="Twice in the ledger")
    assert "Somebody changed this record meanwhile." in again.text
    assert "£60,000.00" in again.text
    assert again.values()["reason"] == "Twice in the ledger"
    assert "Your change is saved." in shown.send().text
    assert [each["amount"] for each in lines(api, compact)] == ["55000.00"]


def test_other_agencies_read_uses_and_change_nothing(visit: Visiting, sign_in: SignIn) -> None:
    theirs = sign_in(CAMBS, SCOPES)
    compact = system(theirs, name="COMPACT", disclosure="all_agencies")
    use = record(theirs, f"/v1/systems/{compact['id']}/uses", agency=CAMBS, user_count=3)
    cost = line(theirs, compact)
    place = f"/systems/{compact['id']}"
    visitor = visit()
    shown = visitor.open(place).follow("All agencies that use it")
    assert set(shown.links()) == set()
    assert "All costs" not in visitor.open(place).links()
    refused = visitor.open(f"{place}/costs", status=403)
    assert "£" not in refused.text
    for address in ("uses/new", "costs/new", f"uses/{use['id']}/edit", f"uses/{use['id']}/removal"):
        shown = visitor.open(f"{place}/{address}", status=403)
        assert shown.heading == "Only its owner can change this", address
    visitor.open(f"{place}/costs/{cost['id']}/edit", status=403)
    form = {"csrf_token": "", "etag": "*"}
    for address in ("uses/new", f"uses/{use['id']}/edit", f"uses/{use['id']}/removal"):
        visitor.send(f"{place}/{address}", form, status=403)
    assert len(read(theirs, f"/v1/systems/{compact['id']}/uses")["items"]) == 1


def test_person_who_can_only_read_sees_no_form(visit: Visiting, api: CheckedClient) -> None:
    compact = system(api, name="COMPACT")
    cost = line(api, compact)
    visitor = visit(BEDS, "systems:read costs:read")
    shown = visitor.open(f"/systems/{compact['id']}").follow("All costs")
    assert "£52,000.00" in shown.text
    assert set(shown.links()) == set()
    for view in ("new", f"{cost['id']}/edit", f"{cost['id']}/removal"):
        visitor.open(f"/systems/{compact['id']}/costs/{view}", status=403)
    visitor = visit(BEDS, "systems:read")
    assert "All costs" not in visitor.open(f"/systems/{compact['id']}").links()
