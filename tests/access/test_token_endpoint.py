"""The token endpoint (RFC 6749 section 4.4), and every error of a request."""

import base64
import logging

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.access import tokens
from catalogue.core.actor import Scope
from catalogue.core.database import Base
from tests.access.conftest import AGENCY, Register, bearer

GRANT = {"grant_type": "client_credentials"}


def is_oauth_error(answer: TestResponse, status: int, error: str) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["error"] == error
    assert answer.json["error_description"]
    assert set(answer.json) == {"error", "error_description"}
    return True


def test_client_gets_a_working_token(api: FlaskClient, register: Register) -> None:
    client, secret = register("systems:read overlaps:read")
    answer = api.post("/oauth/token", data=GRANT, auth=(client.client_id, secret))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    body = answer.json
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert body["scope"] == "overlaps:read systems:read"
    response = api.get("/v1/probe", headers=bearer(body["access_token"]))
    assert response.status_code == 200, response.text
    assert response.json["client_id"] == client.client_id
    assert response.json["agency"] == AGENCY
    assert response.json["agency_id"] == str(client.agency_id)
    assert response.json["scopes"] == ["overlaps:read", "systems:read"]


def test_token_has_header_and_claims_of_rfc_9068(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    answer = api.post("/oauth/token", data=GRANT, auth=(client.client_id, secret))
    keys = KeySet.import_key_set(api.get("/oauth/jwks.json").json)
    token = jwt.decode(answer.json["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.header["kid"] == keys.keys[0].kid
    claims = token.claims
    assert claims["iss"] == "http://catalogue.test"
    assert claims["aud"] == "http://catalogue.test/v1"
    assert claims["sub"] == claims["client_id"] == client.client_id
    assert claims["exp"] - claims["iat"] == 600
    assert claims["nbf"] == claims["iat"]
    assert claims["scope"] == "systems:read"
    assert claims["agency"] == AGENCY
    assert len(claims["jti"]) >= 20


def test_every_issued_token_differs(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    issued = {
        api.post("/oauth/token", data=GRANT, auth=auth).json["access_token"] for _ in range(3)
    }
    assert len(issued) == 3


def test_secret_in_form_is_accepted(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    form = GRANT | {"client_id": client.client_id, "client_secret": secret}
    assert api.post("/oauth/token", data=form).status_code == 200


def test_form_may_repeat_client_id_but_not_contradict_header(
    api: FlaskClient, register: Register
) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    form = GRANT | {"client_id": client.client_id}
    assert api.post("/oauth/token", data=form, auth=auth).status_code == 200
    other = api.post("/oauth/token", data=GRANT | {"client_id": "another"}, auth=auth)
    assert is_oauth_error(other, 400, "invalid_request")


def test_credentials_in_header_and_form_are_refused(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    form = GRANT | {"client_id": client.client_id, "client_secret": secret}
    answer = api.post("/oauth/token", data=form, auth=(client.client_id, secret))
    assert is_oauth_error(answer, 400, "invalid_request")


def test_token_with_one_requested_scope_lacks_the_others(
    api: FlaskClient, register: Register
) -> None:
    client, secret = register("systems:read systems:write")
    form = GRANT | {"scope": "systems:read"}
    answer = api.post("/oauth/token", data=form, auth=(client.client_id, secret))
    assert answer.json["scope"] == "systems:read"
    token = answer.json["access_token"]
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    refused = api.post("/v1/probe", headers=bearer(token))
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope"')
    assert 'scope="systems:write"' in challenge
    assert "resource_metadata=" in challenge


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("systems:write", "The client lacks `systems:write`."),
        ("systems:read systems:write", "The client lacks `systems:write`."),
        ("nonsense", "There is no scope `nonsense`."),
        ("systems:read nonsénse", "There is no scope."),
    ],
)
def test_requesting_scope_the_client_lacks_is_refused(
    api: FlaskClient, register: Register, scope: str, words: str
) -> None:
    client, secret = register("systems:read")
    form = GRANT | {"scope": scope}
    answer = api.post("/oauth/token", data=form, auth=(client.client_id, secret))
    assert is_oauth_error(answer, 400, "invalid_scope")
    assert words in answer.get_json()["error_description"]


def test_all_wrong_credentials_get_the_same_answer(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    revoked = (client.client_id, secret + "x")
    answers = [
        api.post("/oauth/token", data=GRANT, auth=auth)
        for auth in (revoked, ("nobody", secret), ("", ""), ("-", "-"), ("\x00", "x"), ("é", "é"))
    ]
    for answer in answers:
        assert is_oauth_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Basic", id="basic_alone"),
        pytest.param("Basic !", id="not_base64"),
        pytest.param("Basic " + base64.b64encode(b"no colon").decode(), id="no_colon"),
        pytest.param("Basic " + base64.b64encode(b"\xff:\xff").decode(), id="not_utf8"),
        pytest.param("Bearer something", id="bearer"),
        pytest.param("Digest username=x", id="digest"),
    ],
)
def test_unreadable_authorization_header_is_refused(
    api: FlaskClient, store: object, header: str
) -> None:
    answer = api.post("/oauth/token", data=GRANT, headers={"Authorization": header})
    assert is_oauth_error(answer, 401, "invalid_client")


def test_request_without_credentials_is_refused(api: FlaskClient, store: object) -> None:
    assert is_oauth_error(api.post("/oauth/token", data=GRANT), 401, "invalid_client")
    only_id = api.post("/oauth/token", data=GRANT | {"client_id": "x"})
    assert is_oauth_error(only_id, 401, "invalid_client")


def test_request_without_proper_form_is_refused(api: FlaskClient, register: Register) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    for wrong in (
        api.post("/oauth/token", json=GRANT, auth=auth),
        api.post("/oauth/token", data=GRANT, auth=auth, content_type="multipart/form-data"),
        api.post("/oauth/token", data="grant_type=client_credentials", auth=auth),
        api.post("/oauth/token?grant_type=client_credentials", data=GRANT, auth=auth),
        api.post("/oauth/token", data={"grant_type": ["client_credentials"] * 2}, auth=auth),
        api.post("/oauth/token", data={"scope": "systems:read"}, auth=auth),
    ):
        assert is_oauth_error(wrong, 400, "invalid_request")


@pytest.mark.parametrize(
    "grant",
    [
        pytest.param("password", id="password"),
        pytest.param("authorization_code", id="authorization_code"),
        pytest.param("x\x00", id="nul"),
        pytest.param("é", id="non_ascii"),
    ],
)
def test_unsupported_grant_type_is_refused(
    api: FlaskClient, register: Register, grant: str
) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    answer = api.post("/oauth/token", data={"grant_type": grant}, auth=auth)
    assert is_oauth_error(answer, 400, "unsupported_grant_type")


def test_oversized_form_is_refused(api: FlaskClient, store: object) -> None:
    answer = api.post("/oauth/token", data=GRANT | {"scope": "x" * 20_000})
    assert answer.status_code == 413


def test_methods_other_than_post_are_refused(api: FlaskClient, store: object) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        answer = api.get(path)
        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]


def test_administrator_token_has_no_agency(api: FlaskClient, register: Register) -> None:
    client, secret = register("admin systems:read", None)
    answer = api.post("/oauth/token", data=GRANT, auth=(client.client_id, secret))
    response = api.get("/v1/probe", headers=bearer(answer.json["access_token"]))
    assert response.json["agency"] is None
    assert "admin" in response.json["scopes"]


def test_secrets_and_tokens_are_neither_logged_nor_stored(
    api: FlaskClient, register: Register, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, secret = register()
    auth = (client.client_id, secret)
    token = api.post("/oauth/token", data=GRANT, auth=auth).json["access_token"]
    api.post("/oauth/token", data=GRANT, auth=(client.client_id, secret[:-1]))
    api.get("/v1/probe", headers=bearer(token))
    api.post("/oauth/introspect", data={"token": token}, auth=auth)
    api.post("/oauth/revoke", data={"token": token}, auth=auth)
    logged = caplog.text + "".join(str(record.args) for record in caplog.records)
    stored = [
        str(value)
        for table in Base.metadata.sorted_tables
        for row in session.execute(sa.select(table))
        for value in row
    ]
    signature = token.rpartition(".")[2]
    for hidden in (secret, secret[:-1], secret.removeprefix("itsc_"), token, signature):
        assert hidden not in logged
        assert not [value for value in stored if hidden in value]


def test_token_with_all_scopes_is_short_enough_for_proxies(
    api: FlaskClient, register: Register
) -> None:
    client, secret = register(" ".join(Scope))
    answer = api.post("/oauth/token", data=GRANT, auth=(client.client_id, secret))
    assert len(answer.json["access_token"]) < 2000 < tokens.LARGEST_TOKEN
