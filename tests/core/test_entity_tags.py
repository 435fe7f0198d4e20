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
from tests.api_calls import answer, change, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.threads import PATIENCE_SECONDS, Held
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def path(api: CheckedClient) -> str:
    made = system(api, disclosure="all_agencies", tags=["a"], attributes={"n": 1}, legacy_risk=20)
    return f"/v1/systems/{made['id']}"


def patch(api: CheckedClient, path: str, tag: str | None, **changes: Any) -> TestResponse:
    headers = {} if tag is None else {"If-Match": tag}
    return api.patch(path, json=changes, headers=headers)


def test_write_returns_etag_of_next_read(api: CheckedClient) -> None:
    made = api.post("/v1/systems", json={"name": "Custody", "lifecycle": "live"})
    path = made.headers["Location"]
    assert path == f"/v1/systems/{made.json['id']}"
    assert api.get(path).headers["ETag"] == made.headers["ETag"]
    changed = patch(api, path, made.headers["ETag"], name="Custody suite")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert api.get(path).headers["ETag"] == changed.headers["ETag"]
    assert api.get(path).json == changed.json


def test_matching_if_none_match_returns_304(api: CheckedClient, path: str) -> None:
    tag = api.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*", f'{tag[:-1]}-gzip"', f"{tag}-gzip"):
        response = api.get(path, headers={"If-None-Match": known})
        assert (response.status_code, response.data) == (304, b""), known
        assert response.headers["ETag"] == tag
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    page = api.get("/v1/systems").headers["ETag"]
    assert api.get("/v1/systems", headers={"If-None-Match": page}).status_code == 304
    patch(api, path, tag, name="Other")
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert api.get("/v1/systems", headers={"If-None-Match": page}).status_code == 200


def test_responses_are_private_and_revalidated(api: CheckedClient, path: str) -> None:
    for address in (path, "/v1/systems"):
        cached = api.get(address).headers["Cache-Control"]
        assert "private" in cached
        assert "no-cache" in cached


def test_change_without_if_match_is_refused(api: CheckedClient, path: str) -> None:
    for nothing in (None, "", " "):
        assert refusals(patch(api, path, nothing, name="New"), 428) == set()
    assert read(api, path)["name"] == "Duty management"


PROXIED = [
    pytest.param('W/"{}"', id="weak"),
    pytest.param('"{}-gzip"', id="apache"),
    pytest.param('"{}"-gzip', id="old_apache"),
    pytest.param('"{};gzip"', id="semicolon"),
    pytest.param('"{}--gzip"', id="jetty"),
    pytest.param('"{}-br"', id="brotli"),
    pytest.param('"{}-df"', id="deflate"),
    pytest.param('W/"{}-zstd"', id="weak_zstd"),
    pytest.param('"{}-br-gzip"', id="two_proxies"),
    pytest.param('W/"other", W/"{}"', id="list_of_weak"),
    pytest.param('"other-gzip" , "{}-gzip"', id="list_of_suffixed"),
]
"""A tag as it arrives after proxies that compress the response changed it."""


@pytest.mark.parametrize("form", PROXIED)
def test_tag_changed_by_compressing_proxy_is_the_records_tag(
    api: CheckedClient, path: str, form: str
) -> None:
    def received() -> str:
        return form.format(api.get(path).headers["ETag"].strip('"'))

    assert api.get(path, headers={"If-None-Match": received()}).status_code == 304
    stale = received()
    assert patch(api, path, stale, name="First").status_code == 200
    assert patch(api, path, stale, name="Second").status_code == 412
    item = {"id": path.rsplit("/", 1)[1], "etag": received(), "name": "Third"}
    bulk = api.patch("/v1/systems/bulk", json={"items": [item]})
    assert (bulk.status_code, read(api, path)["name"]) == (200, "Third")
    assert api.patch("/v1/systems/bulk", json={"items": [item]}).status_code == 422
    other = {"duplicate_id": system(api, name="Duplicate", disclosure="all_agencies")["id"]}
    refused = api.post(f"{path}/merge", json=other, headers={"If-Match": stale})
    merged = api.post(f"{path}/merge", json=other, headers={"If-Match": received()})
    assert (refused.status_code, merged.status_code) == (412, 200)
    assert api.delete(path, headers={"If-Match": stale}).status_code == 412
    assert api.delete(path, headers={"If-Match": received()}).status_code == 204


@pytest.mark.parametrize("form", PROXIED)
def test_source_system_replaces_its_record_by_tag_from_proxy(api: CheckedClient, form: str) -> None:
    address = "/v1/agencies/bedfordshire-police/systems/cmdb/CI1"
    made = api.put(address, json={"name": "Custody", "lifecycle": "live"})
    headers = {"If-Match": form.format(made.headers["ETag"].strip('"'))}
    for name, status in (("Renamed", 200), ("Stale", 412)):
        response = api.put(address, json={"name": name, "lifecycle": "live"}, headers=headers)
        assert response.status_code == status


@pytest.mark.parametrize(
    "tag", ['"stale"', 'W/"stale"', "not a tag", '"{}', '"{}-other"', '"{}gzip"', '"-gzip"']
)
def test_change_with_wrong_if_match_is_refused(api: CheckedClient, path: str, tag: str) -> None:
    sent = tag.format(api.get(path).headers["ETag"].strip('"'))
    assert refusals(patch(api, path, sent, name="New"), 412) == set()
    assert read(api, path)["name"] == "Duty management"


def test_if_match_star_accepts_any_state(api: CheckedClient, path: str) -> None:
    assert patch(api, path, "*", name="New").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="no_fields"),
        pytest.param({"name": "Duty management"}, id="same_name"),
        pytest.param({"name": "  Duty management "}, id="same_name_with_spaces"),
        pytest.param(
            {"lifecycle": "live", "tags": ["a"], "legacy_risk": 20, "description": None},
            id="same_values",
        ),
        pytest.param({"attributes": {}}, id="empty_attributes"),
        pytest.param({"attributes": {"n": 1, "absent": None}}, id="absent_attribute"),
        pytest.param({"aliases": [], "capabilities": [], "external_ids": []}, id="empty_lists"),
    ],
)
def test_change_of_nothing_keeps_etag_and_record(
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
        pytest.param({"name": "Duties"}, id="name"),
        pytest.param({"tags": ["a", "b"]}, id="tags"),
        pytest.param({"attributes": {"n": 2}}, id="attribute_number"),
        pytest.param({"attributes": {"n": True}}, id="attribute_boolean"),
        pytest.param({"external_ids": [{"source": "cmdb", "id": "1"}]}, id="external_ids"),
        pytest.param({"legacy_risk": None}, id="cleared_risk"),
    ],
)
def test_every_change_sets_updated_at(
    api: CheckedClient, path: str, changes: dict[str, Any]
) -> None:
    before = api.get(path)
    later = clock.now() + timedelta(minutes=1)
    with clock.freeze(later):
        response = patch(api, path, before.headers["ETag"], **changes)
    assert response.status_code == 200, response.text
    assert response.headers["ETag"] != before.headers["ETag"]
    assert response.json["updated_at"].startswith(later.strftime("%Y-%m-%dT%H:%M:%S"))
    assert response.json["created_at"] == before.json["created_at"]


def test_etag_covers_what_the_reader_sees(api: CheckedClient, path: str, sign_in: SignIn) -> None:
    stranger = sign_in(CAMBS, READ_WRITE)
    own, foreign = api.get(path), stranger.get(path)
    assert own.headers["ETag"] != foreign.headers["ETag"]
    # A stranger's tag is of no use to the owner's feed, nor the other way about.
    assert patch(api, path, foreign.headers["ETag"], name="New").status_code == 412
    seen = stranger.get(path, headers={"If-None-Match": own.headers["ETag"]})
    assert seen.status_code == 200
    assert stranger.get(path).headers["ETag"] == foreign.headers["ETag"]


def test_stranger_learns_nothing_by_guessing_etags(
    api: CheckedClient, path: str, sign_in: SignIn
) -> None:
    stranger = sign_in(CAMBS, READ_WRITE)
    hidden = system(api, name="Covert", disclosure="owner_only")["id"]
    own = api.get(f"/v1/systems/{hidden}").headers["ETag"]
    for tag in (own, '"guess"', "*"):
        assert patch(stranger, f"/v1/systems/{hidden}", tag, name="x").status_code == 404
        assert patch(stranger, path, tag, name="x").status_code == 403


def test_second_of_two_editors_gets_412(api: CheckedClient, path: str, sign_in: SignIn) -> None:
    colleague = sign_in(BEDS, READ_WRITE)
    tag = api.get(path).headers["ETag"]
    assert colleague.get(path).headers["ETag"] == tag
    assert patch(colleague, path, tag, description="Theirs").status_code == 200
    assert refusals(patch(api, path, tag, description="Ours"), 412) == set()
    assert read(api, path)["description"] == "Theirs"
    assert change(api, path, description="Ours").status_code == 200


def test_one_of_two_simultaneous_changes_gets_412(
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
        thread.join(PATIENCE_SECONDS)
    assert sorted(statuses) == [200, 412]
    assert read(api, path)["description"] == "First"


def test_etag_from_a_list_is_good_for_a_change(api: CheckedClient) -> None:
    made = system(api, "Rostering", description="Shifts")
    for fields in ("etag", "name,etag", "etag,description"):
        response = api.get("/v1/systems", query_string={"fields": fields})
        (row,) = answer(response)["items"]
        assert row.keys() == {"id", *fields.split(",")}
        assert row.get("name", "Rostering") == "Rostering"
    headers = {"If-Match": row["etag"]}
    path = f"/v1/systems/{made['id']}"
    assert api.patch(path, json={"user_count": 1}, headers=headers).status_code == 200
    assert api.patch(path, json={"user_count": 2}, headers=headers).status_code == 412
    (row,) = answer(api.get("/v1/systems?fields=etag"))["items"]
    items = [{"id": row["id"], "etag": row["etag"], "user_count": 3}]
    assert api.patch("/v1/systems/bulk", json={"items": items}).status_code == 200
    file = api.get("/v1/systems", query_string={"fields": "name,etag", "format": "csv"})
    assert refusals(file, 400) == {("?fields", "unexpected")}
    assert "etag" not in answer(api.get("/v1/systems"))["items"][0]
