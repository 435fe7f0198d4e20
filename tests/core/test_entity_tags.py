"""Entity tags: a record that has not changed keeps its tag, and nobody overwrites unseen changes."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.core import clock
from catalogue.systems.operations import SystemWriter
from tests.recording import BEDS, CAMBS, READ_WRITE, change, read, refusals, system
from tests.threads import Held
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def path(api: CheckedClient) -> str:
    made = system(api, disclosure="all_agencies", tags=["a"], attributes={"n": 1}, legacy_risk=20)
    return f"/v1/systems/{made['id']}"


def patch(api: CheckedClient, path: str, tag: str | None, **changes: Any) -> TestResponse:
    headers = {} if tag is None else {"If-Match": tag}
    return api.patch(path, json=changes, headers=headers)


def test_the_answer_to_a_write_has_the_tag_of_the_next_read(api: CheckedClient) -> None:
    made = api.post("/v1/systems", json={"name": "Custody", "lifecycle": "live"})
    path = made.headers["Location"]
    assert path == f"/v1/systems/{made.json['id']}"
    assert api.get(path).headers["ETag"] == made.headers["ETag"]
    changed = patch(api, path, made.headers["ETag"], name="Custody suite")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert api.get(path).headers["ETag"] == changed.headers["ETag"]
    assert api.get(path).json == changed.json


def test_what_the_client_has_is_not_sent_again(api: CheckedClient, path: str) -> None:
    tag = api.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = api.get(path, headers={"If-None-Match": known})
        assert (response.status_code, response.data) == (304, b""), known
        assert response.headers["ETag"] == tag
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    page = api.get("/v1/systems").headers["ETag"]
    assert api.get("/v1/systems", headers={"If-None-Match": page}).status_code == 304
    patch(api, path, tag, name="Other")
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert api.get("/v1/systems", headers={"If-None-Match": page}).status_code == 200


def test_an_answer_is_for_its_reader_alone(api: CheckedClient, path: str) -> None:
    for address in (path, "/v1/systems"):
        cached = api.get(address).headers["Cache-Control"]
        assert "private" in cached
        assert "no-cache" in cached


def test_a_change_must_say_what_it_is_meant_for(api: CheckedClient, path: str) -> None:
    for nothing in (None, "", " "):
        assert refusals(patch(api, path, nothing, name="New"), 428) == set()
    assert read(api, path)["name"] == "Duty management"


@pytest.mark.parametrize("tag", ['"stale"', "W/{}", "not a tag", '"{}'])
def test_a_change_that_was_meant_for_another_state(api: CheckedClient, path: str, tag: str) -> None:
    current = api.get(path).headers["ETag"]
    sent = tag.format(current.strip('"') if tag.startswith('"') else current)
    assert refusals(patch(api, path, sent, name="New"), 412) == set()
    assert read(api, path)["name"] == "Duty management"


def test_any_state_will_do_if_the_client_says_so(api: CheckedClient, path: str) -> None:
    assert patch(api, path, "*", name="New").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Duty management"},
        {"name": "  Duty management "},
        {"lifecycle": "live", "tags": ["a"], "legacy_risk": 20, "description": None},
        {"attributes": {}},
        {"attributes": {"n": 1, "absent": None}},
        {"aliases": [], "capabilities": [], "external_ids": []},
    ],
    ids=str,
)
def test_a_change_of_nothing_changes_nothing(
    api: CheckedClient, path: str, changes: dict[str, Any]
) -> None:
    before = api.get(path)
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        response = patch(api, path, before.headers["ETag"], **changes)
    assert response.status_code == 200, response.text
    assert response.headers["ETag"] == before.headers["ETag"]
    assert response.json == before.json


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Duties"},
        {"tags": ["a", "b"]},
        {"attributes": {"n": 2}},
        {"attributes": {"n": True}},
        {"external_ids": [{"source": "cmdb", "id": "1"}]},
        {"legacy_risk": None},
    ],
    ids=str,
)
def test_every_change_is_dated(api: CheckedClient, path: str, changes: dict[str, Any]) -> None:
    before = api.get(path)
    later = clock.now() + timedelta(minutes=1)
    with clock.freeze(later):
        response = patch(api, path, before.headers["ETag"], **changes)
    assert response.status_code == 200, response.text
    assert response.headers["ETag"] != before.headers["ETag"]
    assert response.json["updated_at"].startswith(later.strftime("%Y-%m-%dT%H:%M:%S"))
    assert response.json["created_at"] == before.json["created_at"]


def test_each_reader_has_a_tag_of_what_is_shown_to_it(
    api: CheckedClient, path: str, sign_in: SignIn
) -> None:
    stranger = sign_in(CAMBS, READ_WRITE)
    own, foreign = api.get(path), stranger.get(path)
    assert own.headers["ETag"] != foreign.headers["ETag"]
    # A stranger's tag is of no use to the owner's feed, nor the other way about.
    assert patch(api, path, foreign.headers["ETag"], name="New").status_code == 412
    seen = stranger.get(path, headers={"If-None-Match": own.headers["ETag"]})
    assert seen.status_code == 200
    assert stranger.get(path).headers["ETag"] == foreign.headers["ETag"]


def test_a_stranger_learns_nothing_by_trying_tags(
    api: CheckedClient, path: str, sign_in: SignIn
) -> None:
    stranger = sign_in(CAMBS, READ_WRITE)
    hidden = system(api, name="Covert", disclosure="owner_only")["id"]
    own = api.get(f"/v1/systems/{hidden}").headers["ETag"]
    for tag in (own, '"guess"', "*"):
        assert patch(stranger, f"/v1/systems/{hidden}", tag, name="x").status_code == 404
        assert patch(stranger, path, tag, name="x").status_code == 403


def test_the_second_of_two_editors_is_told(api: CheckedClient, path: str, sign_in: SignIn) -> None:
    colleague = sign_in(BEDS, READ_WRITE)
    tag = api.get(path).headers["ETag"]
    assert colleague.get(path).headers["ETag"] == tag
    assert patch(colleague, path, tag, description="Theirs").status_code == 200
    assert refusals(patch(api, path, tag, description="Ours"), 412) == set()
    assert read(api, path)["description"] == "Theirs"
    assert change(api, path, description="Ours").status_code == 200


def test_of_two_changes_at_once_one_is_told(
    api: CheckedClient, path: str, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = api.get(path).headers["ETag"]
    session.close()
    held = Held(SystemWriter.change)
    monkeypatch.setattr(SystemWriter, "change", held.wrapper())
    statuses: list[int] = []

    def send(description: str) -> None:
        statuses.append(patch(api, path, tag, description=description).status_code)

    first, second = (Thread(target=send, args=(text,)) for text in ("First", "Second"))
    first.start()
    held.wait_until_entered()
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(timeout=20)
    assert sorted(statuses) == [200, 412]
    assert read(api, path)["description"] == "First"
