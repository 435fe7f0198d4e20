"""The life of a system: a test for each step that there is, and for each that there is not."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.errors import Unprocessable
from catalogue.systems import operations
from catalogue.systems.lifecycle import TRANSITIONS, may_follow, may_have_become
from catalogue.systems.operations import SystemWriter, no_retention_hold, retirement_check
from catalogue.systems.vocabulary import Lifecycle
from tests.recording import BEDS, answer, change, read, refusals, system
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
    """Every pair that some way of steps joins."""
    reached = set(STEPS)
    while more := {(a, d) for a, b in reached for c, d in STEPS if b == c} - reached:
        reached |= more
    return reached


WAYS = closure()


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_step(before: str, after: str) -> None:
    assert may_follow(Lifecycle(before), Lifecycle(after)) == ((before, after) in STEPS)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_way(before: str, after: str) -> None:
    assert may_have_become(Lifecycle(before), Lifecycle(after)) == ((before, after) in WAYS)


def test_every_state_has_its_steps_written_down() -> None:
    assert set(TRANSITIONS) == set(Lifecycle)
    assert {("cancelled", after) for after in ALL} & WAYS == set()
    assert {("decommissioned", after) for after in ALL} & WAYS == set()


@pytest.fixture
def unhindered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the steps themselves decides."""
    monkeypatch.setattr(operations, "_retirement_checks", [])


@pytest.mark.usefixtures("unhindered")
@pytest.mark.parametrize("before", ALL)
def test_the_api_takes_the_steps_that_there_are(api: CheckedClient, before: str) -> None:
    for after in ALL:
        made = system(api, name=f"{before} {after}", lifecycle=before)
        response = change(api, f"/v1/systems/{made['id']}", lifecycle=after)
        if (before, after) in STEPS or before == after:
            assert answer(response)["lifecycle"] == after
        else:
            assert refusals(response) == {("/lifecycle", "transition")}, after
            assert read(api, f"/v1/systems/{made['id']}") == made


def test_a_refused_step_names_those_that_there_are(api: CheckedClient) -> None:
    made = system(api, lifecycle="planned")
    response = change(api, f"/v1/systems/{made['id']}", lifecycle="live", name="Other")
    [error] = answer(response)["errors"]
    assert "in_procurement" in error["detail"]
    assert "cancelled" in error["detail"]
    assert read(api, f"/v1/systems/{made['id']}") == made


def test_nobody_has_to_begin_at_the_beginning(api: CheckedClient) -> None:
    for each in ALL:
        assert system(api, name=each, lifecycle=each)["lifecycle"] == each


def archived(api: CheckedClient, **fields: Any) -> str:
    return f"/v1/systems/{system(api, lifecycle='read_only_archive', **fields)['id']}"


@pytest.fixture
def only_the_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but a retention hold stands in the way."""
    monkeypatch.setattr(operations, "_retirement_checks", [no_retention_hold])


@pytest.mark.usefixtures("only_the_hold")
def test_a_retention_hold_stands_in_the_way(api: CheckedClient) -> None:
    path = archived(api, retention_hold=True)
    response = change(api, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "hold" in answer(response)["errors"][0]["detail"]
    assert change(api, path, retention_hold=False).status_code == 200
    assert answer(change(api, path, lifecycle="decommissioned"))["lifecycle"] == "decommissioned"


@pytest.mark.usefixtures("only_the_hold")
def test_a_hold_is_not_placed_by_the_way(api: CheckedClient) -> None:
    path = archived(api)
    response = change(api, path, lifecycle="decommissioned", retention_hold=True)
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert read(api, path)["lifecycle"] == "read_only_archive"


@pytest.mark.usefixtures("only_the_hold")
def test_a_hold_stops_nothing_else(api: CheckedClient) -> None:
    made = system(api, lifecycle="live", retention_hold=True)
    for after in ("sunsetting", "read_only_archive"):
        assert change(api, f"/v1/systems/{made['id']}", lifecycle=after).status_code == 200


def test_nothing_is_decommissioned_without_a_decision(api: CheckedClient) -> None:
    path = archived(api)
    response = change(api, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "decision" in answer(response)["errors"][0]["detail"]
    assert read(api, path)["lifecycle"] == "read_only_archive"


def test_every_way_of_writing_is_held_to_it(api: CheckedClient) -> None:
    made = system(
        api,
        lifecycle="read_only_archive",
        retention_hold=True,
        external_ids=[{"source": "cmdb", "id": "1"}],
    )
    gone = {"name": made["name"], "lifecycle": "decommissioned"}
    etag = api.get(f"/v1/systems/{made['id']}").headers["ETag"]
    item = {"id": made["id"], "etag": etag, "lifecycle": "decommissioned"}
    upserted = api.put(f"/v1/agencies/{BEDS}/systems/cmdb/1", json=gone)
    bulk = api.patch("/v1/systems/bulk", json={"items": [item]})
    assert refusals(upserted) == {("/lifecycle", "blocked")}
    assert refusals(bulk) == {("/items/0/lifecycle", "blocked")}
    assert read(api, f"/v1/systems/{made['id']}") == made


def test_everything_in_the_way_is_named_at_once(
    api: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_retirement_checks", [no_retention_hold])
    retirement_check(lambda _session, found: [f"{found.name} is needed.", "And more."])
    path = archived(api, retention_hold=True)
    errors = answer(change(api, path, lifecycle="decommissioned"))["errors"]
    assert [error["code"] for error in errors] == ["blocked"] * 3
    assert [error["detail"] for error in errors[1:]] == ["Duty management is needed.", "And more."]


@pytest.fixture
def observer(session: Session, make_agency: Callable[..., Agency]) -> SystemWriter:
    """Writes what a spreadsheet shows."""
    return SystemWriter(session, make_agency(BEDS).id, observed=True)


@pytest.mark.usefixtures("unhindered")
@pytest.mark.parametrize("before", ALL)
def test_an_observer_may_have_missed_steps(observer: SystemWriter, before: str) -> None:
    for after in ALL:
        made = observer.create({"name": f"{before} {after}", "lifecycle": Lifecycle(before)})
        observer.session.flush()
        changes = {"lifecycle": Lifecycle(after)}
        if (before, after) in WAYS:
            assert observer.change(made, changes) == (before != after)
            assert made.lifecycle == after
        elif before == after:
            assert observer.change(made, changes) is False
        else:
            with pytest.raises(Unprocessable):
                observer.change(made, changes)
    observer.session.rollback()


@pytest.mark.usefixtures("only_the_hold")
def test_an_observer_is_held_to_a_hold(observer: SystemWriter) -> None:
    fields = {"name": "Custody", "lifecycle": Lifecycle.LIVE, "retention_hold": True}
    made = observer.create(fields)
    observer.session.flush()
    with pytest.raises(Unprocessable):
        observer.change(made, {"lifecycle": Lifecycle.DECOMMISSIONED})
    observer.session.rollback()
