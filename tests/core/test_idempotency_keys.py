"""A write that is sent twice with the same key is done once."""

import io
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.access.models import OAuthClient
from catalogue.access.operations import issue_token
from catalogue.core import clock
from catalogue.core.application import settings
from catalogue.core.models import IdempotencyKey
from catalogue.systems.operations import SystemWriter
from tests.api_calls import answer, change, listed, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE
from tests.threads import PATIENCE_SECONDS, Held
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

BODY = {"name": "Duty management", "lifecycle": "live"}


def post(api: CheckedClient, key: str, body: Any = BODY, path: str = "/v1/systems") -> TestResponse:
    return api.post(path, json=body, headers={"Idempotency-Key": key})


def count_keys(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) or 0


def test_repeated_request_with_same_key_gets_same_answer(api: CheckedClient) -> None:
    first, second = post(api, "k1"), post(api, "k1")
    assert first.status_code == second.status_code == 201
    assert second.data == first.data
    for name in ("ETag", "Location", "Content-Type", "Cache-Control"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert listed(api, "/v1/systems") == ["Duty management"]


def test_replayed_answer_ignores_later_changes(api: CheckedClient) -> None:
    first = post(api, "k1")
    change(api, first.headers["Location"], name="Renamed")
    assert answer(post(api, "k1"))["name"] == "Duty management"
    assert listed(api, "/v1/systems") == ["Renamed"]


def test_change_repeated_after_a_lost_answer_is_known_as_the_clients_own(
    api: CheckedClient,
) -> None:
    path = post(api, "k1").headers["Location"]
    stale = {"If-Match": api.get(path).headers["ETag"], "Idempotency-Key": "k2"}
    first = api.patch(path, json={"user_count": 7}, headers=stale)
    assert first.status_code == 200
    assert change(api, path, user_count=8).status_code == 200
    current = stale | {"If-Match": api.get(path).headers["ETag"]}
    for headers in (stale, current):
        again = api.patch(path, json={"user_count": 7}, headers=headers)
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
        assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert answer(api.get(path))["user_count"] == 8
    others = api.patch(path, json={"user_count": 7}, headers=stale | {"Idempotency-Key": "k3"})
    assert others.status_code == 412
    assert refusals(api.delete(path, headers=stale)) == {("Idempotency-Key", "reused")}


def test_delete_and_put_repeated_with_same_key_run_once(api: CheckedClient) -> None:
    path = f"/v1/agencies/{BEDS}/systems/cmdb/CI1"
    key = {"Idempotency-Key": "k1"}
    made = [api.put(path, json=BODY, headers=key) for _ in range(2)]
    assert [response.status_code for response in made] == [201, 201]
    record = made[0].headers["Location"]
    sent = {"If-Match": made[1].headers["ETag"], "Idempotency-Key": "k2"}
    gone = [api.delete(record, headers=sent) for _ in range(2)]
    assert [(each.status_code, each.data) for each in gone] == [(204, b""), (204, b"")]
    assert gone[1].headers["Idempotent-Replayed"] == "true"


def test_different_request_with_same_key_is_refused(api: CheckedClient) -> None:
    post(api, "k1")
    for body, path in [
        (BODY | {"name": "Custody"}, "/v1/systems"),
        ({"name": "NEC"}, "/v1/suppliers"),
        ({"items": [BODY]}, "/v1/systems/bulk"),
    ]:
        assert refusals(post(api, "k1", body, path)) == {("Idempotency-Key", "reused")}
    assert listed(api, "/v1/systems") == ["Duty management"]
    assert listed(api, "/v1/suppliers") == []


def test_same_key_with_different_parameters_is_refused(api: CheckedClient) -> None:
    body = {"items": [BODY]}
    tried = post(api, "k1", body, "/v1/systems/bulk?dry_run=true")
    assert tried.status_code == 200
    assert refusals(post(api, "k1", body, "/v1/systems/bulk")) == {("Idempotency-Key", "reused")}


def test_key_belongs_to_one_client(api: CheckedClient, sign_in: SignIn) -> None:
    others = sign_in(BEDS, READ_WRITE), sign_in(CAMBS, READ_WRITE)
    made = [answer(post(api, "k1"))["id"]]
    made += [
        answer(post(other, "k1", BODY | {"name": f"System {n}"}))["id"]
        for n, other in enumerate(others)
    ]
    assert len(set(made)) == 3


def test_failed_request_stores_no_key(api: CheckedClient, session: Session) -> None:
    post(api, "taken")
    for wrong, status in ((BODY, 409), ({"name": "x"}, 422), (BODY | {"tags": ["a", "a"]}, 422)):
        assert post(api, "k2", wrong).status_code == status
    assert count_keys(session) == 1
    right = post(api, "k2", BODY | {"name": "Custody"})
    assert right.status_code == 201
    assert "Idempotent-Replayed" not in right.headers


def test_internal_error_stores_no_key(
    api: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        create = SystemWriter.create
        broken.setattr(SystemWriter, "create", lambda *given: (create(*given), 1 / 0))
        assert post(api, "k1").status_code == 500
    assert count_keys(session) == 0
    assert listed(api, "/v1/systems") == []
    assert post(api, "k1").status_code == 201


def test_key_expires_after_a_day(api: CheckedClient, app: Flask, session: Session) -> None:
    first = post(api, "k1")
    made_at = clock.now()

    def send_after(age: timedelta, name: str) -> TestResponse:
        with clock.freeze(made_at + age):
            client = session.scalars(sa.select(OAuthClient)).one()
            token = issue_token(session, client=client, settings=settings(app))
            api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
            return post(api, "k1", BODY | {"name": name})

    assert send_after(timedelta(hours=23), "Duty management").data == first.data
    assert refusals(send_after(timedelta(hours=23), "Custody"))
    late = send_after(timedelta(hours=25), "Custody")
    assert late.status_code == 201
    assert "Idempotent-Replayed" not in late.headers
    assert send_after(timedelta(hours=26), "Custody").data == late.data
    assert listed(api, "/v1/systems") == ["Custody", "Duty management"]
    assert count_keys(session) == 1


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 256, id="too_long"),
        pytest.param("a\tb", id="tab"),
        pytest.param("clé", id="non_ascii"),
        pytest.param("\x7f", id="delete"),
    ],
)
def test_invalid_key_is_refused(api: CheckedClient, key: str) -> None:
    assert refusals(post(api, key), 400) == {("Idempotency-Key", "invalid")}
    assert listed(api, "/v1/systems") == []


def test_longest_key_is_accepted(api: CheckedClient) -> None:
    assert post(api, "x" * 255).status_code == 201
    assert post(api, "x" * 255).headers["Idempotent-Replayed"] == "true"


def test_form_with_another_boundary_counts_as_same_request(sign_in: SignIn) -> None:
    api = sign_in(BEDS, "systems:read imports:write")

    def send(content: bytes) -> TestResponse:
        return api.post(
            "/v1/imports",
            data={"file": (io.BytesIO(content), "systems.csv")},
            headers={"Idempotency-Key": "k1"},
        )

    first = send(b"Name,Supplier\nDuty management,NEC\n")
    assert first.status_code == 202, first.text
    assert send(b"Name,Supplier\nDuty management,NEC\n").data == first.data
    assert refusals(send(b"Name,Supplier\nCustody,NEC\n")) == {("Idempotency-Key", "reused")}
    page = answer(api.get("/v1/imports?total=true"))["page"]
    assert page["total"] == 1


@pytest.fixture
def first_is_under_way(
    api: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> tuple[Thread, Held, list[TestResponse]]:
    """A request with the key k1 that stands still in the middle of its work."""
    session.close()
    held, answers = Held(SystemWriter.create), []
    monkeypatch.setattr(SystemWriter, "create", held.wrapper())
    first = Thread(target=lambda: answers.append(post(api, "k1")))
    first.start()
    held.wait_until_entered()
    return first, held, answers


@pytest.mark.only_on("postgresql")
def test_second_request_during_the_first_gets_409(
    api: CheckedClient, first_is_under_way: tuple[Thread, Held, list[TestResponse]]
) -> None:
    first, held, answers = first_is_under_way
    try:
        second = post(api, "k1")
        other = post(api, "k2", BODY | {"name": "Custody"})
    finally:
        held.let_go()
        first.join(PATIENCE_SECONDS)
    assert refusals(second, 409) == {("Idempotency-Key", "running")}
    assert int(second.headers["Retry-After"]) >= 1
    assert other.status_code == 201
    assert [each.status_code for each in answers] == [201]
    assert post(api, "k1").data == answers[0].data


@pytest.mark.only_on("sqlite")
def test_second_request_waits_for_the_first_on_sqlite(
    api: CheckedClient, first_is_under_way: tuple[Thread, Held, list[TestResponse]]
) -> None:
    first, held, answers = first_is_under_way
    second = Thread(target=lambda: answers.append(post(api, "k1")))
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(PATIENCE_SECONDS)
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert listed(api, "/v1/systems") == ["Duty management"]
