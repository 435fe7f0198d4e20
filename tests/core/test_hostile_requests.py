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
from catalogue.core.application import ports
from catalogue.core.config import Settings
from catalogue.core.database import Database, UnitOfWork
from catalogue.core.migrations import upgrade
from catalogue.core.request_path import LARGEST_HEADERS, LONGEST_TARGET
from tests.api_calls import change, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient

SignIn = Callable[..., CheckedClient]


def test_flood_of_sort_keys_returns_one_error(api: CheckedClient) -> None:
    response = api.get("/v1/systems?sort=" + "id," * 5_000)
    assert response.status_code == 400
    assert [e["code"] for e in response.get_json()["errors"]] == ["too_many"]


@pytest.mark.parametrize("path", ["/v1/systems?q=", "/v1/", "/oauth/token?", "/docs/"])
def test_address_that_is_too_long_returns_414(api: CheckedClient, path: str) -> None:
    for length in (LONGEST_TARGET, 60_000):
        response = api.get(path + "a" * length)
        assert refusals(response, 414) == set()
    assert api.get(path + "a" * (LONGEST_TARGET - 100)).status_code != 414


def test_headers_that_are_too_large_return_431(api: CheckedClient) -> None:
    one = {"X-Note": "a" * LARGEST_HEADERS}
    many = {f"X-Note-{number}": "a" * 700 for number in range(100)}
    for headers in (one, many):
        assert refusals(api.get("/v1/systems", headers=headers), 431) == set()
    assert api.get("/v1/systems", headers={"X-Note": "a" * 60_000}).status_code == 200


def test_compressed_body_returns_415(api: CheckedClient) -> None:
    body = gzip.compress(b'{"name": "X", "lifecycle": "live"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.post("/v1/systems", data=body, headers=headers).status_code == 415


def test_redirect_does_not_repeat_host_header(client: FlaskClient) -> None:
    response = client.get("/docs", headers={"Host": "evil.example"})
    assert response.status_code == 308
    assert response.headers["Location"] == "/docs/"
    assert b"evil" not in response.data


def test_path_with_invalid_utf8_returns_404(api: CheckedClient) -> None:
    path = f"/v1/agencies/{BEDS}/systems/cmdb/%fe"
    assert api.put(path, json={"name": "X", "lifecycle": "live"}).status_code == 404


def test_name_differing_only_in_invisible_characters_is_taken(api: CheckedClient) -> None:
    system(api, "Rostering")
    response = api.post("/v1/systems", json={"name": "Roster\u200bing", "lifecycle": "live"})
    assert response.status_code == 409


def test_shared_client_never_gets_answer_of_another_agency(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with an external issuer, where all agencies may share one application."""
    connected = ports(app)

    def shared(work: UnitOfWork, authorization: str | None) -> Actor:
        actor = connected.authenticate(work, authorization)
        return replace(actor, client_id="shared", subject=None)

    monkeypatch.setitem(app.extensions, "ports", replace(connected, authenticate=shared))
    key = {"Idempotency-Key": "same"}
    body = {"name": "Rostering", "lifecycle": "live", "disclosure": "owner_only"}
    answers = [
        sign_in(agency, READ_WRITE).post("/v1/systems", json=body, headers=key)
        for agency in (BEDS, CAMBS)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert [a.get_json()["agency"] for a in answers] == [BEDS, CAMBS]


def test_agency_cannot_change_its_predecessors_governor_or_kind(sign_in: SignIn) -> None:
    beds = sign_in(BEDS, "agencies:read agencies:write")
    sign_in(CAMBS, READ_WRITE)
    for changes in ({"predecessors": [CAMBS]}, {"governed_by": CAMBS}, {"kind": "fire"}):
        response = change(beds, f"/v1/agencies/{BEDS}", **changes)
        assert response.status_code == 403, changes
    assert change(beds, f"/v1/agencies/{BEDS}", name="Beds Police").status_code == 200


def test_new_sqlite_file_is_readable_by_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    created = Database(Settings(database_url=f"sqlite:///{file}"))
    upgrade(created.engine)
    created.engine.dispose()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
