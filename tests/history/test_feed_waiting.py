"""Waiting for the next change."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.models import OAuthClient
from catalogue.access.operations import revoke_client
from catalogue.core.database import Database, database
from catalogue.history.waiting import ROOM
from tests.history.following import FEED, KENT, WITH_RISKS, page
from tests.identities import signed_in
from tests.recording import BEDS, system
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient


@pytest.fixture
def waiting_app(store: Store) -> Flask:
    """An app in which two requests may wait at a time."""
    return store.app_with(feed_waiters=2)


@pytest.fixture
def follower(waiting_app: Flask, session: Session) -> CheckedClient:
    """A client of the owner's that may wait."""
    return signed_in(waiting_app, session, BEDS, WITH_RISKS)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for the requests that wait."""
    with ThreadPoolExecutor(4) as opened:
        yield opened


def asking(pool: ThreadPoolExecutor, api: CheckedClient, **query: Any) -> "Future[Any]":
    """A request for events, under way; its answer and how long it took."""

    def ask() -> Any:
        began = time.monotonic()
        said = page(api, resource="system", **query)
        return said, time.monotonic() - began

    return pool.submit(ask)


def until_waiting(number: int) -> None:
    """Return when so many requests wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ROOM.taken != number:
        assert time.monotonic() < deadline, f"{ROOM.taken} wait"
        time.sleep(0.01)


def test_a_change_ends_the_wait(
    owner: CheckedClient, follower: CheckedClient, pool: ThreadPoolExecutor
) -> None:
    system(owner, name="One")
    cursor = page(owner, resource="system")["page"]["next_cursor"]
    asked = asking(pool, follower, after=cursor, wait=20)
    until_waiting(1)
    system(owner, name="Two")
    said, took = asked.result()
    assert [each["changes"]["name"]["after"] for each in said["items"]] == ["Two"]
    assert took < 5


def test_what_one_may_not_see_does_not_end_it(
    owner: CheckedClient,
    waiting_app: Flask,
    session: Session,
    pool: ThreadPoolExecutor,
) -> None:
    stranger = signed_in(waiting_app, session, KENT, WITH_RISKS)
    asked = asking(pool, stranger, wait=20)
    until_waiting(1)
    system(owner, name="Covert", disclosure="owner_only")
    assert not asked.done()
    until_waiting(1)
    system(owner, name="Open", disclosure="all_agencies")
    said, _ = asked.result()
    assert [each["changes"]["name"]["after"] for each in said["items"]] == ["Open"]


def test_without_a_change_the_page_is_empty_and_leads_on(
    owner: CheckedClient, follower: CheckedClient
) -> None:
    system(owner, name="One")
    cursor = page(owner, resource="system")["page"]["next_cursor"]
    began = time.monotonic()
    idle = page(follower, resource="system", after=cursor, wait=1)
    assert time.monotonic() - began >= 1
    assert idle == {"items": [], "page": {"next_cursor": cursor, "has_more": False}}


def test_what_is_there_already_is_not_waited_for(
    owner: CheckedClient, follower: CheckedClient
) -> None:
    system(owner, name="One")
    began = time.monotonic()
    assert len(page(follower, resource="system", wait=20)["items"]) == 1
    assert time.monotonic() - began < 5


def test_who_finds_no_seat_is_answered_at_once(
    follower: CheckedClient, owner: CheckedClient, pool: ThreadPoolExecutor
) -> None:
    waiting = [asking(pool, follower, wait=20) for _ in range(2)]
    until_waiting(2)
    said, took = asking(pool, follower, wait=20).result()
    assert said["items"] == []
    assert took < 5
    system(owner, name="One")
    assert [len(asked.result()[0]["items"]) for asked in waiting] == [1, 1]
    assert ROOM.taken == 0


def test_no_connection_is_held_meanwhile(
    follower: CheckedClient,
    owner: CheckedClient,
    waiting_app: Flask,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, most = [0], Database.take_reader
    give = Database.give_back_reader

    def take(self: Database) -> Any:
        out[0] += 1
        return most(self)

    def give_back(self: Database, connection: Any) -> None:
        out[0] -= 1
        give(self, connection)

    monkeypatch.setattr(Database, "take_reader", take)
    monkeypatch.setattr(Database, "give_back_reader", give_back)
    asked = asking(pool, follower, wait=20)
    until_waiting(1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while out[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not asked.done()
    assert database(waiting_app).engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    system(owner, name="One")
    assert len(asked.result()[0]["items"]) == 1


def test_a_change_by_another_process_ends_it_too(
    owner: CheckedClient,
    follower: CheckedClient,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(ROOM), "call", lambda _self: None)
    asked = asking(pool, follower, wait=20)
    until_waiting(1)
    system(owner, name="One")
    said, took = asked.result()
    assert len(said["items"]) == 1
    assert took < 5


def test_a_client_that_is_revoked_meanwhile_gets_no_answer(
    owner: CheckedClient, follower: CheckedClient, session: Session, pool: ThreadPoolExecutor
) -> None:
    def ask() -> Any:
        return follower.get(FEED, query_string={"resource": "system", "wait": 20})

    newest = sa.select(OAuthClient.client_id).order_by(OAuthClient.id.desc()).limit(1)
    client_id = session.scalars(newest).one()
    asked = pool.submit(ask)
    until_waiting(1)
    revoke_client(session, client_id=client_id)
    system(owner, name="One")
    response = asked.result()
    assert response.status_code == 401, response.text


def test_all_are_let_go_when_the_process_ends(
    follower: CheckedClient, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asking(pool, follower, wait=20)
    until_waiting(1)
    monkeypatch.setattr(ROOM, "_closed", False)
    ROOM.close()
    said, took = asked.result()
    assert said["items"] == []
    assert took < 5
