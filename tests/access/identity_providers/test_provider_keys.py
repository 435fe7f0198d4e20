"""Keys of an identity provider: discovery, rotation, and the failures of the provider."""

import time
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from catalogue.core import clock, outgoing
from tests.access.conftest import add_probe
from tests.access.identity_providers.conftest import Connect, ask
from tests.access.identity_providers.issuer import KEYS, OAUTH, OPENID, Issuer
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

# The database plays no part in most of these tests.
one_store = pytest.mark.only_on("sqlite")


def test_issuer_token_is_accepted_and_its_keys_fetched_once(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect()
    answer = ask(api, issuer.token())
    assert answer.status_code == 200, answer.text
    assert answer.json["client_id"] == "beds:cmdb"
    assert answer.json["subject"] == "beds:7d1f"
    assert answer.json["agency"] == "bedfordshire-police"
    assert answer.json["scopes"] == ["systems:read"]
    for _ in range(3):
        assert ask(api, issuer.token()).status_code == 200
    assert issuer.requests == {OPENID: 1, KEYS: 1}


def test_issuer_metadata_is_discovered_at_rfc_8414_address(
    connect: Connect, issuer: Issuer
) -> None:
    issuer.served[OAUTH] = issuer.served.pop(OPENID)
    assert ask(connect(), issuer.token()).status_code == 200


def test_configured_key_address_skips_discovery(connect: Connect, issuer: Issuer) -> None:
    del issuer.served[OPENID]
    assert ask(connect(jwks_url=issuer.url + KEYS), issuer.token()).status_code == 200
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
        token = issuer.token(exp=int(start.timestamp()) + 7000)
        assert ask(api, token).status_code == 200
    issuer.publish(ECKey.generate_key("P-256"))
    with clock.freeze(start + timedelta(minutes=61)):
        assert ask(api, token).status_code == 200
        deadline = time.monotonic() + PATIENCE_SECONDS
        while ask(api, token).status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(api, token).status_code == 401
        assert issuer.requests[KEYS] == 2


def test_known_keys_keep_working_for_a_day_while_issuer_is_down(
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
    with clock.freeze(start + timedelta(hours=25)):
        answer = ask(api, issuer.token())
        assert answer.status_code == 503, "keys that nobody can confirm end after a day"


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


@one_store
@pytest.mark.parametrize(
    ("path", "document", "fault"),
    [
        (
            OPENID,
            {"issuer": "https://elsewhere.example", "jwks_uri": "https://elsewhere.example/keys"},
            "its metadata names another issuer",
        ),
        (OPENID, b"not json", "its metadata cannot be used"),
        (OPENID, 404, "its metadata cannot be used"),
        (KEYS, {"keys": []}, "its key set holds no key that can verify a token"),
        (KEYS, b"not json", "its key set cannot be used"),
    ],
)
def test_provider_that_is_set_up_wrongly_is_named_as_the_cause(
    connect: Connect, issuer: Issuer, path: str, document: object, fault: str
) -> None:
    issuer.served[path] = document
    answer = ask(connect(), issuer.token())
    assert answer.status_code == 503
    assert answer.json["detail"] == (
        f"The identity provider is set up wrongly here: {fault}. "
        "Tell the administrator of the catalogue."
    )


@one_store
def test_address_of_keys_that_is_not_allowed_is_the_cause(connect: Connect, issuer: Issuer) -> None:
    issuer.served[OPENID] = {"issuer": issuer.url, "jwks_uri": "http://keys.internal/keys"}
    detail = ask(connect(), issuer.token()).json["detail"]
    assert "the address of its key set is not allowed" in detail
    assert "internal" not in detail


@one_store
def test_failure_of_the_provider_itself_is_no_fault_of_its_set_up(
    connect: Connect, issuer: Issuer
) -> None:
    issuer.served[OPENID] = 500
    assert "does not respond" in ask(connect(), issuer.token()).json["detail"]


def test_unreachable_issuer_gives_503(connect: Connect, issuer: Issuer) -> None:
    issuer.stop()
    answer = ask(connect(), issuer.token())
    assert answer.status_code == 503
    assert "does not respond" in answer.json["detail"]


@one_store
@pytest.mark.parametrize("way", ["silent", "dripping"])
def test_slow_issuer_gives_503_and_is_asked_once(
    connect: Connect, issuer: Issuer, store: Store, way: str
) -> None:
    if way == "silent":
        issuer.released.clear()
    issuer.dripping = way == "dripping"
    hurried = store.app_with(
        identity_provider_private_addresses=True, identity_provider_timeout_seconds=0.4
    )
    api = connect(add_probe(hurried))
    # Without the time limit, the metadata would arrive in the end and the status would be 200.
    with clock.freeze(clock.now()):
        assert ask(api, issuer.token()).status_code == 503
        assert ask(api, issuer.token()).status_code == 503
    assert issuer.requests[OPENID] <= 1, "a second request need not wait in vain as well"


def test_oversized_key_document_gives_503(
    connect: Connect, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "LARGEST_DOCUMENT", 100)
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
    api = connect(algorithms=[algorithm])
    assert ask(api, token).status_code == 200


def test_key_verifies_only_the_algorithm_it_names(connect: Connect, issuer: Issuer) -> None:
    key = RSAKey.generate_key(2048)
    issuer.publish(key, alg="RS256")
    api = connect(algorithms=["RS256", "RS512"])
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
    api = connect()
    issuer.served[KEYS]["keys"] = [entry]
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token()).status_code == 503
    issuer.publish(issuer.key)
    issuer.served[KEYS]["keys"].insert(0, entry)
    with clock.freeze(start + timedelta(seconds=6)):
        assert ask(api, issuer.token()).status_code == 200


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
    api = connect()
    start = clock.now()
    with clock.freeze(start):
        assert ask(api, issuer.token(header={"kid": None})).status_code == 200
    issuer.publish(issuer.key, ECKey.generate_key("P-256"))
    with clock.freeze(start + timedelta(seconds=40)):
        # An unknown key id makes the service fetch the keys again.
        assert ask(api, issuer.token(ECKey.generate_key("P-256"))).status_code == 401
        assert ask(api, issuer.token(header={"kid": None})).status_code == 401


@one_store
def test_redirect_of_the_issuer_is_not_followed(connect: Connect, issuer: Issuer) -> None:
    issuer.served["/moved"] = issuer.served[OPENID]
    issuer.served[OPENID], issuer.location = 302, issuer.url + "/moved"
    assert ask(connect(), issuer.token()).status_code == 503
    assert issuer.requests["/moved"] == 0


@one_store
def test_service_with_public_address_never_connects_to_its_own_network(
    connect: Connect, issuer: Issuer, store: Store
) -> None:
    issuer.served[OPENID]["jwks_uri"] = issuer.url.replace("127.0.0.1", "localhost") + KEYS
    api = connect(jwks_url=None)
    with clock.freeze(clock.now()):
        guarded = add_probe(store.app_with(identity_provider_private_addresses=False))
        assert ask(guarded.test_client(), issuer.token()).status_code == 503
        assert not issuer.requests, "the address of the issuer itself is private"
        assert ask(api, issuer.token()).status_code == 200


def test_token_of_unknown_issuer_causes_no_request(connect: Connect, issuer: Issuer) -> None:
    api = connect(issuer="https://sso.example")
    for _ in range(3):
        answer = ask(api, issuer.token())
        assert answer.status_code == 401
        assert "another issuer" in answer.json["detail"]
    assert not issuer.requests
