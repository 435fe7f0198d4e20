"""Nothing is turned off while another system relies on it."""

from typing import Any

import pytest

from catalogue.systems import operations
from catalogue.systems.dependencies import nothing_relies_on_it
from tests.recording import BEDS, answer, change, record, refusals, system
from tests.unsaved import CheckedClient

BLOCKED = {("/lifecycle", "blocked")}


@pytest.fixture(autouse=True)
def only_what_relies_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No decision is asked for."""
    monkeypatch.setattr(operations, "_retirement_checks", [nothing_relies_on_it])


def archived(api: CheckedClient, **fields: Any) -> dict[str, Any]:
    return system(api, "Duties", lifecycle="read_only_archive", **fields)


def joined(api: CheckedClient, source: Any, target: Any, **fields: Any) -> dict[str, Any]:
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "etl"}
    return record(api, "/v1/interfaces", **ends | fields)


def turned_off(api: CheckedClient, made: Any) -> Any:
    return change(api, f"/v1/systems/{made['id']}", lifecycle="decommissioned")


@pytest.mark.parametrize("direction", ["from_to", "both"])
def test_who_receives_relies_on_it(api: CheckedClient, direction: str) -> None:
    made, payroll = archived(api), system(api, "Payroll")
    joined(api, made, payroll, direction=direction)
    response = turned_off(api, made)
    assert refusals(response) == BLOCKED
    [error] = answer(response)["errors"]
    assert error["detail"] == (
        f"Payroll ({BEDS}) relies on it, by an interface (etl); give it another source, or end "
        "the interface."
    )
    for step in ("sunsetting", "read_only_archive"):
        assert refusals(turned_off(api, made)) == BLOCKED
        change(api, f"/v1/systems/{payroll['id']}", lifecycle=step)
    assert answer(turned_off(api, made))["lifecycle"] == "decommissioned"


def test_who_sends_relies_on_nothing_unless_data_comes_back(api: CheckedClient) -> None:
    made, source = archived(api), system(api, "Payroll")
    interface = joined(api, source, made, direction="both")
    assert refusals(turned_off(api, made)) == BLOCKED
    change(api, f"/v1/interfaces/{interface['id']}", direction="from_to")
    assert turned_off(api, made).status_code == 200


def test_all_that_rely_on_it_are_named(api: CheckedClient) -> None:
    made = archived(api)
    for name in ("Payroll", "Ledger"):
        joined(api, made, system(api, name))
    errors = answer(turned_off(api, made))["errors"]
    assert [each["detail"].split()[0] for each in errors] == ["Payroll", "Ledger"]


def test_every_way_of_writing_is_held_to_it(api: CheckedClient) -> None:
    made = archived(api, external_ids=[{"source": "cmdb", "id": "1"}])
    joined(api, made, system(api, "Payroll"))
    gone = {"name": made["name"], "lifecycle": "decommissioned"}
    assert refusals(api.put(f"/v1/agencies/{BEDS}/systems/cmdb/1", json=gone)) == BLOCKED
    etag = api.get(f"/v1/systems/{made['id']}").headers["ETag"]
    item = {"id": made["id"], "etag": etag, "lifecycle": "decommissioned"}
    bulk = api.patch("/v1/systems/bulk", json={"items": [item]})
    assert refusals(bulk) == {("/items/0/lifecycle", "blocked")}


def test_what_is_hidden_counts_for_as_long_as_its_interface_is_there(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    made = archived(api, disclosure="all_agencies")
    hidden = system(stranger, "Secret", disclosure="owner_only", lifecycle="live")
    interface = joined(stranger, made, hidden)
    before = turned_off(api, made)
    assert refusals(before) == BLOCKED
    assert "Secret" not in before.text
    for step in ("sunsetting", "read_only_archive"):
        change(stranger, f"/v1/systems/{hidden['id']}", lifecycle=step)
    assert answer(turned_off(api, made)) == answer(before)
    path = f"/v1/interfaces/{interface['id']}"
    etag = stranger.get(path).headers["ETag"]
    assert stranger.delete(path, headers={"If-Match": etag}).status_code == 204
    assert turned_off(api, made).status_code == 200


def test_it_stops_nothing_else(api: CheckedClient) -> None:
    made = system(api, "Duties")
    joined(api, made, system(api, "Payroll"))
    for step in ("sunsetting", "read_only_archive"):
        assert change(api, f"/v1/systems/{made['id']}", lifecycle=step).status_code == 200
