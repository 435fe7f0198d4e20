"""Tokens of somebody else's authorization server, and that server in all its moods."""

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

Connect = Callable[..., FlaskClient]

# Most of this is between us and the issuer; the store has no part in it.
one_store = pytest.mark.only_on("sqlite")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.fixture
def connect(store: Store, issuer: Issuer, make_agency: Callable[..., object]) -> Connect:
    """Makes a client of an app that trusts the issuer."""
    make_agency("bedfordshire-police")

    def made(**settings: Any) -> FlaskClient:
        chosen = {
            "oauth_issuer": issuer.url,
            "oauth_audience": AUDIENCE,
            "oauth_timeout_seconds": 1.0,
        } | settings
        return add_probe(store.app_with(**chosen)).test_client()

    return made


def ask(api: FlaskClient, token: str) -> TestResponse:
    return api.get("/probe", headers=bearer(token))


def test_a_token_of_the_issuer(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    answer = ask(api, issuer.token())
    assert answer.status_code == 200, answer.text
    assert answer.json["client_id"] == "cmdb"
    assert answer.json["subject"] == "7d1f"
    assert answer.json["agency"] == "bedfordshire-police"
    assert answer.json["scopes"] == ["systems:read"]
    for _ in range(3):
        assert ask(api, issuer.token()).status_code == 200
    assert issuer.asked == {OPENID: 1, KEYS: 1}


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"agency": None},
        {"agency": "atlantis-police"},
        {"nbf": 99_999_999_999},
        {"header": {"typ": "JWT"}},
        {"header": {"alg": "ES384"}, "key": ECKey.generate_key("P-384")},
    ],
)
def test_a_wrong_token_of_the_issuer(
    connect: Connect, issuer: Issuer, changed: dict[str, Any]
) -> None:
    assert ask(connect(), issuer.token(**changed)).status_code == 401


def test_our_own_claims_names_can_be_changed(connect: Connect, issuer: Issuer) -> None:
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


def test_the_token_types_can_be_changed(connect: Connect, issuer: Issuer) -> None:
    api = connect(oauth_token_types=("JWT", "at+jwt"))
    assert ask(api, issuer.token(header={"typ": "JWT"})).status_code == 200
    assert ask(api, issuer.token()).status_code == 200
    assert ask(api, issuer.token(header={"typ": "logout+jwt"})).status_code == 401


@one_store
@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"client_id": "a", "azp": "b"}, "a"),
        ({"azp": "b"}, "b"),
        ({"azp": None, "appid": "c"}, "c"),
        ({"azp": None, "cid": "d"}, "d"),
        ({"azp": None}, "7d1f"),
    ],
)
def test_what_providers_call_the_client(
    connect: Connect, issuer: Issuer, claims: dict[str, Any], expected: str
) -> None:
    assert ask(connect(), issuer.token(**claims)).json["client_id"] == expected


def test_discovery_as_rfc_8414_has_it(connect: Connect, issuer: Issuer) -> None:
    issuer.served[OAUTH] = issuer.served.pop(OPENID)
    assert ask(connect(), issuer.token()).status_code == 200


def test_no_discovery_when_the_address_of_the_keys_is_set(connect: Connect, issuer: Issuer) -> None:
    del issuer.served[OPENID]
    assert ask(connect(oauth_jwks_url=issuer.url + KEYS), issuer.token()).status_code == 200
    assert issuer.asked == {KEYS: 1}


@one_store
@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example", "jwks_uri": "https://elsewhere.example/keys"},
        {"issuer": None},
        {},
        [],
        b"not json",
        500,
        302,
    ],
)
def test_metadata_that_cannot_be_used(connect: Connect, issuer: Issuer, document: object) -> None:
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
def test_an_issuer_without_https_is_refused_at_the_start(store: Store, name: str) -> None:
    settings = {"oauth_issuer": "https://sso.example"} | {name: "http://sso.example"}
    with pytest.raises(ValueError, match="https"):
        store.app_with(**settings)


def test_an_unknown_key_is_looked_for_once(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 200
    with clock.freeze(start + timedelta(seconds=40)):
        for _ in range(20):
            assert ask(api, issuer.token(ECKey.generate_key("P-256"))).status_code == 401
        assert issuer.asked[KEYS] == 2
        assert ask(api, issuer.token()).status_code == 200


def test_a_rotated_key_is_found(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        old = issuer.token()
        assert ask(api, old).status_code == 200
    with clock.freeze(start + timedelta(seconds=40)):
        renewed = ECKey.generate_key("P-256")
        issuer.publish(renewed)
        assert ask(api, issuer.token(renewed)).status_code == 200
        # The issuer publishes the old key no more: what was remembered of it goes too.
        assert ask(api, old).status_code == 401


def test_old_keys_are_fetched_again_in_passing(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        token = issuer.token(exp=int(start.timestamp()) + 9000)
        assert ask(api, token).status_code == 200
    issuer.publish(ECKey.generate_key("P-256"))
    with clock.freeze(start + timedelta(minutes=61)):
        assert ask(api, token).status_code == 200
        deadline = time.monotonic() + 5
        while ask(api, token).status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(api, token).status_code == 401
        assert issuer.asked[KEYS] == 2


def test_known_keys_go_on_working_while_the_issuer_is_away(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 200
    issuer.served = {OPENID: 500, KEYS: 500}
    with clock.freeze(start + timedelta(hours=2)):
        assert ask(api, issuer.token()).status_code == 200
        assert ask(api, issuer.token(ECKey.generate_key("P-256"))).status_code == 503
        assert ask(api, issuer.token()).status_code == 200


def test_an_issuer_that_comes_back(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    served, issuer.served = issuer.served, {}
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 503
        issuer.served = served
        assert ask(api, issuer.token()).status_code == 503
    with clock.freeze(start + timedelta(seconds=6)):
        assert ask(api, issuer.token()).status_code == 200


def test_nobody_listens(connect: Connect, issuer: Issuer) -> None:
    issuer.stop()
    answer = ask(connect(), issuer.token())
    assert answer.status_code == 503
    assert "reached" in answer.json["detail"]


@one_store
@pytest.mark.parametrize("way", ["silent", "dripping"])
def test_an_issuer_that_takes_its_time(connect: Connect, issuer: Issuer, way: str) -> None:
    if way == "silent":
        issuer.released.clear()
    issuer.dripping = way == "dripping"
    api = connect(oauth_timeout_seconds=0.4)
    begun = time.monotonic()
    assert ask(api, issuer.token()).status_code == 503
    assert time.monotonic() - begun < 2
    again = time.monotonic()
    assert ask(api, issuer.token()).status_code == 503
    assert time.monotonic() - again < 0.3, "while one request waits in vain, others need not"


def test_too_much_is_not_read(
    connect: Connect, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_issuer, "LARGEST_DOCUMENT", 100)
    issuer.served[KEYS]["padding"] = "x" * 200
    assert ask(connect(), issuer.token()).status_code == 503


@one_store
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048), "RS256"),
        (RSAKey.generate_key(2048), "PS384"),
        (ECKey.generate_key("P-384"), "ES384"),
        (ECKey.generate_key("P-521"), "ES512"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
)
def test_kinds_of_keys(connect: Connect, issuer: Issuer, key: Any, algorithm: str) -> None:
    issuer.publish(key)
    token = issuer.token(key, {"alg": algorithm})
    assert ask(connect(), token).status_code == 200


def test_a_key_verifies_only_the_algorithm_it_names(connect: Connect, issuer: Issuer) -> None:
    key = RSAKey.generate_key(2048)
    issuer.publish(key, alg="RS256")
    api = connect()
    assert ask(api, issuer.token(key, {"alg": "RS256"})).status_code == 200
    assert ask(api, issuer.token(key, {"alg": "RS512"})).status_code == 401


@one_store
@pytest.mark.parametrize(
    "entry",
    [
        OctKey.generate_key(256).as_dict(private=True) | {"kid": "x"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "x"},
        {"kty": "EC", "crv": "P-256", "kid": "x"},
        {"kty": "RSA", "n": 7, "e": [], "kid": "x"},
        {"kty": "RSA", "alg": ["RS256"], "kid": "x"},
        {"kty": "lattice", "kid": "x"},
        {"kid": "x", "key_ops": 7},
        {},
        "text",
        None,
    ],
)
def test_a_key_that_cannot_be_used_does_no_harm(
    connect: Connect, issuer: Issuer, entry: object
) -> None:
    issuer.served[KEYS]["keys"].insert(0, entry)
    assert ask(connect(), issuer.token()).status_code == 200
    issuer.served[KEYS]["keys"] = [entry]
    assert ask(connect(), issuer.token()).status_code == 503


@one_store
@pytest.mark.parametrize("changed", [{"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": 7}])
def test_a_key_for_another_use(connect: Connect, issuer: Issuer, changed: dict[str, Any]) -> None:
    issuer.publish(issuer.key, **changed)
    assert ask(connect(), issuer.token()).status_code == 503


def test_a_token_without_a_key_id(connect: Connect, issuer: Issuer) -> None:
    bare = issuer.token(header={"kid": None})
    assert ask(connect(), bare).status_code == 200
    issuer.publish(issuer.key, ECKey.generate_key("P-256"))
    assert ask(connect(), bare).status_code == 401


def test_the_embedded_server_is_not_there(connect: Connect, issuer: Issuer) -> None:
    api = connect()
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        assert api.post(path, data={"token": "x"}).status_code == 404
    for path in ("/oauth/jwks.json", OAUTH):
        assert api.get(path).status_code == 404
    told = api.get("/.well-known/oauth-protected-resource").json
    assert told["authorization_servers"] == [issuer.url]
