"""Revocation of tokens and clients, and introspection (RFC 7009, RFC 7662)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.access import operations
from catalogue.access.models import RevokedToken
from catalogue.core import clock
from catalogue.core.application import database, unit_of_work
from tests.access.conftest import Register, add_probe, bearer
from tests.access.forged_tokens import Forger, unix_time
from tests.stores import Store, new_app

Issue = Callable[..., str]


@pytest.fixture
def neighbour(store: Store) -> Iterator[FlaskClient]:
    """An app with its own caches on the same database, like another process."""
    app = add_probe(new_app(store.settings))
    yield app.test_client()
    database(app).engine.dispose()


def test_revoked_token_is_refused_by_every_process_at_once(
    api: FlaskClient, neighbour: FlaskClient, register: Register, issue: Issue
) -> None:
    client, secret = register()
    token, other = issue(client), issue(client)
    for process in (api, neighbour, api, neighbour):
        assert process.get("/v1/probe", headers=bearer(token)).status_code == 200
    answer = api.post("/oauth/revoke", data={"token": token}, auth=(client.client_id, secret))
    assert answer.status_code == 200
    for process in (neighbour, api):
        refused = process.get("/v1/probe", headers=bearer(token))
        assert refused.status_code == 401
        assert "revoked" in refused.json["detail"]
        assert process.get("/v1/probe", headers=bearer(other)).status_code == 200


def test_revoked_client_is_refused_by_every_process_at_once(
    app: Flask, api: FlaskClient, neighbour: FlaskClient, register: Register, issue: Issue
) -> None:
    client, secret = register()
    token = issue(client)
    for process in (api, neighbour):
        assert process.get("/v1/probe", headers=bearer(token)).status_code == 200
    with unit_of_work(app) as context:
        work = context.session
        operations.revoke_client(work, client_id=client.client_id)
    for process in (api, neighbour):
        assert process.get("/v1/probe", headers=bearer(token)).status_code == 401
    form = {"grant_type": "client_credentials"}
    refused = api.post("/oauth/token", data=form, auth=(client.client_id, secret))
    assert refused.json["error"] == "invalid_client"


def test_rolled_back_revocation_revokes_nothing(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    token = issue(client)

    def fail() -> None:
        with unit_of_work(app) as context:
            work = context.session
            operations.revoke_client(work, client_id=client.client_id)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("rubbish", id="rubbish"),
        pytest.param("a.b.c", id="three_parts"),
        pytest.param("x" * 9000, id="too_long"),
        pytest.param("\x00", id="nul"),
        pytest.param("é", id="non_ascii"),
    ],
)
def test_revoking_an_invalid_token_succeeds(
    api: FlaskClient, register: Register, token: str
) -> None:
    client, secret = register()
    answer = api.post("/oauth/revoke", data={"token": token}, auth=(client.client_id, secret))
    assert answer.status_code == 200


def test_revoking_twice_with_any_hint_succeeds(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, secret = register()
    token = issue(client)
    for hint in ("access_token", "refresh_token", "nonsense"):
        answer = api.post(
            "/oauth/revoke",
            data={"token": token, "token_type_hint": hint},
            auth=(client.client_id, secret),
        )
        assert answer.status_code == 200


def test_client_cannot_revoke_token_of_another_client(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    other, secret = register()
    token = issue(client)
    answer = api.post("/oauth/revoke", data={"token": token}, auth=(other.client_id, secret))
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


def test_administrator_revokes_token_of_any_client(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    admin, secret = register("admin", None)
    token = issue(client)
    answer = api.post("/oauth/revoke", data={"token": token}, auth=(admin.client_id, secret))
    assert answer.status_code == 200
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 401


def test_revocation_and_introspection_need_client_and_token(
    api: FlaskClient, register: Register
) -> None:
    client, secret = register()
    for path in ("/oauth/revoke", "/oauth/introspect"):
        nobody = api.post(path, data={"token": "x"})
        assert (nobody.status_code, nobody.json["error"]) == (401, "invalid_client")
        wrong = api.post(path, data={"token": "x"}, auth=(client.client_id, "wrong"))
        assert (wrong.status_code, wrong.json["error"]) == (401, "invalid_client")
        nothing = api.post(path, data={}, auth=(client.client_id, secret))
        assert (nothing.status_code, nothing.json["error"]) == (400, "invalid_request")
        assert nothing.json["error_description"]


def test_revoked_token_is_deleted_after_expiry(
    api: FlaskClient, register: Register, issue: Issue, session: Session
) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    start = clock.now()
    with clock.freeze(start):
        api.post("/oauth/revoke", data={"token": issue(client)}, auth=auth)
        api.post("/oauth/revoke", data={"token": issue(client)}, auth=auth)
        assert session.scalar(sa.select(sa.func.count()).select_from(RevokedToken)) == 2
    with clock.freeze(start + timedelta(minutes=15)):
        api.post("/oauth/revoke", data={"token": issue(client)}, auth=auth)
        assert session.scalar(sa.select(sa.func.count()).select_from(RevokedToken)) == 1


def test_client_introspects_its_own_token(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, secret = register("systems:read overlaps:read")
    token = issue(client)
    answer = api.post("/oauth/introspect", data={"token": token}, auth=(client.client_id, secret))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    introspected = answer.json
    assert introspected["active"] is True
    assert introspected["client_id"] == introspected["sub"] == client.client_id
    assert introspected["scope"] == "overlaps:read systems:read"
    assert introspected["token_type"] == "Bearer"
    assert introspected["agency"] == "bedfordshire-police"
    assert introspected["iss"] == "http://catalogue.test"
    assert introspected["aud"] == "http://catalogue.test/v1"
    assert introspected["exp"] > introspected["iat"]


def test_only_administrator_introspects_tokens_of_others(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    other, other_secret = register()
    admin, admin_secret = register("admin", None)
    form = {"token": issue(client)}
    introspected = api.post("/oauth/introspect", data=form, auth=(admin.client_id, admin_secret))
    assert introspected.json["active"] is True
    introspected = api.post("/oauth/introspect", data=form, auth=(other.client_id, other_secret))
    assert introspected.json == {"active": False}


def test_introspection_of_invalid_token_shows_only_inactive(
    api: FlaskClient, register: Register, issue: Issue, forger: Forger
) -> None:
    admin, secret = register("admin", None)
    auth = (admin.client_id, secret)
    client, _ = register()
    revoked = issue(client)
    api.post("/oauth/revoke", data={"token": revoked}, auth=auth)
    for token in (revoked, forger.token(exp=unix_time(-60)), forger.token(iss="x"), "rubbish"):
        introspected = api.post("/oauth/introspect", data={"token": token}, auth=auth)
        assert introspected.status_code == 200
        assert introspected.json == {"active": False}
