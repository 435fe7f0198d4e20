"""Long polling: requests that wait for the next change."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.models import OAuthClient
from catalogue.access.operations import revoke_client
from catalogue.core.application import database
from catalogue.core.database import Database
from catalogue.history import feed, responses
from catalogue.history.long_poll import SLOTS
from tests.factories import BEDS, HERTS, signed_in, system
from tests.history.feed import FEED, KENT, WITH_RISKS, page
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient


@pytest.fixture
def waiting_app(store: Store) -> Flask:
    """An app in which two requests can wait at a time."""
    return store.app_with(feed_waiters=2)


@pytest.fixture
def follower(waiting_app: Flask, session: Session) -> CheckedClient:
    """A client of the owner in the app whose requests can wait."""
    return signed_in(waiting_app, session, BEDS, WITH_RISKS)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for requests that wait. Time stands still, so only an event ends a wait."""
    with ThreadPoolExecutor(4) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(responses, "time", SimpleNamespace(monotonic=lambda: 0.0))
        yield opened


def request_events(pool: ThreadPoolExecutor, api: CheckedClient, **query: Any) -> "Future[Any]":
    """Request events in a thread of the pool."""
    return pool.submit(page, api, resource="system", **query)


def names_of(pending: "Future[Any]") -> list[str]:
    """Return the names of the systems in the response, once it arrives."""
    items = pending.result(PATIENCE_SECONDS)["items"]
    return [each["changes"]["name"]["after"] for each in items]


def await_waiters(number: int) -> None:
    """Return when this number of requests waits."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while SLOTS.taken != number:
        assert time.monotonic() < deadline, f"{SLOTS.taken} wait"
        time.sleep(0.01)


def test_change_ends_the_wait(
    owner: CheckedClient, follower: CheckedClient, pool: ThreadPoolExecutor
) -> None:
    system(owner, name="One")
    cursor = page(owner, resource="system")["page"]["next_cursor"]
    pending = request_events(pool, follower, after=cursor, wait=20)
    await_waiters(1)
    system(owner, name="Two")
    assert names_of(pending) == ["Two"]


def test_hidden_change_does_not_end_the_wait(
    owner: CheckedClient,
    waiting_app: Flask,
    session: Session,
    pool: ThreadPoolExecutor,
) -> None:
    stranger = signed_in(waiting_app, session, KENT, WITH_RISKS)
    pending = request_events(pool, stranger, wait=20)
    await_waiters(1)
    system(owner, name="Covert", disclosure="owner_only")
    assert not pending.done()
    await_waiters(1)
    system(owner, name="Open", disclosure="all_agencies")
    assert names_of(pending) == ["Open"]


def test_wait_without_a_change_returns_empty_page_with_cursor(
    owner: CheckedClient, follower: CheckedClient
) -> None:
    system(owner, name="One")
    cursor = page(owner, resource="system")["page"]["next_cursor"]
    began = time.monotonic()
    idle = page(follower, resource="system", after=cursor, wait=1)
    assert time.monotonic() - began >= 1
    assert idle == {"items": [], "page": {"next_cursor": cursor, "has_more": False}}


def test_existing_events_are_returned_without_waiting(
    owner: CheckedClient, follower: CheckedClient, pool: ThreadPoolExecutor
) -> None:
    system(owner, name="One")
    assert names_of(request_events(pool, follower, wait=20)) == ["One"]


def test_request_without_a_slot_is_answered_without_waiting(
    follower: CheckedClient,
    owner: CheckedClient,
    waiting_app: Flask,
    session: Session,
    pool: ThreadPoolExecutor,
) -> None:
    others = [signed_in(waiting_app, session, code, WITH_RISKS) for code in (KENT, HERTS)]
    session.close()
    waiting = [request_events(pool, follower, wait=20)]
    await_waiters(1)
    assert names_of(request_events(pool, follower, wait=20)) == [], "half the slots are taken"
    waiting.append(request_events(pool, others[0], wait=20))
    await_waiters(2)
    assert names_of(request_events(pool, others[1], wait=20)) == []
    system(owner, name="One", disclosure="all_agencies")
    assert [names_of(pending) for pending in waiting] == [["One"], ["One"]]
    assert SLOTS.taken == 0


def test_waiting_request_holds_no_connection(
    follower: CheckedClient,
    owner: CheckedClient,
    waiting_app: Flask,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, most = [0], Database.acquire_read_connection
    give = Database.release_read_connection

    def take(self: Database) -> Any:
        out[0] += 1
        return most(self)

    def give_back(self: Database, connection: Any) -> None:
        out[0] -= 1
        give(self, connection)

    monkeypatch.setattr(Database, "acquire_read_connection", take)
    monkeypatch.setattr(Database, "release_read_connection", give_back)
    pending = request_events(pool, follower, wait=20)
    await_waiters(1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while out[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not pending.done()
    assert database(waiting_app).engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    system(owner, name="One")
    assert names_of(pending) == ["One"]


def test_change_by_another_process_ends_the_wait(
    owner: CheckedClient,
    follower: CheckedClient,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(SLOTS), "wake", lambda _self: None)
    pending = request_events(pool, follower, wait=20)
    await_waiters(1)
    system(owner, name="One")
    assert names_of(pending) == ["One"]


def test_waiting_client_gets_401_when_revoked(
    owner: CheckedClient, follower: CheckedClient, session: Session, pool: ThreadPoolExecutor
) -> None:
    def ask() -> Any:
        return follower.get(FEED, query_string={"resource": "system", "wait": 20})

    newest = sa.select(OAuthClient.client_id).order_by(OAuthClient.id.desc()).limit(1)
    client_id = session.scalars(newest).one()
    pending = pool.submit(ask)
    await_waiters(1)
    revoke_client(session, client_id=client_id)
    system(owner, name="One")
    response = pending.result(PATIENCE_SECONDS)
    assert response.status_code == 401, response.text


def test_waiting_request_is_answered_when_the_process_ends(
    follower: CheckedClient, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = request_events(pool, follower, wait=20)
    await_waiters(1)
    monkeypatch.setattr(SLOTS, "_closed", False)
    SLOTS.close()
    assert names_of(pending) == []


def test_event_between_the_first_reading_and_the_wait_is_not_missed(
    waiting_app: Flask,
    follower: CheckedClient,
    session: Session,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = signed_in(waiting_app, session, BEDS, WITH_RISKS)
    session.close()
    system(writer, name="First")
    cursor = page(follower)["page"]["next_cursor"]
    read_page = feed.Feed.page

    def read_and_write(self: feed.Feed, *args: Any) -> Any:
        found = read_page(self, *args)
        monkeypatch.setattr(feed.Feed, "page", read_page)
        pool.submit(system, writer, name="Between").result()
        return found

    monkeypatch.setattr(feed.Feed, "page", read_and_write)
    assert names_of(request_events(pool, follower, after=cursor, wait=5)) == ["Between"]
