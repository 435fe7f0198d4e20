"""The hash chain: what it covers, how concurrent writers extend it, and what guards it."""

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
from catalogue.core.actor import Author
from catalogue.core.application import unit_of_work
from catalogue.core.canonical import canonical
from catalogue.core.database import Base
from catalogue.history.audit_log import AuditedList, audited
from catalogue.history.hash_chain import normalised
from catalogue.history.models import BEGINNING, ChangeSet, HistoryHead, Person
from catalogue.history.registry import (
    audited_tables,
    find_audited_model,
    list_audited_models,
    reason_not_audited,
)
from catalogue.suppliers.operations import create_supplier
from tests.contexts import acting, open_context
from tests.history.recorded_events import read_events, read_seal
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
    """Record one change: create a supplier."""
    create_supplier(acting(session), {"name": name})
    session.commit()


@given(value=VALUES)
def test_settled_value_survives_json_round_trip(value: Any) -> None:
    once = canonical(normalised(value))
    assert canonical(normalised(orjson.loads(once))) == once


@pytest.mark.only_on("postgresql")
@given(value=VALUES)
def test_postgresql_returns_the_sealed_value(session: Session, value: Any) -> None:
    text = canonical(normalised(value))
    back = session.scalar(sa.text("SELECT CAST(:it AS jsonb)"), {"it": text.decode()})
    session.rollback()
    assert canonical(normalised(back)) == text


def test_each_change_set_continues_the_chain(session: Session, app: Flask) -> None:
    for name in "abc":
        supplier(session, name)
    chain = list(session.scalars(sa.select(ChangeSet).order_by(ChangeSet.number)))
    head = session.scalars(sa.select(HistoryHead)).one()
    assert [each.number for each in chain] == [1, 2, 3]
    assert chain[0].previous_digest == BEGINNING
    assert all(later.previous_digest == earlier.digest for earlier, later in pairwise(chain))
    assert (head.number, head.digest) == (3, chain[-1].digest)
    session.commit()
    assert read_seal(app) == f"3:{head.digest}"


def test_clock_set_back_does_not_change_the_order(session: Session, app: Flask) -> None:
    now = clock.now()
    for minutes in (0, -5, -10, 5):
        with clock.freeze(now + timedelta(minutes=minutes)):
            supplier(session, f"S {minutes}")
    moments = [each.change.at for each in read_events(session)]
    assert moments == [now, now, now, now + timedelta(minutes=5)]
    read_seal(app)


def test_concurrent_writers_make_one_chain(store: Store, app: Flask, session: Session) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                with open_context(app) as context:
                    context.write_as(Author(f"client {number}", subject="a.person"))
                    create_supplier(context, {"name": f"S {number} {turn}"})
                    context.session.commit()
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [each.change.number for each in read_events(session)] == list(range(1, 21))
    assert len(session.scalars(sa.select(Person)).all()) == 1
    session.commit()
    read_seal(app)


def test_change_after_sealing_is_refused(session: Session) -> None:
    @sa.event.listens_for(session, "before_commit", once=True)
    def _late(session: Session) -> None:
        create_supplier(acting(session), {"name": "late"})
        session.flush()

    create_supplier(acting(session), {"name": "early"})
    with pytest.raises(RuntimeError, match="after its change set was sealed"):
        session.commit()
    session.rollback()
    assert read_events(session) == []


def test_command_is_recorded_as_the_catalogue(session: Session, app: Flask) -> None:
    with unit_of_work(app) as context:
        create_supplier(context, {"name": "A"})
    (told,) = read_events(session)
    assert (told.change.client_id, told.change.agency_id) == ("catalogue", None)


def test_every_table_declares_how_it_is_recorded_or_why_not() -> None:
    models = {mapper.class_ for mapper in Base.registry.mappers}
    undeclared = {
        m.__name__ for m in models if not find_audited_model(m) and not reason_not_audited(m)
    }
    assert undeclared == set()
    mapped = {model.__tablename__ for model in models}
    # Association tables without a model are lists of a recorded one.
    assert set(Base.metadata.tables) - mapped <= audited_tables()
    assert "agency_succession" in audited_tables()


def test_recorded_rows_are_never_deleted_by_database_cascade_alone() -> None:
    for recording in list_audited_models():
        for key in recording.model.__table__.foreign_keys:
            if key.ondelete is not None:
                parent = key.column.table.name
                owner = next(r for r in list_audited_models() if r.model.__tablename__ == parent)
                cascades = {
                    r.mapper.class_
                    for r in sa.inspect(owner.model).relationships
                    if r.cascade.delete
                }
                assert recording.model in cascades, f"{recording.resource} goes with {parent}"


def test_model_with_binary_column_cannot_be_recorded() -> None:
    class Other(sa.orm.DeclarativeBase):
        pass

    class File(Other):
        __tablename__ = "file"
        id: sa.orm.Mapped[int] = sa.orm.mapped_column(primary_key=True)
        content: sa.orm.Mapped[bytes]

    with pytest.raises(TypeError, match="cannot record files"):
        audited("file", lists={"x": AuditedList("x", lambda _, item: item)})(File)
