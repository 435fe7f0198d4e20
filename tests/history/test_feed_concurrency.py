"""A follower of the feed sees every change once while many clients write.

`CATALOGUE_FEED_TEST_SECONDS=10` makes it a longer run; its figures are printed with `-s`.
"""

import os
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.actor import Author
from catalogue.core.database import open_session
from catalogue.systems.models import System
from tests.factories import BEDS, signed_in, system
from tests.history.feed import WITH_RISKS, events, page
from tests.stores import Store
from tests.unsaved import CheckedClient

SECONDS = float(os.environ.get("CATALOGUE_FEED_TEST_SECONDS", "2"))
WRITERS = {"sqlite": 4, "postgresql": 50}
ROLLED_BACK = 3
"""Each writer's every so many-th request is refused after it has written, and takes that back."""


@dataclass
class Written:
    """What one writer was answered about its system."""

    identity: str
    changes: int = 0
    refused: int = 0


def same_client(app: Flask, client: CheckedClient) -> CheckedClient:
    """A client with the same token, for another thread."""
    made = CheckedClient(app, use_cookies=False)
    made.environ_base.update(client.environ_base)
    return made


def write(api: CheckedClient, number: int, stop: threading.Event) -> Written:
    """Record a system, and count up its users until told to stop."""
    made = api.post("/v1/systems", json={"name": f"System {number}", "lifecycle": "live"})
    assert made.status_code == 201, made.text
    written, tag = Written(made.json["id"]), made.headers["ETag"]  # type: ignore[index]
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
    """All events, as they come, until the last after everything was done; and how many pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    pages = 0
    while True:
        was_done = done.is_set()
        said = page(api, resource="system", limit=200, **cursor)
        pages += 1
        found += said["items"]
        if said["page"]["next_cursor"]:
            cursor = {"after": said["page"]["next_cursor"]}
        if was_done and not said["items"]:
            return found, pages


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
    # Nothing has come to stand before what had been read already.
    assert [each["id"] for each in events(client, resource="system", limit=200)] == [
        each["id"] for each in seen
    ]
    assert [each["at"] for each in seen] == sorted(each["at"] for each in seen)
