"""`catalogue audit`: what it says of an intact history, and of one that somebody laid hands on."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.history.models import Person
from catalogue.suppliers.operations import create_supplier
from tests.history.following import SignIn
from tests.history.sealed import Told, audited, faults, history, seal
from tests.recording import BEDS, READ_WRITE, change, system
from tests.stores import Store

Tamper = Callable[..., None]


@pytest.fixture
def told(session: Session) -> list[Told]:
    """Three changes: of one, three and one records."""
    for names in ("A", "BCD", "E"):
        for name in names:
            create_supplier(session, {"name": name}, by=SYSTEM_ACTOR)
        session.commit()
    return history(session)


OTHER = UUID("01a20000-0000-7000-8000-000000000001")


@pytest.fixture
def tamper(store: Store) -> Tamper:
    """`tamper("DELETE ...", id=...)`: what somebody with the keys to the database might do."""

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


def named(each: Told) -> str:
    event = each.event
    return (
        f"Event {event.ordinal} of change {each.change.number} "
        f"({event.id}, {event.kind}, {event.resource} {event.resource_id})"
    )


def test_an_intact_history(app: Flask, told: list[Told]) -> None:
    result = audited(app, "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"3 changes, 5 events: sealed, 3:{told[-1].change.digest}\n"
    for each in told:
        anchor = f"{each.change.number}:{each.change.digest}"
        assert audited(app, "verify", "--expect", anchor).exit_code == 0


def test_an_empty_history(app: Flask, session: Session) -> None:
    assert audited(app, "verify").stdout.startswith("0 changes, 0 events: sealed, 0:")


@pytest.mark.parametrize("anchor", ["", "3", "x:y", "3:abc"])
def test_what_is_no_anchor(app: Flask, anchor: str) -> None:
    assert audited(app, "verify", "--expect", anchor).exit_code == 2


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'supplier.updated'",
        "state = NULL",
        "before = state",
        "disclosure = 'agreement'",
        "agency_id = resource_id",
        "resource_id = change_set_id",
        "digest = '" + "1" * 64 + "'",
    ],
)
def test_an_edited_event(app: Flask, told: list[Told], tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE event SET {change} WHERE id = :id", id=told[2].event.id)
    found = faults(app)
    assert found[0].startswith(f"Event 2 of change 2 ({told[2].event.id}, ")
    assert found[0].endswith("was edited or moved.")
    assert not any(name in found[0] for name in ("change 1", "change 3"))


def test_an_edited_value_within_a_state(app: Flask, told: list[Told], tamper: Tamper) -> None:
    as_text = "CAST(REPLACE(CAST(state AS text), '\"C\"', '\"X\"') AS jsonb)"
    if app.extensions["database"].dialect == "sqlite":
        as_text = "REPLACE(state, '\"C\"', '\"X\"')"
    tamper(f"UPDATE event SET state = {as_text} WHERE id = :id", id=told[2].event.id)
    assert f"{named(told[2])} was edited or moved." in faults(app)


def test_an_edited_event_with_a_digest_that_fits(
    app: Flask, told: list[Told], tamper: Tamper
) -> None:
    tamper(
        "UPDATE event SET digest = :digest WHERE id = :id",
        id=told[2].event.id,
        digest=told[1].event.digest,
    )
    assert faults(app) == [f"{named(told[2])} was edited or moved."]


@pytest.mark.parametrize("change", ["client_id = 'x'", "reason = 'x'", "agency_id = id"])
def test_an_edited_change_set(app: Flask, told: list[Told], tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE change_set SET {change} WHERE number = 1")
    (found,) = faults(app)
    assert found.startswith(f"Change 1 ({told[0].change.id}) was edited or moved")
    assert named(told[0]) in found


def test_a_removed_event(app: Flask, told: list[Told], tamper: Tamper) -> None:
    tamper("DELETE FROM event WHERE id = :id", id=told[3].event.id)
    found = faults(app)
    assert found[0] == "Event 3 of change 2 is missing."
    # Only now the record itself is without a history.
    assert found[1:] == [
        f"The supplier {told[3].event.resource_id} was added without a record of it."
    ]


def test_a_removed_change_set(app: Flask, told: list[Told], tamper: Tamper) -> None:
    gone = told[1].change
    tamper(
        "DELETE FROM event WHERE change_set_id = :id",
        "DELETE FROM change_set WHERE id = :id",
        id=gone.id,
    )
    assert faults(app)[0] == "Change 2 is missing."


def test_a_cut_off_end(app: Flask, told: list[Told], tamper: Tamper) -> None:
    last, before = told[-1].change, told[-2].change
    tamper(
        "DELETE FROM event WHERE change_set_id = :id",
        "DELETE FROM change_set WHERE id = :id",
        "DELETE FROM supplier WHERE id = :supplier",
        id=last.id,
        supplier=told[-1].event.resource_id,
    )
    (found,) = faults(app)
    assert found.startswith("The chain ends with change 2, but its head says change 3")
    tamper(
        "UPDATE history_head SET number = 2, digest = :digest, "
        "at = (SELECT at FROM change_set WHERE number = 2)",
        digest=before.digest,
    )
    assert seal(app) == f"2:{before.digest}"
    assert faults(app, "--expect", f"3:{last.digest}") == [
        "The chain ends before change 3, which was expected."
    ]


def test_a_history_written_anew(app: Flask, told: list[Told]) -> None:
    other = f"2:{told[0].change.digest}"
    assert faults(app, "--expect", other) == [
        "Change 2 has not the digest that was expected of it."
    ]


def test_swapped_events(app: Flask, told: list[Told], tamper: Tamper) -> None:
    tamper(
        "UPDATE event SET ordinal = 99 WHERE id = :one",
        "UPDATE event SET ordinal = 1 WHERE id = :two",
        "UPDATE event SET ordinal = 2 WHERE id = :one",
        one=told[1].event.id,
        two=told[2].event.id,
    )
    found = faults(app)
    assert any(each.startswith(f"Event 1 of change 2 ({told[2].event.id}") for each in found)
    assert any(each.startswith(f"Event 2 of change 2 ({told[1].event.id}") for each in found)


def test_swapped_change_sets(app: Flask, told: list[Told], tamper: Tamper) -> None:
    tamper(
        "UPDATE change_set SET number = 99 WHERE id = :one",
        "UPDATE change_set SET number = 1 WHERE id = :two",
        "UPDATE change_set SET number = 2 WHERE id = :one",
        one=told[0].change.id,
        two=told[1].change.id,
    )
    found = faults(app)
    assert any(each.startswith(f"Change 1 ({told[1].change.id})") for each in found)
    assert any(each.startswith(f"Change 2 ({told[0].change.id})") for each in found)


def test_a_lost_head(app: Flask, told: list[Told], tamper: Tamper) -> None:
    tamper("UPDATE history_head SET id = 2")
    tamper("UPDATE history_head SET id = 1, number = 9")
    (found,) = faults(app)
    assert "its head says change 9" in found


def test_records_that_were_changed_past_the_history(
    app: Flask, session: Session, sign_in: SignIn, tamper: Tamper
) -> None:
    api = sign_in(BEDS, READ_WRITE)
    one, two, three = (
        UUID(system(api, name, external_ids=[{"source": "cmdb", "id": name}])["id"])
        for name in ("One", "Two", "Three")
    )
    assert change(api, f"/v1/systems/{one}", user_count=5, tags=["x"]).status_code == 200
    seal(app)
    tamper("UPDATE system SET user_count = 6 WHERE id = :id", id=one)
    tamper("UPDATE system_external_id SET external_id = 'x' WHERE system_id = :id", id=two)
    tamper(
        "DELETE FROM system_external_id WHERE system_id = :id",
        "DELETE FROM system WHERE id = :id",
        id=three,
    )
    assert set(faults(app)) == {
        f"The system {one} was changed without a record of it: user_count.",
        f"The system {two} was changed without a record of it: external_ids.",
        f"The system {three} was removed without a record of it.",
    }


def test_a_record_without_a_history_was_added_past_it(
    app: Flask, session: Session, tamper: Tamper
) -> None:
    supplier = create_supplier(session, {"name": "A"}, by=SYSTEM_ACTOR)
    session.commit()
    seal(app)
    tamper(
        "INSERT INTO supplier (id, name, name_key, aliases, identifiers, search_text, created_at, "
        "updated_at, revision) SELECT :id, 'B', 'b', aliases, identifiers, search_text, "
        "'2001-01-01', '2001-01-01', 1 FROM supplier",
        id=OTHER,
    )
    assert faults(app) == [f"The supplier {OTHER} was added without a record of it."]
    assert supplier.name == "A"


def test_times_that_were_moved(app: Flask, session: Session, tamper: Tamper) -> None:
    create_supplier(session, {"name": "A"}, by=SYSTEM_ACTOR)
    session.commit()
    tamper("UPDATE history_head SET at = '2131-01-01 00:00:00.000000'")
    assert faults(app) == [
        "The head of the chain was given another time than that of the last change."
    ]
    create_supplier(session, {"name": "B"}, by=SYSTEM_ACTOR)
    session.commit()
    assert faults(app) == ["Change 2 is dated 01 January 2131, which is yet to come."]


@pytest.mark.only_on("sqlite")
def test_a_person_who_was_removed(app: Flask, session: Session, store: Store) -> None:
    """PostgreSQL does not let anybody; SQLite keeps to foreign keys only where it is asked to."""
    session.info["author"] = Author("test", subject="jo.bloggs@beds.example")
    create_supplier(session, {"name": "A"}, by=SYSTEM_ACTOR)
    session.commit()
    (found,) = history(session)
    session.commit()
    with closing(sqlite3.connect(str(sa.make_url(store.url).database))) as direct:
        direct.execute("DELETE FROM person")
        direct.commit()
    assert faults(app) == [f"The person {found.change.person_id}, who made change 1, was removed."]


def test_a_name_is_let_go(app: Flask, session: Session, tamper: Tamper) -> None:
    name = "jo.bloggs@beds.example"
    for each, subject in (("A", name), ("B", "test"), ("C", name)):
        session.info["author"] = Author("test", subject=subject)
        create_supplier(session, {"name": each}, by=SYSTEM_ACTOR)
        session.commit()
    first, second, third = history(session)
    assert first.change.person_id == third.change.person_id is not None
    assert second.change.person_id is None
    sealed = seal(app)
    tamper("UPDATE person SET name = 'somebody else'")
    assert faults(app) == [f"The person {first.change.person_id} was given another name."]
    tamper("UPDATE person SET name = :name", name=name)
    result = audited(app, "pseudonymise", name)
    assert result.exit_code == 0, result.output
    session.expire_all()
    person = session.scalars(sa.select(Person)).one()
    assert person.name == f"person-{person.id.hex[:8]}"
    assert person.salt is None
    assert person.pseudonymised_at is not None
    session.commit()
    assert seal(app) == sealed
    assert audited(app, "pseudonymise", name).exit_code == 2
    tamper("UPDATE person SET name = 'somebody else'")
    assert faults(app) == [f"The person {first.change.person_id} was given another name."]
