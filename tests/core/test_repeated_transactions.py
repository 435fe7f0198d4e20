"""Requests that lock the same records get through, and run again after a deadlock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import transactions
from catalogue.core.database import UnitOfWork
from catalogue.systems.operations import SystemWriter
from tests.api_calls import change, listed, read, refusals
from tests.factories import BEDS, READ_WRITE, signed_in, system
from tests.history.test_feed_concurrency import same_client
from tests.stores import Store
from tests.threads import Held, wait_for_waiting
from tests.unsaved import CheckedClient

BULK = "/v1/systems/bulk"
DEADLOCK = "40P01"


class Ended(Exception):
    """The driver's error for a transaction that the database has ended."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("ended")
        self.sqlstate = sqlstate


def failing(function: Callable[..., Any], sqlstate: str, *, times: int) -> Callable[..., Any]:
    """Return the function with an error of the database after each of its first calls."""
    left = [times]

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if left[0]:
            left[0] -= 1
            raise sa.exc.OperationalError("UPDATE", {}, Ended(sqlstate))
        return result

    return call


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "LONGEST_FIRST_PAUSE", 0)


@pytest.mark.usefixtures("without_pauses")
def test_request_runs_again_after_a_deadlock(
    api: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = system(api)
    path = f"/v1/systems/{made['id']}"
    monkeypatch.setattr(SystemWriter, "change", failing(SystemWriter.change, DEADLOCK, times=2))
    changed = change(api, path, name="Rota")
    assert changed.status_code == 200, changed.text
    item = {"id": made["id"], "etag": changed.headers["ETag"], "user_count": 7}
    monkeypatch.setattr(SystemWriter, "change", failing(SystemWriter.change, "40001", times=2))
    sent = api.patch(BULK, json={"items": [item]}, content_type="application/merge-patch+json")
    assert sent.status_code == 200, sent.text
    assert read(api, path)["user_count"] == 7
    events = read(api, f"{path}/history")["items"]
    assert len(events) == 3


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize(("sqlstate", "runs"), [(DEADLOCK, transactions.MOST_RUNS), ("55P03", 1)])
def test_request_that_never_gets_through_is_refused_with_503(
    api: CheckedClient, monkeypatch: pytest.MonkeyPatch, sqlstate: str, runs: int
) -> None:
    made = system(api)
    monkeypatch.setattr(SystemWriter, "change", failing(SystemWriter.change, sqlstate, times=runs))
    path = f"/v1/systems/{made['id']}"
    assert refusals(change(api, path, name="Rota"), 503) == set()
    assert change(api, path, name="Roster").status_code == 200
    assert listed(api, "/v1/systems") == ["Roster"]


@pytest.mark.usefixtures("without_pauses")
def test_work_runs_again_in_a_new_transaction(store: Store) -> None:
    ran: list[int] = []

    def work(work: UnitOfWork) -> int:
        ran.append(len(ran))
        if len(ran) < 3:
            raise sa.exc.OperationalError("UPDATE", {}, Ended(DEADLOCK))
        return len(ran)

    assert transactions.run_in_transaction(store.database, work) == 3


@pytest.mark.only_on("postgresql")
def test_bulk_changes_of_the_same_records_in_opposite_orders_wait_for_each_other(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = store.app_with()
    client = signed_in(app, session, BEDS, READ_WRITE)
    made = [system(client, name=f"System {i}") for i in range(3)]
    tags = {each["id"]: client.get(f"/v1/systems/{each['id']}").headers["ETag"] for each in made}
    session.close()
    monkeypatch.setattr(transactions, "MOST_RUNS", 1)
    held = Held(SystemWriter.change)
    monkeypatch.setattr(SystemWriter, "change", held.wrapper())

    def send(order: list[dict[str, Any]], count: int) -> Any:
        items = [{"id": e["id"], "etag": tags[e["id"]], "user_count": count} for e in order]
        return same_client(app, client).patch(f"{BULK}?mode=partial", json={"items": items})

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, made, 1)
        held.wait_until_entered()
        second = pool.submit(send, made[::-1], 2)
        try:
            wait_for_waiting(store.database)
        finally:
            held.let_go()
        responses = [first.result(), second.result()]
    assert [each.status_code for each in responses] == [200, 200]
    assert [each.json["succeeded"] for each in responses] == [3, 0]
    assert {each["status"] for each in responses[1].json["items"]} == {412}
