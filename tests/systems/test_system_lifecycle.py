"""The lifecycle of a system: every allowed and every refused change."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.errors import Unprocessable
from catalogue.systems import operations
from catalogue.systems.lifecycle import TRANSITIONS, can_be_reached, can_follow
from catalogue.systems.operations import SystemWriter, find_retention_hold, retirement_check
from catalogue.systems.vocabulary import Lifecycle
from tests.api_calls import answer, change, read, refusals
from tests.contexts import acting
from tests.factories import BEDS, system
from tests.unsaved import CheckedClient

STEPS = {
    ("planned", "in_procurement"),
    ("planned", "cancelled"),
    ("in_procurement", "implementing"),
    ("in_procurement", "cancelled"),
    ("implementing", "live"),
    ("implementing", "cancelled"),
    ("live", "sunsetting"),
    ("sunsetting", "live"),
    ("sunsetting", "read_only_archive"),
    ("read_only_archive", "decommissioned"),
}
ALL = [each.value for each in Lifecycle]
PAIRS = list(product(ALL, ALL))


def closure() -> set[tuple[str, str]]:
    """Return every pair of lifecycles that a sequence of changes joins."""
    reached = set(STEPS)
    while more := {(a, d) for a, b in reached for c, d in STEPS if b == c} - reached:
        reached |= more
    return reached


WAYS = closure()


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_permitted_steps_match_the_list_written_by_hand(before: str, after: str) -> None:
    assert can_follow(Lifecycle(before), Lifecycle(after)) == ((before, after) in STEPS)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_observed_changes_match_reachable_states(before: str, after: str) -> None:
    assert can_be_reached(Lifecycle(before), Lifecycle(after)) == ((before, after) in WAYS)


def test_every_state_is_listed_and_final_states_lead_nowhere() -> None:
    assert set(TRANSITIONS) == set(Lifecycle)
    assert {("cancelled", after) for after in ALL} & WAYS == set()
    assert {("decommissioned", after) for after in ALL} & WAYS == set()


@pytest.fixture
def unhindered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all retirement checks, so that only the transitions decide."""
    monkeypatch.setattr(operations, "_retirement_checks", [])


@pytest.mark.usefixtures("unhindered")
@pytest.mark.parametrize("before", ALL)
def test_api_accepts_permitted_steps_only(api: CheckedClient, before: str) -> None:
    for after in ALL:
        created = system(api, name=f"{before} {after}", lifecycle=before)
        response = change(api, f"/v1/systems/{created['id']}", lifecycle=after)
        if (before, after) in STEPS or before == after:
            assert answer(response)["lifecycle"] == after
        else:
            assert refusals(response) == {("/lifecycle", "transition")}, after
            assert read(api, f"/v1/systems/{created['id']}") == created


def test_refused_step_names_the_permitted_ones(api: CheckedClient) -> None:
    created = system(api, lifecycle="planned")
    response = change(api, f"/v1/systems/{created['id']}", lifecycle="live", name="Other")
    [error] = answer(response)["errors"]
    assert "in_procurement" in error["detail"]
    assert "cancelled" in error["detail"]
    assert read(api, f"/v1/systems/{created['id']}") == created


def test_system_can_be_created_in_any_state(api: CheckedClient) -> None:
    for each in ALL:
        assert system(api, name=each, lifecycle=each)["lifecycle"] == each


def record_archive(api: CheckedClient, **fields: Any) -> str:
    return f"/v1/systems/{system(api, lifecycle='read_only_archive', **fields)['id']}"


@pytest.fixture
def only_the_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check only the retention hold when a system is decommissioned."""
    monkeypatch.setattr(operations, "_retirement_checks", [find_retention_hold])


@pytest.mark.usefixtures("only_the_hold")
def test_retention_hold_blocks_decommissioning(api: CheckedClient) -> None:
    path = record_archive(api, retention_hold=True)
    response = change(api, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "hold" in answer(response)["errors"][0]["detail"]
    assert change(api, path, retention_hold=False).status_code == 200
    assert answer(change(api, path, lifecycle="decommissioned"))["lifecycle"] == "decommissioned"


@pytest.mark.usefixtures("only_the_hold")
def test_retention_hold_set_in_the_same_change_blocks_decommissioning(api: CheckedClient) -> None:
    path = record_archive(api)
    response = change(api, path, lifecycle="decommissioned", retention_hold=True)
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert read(api, path)["lifecycle"] == "read_only_archive"


@pytest.mark.usefixtures("only_the_hold")
def test_retention_hold_does_not_block_earlier_steps(api: CheckedClient) -> None:
    created = system(api, lifecycle="live", retention_hold=True)
    for after in ("sunsetting", "read_only_archive"):
        assert change(api, f"/v1/systems/{created['id']}", lifecycle=after).status_code == 200


def test_decommissioning_requires_a_decision(api: CheckedClient) -> None:
    path = record_archive(api)
    response = change(api, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "decision" in answer(response)["errors"][0]["detail"]
    assert read(api, path)["lifecycle"] == "read_only_archive"


def test_retention_hold_blocks_upsert_and_bulk_as_well(api: CheckedClient) -> None:
    created = system(
        api,
        lifecycle="read_only_archive",
        retention_hold=True,
        external_ids=[{"source": "cmdb", "id": "1"}],
    )
    gone = {"name": created["name"], "lifecycle": "decommissioned"}
    etag = api.get(f"/v1/systems/{created['id']}").headers["ETag"]
    item = {"id": created["id"], "etag": etag, "lifecycle": "decommissioned"}
    upserted = api.put(f"/v1/agencies/{BEDS}/systems/cmdb/1", json=gone)
    bulk = api.patch("/v1/systems/bulk", json={"items": [item]})
    assert refusals(upserted) == {("/lifecycle", "blocked")}
    assert refusals(bulk) == {("/items/0/lifecycle", "blocked")}
    assert read(api, f"/v1/systems/{created['id']}") == created


def test_refusal_lists_every_obstacle(api: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_retirement_checks", [find_retention_hold])
    retirement_check(lambda _context, checked: [f"{checked.name} is needed.", "And more."])
    path = record_archive(api, retention_hold=True)
    errors = answer(change(api, path, lifecycle="decommissioned"))["errors"]
    assert [error["code"] for error in errors] == ["blocked"] * 3
    assert [error["detail"] for error in errors[1:]] == ["Duty management is needed.", "And more."]


@pytest.fixture
def observer(session: Session, make_agency: Callable[..., Agency]) -> SystemWriter:
    """A writer for imports, which can skip lifecycles."""
    return SystemWriter(acting(session), make_agency(BEDS).id, allow_skipped_steps=True)


@pytest.mark.usefixtures("unhindered")
@pytest.mark.parametrize("before", ALL)
def test_import_may_skip_over_reachable_steps(observer: SystemWriter, before: str) -> None:
    for after in ALL:
        created = observer.create({"name": f"{before} {after}", "lifecycle": Lifecycle(before)})
        observer.context.session.flush()
        changes = {"lifecycle": Lifecycle(after)}
        if (before, after) in WAYS:
            assert observer.change(created, changes) == (before != after)
            assert created.lifecycle == after
        elif before == after:
            assert observer.change(created, changes) is False
        else:
            with pytest.raises(Unprocessable):
                observer.change(created, changes)
    observer.context.session.rollback()


@pytest.mark.usefixtures("only_the_hold")
def test_retention_hold_blocks_decommissioning_by_import(observer: SystemWriter) -> None:
    fields = {"name": "Custody", "lifecycle": Lifecycle.LIVE, "retention_hold": True}
    created = observer.create(fields)
    observer.context.session.flush()
    with pytest.raises(Unprocessable):
        observer.change(created, {"lifecycle": Lifecycle.DECOMMISSIONED})
    observer.context.session.rollback()
