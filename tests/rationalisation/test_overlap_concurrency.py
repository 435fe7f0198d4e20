"""Concurrent runs, splits and withdrawals, which wait for each other and lose no change."""

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from catalogue.core.actor import Author
from catalogue.core.database import open_session
from catalogue.rationalisation.overlaps import detection, manual_groups
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import OverlapMember
from catalogue.systems.operations import SystemWriter
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, find_overlap
from tests.rationalisation.api_overlap_groupings import (
    GROUPING_SCOPES,
    GROUPINGS,
    ids_of,
    read_created,
    split_overlap,
    systems_by_overlap,
    withdraw_grouping,
)
from tests.threads import PATIENCE_SECONDS, Held

# SQLite allows only one writer at a time.
pytestmark = pytest.mark.only_on("postgresql")


@pytest.fixture
def beds(sign_in) -> Any:
    return sign_in(BEDS, GROUPING_SCOPES)


@pytest.fixture
def four(session):
    """Add the rosters of four forces, and return their overlap and the systems."""
    systems = add_rosters(session, BEDS, CAMBS, HERTS, "kent-police")
    return find_overlap(session, *systems), systems


def _run(database):
    with open_session(database, read_only=False) as session:
        session.info["author"] = Author("test")
        find_overlaps(session)
        session.commit()


@pytest.fixture
def at_once(monkeypatch):
    """`at_once(module, name, *works)`: hold the first work in a function until all have begun."""

    def run(module, name, *works):
        held = Held(getattr(module, name))
        monkeypatch.setattr(module, name, held.wrapper())
        failed = []

        def try_work(work):
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the test reports any error
                failed.append(error)

        threads = [Thread(target=try_work, args=(work,)) for work in works]
        threads[0].start()
        held.wait_until_entered()
        for thread in threads[1:]:
            thread.start()
        threads[-1].join(0.3)
        held.let_go()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        assert not any(thread.is_alive() for thread in threads)
        assert failed == []

    return run


def test_two_concurrent_runs_find_one_overlap(session, store, beds, at_once):
    systems = add_rosters(session, BEDS, CAMBS)
    session.commit()
    session.close()
    at_once(detection, "find_groups", *[lambda: _run(store.database)] * 2)
    ((_, members),) = systems_by_overlap(beds).items()
    assert len(members) == len(systems)


@pytest.mark.parametrize("held", ["find_groups", "analyze_tables"])
def test_a_split_during_a_run_is_kept(session, store, beds, four, at_once, held):
    overlap, (a, b, c, d) = four
    body = {"action": "split", "overlap_ids": [str(overlap.id)], "reason": "Other rosters."}
    body["system_ids"] = [str(c.id), str(d.id)]
    (late,) = add_rosters(session, "essex-police")
    expected, apart, origin = ids_of(a, b, late), ids_of(c, d), str(overlap.id)
    session.commit()
    session.close()
    grouped = []

    def group():
        grouped.append(read_created(beds.post(GROUPINGS, json=body)))

    at_once(detection, held, lambda: _run(store.database), group)
    assert systems_by_overlap(beds) == {origin: expected, grouped[0]["overlap_id"]: apart}


@pytest.mark.parametrize("held", ["find_groups", "refresh_group", "analyze_tables"])
def test_a_withdrawal_during_a_run_is_kept(session, store, beds, four, at_once, held):
    overlap, (*_, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, c, d))
    group_id, origin = UUID(grouping["overlap_id"]), str(overlap.id)
    # A change to a member, so that the run has to write to the manual group.
    SystemWriter(acting(session), d.agency_id).change(d, {"name": "Roster of another name"})
    session.commit()
    session.close()
    at_once(
        detection, held, lambda: _run(store.database), lambda: withdraw_grouping(beds, grouping)
    )
    assert list(systems_by_overlap(beds)) == [origin]
    left = sa.select(OverlapMember).where(OverlapMember.overlap_id == group_id)
    assert session.scalars(left).all() == []


def test_a_run_during_a_withdrawal_succeeds(session, store, beds, four, at_once):
    overlap, (_, _, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, c, d))
    origin = str(overlap.id)
    SystemWriter(acting(session), d.agency_id).change(d, {"name": "Roster of another name"})
    session.commit()
    session.close()
    at_once(
        manual_groups,
        "withdraw_overlap_grouping",
        lambda: withdraw_grouping(beds, grouping),
        lambda: _run(store.database),
    )
    assert list(systems_by_overlap(beds)) == [origin]
