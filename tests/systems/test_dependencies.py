"""Dependants: a system cannot be decommissioned while a live system relies on it."""

from typing import Any

import pytest

from catalogue.systems import operations
from catalogue.systems.dependencies import find_running_dependants
from tests.api_calls import answer, change, refusals
from tests.factories import BEDS, record, system
from tests.unsaved import CheckedClient

BLOCKED = {("/lifecycle", "blocked")}


@pytest.fixture(autouse=True)
def only_what_relies_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check only dependants when a system is decommissioned."""
    monkeypatch.setattr(operations, "_retirement_checks", [find_running_dependants])


def record_archive(api: CheckedClient, **fields: Any) -> dict[str, Any]:
    return system(api, "Duties", lifecycle="read_only_archive", **fields)


def join(api: CheckedClient, source: Any, target: Any, **fields: Any) -> dict[str, Any]:
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "etl"}
    return record(api, "/v1/interfaces", **ends | fields)


def turn_off(api: CheckedClient, archive: Any) -> Any:
    return change(api, f"/v1/systems/{archive['id']}", lifecycle="decommissioned")


@pytest.mark.parametrize("direction", ["from_to", "both"])
def test_receiving_system_blocks_decommissioning(api: CheckedClient, direction: str) -> None:
    archive, payroll = record_archive(api), system(api, "Payroll")
    join(api, archive, payroll, direction=direction)
    response = turn_off(api, archive)
    assert refusals(response) == BLOCKED
    [error] = answer(response)["errors"]
    assert error["detail"] == (
        f"Payroll ({BEDS}) relies on this system through an interface (etl). "
        "Give that system another source, or delete the interface."
    )
    for step in ("sunsetting", "read_only_archive"):
        assert refusals(turn_off(api, archive)) == BLOCKED
        change(api, f"/v1/systems/{payroll['id']}", lifecycle=step)
    assert answer(turn_off(api, archive))["lifecycle"] == "decommissioned"


def test_sending_system_blocks_decommissioning_only_when_data_comes_back(
    api: CheckedClient,
) -> None:
    archive, source = record_archive(api), system(api, "Payroll")
    interface = join(api, source, archive, direction="both")
    assert refusals(turn_off(api, archive)) == BLOCKED
    change(api, f"/v1/interfaces/{interface['id']}", direction="from_to")
    assert turn_off(api, archive).status_code == 200


def test_refusal_names_every_dependent_system(api: CheckedClient) -> None:
    archive = record_archive(api)
    for name in ("Payroll", "Ledger"):
        join(api, archive, system(api, name))
    errors = answer(turn_off(api, archive))["errors"]
    assert [each["detail"].split()[0] for each in errors] == ["Payroll", "Ledger"]


def test_dependent_system_blocks_upsert_and_bulk_as_well(api: CheckedClient) -> None:
    archive = record_archive(api, external_ids=[{"source": "cmdb", "id": "1"}])
    join(api, archive, system(api, "Payroll"))
    gone = {"name": archive["name"], "lifecycle": "decommissioned"}
    assert refusals(api.put(f"/v1/agencies/{BEDS}/systems/cmdb/1", json=gone)) == BLOCKED
    etag = api.get(f"/v1/systems/{archive['id']}").headers["ETag"]
    item = {"id": archive["id"], "etag": etag, "lifecycle": "decommissioned"}
    bulk = api.patch("/v1/systems/bulk", json={"items": [item]})
    assert refusals(bulk) == {("/items/0/lifecycle", "blocked")}


def test_hidden_dependent_blocks_until_its_interface_is_deleted(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    archive = record_archive(api, disclosure="all_agencies")
    hidden = system(stranger, "Secret", disclosure="owner_only", lifecycle="live")
    interface = join(stranger, archive, hidden)
    before = turn_off(api, archive)
    assert refusals(before) == BLOCKED
    assert "Secret" not in before.text
    for step in ("sunsetting", "read_only_archive"):
        change(stranger, f"/v1/systems/{hidden['id']}", lifecycle=step)
    assert answer(turn_off(api, archive)) == answer(before)
    path = f"/v1/interfaces/{interface['id']}"
    etag = stranger.get(path).headers["ETag"]
    assert stranger.delete(path, headers={"If-Match": etag}).status_code == 204
    assert turn_off(api, archive).status_code == 200


def test_dependent_system_does_not_block_earlier_steps(api: CheckedClient) -> None:
    archive = system(api, "Duties")
    join(api, archive, system(api, "Payroll"))
    for step in ("sunsetting", "read_only_archive"):
        assert change(api, f"/v1/systems/{archive['id']}", lifecycle=step).status_code == 200
