"""Tokens of an external authorization server, and the failures of that server."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from werkzeug.test import TestResponse

from catalogue.access import external_issuer
from catalogue.core import clock
from tests.access.conftest import add_probe, bearer
from tests.access.issuer import AUDIENCE, KEYS, OAUTH, OPENID, Issuer
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

Connect = Callable[..., FlaskClient]

# The database plays no part in most of these tests.
one_store = pytest.mark.only_on("sqlite")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.fixture
def connect(store: Store, issuer: Issuer, make_agency: Callable[..., object]) -> Connect:
    """Return a function that makes a client of an app that trusts the issuer."""
    make_agency("bedfordshire-police")

    def make_client(**settings: Any) -> FlaskClient:
        chosen = {
            "oauth_issuer": issuer.url,
            "oauth_audience": AUDIENCE,
            "oauth_timeout_seconds": float(PATIENCE_SECONDS),
        } | settings
        return add_probe(store.app_with(**chosen)).test_client()

    return make_client


def ask(api: FlaskClient, token: str) -> TestResponse:
    return api.get("/probe", headers=bearer(token))


def test_issuer_token_is_accepted_and_its_keys_fetched_once(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect()
    answer = ask(api, issuer.token())
    assert answer.status_code == 200, answer.text
    assert answer.json["client_id"] == "cmdb"
    assert answer.json["subject"] == "7d1f"
    assert answer.json["agency"] == "bedfordshire-police"
    assert answer.json["scopes"] == ["systems:read"]
    for _ in range(3):
        assert ask(api, issuer.token()).status_code == 200
    assert issuer.requests == {OPENID: 1, KEYS: 1}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"iss": "https://elsewhere.example"}, id="other_issuer"),
        pytest.param({"aud": "https://elsewhere.example"}, id="other_audience"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="no_expiry"),
        pytest.param({"sub": None}, id="no_subject"),
        pytest.param({"agency": None}, id="no_agency"),
        pytest.param({"agency": "atlantis-police"}, id="unknown_agency"),
        pytest.param({"nbf": 99_999_999_999}, id="not_valid_yet"),
        pytest.param({"header": {"typ": "JWT"}}, id="other_type"),
        pytest.param(
            {"header": {"alg": "ES384"}, "key": ECKey.generate_key("P-384")}, id="unknown_key"
        ),
    ],
)
def test_wrong_issuer_token_is_refused(
    connect: Connect, issuer: Issuer, changed: dict[str, Any]
) -> None:
    assert ask(connect(), issuer.token(**changed)).status_code == 401


def test_agency_and_scope_claim_names_are_configurable(connect: Connect, issuer: Issuer) -> None:
    api = connect(oauth_agency_claim="https://police.example/org", oauth_scope_claim="scp")
    token = issuer.token(
        scope=None,
        agency=None,
        scp=["systems:read", "profile"],
        **{"https://police.example/org": "bedfordshire-police"},
    )
    answer = ask(api, token)
    assert answer.status_code == 200, answer.text
    assert answer.json["scopes"] == ["systems:read"]
    assert ask(api, issuer.token()).status_code == 401


def test_accepted_token_types_are_configurable(connect: Connect, issuer: Issuer) -> None:
    api = connect(oauth_token_types=("JWT", "at+jwt"))
    assert ask(api, issuer.token(header={"typ": "JWT"})).status_code == 200
    assert ask(api, issuer.token()).status_code == 200
    assert ask(api, issuer.token(header={"typ": "logout+jwt"})).status_code == 401


@one_store
@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"client_id": "a", "azp": "b"}, "a", id="client_id"),
        pytest.param({"azp": "b"}, "b", id="azp"),
        pytest.param({"azp": None, "appid": "c"}, "c", id="appid"),
        pytest.param({"azp": None, "cid": "d"}, "d", id="cid"),
        pytest.param({"azp": None}, "7d1f", id="subject"),
    ],
)
def test_client_id_is_read_from_claim_of_each_provider(
    connect: Connect, issuer: Issuer, claims: dict[str, Any], expected: str
) -> None:
    assert ask(connect(), issuer.token(**claims)).json["client_id"] == expected


def test_issuer_metadata_is_discovered_at_rfc_8414_address(
    connect: Connect, issuer: Issuer
) -> None:
    issuer.served[OAUTH] = issuer.served.pop(OPENID)
    assert ask(connect(), issuer.token()).status_code == 200


def test_configured_key_address_skips_discovery(connect: Connect, issuer: Issuer) -> None:
    del issuer.served[OPENID]
    assert ask(connect(oauth_jwks_url=issuer.url + KEYS), issuer.token()).status_code == 200
    assert issuer.requests == {KEYS: 1}


@one_store
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            {"issuer": "https://elsewhere.example", "jwks_uri": "https://elsewhere.example/keys"},
            id="other_issuer",
        ),
        pytest.param({"issuer": None}, id="no_issuer"),
        pytest.param({}, id="empty"),
        pytest.param([], id="list"),
        pytest.param(b"not json", id="not_json"),
        pytest.param(500, id="error"),
        pytest.param(302, id="redirect"),
    ],
)
def test_unusable_issuer_metadata_gives_503(
    connect: Connect, issuer: Issuer, document: object
) -> None:
    issuer.served[OPENID] = document
    answer = ask(connect(), issuer.token())
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"


@one_store
@pytest.mark.parametrize("address", ["http://catalogue.example/keys", "ftp://127.0.0.1/", "", 7])
def test_keys_are_not_fetched_without_https(
    connect: Connect, issuer: Issuer, address: object
) -> None:
    issuer.served[OPENID] = {"issuer": issuer.url, "jwks_uri": address}
    assert ask(connect(), issuer.token()).status_code == 503


@pytest.mark.parametrize("name", ["oauth_issuer", "oauth_jwks_url"])
def test_issuer_without_https_is_refused_at_startup(store: Store, name: str) -> None:
    settings = {"oauth_issuer": "https://sso.example"} | {name: "http://sso.example"}
    with pytest.raises(ValueError, match="https"):
        store.app_with(**settings)


def test_unknown_key_is_fetched_once(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 200
    with clock.freeze(start + timedelta(seconds=40)):
        for _ in range(20):
            assert ask(api, issuer.token(ECKey.generate_key("P-256"))).status_code == 401
        assert issuer.requests[KEYS] == 2
        assert ask(api, issuer.token()).status_code == 200


def test_rotated_key_replaces_old_key(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        old = issuer.token()
        assert ask(api, old).status_code == 200
    with clock.freeze(start + timedelta(seconds=40)):
        renewed = ECKey.generate_key("P-256")
        issuer.publish(renewed)
        assert ask(api, issuer.token(renewed)).status_code == 200
        # The issuer no longer publishes the old key, so its cached tokens are refused too.
        assert ask(api, old).status_code == 401


def test_old_keys_are_refreshed_in_the_background(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        token = issuer.token(exp=int(start.timestamp()) + 9000)
        assert ask(api, token).status_code == 200
    issuer.publish(ECKey.generate_key("P-256"))
    with clock.freeze(start + timedelta(minutes=61)):
        assert ask(api, token).status_code == 200
        deadline = time.monotonic() + PATIENCE_SECONDS
        while ask(api, token).status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(api, token).status_code == 401
        assert issuer.requests[KEYS] == 2


def test_known_keys_keep_working_while_issuer_is_down(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 200
    issuer.served = {OPENID: 500, KEYS: 500}
    with clock.freeze(start + timedelta(hours=2)):
        assert ask(api, issuer.token()).status_code == 200
        assert ask(api, issuer.token(ECKey.generate_key("P-256"))).status_code == 503
        assert ask(api, issuer.token()).status_code == 200


def test_issuer_that_recovers_is_asked_again_after_a_pause(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect()
    served, issuer.served = issuer.served, {}
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 503
        issuer.served = served
        assert ask(api, issuer.token()).status_code == 503
    with clock.freeze(start + timedelta(seconds=6)):
        assert ask(api, issuer.token()).status_code == 200


def test_unreachable_issuer_gives_503(connect: Connect, issuer: Issuer) -> None:
    issuer.stop()
    answer = ask(connect(), issuer.token())
    assert answer.status_code == 503
    assert "does not respond" in answer.json["detail"]


@one_store
@pytest.mark.parametrize("way", ["silent", "dripping"])
def test_slow_issuer_gives_503_and_is_asked_once(
    connect: Connect, issuer: Issuer, way: str
) -> None:
    if way == "silent":
        issuer.released.clear()
    issuer.dripping = way == "dripping"
    api = connect(oauth_timeout_seconds=0.4)
    # Without the time limit, the metadata would arrive in the end and the status would be 200.
    with clock.freeze(clock.now()):
        assert ask(api, issuer.token()).status_code == 503
        assert ask(api, issuer.token()).status_code == 503
    assert issuer.requests[OPENID] <= 1, "a second request need not wait in vain as well"


def test_oversized_key_document_gives_503(
    connect: Connect, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_issuer, "LARGEST_DOCUMENT", 100)
    issuer.served[KEYS]["padding"] = "x" * 200
    assert ask(connect(), issuer.token()).status_code == 503


@one_store
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(RSAKey.generate_key(2048), "RS256", id="RS256"),
        pytest.param(RSAKey.generate_key(2048), "PS384", id="PS384"),
        pytest.param(ECKey.generate_key("P-384"), "ES384", id="ES384"),
        pytest.param(ECKey.generate_key("P-521"), "ES512", id="ES512"),
        pytest.param(OKPKey.generate_key("Ed25519"), "Ed25519", id="Ed25519"),
    ],
)
def test_each_key_type_verifies_tokens(
    connect: Connect, issuer: Issuer, key: Any, algorithm: str
) -> None:
    issuer.publish(key)
    token = issuer.token(key, {"alg": algorithm})
    assert ask(connect(), token).status_code == 200


def test_key_verifies_only_the_algorithm_it_names(connect: Connect, issuer: Issuer) -> None:
    key = RSAKey.generate_key(2048)
    issuer.publish(key, alg="RS256")
    api = connect()
    assert ask(api, issuer.token(key, {"alg": "RS256"})).status_code == 200
    assert ask(api, issuer.token(key, {"alg": "RS512"})).status_code == 401


@one_store
@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(OctKey.generate_key(256).as_dict(private=True) | {"kid": "x"}, id="symmetric"),
        pytest.param(
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "x"}, id="wrong_point"
        ),
        pytest.param({"kty": "EC", "crv": "P-256", "kid": "x"}, id="no_point"),
        pytest.param({"kty": "RSA", "n": 7, "e": [], "kid": "x"}, id="wrong_numbers"),
        pytest.param({"kty": "RSA", "alg": ["RS256"], "kid": "x"}, id="algorithm_list"),
        pytest.param({"kty": "lattice", "kid": "x"}, id="unknown_type"),
        pytest.param({"kid": "x", "key_ops": 7}, id="wrong_operations"),
        pytest.param({}, id="empty"),
        pytest.param("text", id="text"),
        pytest.param(None, id="null"),
    ],
)
def test_unusable_key_beside_a_good_key_is_skipped(
    connect: Connect, issuer: Issuer, entry: object
) -> None:
    issuer.served[KEYS]["keys"].insert(0, entry)
    assert ask(connect(), issuer.token()).status_code == 200
    issuer.served[KEYS]["keys"] = [entry]
    assert ask(connect(), issuer.token()).status_code == 503


@one_store
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"use": "enc"}, id="encryption"),
        pytest.param({"key_ops": ["sign"]}, id="signing"),
        pytest.param({"key_ops": 7}, id="wrong_operations"),
    ],
)
def test_key_for_another_use_gives_503(
    connect: Connect, issuer: Issuer, changed: dict[str, Any]
) -> None:
    issuer.publish(issuer.key, **changed)
    assert ask(connect(), issuer.token()).status_code == 503


def test_token_without_key_id_is_accepted_only_when_there_is_one_key(
    connect: Connect, issuer: Issuer
) -> None:
    bare = issuer.token(header={"kid": None})
    assert ask(connect(), bare).status_code == 200
    issuer.publish(issuer.key, ECKey.generate_key("P-256"))
    assert ask(connect(), bare).status_code == 401


def test_own_token_endpoints_are_absent_with_external_issuer(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect()
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        assert api.post(path, data={"token": "x"}).status_code == 404
    for path in ("/oauth/jwks.json", OAUTH):
        assert api.get(path).status_code == 404
    metadata = api.get("/.well-known/oauth-protected-resource").json
    assert metadata["authorization_servers"] == [issuer.url]
