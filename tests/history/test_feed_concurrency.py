"""A follower of the feed sees every change once while many clients write.

`CATALOGUE_FEED_TEST_SECONDS=10` makes the run longer. With `-s`, pytest prints its figures.
"""

import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.core.actor import Author
from catalogue.core.database import open_session
from catalogue.history import feed
from catalogue.systems.models import System
from tests.factories import BEDS, CAMBS, signed_in, system
from tests.history.feed import WITH_RISKS, events, page, patch_system
from tests.stores import Store
from tests.threads import wait_for_waiting
from tests.unsaved import CheckedClient

SECONDS = float(os.environ.get("CATALOGUE_FEED_TEST_SECONDS", "2"))
WRITERS = {"sqlite": 4, "postgresql": 50}
ROLLED_BACK = 3
"""One request in this number is refused after it has written, and is rolled back."""


@dataclass
class Written:
    """The system of one writer, with the numbers of its changes and refused requests."""

    identity: str
    changes: int = 0
    refused: int = 0


def same_client(app: Flask, client: CheckedClient) -> CheckedClient:
    """Return a client with the same token, for another thread."""
    copy = CheckedClient(app, use_cookies=False)
    copy.environ_base.update(client.environ_base)
    return copy


def write(api: CheckedClient, number: int, stop: threading.Event) -> Written:
    """Create a system, and raise its user count until the event is set."""
    created = api.post("/v1/systems", json={"name": f"System {number}", "lifecycle": "live"})
    assert created.status_code == 201, created.text
    written, tag = Written(created.json["id"]), created.headers["ETag"]  # type: ignore[index]
    path = f"/v1/systems/{written.identity}"
    turns = 0
    while not stop.is_set():
        turns += 1
        headers = {"If-Match": tag}
        if turns % ROLLED_BACK == 0:
            items = [{"name": f"{name} of {number}", "lifecycle": "live"} for name in ("X", "X")]
            refused = api.post("/v1/systems/bulk?mode=atomic", json={"items": items})
            assert refused.status_code in {409, 422}, refused.text
            written.refused += 1
            continue
        changes = {"user_count": written.changes + 1}
        changed = api.patch(path, json=changes, headers=headers)
        assert changed.status_code == 200, changed.text
        written.changes += 1
        tag = changed.headers["ETag"]
    return written


def follow(api: CheckedClient, done: threading.Event) -> tuple[list[dict[str, Any]], int]:
    """Read events until all writers are done. Return them, and the number of pages."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    pages = 0
    while True:
        was_done = done.is_set()
        event_page = page(api, resource="system", limit=200, **cursor)
        pages += 1
        items += event_page["items"]
        if event_page["page"]["next_cursor"]:
            cursor = {"after": event_page["page"]["next_cursor"]}
        if was_done and not event_page["items"]:
            return items, pages


@pytest.mark.only_on("postgresql")
def test_feed_orders_changes_by_commit(store: Store, owner: CheckedClient) -> None:
    made = system(owner, name="Slow")
    with open_session(store.database, read_only=False) as slow:
        slow.info["author"] = Author("somebody")
        slow.get_one(System, UUID(made["id"])).user_count = 7
        slow.flush()
        system(owner, name="Quick")
        seen = page(owner, resource="system")
        assert [each["changes"]["name"]["after"] for each in seen["items"]] == ["Slow", "Quick"]
        slow.commit()
    (late,) = page(owner, resource="system", after=seen["page"]["next_cursor"])["items"]
    assert late["changes"] == {"user_count": {"before": None, "after": 7}}


@pytest.mark.only_on("postgresql")
def test_record_added_while_its_system_is_closed_stays_in_no_copy(
    store: Store, session: Session
) -> None:
    app = store.app_with()
    owner, reader = (signed_in(app, session, code, WITH_RISKS) for code in (BEDS, CAMBS))
    session.close()
    made = system(owner, disclosure="all_agencies")
    page(reader)
    copies: set[str] = set()
    with (
        ThreadPoolExecutor(1) as pool,
        open_session(store.database, read_only=False) as closing,
    ):
        closing.info["author"] = Author("somebody")
        closing.get_one(System, UUID(made["id"])).disclosure = Disclosure.OWNER_ONLY
        closing.flush()
        path, body = f"/v1/systems/{made['id']}/uses", {"agency": BEDS, "user_count": 5}
        adding = pool.submit(same_client(app, owner).post, path, json=body)
        wait_for_waiting(store.database, unless=adding)
        apply(reader, copies)
        closing.commit()
        assert adding.result().status_code == 201
    apply(reader, copies)
    assert copies == set()


def test_page_misses_nothing_that_is_committed_while_it_is_read(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = store.app_with()
    owner, reader = (signed_in(app, session, code, WITH_RISKS) for code in (BEDS, CAMBS))
    session.close()
    closed = system(owner, name="Closed", disclosure="all_agencies")
    cursor = page(reader, after="end")["page"]["next_cursor"]
    made: list[str] = []

    def change() -> None:
        writer = same_client(app, owner)
        made.append(system(writer, name="Made", disclosure="all_agencies")["id"])
        patch_system(writer, closed, disclosure="owner_only")

    monkeypatch.setattr(feed, "access_events", after_once(change, feed.access_events))
    seen = events(reader, after=cursor)
    seen += events(reader, after=seen[-1]["id"] if seen else cursor)
    assert {each["resource_id"] for each in seen} == {*made, closed["id"]}


def after_once(first: Callable[[], None], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, before whose first call another runs to its end in a thread."""
    done: list[None] = []

    def call(*args: Any, **kwargs: Any) -> Any:
        if not done:
            done.append(None)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(first).result()
        return function(*args, **kwargs)

    return call


def apply(reader: CheckedClient, copies: set[str]) -> None:
    """Add the records that the feed shows to the copies, and remove those that it withdraws."""
    for event in events(reader):
        if event["resource"] not in {"system", "system_use"}:
            continue
        if event["kind"].endswith("access_withdrawn"):
            copies.discard(event["resource_id"])
        else:
            copies.add(event["resource_id"])


def test_feed_shows_every_concurrent_change_once_and_in_order(
    store: Store, session: Session
) -> None:
    app = store.app_with()
    client = signed_in(app, session, BEDS, WITH_RISKS)
    session.close()
    stop, done = threading.Event(), threading.Event()
    number = WRITERS[store.name]
    began = time.monotonic()
    with ThreadPoolExecutor(number + 1) as pool:
        following = pool.submit(follow, same_client(app, client), done)
        writing = [pool.submit(write, same_client(app, client), n, stop) for n in range(number)]
        stop.wait(SECONDS)
        stop.set()
        try:
            written = [each.result() for each in writing]
        finally:
            took = time.monotonic() - began
            done.set()
        seen, pages = following.result()
    changes = sum(each.changes for each in written)
    sys.stdout.write(
        f"\n{store.name}: {number} writers, {took:.1f} s, {number + changes} changes committed "
        f"({(number + changes) / took:.0f}/s), {sum(w.refused for w in written)} rolled back, "
        f"{len(seen)} events followed in {pages} pages\n"
    )
    assert len({each["id"] for each in seen}) == len(seen) == number + changes
    counted = defaultdict(list)
    for each in seen:
        counted[each["resource_id"]].append(each["changes"].get("user_count", {}).get("after"))
    for each in written:
        assert counted[each.identity] == [None, *range(1, each.changes + 1)]
    # No event appeared before one that had already been read.
    assert [each["id"] for each in events(client, resource="system", limit=200)] == [
        each["id"] for each in seen
    ]
    assert [each["at"] for each in seen] == sorted(each["at"] for each in seen)
