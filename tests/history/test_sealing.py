"""The chain: what it covers, that every store and process adds to the one chain, and its guards."""

import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.core.database import Base, unit_of_work, working
from catalogue.history.declaring import (
    all_recorded,
    recorded_tables,
    recording_of,
    why_not_recorded,
)
from catalogue.history.models import BEGINNING, ChangeSet, HistoryHead, Person
from catalogue.history.recording import Listed, recorded
from catalogue.history.sealing import canonical, settled
from catalogue.suppliers.operations import create_supplier
from tests.history.sealed import history, seal
from tests.stores import Store

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e25, 1e25)
    | st.text("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
)


def supplier(session: Session, name: str) -> None:
    """One change."""
    create_supplier(session, {"name": name}, by=SYSTEM_ACTOR)
    session.commit()


@given(value=VALUES)
def test_what_is_settled_stays_as_it_is_through_text(value: Any) -> None:
    once = canonical(settled(value))
    assert canonical(settled(orjson.loads(once))) == once


@pytest.mark.only_on("postgresql")
@given(value=VALUES)
def test_postgresql_gives_back_what_was_sealed(session: Session, value: Any) -> None:
    text = canonical(settled(value))
    back = session.scalar(sa.text("SELECT CAST(:it AS jsonb)"), {"it": text.decode()})
    session.rollback()
    assert canonical(settled(back)) == text


def test_each_change_set_follows_from_the_one_before(session: Session, app: Flask) -> None:
    for name in "abc":
        supplier(session, name)
    chain = list(session.scalars(sa.select(ChangeSet).order_by(ChangeSet.number)))
    head = session.scalars(sa.select(HistoryHead)).one()
    assert [each.number for each in chain] == [1, 2, 3]
    assert chain[0].previous_digest == BEGINNING
    assert all(later.previous_digest == earlier.digest for earlier, later in pairwise(chain))
    assert (head.number, head.digest) == (3, chain[-1].digest)
    session.commit()
    assert seal(app) == f"3:{head.digest}"


def test_a_clock_that_jumps_back_changes_no_order(session: Session, app: Flask) -> None:
    now = clock.now()
    for minutes in (0, -5, -10, 5):
        with clock.freeze(now + timedelta(minutes=minutes)):
            supplier(session, f"S {minutes}")
    moments = [each.change.at for each in history(session)]
    assert moments == [now, now, now, now + timedelta(minutes=5)]
    seal(app)


def test_many_at_once_make_one_chain(store: Store, app: Flask, session: Session) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                with working(store.database, read_only=False) as opened:
                    opened.info["author"] = Author(f"client {number}", subject="a.person")
                    create_supplier(opened, {"name": f"S {number} {turn}"}, by=SYSTEM_ACTOR)
                    opened.commit()
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [each.change.number for each in history(session)] == list(range(1, 21))
    assert len(session.scalars(sa.select(Person)).all()) == 1
    session.commit()
    seal(app)


def test_nothing_is_added_to_what_was_sealed(session: Session) -> None:
    @sa.event.listens_for(session, "before_commit", once=True)
    def _late(opened: Session) -> None:
        create_supplier(opened, {"name": "late"}, by=SYSTEM_ACTOR)
        opened.flush()

    create_supplier(session, {"name": "early"}, by=SYSTEM_ACTOR)
    with pytest.raises(RuntimeError, match="after its change set had been sealed"):
        session.commit()
    session.rollback()
    assert history(session) == []


def test_a_command_works_for_the_catalogue(session: Session, app: Flask) -> None:
    with app.app_context(), unit_of_work(app) as opened:
        create_supplier(opened, {"name": "A"}, by=SYSTEM_ACTOR)
    (told,) = history(session)
    assert (told.change.client_id, told.change.agency_id) == ("catalogue", None)


def test_every_table_says_how_it_is_recorded_or_why_not() -> None:
    models = {mapper.class_ for mapper in Base.registry.mappers}
    undeclared = {m.__name__ for m in models if not recording_of(m) and not why_not_recorded(m)}
    assert undeclared == set()
    mapped = {model.__tablename__ for model in models}
    # Association tables without a model are lists of a recorded one.
    assert set(Base.metadata.tables) - mapped <= recorded_tables()
    assert "agency_succession" in recorded_tables()


def test_no_store_deletes_what_is_recorded_by_itself() -> None:
    for recording in all_recorded():
        for key in recording.model.__table__.foreign_keys:
            if key.ondelete is not None:
                parent = key.column.table.name
                owner = next(r for r in all_recorded() if r.model.__tablename__ == parent)
                cascades = {
                    r.mapper.class_
                    for r in sa.inspect(owner.model).relationships
                    if r.cascade.delete
                }
                assert recording.model in cascades, f"{recording.resource} goes with {parent}"


def test_files_are_not_recorded() -> None:
    class Other(sa.orm.DeclarativeBase):
        pass

    class File(Other):
        __tablename__ = "file"
        id: sa.orm.Mapped[int] = sa.orm.mapped_column(primary_key=True)
        content: sa.orm.Mapped[bytes]

    with pytest.raises(TypeError, match="keeps no files"):
        recorded("file", lists={"x": Listed("x", lambda _, item: item)})(File)
