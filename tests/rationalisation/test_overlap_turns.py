"""Runs, splits and withdrawals at the same moment: one after the other, and none is lost."""

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from catalogue.core.actor import Author
from catalogue.core.database import working
from catalogue.rationalisation.overlaps import runs, views
from catalogue.rationalisation.overlaps.models import OverlapMember
from catalogue.rationalisation.overlaps.runs import find_overlaps
from catalogue.systems.operations import SystemWriter
from tests.rationalisation.regrouping import (
    GROUPINGS,
    READS,
    ids,
    made,
    overlaps_of,
    split,
    withdraw,
)
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, overlap_of, rosters
from tests.threads import PATIENCE_SECONDS, Held

# SQLite has one writer at a time anyway.
pytestmark = pytest.mark.only_on("postgresql")


@pytest.fixture
def beds(sign_in) -> Any:
    return sign_in(BEDS, READS)


@pytest.fixture
def four(session):
    """Four forces' rosters, and their overlap."""
    systems = rosters(session, BEDS, CAMBS, HERTS, "kent-police")
    return overlap_of(session, *systems), systems


def _run(database):
    with working(database, read_only=False) as opened:
        opened.info["author"] = Author("test")
        find_overlaps(opened)
        opened.commit()


@pytest.fixture
def at_once(monkeypatch):
    """`at_once(where, name, *works)`: the first is held within a function until all have begun."""

    def run(where, name, *works):
        held = Held(getattr(where, name))
        monkeypatch.setattr(where, name, held.wrapper())
        failed = []

        def tried(work):
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whichever it is, the test has to hear of it
                failed.append(error)

        threads = [Thread(target=tried, args=(work,)) for work in works]
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


def test_two_runs_at_once_find_the_same(session, store, beds, at_once):
    systems = rosters(session, BEDS, CAMBS)
    session.commit()
    session.close()
    at_once(runs, "find_groups", *[lambda: _run(store.database)] * 2)
    ((_, found),) = overlaps_of(beds).items()
    assert len(found) == len(systems)


@pytest.mark.parametrize("held", ["find_groups", "gather_statistics"])
def test_a_split_during_a_run_stays(session, store, beds, four, at_once, held):
    overlap, (a, b, c, d) = four
    body = {"making": "split", "overlap_ids": [str(overlap.id)], "reason": "Other rosters."}
    body["system_ids"] = [str(c.id), str(d.id)]
    (late,) = rosters(session, "essex-police")
    expected, apart, origin = ids(a, b, late), ids(c, d), str(overlap.id)
    session.commit()
    session.close()
    grouped = []

    def group():
        grouped.append(made(beds.post(GROUPINGS, json=body)))

    at_once(runs, held, lambda: _run(store.database), group)
    assert overlaps_of(beds) == {origin: expected, grouped[0]["overlap_id"]: apart}


@pytest.mark.parametrize("held", ["find_groups", "gather", "gather_statistics"])
def test_a_withdrawal_during_a_run_stays(session, store, beds, four, at_once, held):
    overlap, (*_, c, d) = four
    grouping = made(split(beds, overlap, c, d))
    made_id, origin = UUID(grouping["overlap_id"]), str(overlap.id)
    # So that the run has a member of the group to change, and one that is in it anew.
    SystemWriter(session, d.agency_id).change(d, {"name": "Roster of another name"})
    session.commit()
    session.close()
    at_once(runs, held, lambda: _run(store.database), lambda: withdraw(beds, grouping))
    assert list(overlaps_of(beds)) == [origin]
    left = sa.select(OverlapMember).where(OverlapMember.overlap_id == made_id)
    assert session.scalars(left).all() == []


def test_a_run_during_a_withdrawal_succeeds(session, store, beds, four, at_once):
    overlap, (_, _, c, d) = four
    grouping = made(split(beds, overlap, c, d))
    origin = str(overlap.id)
    SystemWriter(session, d.agency_id).change(d, {"name": "Roster of another name"})
    session.commit()
    session.close()
    at_once(
        views, "withdraw_grouping", lambda: withdraw(beds, grouping), lambda: _run(store.database)
    )
    assert list(overlaps_of(beds)) == [origin]
