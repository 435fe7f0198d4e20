"""A POST that is sent twice with the same key is done once."""

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
from catalogue.core.models import IdempotencyKey
from catalogue.systems.operations import SystemWriter
from tests.recording import BEDS, CAMBS, READ_WRITE, answer, change, listed, refusals
from tests.threads import Held
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

BODY = {"name": "Duty management", "lifecycle": "live"}


def post(api: CheckedClient, key: str, body: Any = BODY, path: str = "/v1/systems") -> TestResponse:
    return api.post(path, json=body, headers={"Idempotency-Key": key})


def kept(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) or 0


def test_the_same_request_gets_the_same_answer(api: CheckedClient) -> None:
    first, second = post(api, "k1"), post(api, "k1")
    assert first.status_code == second.status_code == 201
    assert second.data == first.data
    for name in ("ETag", "Location", "Content-Type", "Cache-Control"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert listed(api, "/v1/systems") == ["Duty management"]


def test_the_answer_is_the_first_one_whatever_became_of_the_record(api: CheckedClient) -> None:
    first = post(api, "k1")
    change(api, first.headers["Location"], name="Renamed")
    assert answer(post(api, "k1"))["name"] == "Duty management"
    assert listed(api, "/v1/systems") == ["Renamed"]


def test_another_request_under_the_same_key_is_refused(api: CheckedClient) -> None:
    post(api, "k1")
    for body, path in [
        (BODY | {"name": "Custody"}, "/v1/systems"),
        ({"name": "NEC"}, "/v1/suppliers"),
        ({"items": [BODY]}, "/v1/systems/bulk"),
    ]:
        assert refusals(post(api, "k1", body, path)) == {("Idempotency-Key", "reused")}
    assert listed(api, "/v1/systems") == ["Duty management"]
    assert listed(api, "/v1/suppliers") == []


def test_parameters_are_part_of_the_request(api: CheckedClient) -> None:
    body = {"items": [BODY]}
    tried = post(api, "k1", body, "/v1/systems/bulk?dry_run=true")
    assert tried.status_code == 200
    assert refusals(post(api, "k1", body, "/v1/systems/bulk")) == {("Idempotency-Key", "reused")}


def test_a_key_belongs_to_its_client(api: CheckedClient, sign_in: SignIn) -> None:
    others = sign_in(BEDS, READ_WRITE), sign_in(CAMBS, READ_WRITE)
    made = [answer(post(api, "k1"))["id"]]
    made += [
        answer(post(other, "k1", BODY | {"name": f"System {n}"}))["id"]
        for n, other in enumerate(others)
    ]
    assert len(set(made)) == 3


def test_a_failed_request_leaves_nothing(api: CheckedClient, session: Session) -> None:
    post(api, "taken")
    for wrong, status in ((BODY, 409), ({"name": "x"}, 422), (BODY | {"tags": ["a", "a"]}, 422)):
        assert post(api, "k2", wrong).status_code == status
    assert kept(session) == 1
    right = post(api, "k2", BODY | {"name": "Custody"})
    assert right.status_code == 201
    assert "Idempotent-Replayed" not in right.headers


def test_a_fault_in_the_middle_leaves_nothing(
    api: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        create = SystemWriter.create
        broken.setattr(SystemWriter, "create", lambda *given: (create(*given), 1 / 0))
        assert post(api, "k1").status_code == 500
    assert kept(session) == 0
    assert listed(api, "/v1/systems") == []
    assert post(api, "k1").status_code == 201


def test_a_key_is_forgotten_after_a_day(api: CheckedClient, app: Flask, session: Session) -> None:
    first = post(api, "k1")
    made_at = clock.now()

    def sent_after(age: timedelta, name: str) -> TestResponse:
        with clock.freeze(made_at + age), app.app_context():
            client = session.scalars(sa.select(OAuthClient)).one()
            token = issue_token(session, client=client)
            api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
            return post(api, "k1", BODY | {"name": name})

    assert sent_after(timedelta(hours=23), "Duty management").data == first.data
    assert refusals(sent_after(timedelta(hours=23), "Custody"))
    late = sent_after(timedelta(hours=25), "Custody")
    assert late.status_code == 201
    assert "Idempotent-Replayed" not in late.headers
    assert sent_after(timedelta(hours=26), "Custody").data == late.data
    assert listed(api, "/v1/systems") == ["Custody", "Duty management"]
    assert kept(session) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "clé", "\x7f"])
def test_a_key_that_is_none(api: CheckedClient, key: str) -> None:
    assert refusals(post(api, key), 400) == {("Idempotency-Key", "invalid")}
    assert listed(api, "/v1/systems") == []


def test_the_longest_key(api: CheckedClient) -> None:
    assert post(api, "x" * 255).status_code == 201
    assert post(api, "x" * 255).headers["Idempotent-Replayed"] == "true"


def test_a_form_is_the_same_whatever_separates_its_parts(sign_in: SignIn) -> None:
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
def test_while_the_first_is_still_running(
    api: CheckedClient, first_is_under_way: tuple[Thread, Held, list[TestResponse]]
) -> None:
    first, held, answers = first_is_under_way
    try:
        second = post(api, "k1")
        other = post(api, "k2", BODY | {"name": "Custody"})
    finally:
        held.let_go()
        first.join(timeout=20)
    assert refusals(second, 409) == {("Idempotency-Key", "running")}
    assert int(second.headers["Retry-After"]) >= 1
    assert other.status_code == 201
    assert [each.status_code for each in answers] == [201]
    assert post(api, "k1").data == answers[0].data


@pytest.mark.only_on("sqlite")
def test_the_second_waits_for_the_only_writer(
    api: CheckedClient, first_is_under_way: tuple[Thread, Held, list[TestResponse]]
) -> None:
    first, held, answers = first_is_under_way
    second = Thread(target=lambda: answers.append(post(api, "k1")))
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(timeout=20)
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert listed(api, "/v1/systems") == ["Duty management"]
