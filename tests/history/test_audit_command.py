"""`catalogue audit` accepts an intact log and reports every kind of tampering."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.actor import Author
from catalogue.history.models import Person
from catalogue.suppliers.operations import create_supplier
from tests.api_calls import change
from tests.contexts import acting
from tests.factories import BEDS, READ_WRITE, system
from tests.history.feed import SignIn
from tests.history.recorded_events import (
    RecordedEvent,
    find_faults,
    read_events,
    read_seal,
    run_audit,
)
from tests.stores import Store

Tamper = Callable[..., None]


@pytest.fixture
def recorded_events(session: Session) -> list[RecordedEvent]:
    """The events of three change sets, which create one, three and one suppliers."""
    for names in ("A", "BCD", "E"):
        for name in names:
            create_supplier(acting(session), {"name": name})
        session.commit()
    return read_events(session)


OTHER = UUID("01a20000-0000-7000-8000-000000000001")


@pytest.fixture
def tamper(store: Store) -> Tamper:
    """Run statements as an intruder with access to the database: `tamper("DELETE …", id=…)`."""

    def run(*statements: str, **values: Any) -> None:
        with store.database.engine.connect() as connection:
            if store.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            else:
                connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
            for statement in statements:
                given = {name: value for name, value in values.items() if f":{name}" in statement}
                uuids = [
                    sa.bindparam(name, type_=sa.Uuid())
                    for name, value in given.items()
                    if isinstance(value, UUID)
                ]
                connection.execute(sa.text(statement).bindparams(*uuids), given)
            connection.commit()

    return run


def describe(each: RecordedEvent) -> str:
    event = each.event
    return (
        f"Event {event.ordinal} of change {each.change.number} "
        f"({event.id}, {event.kind}, {event.resource} {event.resource_id})"
    )


def test_verify_accepts_intact_history(app: Flask, recorded_events: list[RecordedEvent]) -> None:
    result = run_audit(app, "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"3 changes, 5 events: intact, 3:{recorded_events[-1].change.digest}\n"
    for each in recorded_events:
        anchor = f"{each.change.number}:{each.change.digest}"
        assert run_audit(app, "verify", "--expect", anchor).exit_code == 0


def test_verify_accepts_empty_history(app: Flask, session: Session) -> None:
    assert run_audit(app, "verify").stdout.startswith("0 changes, 0 events: intact, 0:")


@pytest.mark.parametrize(
    "anchor",
    [
        pytest.param("", id="empty"),
        pytest.param("3", id="number-only"),
        pytest.param("x:y", id="not-a-number"),
        pytest.param("3:abc", id="short-digest"),
    ],
)
def test_verify_rejects_malformed_anchor(app: Flask, anchor: str) -> None:
    assert run_audit(app, "verify", "--expect", anchor).exit_code == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("kind = 'supplier.updated'", id="kind"),
        pytest.param("state = NULL", id="state-removed"),
        pytest.param("before = state", id="before"),
        pytest.param("disclosure = 'agreement'", id="disclosure"),
        pytest.param("agency_id = resource_id", id="agency"),
        pytest.param("resource_id = change_set_id", id="record"),
        pytest.param("digest = '" + "1" * 64 + "'", id="digest"),
    ],
)
def test_verify_reports_edited_event(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper, change: str
) -> None:
    tamper(f"UPDATE event SET {change} WHERE id = :id", id=recorded_events[2].event.id)
    found = find_faults(app)
    assert found[0].startswith(f"Event 2 of change 2 ({recorded_events[2].event.id}, ")
    assert found[0].endswith("was edited or moved.")
    assert not any(name in found[0] for name in ("change 1", "change 3"))


def test_verify_reports_edited_value_within_a_state(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    as_text = "CAST(REPLACE(CAST(state AS text), '\"C\"', '\"X\"') AS jsonb)"
    if app.extensions["database"].dialect == "sqlite":
        as_text = "REPLACE(state, '\"C\"', '\"X\"')"
    tamper(f"UPDATE event SET state = {as_text} WHERE id = :id", id=recorded_events[2].event.id)
    assert f"{describe(recorded_events[2])} was edited or moved." in find_faults(app)


def test_verify_reports_event_with_another_events_digest(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    tamper(
        "UPDATE event SET digest = :digest WHERE id = :id",
        id=recorded_events[2].event.id,
        digest=recorded_events[1].event.digest,
    )
    assert find_faults(app) == [f"{describe(recorded_events[2])} was edited or moved."]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("client_id = 'x'", id="client"),
        pytest.param("reason = 'x'", id="reason"),
        pytest.param("import_id = id", id="import"),
        pytest.param("agency_id = id", id="agency"),
    ],
)
def test_verify_reports_edited_change_set(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper, change: str
) -> None:
    tamper(f"UPDATE change_set SET {change} WHERE number = 1")
    (found,) = find_faults(app)
    assert found.startswith(f"Change 1 ({recorded_events[0].change.id}) was edited or moved")
    assert describe(recorded_events[0]) in found


def test_verify_reports_removed_event(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    tamper("DELETE FROM event WHERE id = :id", id=recorded_events[3].event.id)
    found = find_faults(app)
    assert found[0] == "Event 3 of change 2 is missing."
    # Without its event, the record itself has no history.
    supplier = recorded_events[3].event.resource_id
    assert found[1:] == [f"The supplier {supplier} was added, which the audit log does not record."]


def test_verify_reports_removed_change_set(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    gone = recorded_events[1].change
    tamper(
        "DELETE FROM event WHERE change_set_id = :id",
        "DELETE FROM change_set WHERE id = :id",
        id=gone.id,
    )
    assert find_faults(app)[0] == "Change 2 is missing."


def test_verify_reports_removed_last_change(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    last, before = recorded_events[-1].change, recorded_events[-2].change
    tamper(
        "DELETE FROM event WHERE change_set_id = :id",
        "DELETE FROM change_set WHERE id = :id",
        "DELETE FROM supplier WHERE id = :supplier",
        id=last.id,
        supplier=recorded_events[-1].event.resource_id,
    )
    (found,) = find_faults(app)
    assert found.startswith("The chain ends with change 2, but its head names change 3")
    tamper(
        "UPDATE history_head SET number = 2, digest = :digest, "
        "at = (SELECT at FROM change_set WHERE number = 2)",
        digest=before.digest,
    )
    assert read_seal(app) == f"2:{before.digest}"
    assert find_faults(app, "--expect", f"3:{last.digest}") == [
        "The chain ends before change 3, which was expected."
    ]


def test_verify_reports_history_that_differs_from_the_anchor(
    app: Flask, recorded_events: list[RecordedEvent]
) -> None:
    other = f"2:{recorded_events[0].change.digest}"
    assert find_faults(app, "--expect", other) == ["Change 2 does not have the expected digest."]


def test_verify_reports_swapped_events(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    tamper(
        "UPDATE event SET ordinal = 99 WHERE id = :one",
        "UPDATE event SET ordinal = 1 WHERE id = :two",
        "UPDATE event SET ordinal = 2 WHERE id = :one",
        one=recorded_events[1].event.id,
        two=recorded_events[2].event.id,
    )
    found = find_faults(app)
    assert any(
        each.startswith(f"Event 1 of change 2 ({recorded_events[2].event.id}") for each in found
    )
    assert any(
        each.startswith(f"Event 2 of change 2 ({recorded_events[1].event.id}") for each in found
    )


def test_verify_reports_swapped_change_sets(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    tamper(
        "UPDATE change_set SET number = 99 WHERE id = :one",
        "UPDATE change_set SET number = 1 WHERE id = :two",
        "UPDATE change_set SET number = 2 WHERE id = :one",
        one=recorded_events[0].change.id,
        two=recorded_events[1].change.id,
    )
    found = find_faults(app)
    assert any(each.startswith(f"Change 1 ({recorded_events[1].change.id})") for each in found)
    assert any(each.startswith(f"Change 2 ({recorded_events[0].change.id})") for each in found)


def test_verify_reports_changed_head(
    app: Flask, recorded_events: list[RecordedEvent], tamper: Tamper
) -> None:
    tamper("UPDATE history_head SET id = 2")
    tamper("UPDATE history_head SET id = 1, number = 9")
    (found,) = find_faults(app)
    assert "its head names change 9" in found


def test_verify_reports_records_changed_outside_the_history(
    app: Flask, session: Session, sign_in: SignIn, tamper: Tamper
) -> None:
    api = sign_in(BEDS, READ_WRITE)
    one, two, three = (
        UUID(system(api, name, external_ids=[{"source": "cmdb", "id": name}])["id"])
        for name in ("One", "Two", "Three")
    )
    assert change(api, f"/v1/systems/{one}", user_count=5, tags=["x"]).status_code == 200
    read_seal(app)
    tamper("UPDATE system SET user_count = 6 WHERE id = :id", id=one)
    tamper("UPDATE system_external_id SET external_id = 'x' WHERE system_id = :id", id=two)
    tamper(
        "DELETE FROM system_external_id WHERE system_id = :id",
        "DELETE FROM system WHERE id = :id",
        id=three,
    )
    assert set(find_faults(app)) == {
        f"The system {one} has changes that the audit log does not record: user_count.",
        f"The system {two} has changes that the audit log does not record: external_ids.",
        f"The system {three} was deleted, which the audit log does not record.",
    }


def test_verify_reports_record_without_history(
    app: Flask, session: Session, tamper: Tamper
) -> None:
    supplier = create_supplier(acting(session), {"name": "A"})
    session.commit()
    read_seal(app)
    tamper(
        "INSERT INTO supplier (id, name, name_key, aliases, identifiers, search_text, created_at, "
        "updated_at, revision) SELECT :id, 'B', 'b', aliases, identifiers, search_text, "
        "'2001-01-01', '2001-01-01', 1 FROM supplier",
        id=OTHER,
    )
    assert find_faults(app) == [
        f"The supplier {OTHER} was added, which the audit log does not record."
    ]
    assert supplier.name == "A"


def test_verify_reports_changed_times(app: Flask, session: Session, tamper: Tamper) -> None:
    create_supplier(acting(session), {"name": "A"})
    session.commit()
    tamper("UPDATE history_head SET at = '2131-01-01 00:00:00.000000'")
    assert find_faults(app) == ["The head of the chain has a different time from the last change."]
    create_supplier(acting(session), {"name": "B"})
    session.commit()
    assert find_faults(app) == ["Change 2 is dated 1 January 2131, which is in the future."]


@pytest.mark.only_on("sqlite")
def test_verify_reports_removed_person(app: Flask, session: Session, store: Store) -> None:
    """PostgreSQL prevents this. SQLite checks foreign keys only on connections that enable it."""
    session.info["author"] = Author("test", subject="jo.bloggs@beds.example")
    create_supplier(acting(session), {"name": "A"})
    session.commit()
    (found,) = read_events(session)
    session.commit()
    with closing(sqlite3.connect(str(sa.make_url(store.url).database))) as direct:
        direct.execute("DELETE FROM person")
        direct.commit()
    assert find_faults(app) == [
        f"The person {found.change.person_id}, who made change 1, was removed."
    ]


def test_pseudonymised_person_keeps_history_intact(
    app: Flask, session: Session, tamper: Tamper
) -> None:
    name = "jo.bloggs@beds.example"
    for each, subject in (("A", name), ("B", "test"), ("C", name)):
        session.info["author"] = Author("test", subject=subject)
        create_supplier(acting(session), {"name": each})
        session.commit()
    first, second, third = read_events(session)
    assert first.change.person_id == third.change.person_id is not None
    assert second.change.person_id is None
    sealed = read_seal(app)
    tamper("UPDATE person SET name = 'somebody else'")
    assert find_faults(app) == [f"The name of the person {first.change.person_id} was edited."]
    tamper("UPDATE person SET name = :name", name=name)
    result = run_audit(app, "pseudonymise", name)
    assert result.exit_code == 0, result.output
    session.expire_all()
    person = session.scalars(sa.select(Person)).one()
    assert person.name == f"person-{person.id.hex[:8]}"
    assert person.salt is None
    assert person.pseudonymised_at is not None
    session.commit()
    assert read_seal(app) == sealed
    assert run_audit(app, "pseudonymise", name).exit_code == 2
    tamper("UPDATE person SET name = 'somebody else'")
    assert find_faults(app) == [f"The name of the person {first.change.person_id} was edited."]
