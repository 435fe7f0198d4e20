"""Pages of the listed origins can use the API from a browser, and no others."""

import pytest
from environs import EnvError
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.core.config import Settings
from tests.factories import BEDS, READ_WRITE, signed_in
from tests.stores import Store

BOARD = "https://board.example.org"
OTHERS = (
    "https://evil.example",
    "null",
    "*",
    "http://board.example.org",
    f"{BOARD}.evil.example",
    "https://BOARD.example.org",
    f"{BOARD}:8443",
    f"{BOARD}, https://evil.example",
)


@pytest.fixture
def listed_app(store: Store) -> Flask:
    return store.app_with(cors_origins=(BOARD, "http://127.0.0.1:3000"))


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/systems", "POST"),
        ("/v1/systems/01890a5d-ac96-774b-bcce-b302099a8057", "PATCH"),
        ("/oauth/token", "POST"),
    ],
)
def test_preflight_of_a_listed_origin_is_answered(
    listed_app: Flask, path: str, method: str
) -> None:
    asked = {
        "Origin": BOARD,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": (
            "authorization,content-type,if-match,idempotency-key,x-request-id,traceparent"
        ),
    }
    response = listed_app.test_client().options(path, headers=asked)
    headers = response.headers
    assert response.status_code == 200
    assert headers["Access-Control-Allow-Origin"] == BOARD
    assert method in headers["Access-Control-Allow-Methods"].split(", ")
    allowed = headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert set(asked["Access-Control-Request-Headers"].split(",")) <= set(allowed)
    assert {"Origin", "Access-Control-Request-Headers"} <= response.vary.as_set(
        preserve_casing=True
    )
    assert "Access-Control-Allow-Credentials" not in headers


def test_responses_and_refusals_can_be_read_by_a_listed_origin(
    listed_app: Flask, session: Session
) -> None:
    api = signed_in(listed_app, session, BEDS, READ_WRITE)
    made = api.post("/v1/systems", json={"name": "X", "lifecycle": "live"})
    record = made.headers["Location"]
    tag = {"If-None-Match": made.headers["ETag"]}
    client = listed_app.test_client()
    answers = [
        api.get("/v1/systems", headers={"Origin": BOARD}),
        api.get(record, headers={"Origin": BOARD}),
        api.get(record, headers={"Origin": BOARD} | tag),
        api.get("/v1/nonsense", headers={"Origin": BOARD}),
        client.get("/v1/systems", headers={"Origin": BOARD}),
        client.post("/oauth/token", headers={"Origin": BOARD}),
        client.get("/.well-known/oauth-authorization-server", headers={"Origin": BOARD}),
    ]
    assert [each.status_code for each in answers] == [200, 200, 304, 404, 401, 400, 200]
    for response in answers:
        assert response.headers["Access-Control-Allow-Origin"] == BOARD
        exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"ETag", "Link", "Location", "Retry-After", "X-Request-Id"} <= set(exposed)
        assert "WWW-Authenticate" in exposed
        assert "Origin" in response.headers["Vary"]
    assert answers[0].headers["Vary"] == "Accept, Origin"


@pytest.mark.parametrize("origin", OTHERS)
def test_other_origin_gets_no_permission(listed_app: Flask, origin: str) -> None:
    client = listed_app.test_client()
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for response in (
        client.options("/v1/systems", headers=asked),
        client.get("/v1/openapi.json", headers=asked),
        client.get("/v1/openapi.json"),
    ):
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control")]
        assert "Origin" in response.headers["Vary"]


def test_without_the_setting_no_response_changes(client: FlaskClient) -> None:
    asked = {"Origin": BOARD, "Access-Control-Request-Method": "GET"}
    for response in (
        client.options("/v1/systems", headers=asked),
        client.get("/v1/openapi.json", headers=asked),
    ):
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control")]
        assert "Vary" not in response.headers


def test_public_pipeline_stays_open_to_every_origin(listed_app: Flask) -> None:
    response = listed_app.test_client().get("/v1/pipeline", headers={"Origin": BOARD})
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "Origin" not in response.headers.get("Vary", "")


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "null",
        f"{BOARD}/",
        "board.example.org",
        "https://*.example.org",
        f"{BOARD},*",
        "ftp://x",
    ],
)
def test_wildcards_and_addresses_are_no_origins(
    monkeypatch: pytest.MonkeyPatch, origins: str
) -> None:
    monkeypatch.setenv("CATALOGUE_CORS_ORIGINS", origins)
    with pytest.raises(EnvError, match="CATALOGUE_CORS_ORIGINS"):
        Settings.from_environment()


def test_origins_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_CORS_ORIGINS", f"{BOARD},http://[::1]:3000")
    assert Settings.from_environment().cors_origins == (BOARD, "http://[::1]:3000")
    monkeypatch.setenv("CATALOGUE_CORS_ORIGINS", "")
    assert Settings.from_environment().cors_origins == ()
