"""What somebody sends who means harm: each is answered, and costs and tells nothing."""

import gzip
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.database import Database
from tests.recording import BEDS, CAMBS, READ_WRITE, change, system
from tests.unsaved import CheckedClient

SignIn = Callable[..., CheckedClient]


def test_a_flood_of_sort_keys_is_one_error(api: CheckedClient) -> None:
    response = api.get("/v1/systems?sort=" + "id," * 20_000)
    assert response.status_code == 400
    assert [e["code"] for e in response.get_json()["errors"]] == ["too_many"]


def test_a_compressed_body_is_not_taken_for_json(api: CheckedClient) -> None:
    body = gzip.compress(b'{"name": "X", "lifecycle": "live"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.post("/v1/systems", data=body, headers=headers).status_code == 415


def test_a_redirect_does_not_repeat_the_host_that_was_named(client: FlaskClient) -> None:
    response = client.get("/docs", headers={"Host": "evil.example"})
    assert response.status_code == 308
    assert response.headers["Location"] == "/docs/"
    assert b"evil" not in response.data


def test_bytes_that_are_no_text_name_no_record(api: CheckedClient) -> None:
    path = f"/v1/agencies/{BEDS}/systems/cmdb/%fe"
    assert api.put(path, json={"name": "X", "lifecycle": "live"}).status_code == 404


def test_names_that_differ_in_what_is_not_seen_are_the_same(api: CheckedClient) -> None:
    system(api, "Rostering")
    response = api.post("/v1/systems", json={"name": "Roster\u200bing", "lifecycle": "live"})
    assert response.status_code == 409


def test_one_client_of_two_agencies_never_gets_the_others_answer(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with an external issuer, where all agencies may share one application."""
    authenticate = app.extensions["authenticate"]

    def shared(request: object) -> Actor:
        return replace(authenticate(request), client_id="shared", subject=None)

    monkeypatch.setitem(app.extensions, "authenticate", shared)
    key = {"Idempotency-Key": "same"}
    body = {"name": "Rostering", "lifecycle": "live", "disclosure": "owner_only"}
    answers = [
        sign_in(agency, READ_WRITE).post("/v1/systems", json=body, headers=key)
        for agency in (BEDS, CAMBS)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert [a.get_json()["agency"] for a in answers] == [BEDS, CAMBS]


def test_an_agency_does_not_rewrite_what_concerns_others(sign_in: SignIn) -> None:
    beds = sign_in(BEDS, "agencies:read agencies:write")
    sign_in(CAMBS, READ_WRITE)
    for changes in ({"predecessors": [CAMBS]}, {"governed_by": CAMBS}, {"kind": "fire"}):
        response = change(beds, f"/v1/agencies/{BEDS}", **changes)
        assert response.status_code == 403, changes
    assert change(beds, f"/v1/agencies/{BEDS}", name="Beds Police").status_code == 200


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    opened = Database(Settings(database_url=f"sqlite:///{file}"))
    opened.engine.dispose()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
