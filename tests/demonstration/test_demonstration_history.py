"""What the demonstration has left in history, and that whoever lays hands on it is found out."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.demonstration.chapters import CLIENT
from catalogue.demonstration.operations import every_chapter
from catalogue.history.models import ChangeSet
from tests.demonstration.conftest import FirstRun, SignIn, copied, items, system
from tests.programs import ran

pytestmark = pytest.mark.xdist_group("demo")

Tamper = Callable[[str], None]


def test_each_chapter_is_a_change_of_its_agency_with_a_reason(
    demonstrated: tuple[Flask, Session],
) -> None:
    asked = sa.select(ChangeSet).where(ChangeSet.client_id == CLIENT).order_by(ChangeSet.number)
    begun, *told = demonstrated[1].scalars(asked)
    assert begun.agency_id is None
    assert [each.reason for each in told] == [each.reason for each in every_chapter()]
    assert all(each.agency_id for each in told)


def test_a_record_tells_why_it_was_changed(acting: SignIn) -> None:
    owner, partner = acting("hertfordshire-police"), acting("bedfordshire-police")
    clue = system(owner, "HERP-019")
    history = items(owner, f"/v1/systems/{clue['id']}/history")
    assert [(each["kind"], each["reason"]) for each in history][-2:] == [
        ("system.updated", "Counted anew after the intake of October."),
        ("system.updated", "Scored again with the legacy framework."),
    ]
    assert history[-2]["changes"] == {"user_count": {"before": 120, "after": 134}}
    # A partner is told neither the reason nor that there was a change it may not see.
    seen = items(partner, f"/v1/systems/{clue['id']}/history")
    assert seen[-1]["changes"] == {"user_count": {"before": 120, "after": 134}}
    assert seen[-1]["reason"] is None


def test_a_system_is_read_as_it_was(acting: SignIn) -> None:
    owner = acting("hertfordshire-police")
    clue = system(owner, "HERP-019")
    change = items(owner, f"/v1/systems/{clue['id']}/history")[-2]
    then = owner.get(f"/v1/systems/{clue['id']}", query_string={"as_of": change["at"]})
    assert (then.json["user_count"], then.json["legacy_risk"]) == (134, 6)  # type: ignore[index]


def test_the_feed_tells_of_a_grant_and_its_revocation(role: SignIn) -> None:
    found = items(role("board"), "/v1/changes?resource=access_grant")
    created, revoked = "access_grant.created", "access_grant.revoked"
    # Of Cambridgeshire's own grant to the centre, and of two that open costs to it.
    assert [each["kind"] for each in found] == [created, revoked, created, created]


@pytest.fixture
def audited(first_run: FirstRun, tmp_path: Path) -> Callable[[], CompletedProcess[str]]:
    """`catalogue audit verify`, on a copy of the demonstration."""
    copied(first_run.untouched, tmp_path / "copy.db")
    return lambda: ran(
        "audit", "verify", cwd=tmp_path, CATALOGUE_DATABASE_URL=f"sqlite:///{tmp_path}/copy.db"
    )


@pytest.fixture
def tamper(audited: object, tmp_path: Path) -> Tamper:
    """Change the copy behind the product's back."""

    def run(script: str) -> None:
        with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
            connection.executescript(script)

    return run


@pytest.fixture
def event(audited: object, tmp_path: Path) -> tuple[str, str]:
    """The ids of two events of one change, as the store keeps them."""
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        one, two = connection.execute(
            "SELECT id FROM event WHERE kind = 'system.created' ORDER BY ordinal LIMIT 2"
        )
    return one[0], two[0]


def dashed(identity: str) -> str:
    return "-".join([identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]])


def test_its_history_is_intact(audited: Callable[[], CompletedProcess[str]]) -> None:
    done = audited()
    assert done.returncode == 0, done.stdout
    assert ": sealed, " in done.stdout


def test_an_edit_is_named(
    audited: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
) -> None:
    tamper(f"UPDATE event SET kind = 'system.updated' WHERE id = '{event[0]}'")
    done = audited()
    assert done.returncode == 1
    assert dashed(event[0]) in done.stdout
    assert "was edited or moved" in done.stdout


def test_a_deletion_is_named(
    audited: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
) -> None:
    tamper(f"DELETE FROM event WHERE id = '{event[0]}'")
    done = audited()
    assert done.returncode == 1
    assert "of change 1 is missing" in done.stdout


def test_a_swap_is_named(
    audited: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
) -> None:
    one, two = event
    place = "(SELECT ordinal FROM event WHERE id = '{}')"
    tamper(
        f"""
        CREATE TEMP TABLE places AS SELECT {place.format(one)} AS one, {place.format(two)} AS two;
        UPDATE event SET ordinal = -1 WHERE id = '{one}';
        UPDATE event SET ordinal = (SELECT one FROM places) WHERE id = '{two}';
        UPDATE event SET ordinal = (SELECT two FROM places) WHERE id = '{one}';
        """
    )
    done = audited()
    assert done.returncode == 1
    assert dashed(one) in done.stdout
    assert dashed(two) in done.stdout


def test_a_record_that_was_changed_past_its_history_is_named(
    audited: Callable[[], CompletedProcess[str]], tamper: Tamper
) -> None:
    tamper("UPDATE system SET user_count = 1 WHERE name = 'Clue'")
    done = audited()
    assert done.returncode == 1
    assert "user_count" in done.stdout
