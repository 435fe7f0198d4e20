"""The demonstration's audit log, and the detection of each kind of tampering."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.demonstration.operations import every_step
from catalogue.demonstration.steps import CLIENT
from catalogue.history.models import ChangeSet
from tests.demonstration.conftest import SignIn, find_system, list_items
from tests.first_run import FirstRun, copy_database
from tests.programs import ran

Tamper = Callable[[str], None]


def test_each_step_is_a_change_set_of_an_agency_with_a_reason(
    app_and_session: tuple[Flask, Session],
) -> None:
    statement = sa.select(ChangeSet).where(ChangeSet.client_id == CLIENT).order_by(ChangeSet.number)
    first_load, *steps = app_and_session[1].scalars(statement)
    assert first_load.agency_id is None
    assert [each.reason for each in steps] == [each.reason for each in every_step()]
    assert all(each.agency_id for each in steps)


def test_history_shows_reasons_to_the_owner_only(reader: SignIn) -> None:
    owner, partner = reader("hertfordshire-police"), reader("bedfordshire-police")
    clue = find_system(owner, "HERP-019")
    history = list_items(owner, f"/v1/systems/{clue['id']}/history")
    assert [(each["kind"], each["reason"]) for each in history][-2:] == [
        ("system.updated", "Counted again after the October intake."),
        ("system.updated", "Scored again with the legacy framework."),
    ]
    assert history[-2]["changes"] == {"user_count": {"before": 120, "after": 134}}
    # A partner sees neither the reason nor changes to hidden fields.
    seen = list_items(partner, f"/v1/systems/{clue['id']}/history")
    assert seen[-1]["changes"] == {"user_count": {"before": 120, "after": 134}}
    assert seen[-1]["reason"] is None


def test_system_is_read_as_of_an_earlier_time(reader: SignIn) -> None:
    owner = reader("hertfordshire-police")
    clue = find_system(owner, "HERP-019")
    change = list_items(owner, f"/v1/systems/{clue['id']}/history")[-2]
    then = owner.get(f"/v1/systems/{clue['id']}", query_string={"as_of": change["at"]})
    assert (then.json["user_count"], then.json["legacy_risk"]) == (134, 6)  # type: ignore[index]


def test_feed_shows_grant_and_its_revocation(role: SignIn) -> None:
    found = list_items(role("board"), "/v1/changes?resource=access_grant")
    created, revoked = "access_grant.created", "access_grant.revoked"
    # Cambridgeshire granted access to the centre, and received two grants of costs.
    assert [each["kind"] for each in found] == [created, revoked, created, created]


@pytest.fixture
def run_audit(first_run: FirstRun, tmp_path: Path) -> Callable[[], CompletedProcess[str]]:
    """Run `catalogue audit verify` on a copy of the demonstration."""
    copy_database(first_run.untouched, tmp_path / "copy.db")
    return lambda: ran(
        "audit", "verify", cwd=tmp_path, CATALOGUE_DATABASE_URL=f"sqlite:///{tmp_path}/copy.db"
    )


@pytest.fixture
def tamper(run_audit: object, tmp_path: Path) -> Tamper:
    """Change the copy without the service."""

    def run(script: str) -> None:
        with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
            connection.executescript(script)

    return run


@pytest.fixture
def event(run_audit: object, tmp_path: Path) -> tuple[str, str]:
    """The ids of two events of one change set, in the form of the store."""
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        one, two = connection.execute(
            "SELECT id FROM event WHERE kind = 'system.created' ORDER BY ordinal LIMIT 2"
        )
    return one[0], two[0]


def format_uuid(identity: str) -> str:
    return "-".join([identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]])


def test_audit_finds_demonstration_history_intact(
    run_audit: Callable[[], CompletedProcess[str]],
) -> None:
    done = run_audit()
    assert done.returncode == 0, done.stdout
    assert ": intact, " in done.stdout


def test_audit_names_edited_event(
    run_audit: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
) -> None:
    tamper(f"UPDATE event SET kind = 'system.updated' WHERE id = '{event[0]}'")
    done = run_audit()
    assert done.returncode == 1
    assert format_uuid(event[0]) in done.stdout
    assert "was edited or moved" in done.stdout


def test_audit_names_deleted_event(
    run_audit: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
) -> None:
    tamper(f"DELETE FROM event WHERE id = '{event[0]}'")
    done = run_audit()
    assert done.returncode == 1
    assert "of change 1 is missing" in done.stdout


def test_audit_names_swapped_events(
    run_audit: Callable[[], CompletedProcess[str]], tamper: Tamper, event: tuple[str, str]
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
    done = run_audit()
    assert done.returncode == 1
    assert format_uuid(one) in done.stdout
    assert format_uuid(two) in done.stdout


def test_audit_names_field_changed_outside_history(
    run_audit: Callable[[], CompletedProcess[str]], tamper: Tamper
) -> None:
    tamper("UPDATE system SET user_count = 1 WHERE name = 'Clue'")
    done = run_audit()
    assert done.returncode == 1
    assert "user_count" in done.stdout
