"""Tokens that an attacker or a careless provider could send are refused."""

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.access.forged_tokens import encode, unix_time, write_unsigned_token
from tests.access.identity_providers.conftest import Connect, ask
from tests.access.identity_providers.issuer import AUDIENCE, Issuer
from tests.access.identity_providers.token_shapes import KEY, SHAPES

ENTRA = SHAPES["entra_v2_person"]
STRANGER = ECKey.generate_key("P-256")


@pytest.fixture(autouse=True)
def published(issuer: Issuer) -> None:
    issuer.publish(KEY)


@pytest.fixture
def api(connect: Connect) -> Any:
    return connect(**ENTRA.provider | {"agency_claims": ["agency", "tid"]})


def is_refused(api: Any, token: str, reason: str) -> bool:
    answer = ask(api, token)
    assert answer.status_code == 401, answer.text
    assert answer.json["detail"].startswith("The "), answer.text
    assert reason in answer.json["detail"]
    return True


def test_valid_token_of_these_tests_is_accepted(api: Any, issuer: Issuer) -> None:
    answer = ask(api, ENTRA.token(issuer))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"aud": "https://other.example"}, "another audience", id="other_audience"),
        pytest.param({"aud": [AUDIENCE + "/"]}, "another audience", id="longer_audience"),
        pytest.param({"aud": {AUDIENCE: 1}}, "another audience", id="audience_object"),
        pytest.param({"aud": None}, "another audience", id="no_audience"),
        pytest.param({"exp": None}, "lacks the claim `exp`", id="no_expiry"),
        pytest.param({"exp": "tomorrow"}, "not a time", id="expiry_text"),
        pytest.param({"iat": None}, "lacks the claim `iat`", id="no_issue_time"),
        pytest.param({"sub": None}, "lacks the claim `sub`", id="no_subject"),
        pytest.param({"sub": 7}, "invalid subject", id="numeric_subject"),
        pytest.param({"sub": "no\x00body"}, "invalid subject", id="subject_with_nul"),
        pytest.param({"agency": "kent-police"}, "issuer cannot act for", id="foreign_agency"),
        pytest.param({"agency": "KENT-POLICE"}, "issuer cannot act for", id="foreign_in_capitals"),
        pytest.param({"agency": "atlantis-police"}, "issuer cannot act for", id="unknown_agency"),
        pytest.param({"tid": "another"}, "issuer cannot act for", id="unmapped_value"),
        pytest.param(
            {"agency": ["kent-police", "bedfordshire-police"]}, "several", id="two_agencies"
        ),
        pytest.param({"agency": {"code": "kent-police"}}, "not a text", id="agency_object"),
        pytest.param({"agency": [["kent-police"]]}, "not a text", id="agency_in_lists"),
        pytest.param({"azp": None}, "names no client", id="no_client"),
        pytest.param({"azp": "x" * 120}, "client id", id="long_client"),
        pytest.param({"azp": "a\nb"}, "names no client", id="client_of_two_lines"),
        pytest.param({"nonce": "n-0S6"}, "another purpose", id="id_token_with_nonce"),
        pytest.param({"at_hash": "77Qm"}, "another purpose", id="id_token_with_hash"),
        pytest.param({"c_hash": "77Qm"}, "another purpose", id="id_token_with_code_hash"),
        pytest.param({"azp": AUDIENCE}, "another purpose", id="id_token_for_its_client"),
        pytest.param({"typ": "ID"}, "another purpose", id="keycloak_id_token"),
        pytest.param({"typ": "Refresh"}, "another purpose", id="keycloak_refresh_token"),
        pytest.param({"token_use": "id"}, "another purpose", id="token_use"),
        pytest.param({"events": {}}, "another purpose", id="logout_token"),
    ],
)
def test_token_with_wrong_claims_is_refused(
    api: Any, issuer: Issuer, claims: dict[str, Any], reason: str
) -> None:
    assert is_refused(api, ENTRA.token(issuer, **claims), reason)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        pytest.param({"exp": -60}, "expired", id="expired"),
        pytest.param({"nbf": 600}, "not valid yet", id="not_valid_yet"),
        pytest.param({"iat": 600}, "not valid yet", id="issued_in_future"),
        pytest.param({"exp": 315_000_000}, "for longer than", id="ten_years"),
        pytest.param({"exp": 7200}, "for longer than", id="five_minutes_too_long"),
    ],
)
def test_token_with_wrong_times_is_refused(
    api: Any, issuer: Issuer, seconds: dict[str, int], reason: str
) -> None:
    claims = {name: unix_time(from_now) for name, from_now in seconds.items()}
    assert is_refused(api, ENTRA.token(issuer, **claims), reason)


def test_clocks_can_differ_by_half_a_minute(api: Any, issuer: Issuer) -> None:
    for claims in ({"exp": unix_time(-20)}, {"nbf": unix_time(20)}):
        answer = ask(api, ENTRA.token(issuer, **claims))
        assert answer.status_code == 200, answer.text


def test_same_id_token_is_refused_even_if_client_and_audience_are_one(
    api: Any, issuer: Issuer
) -> None:
    # The same registration for pages and API: nothing but the audience shows the ID token.
    assert is_refused(api, ENTRA.token(issuer, aud=[AUDIENCE, ENTRA.client]), "another purpose")


def _unsigned(issuer: Issuer) -> str:
    return write_unsigned_token(_claims(issuer), alg="none", typ="JWT")


def _none_with_signature(issuer: Issuer) -> str:
    header = encode(orjson.dumps({"alg": "none", "kid": KEY.thumbprint(), "typ": "JWT"}))
    return f"{header}.{encode(orjson.dumps(_claims(issuer)))}.{encode(b'x')}"


def _signed_with_public_key(issuer: Issuer) -> str:
    header = {"alg": "HS256", "kid": KEY.thumbprint(), "typ": "JWT"}
    content = f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(_claims(issuer)))}"
    secret = KEY.as_pem(private=False)
    return f"{content}.{encode(hmac.digest(secret, content.encode(), sha256))}"


def _symmetric(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer), OctKey.generate_key(256), {"alg": "HS256", "typ": "JWT"})


def _stranger(issuer: Issuer, **header: Any) -> str:
    known = {"alg": "ES256", "kid": KEY.thumbprint(), "typ": "JWT"}
    return issuer.sign(_claims(issuer), STRANGER, known | header)


def _embedded_key(issuer: Issuer) -> str:
    return _stranger(issuer, jwk=STRANGER.as_dict(private=False), kid=STRANGER.thumbprint())


def _key_address(issuer: Issuer) -> str:
    issuer.served["/attacker"] = {"keys": [STRANGER.as_dict(private=False)]}
    address = issuer.url + "/attacker"
    return _stranger(issuer, jku=address, x5u=address, kid=STRANGER.thumbprint())


def _other_algorithm(issuer: Issuer) -> str:
    header = {"alg": "RS512", "kid": KEY.thumbprint(), "typ": "JWT"}
    return issuer.sign(_claims(issuer), KEY, header)


def _repeated_claim(issuer: Issuer) -> str:
    text = orjson.dumps(_claims(issuer)).decode()
    doubled = text[:-1] + ',"tid":"' + ENTRA.claims["tid"] + '"}'
    header = {"alg": "RS256", "kid": KEY.thumbprint(), "typ": "JWT"}
    return issuer.sign(doubled.encode(), KEY, header)


def _repeated_nested_claim(issuer: Issuer) -> str:
    text = orjson.dumps(_claims(issuer)).decode()
    doubled = text[:-1] + ',"realm_access":{"roles":[],"roles":["x"]}}'
    header = {"alg": "RS256", "kid": KEY.thumbprint(), "typ": "JWT"}
    return issuer.sign(doubled.encode(), KEY, header)


def _critical_extension(issuer: Issuer) -> str:
    header = {"alg": "RS256", "kid": KEY.thumbprint(), "typ": "JWT", "crit": ["exp"]}
    content = f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(_claims(issuer)))}"
    return f"{content}.{encode(b'signature')}"


def _claims(issuer: Issuer) -> dict[str, Any]:
    times = {"iat": unix_time(0), "exp": unix_time(600)}
    return {"iss": issuer.url, "aud": AUDIENCE} | times | ENTRA.claims


@pytest.mark.parametrize(
    "make",
    [
        _unsigned,
        _none_with_signature,
        _signed_with_public_key,
        _symmetric,
        _stranger,
        _embedded_key,
        _key_address,
        _other_algorithm,
        _repeated_claim,
        _repeated_nested_claim,
        _critical_extension,
    ],
)
def test_forged_token_is_refused(api: Any, issuer: Issuer, make: Callable[[Issuer], str]) -> None:
    token = make(issuer)
    assert ask(api, ENTRA.token(issuer)).status_code == 200
    assert is_refused(api, token, "access token")
    assert issuer.requests["/attacker"] == 0


@pytest.mark.parametrize(
    "kid",
    ["../../etc/passwd", "x' OR '1'='1", "\x00", "a" * 4000, "http://127.0.0.1/keys", "", "|id"],
    ids=["path", "sql", "nul", "long", "address", "empty", "command"],
)
def test_key_id_is_only_compared(api: Any, issuer: Issuer, kid: str) -> None:
    assert is_refused(api, _stranger(issuer, kid=kid), "unknown key")


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "id+jwt", "JOSE", None])
def test_jwt_of_another_type_is_refused(api: Any, issuer: Issuer, kind: str | None) -> None:
    header = {"alg": "RS256", "kid": KEY.thumbprint(), "typ": kind}
    assert is_refused(api, issuer.sign(_claims(issuer), KEY, header), "another purpose")


def test_token_of_one_provider_is_refused_with_the_key_of_another(
    api: Any, connect: Connect, issuer: Issuer
) -> None:
    with Issuer().running() as other:
        connect(key="other", issuer=other.url, algorithms=["RS256"])
        other.publish(RSAKey.generate_key(2048), kid=KEY.thumbprint())
        # Both publish a key with the same id, and only that of the named issuer counts.
        assert is_refused(api, ENTRA.token(issuer, iss=other.url), "invalid signature")


def test_token_cannot_pose_as_one_of_the_service_itself(api: Any, issuer: Issuer) -> None:
    forged = ENTRA.token(issuer, iss="http://catalogue.test")
    assert is_refused(api, forged, "another purpose")
    typed = issuer.token(iss="http://catalogue.test", aud="http://catalogue.test/v1")
    assert is_refused(api, typed, "unknown key")
