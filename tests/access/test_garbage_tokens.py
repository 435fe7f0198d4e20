"""Garbage in the Authorization header: the status is always 401, never 500."""

import base64
import logging

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.forged_tokens import Forger, encode

many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# A header can hold any byte except CR, LF and NUL, read as Latin-1.
header_text = st.text(
    st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=300
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        name: json_values | st.sampled_from(["ES256", "none", "HS256", "at+jwt", "JWT"])
        for name in ("alg", "kid", "typ", "crit", "b64", "jwk", "zip", "enc")
    },
)


def to_json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def assert_refused(api: FlaskClient, authorization: str) -> None:
    answer = api.get("/v1/probe", headers={"Authorization": authorization})
    assert answer.status_code == 401, (authorization, answer.text)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.only_on("sqlite")
@many
@given(text=header_text)
def test_any_authorization_header_is_refused_without_error(
    api: FlaskClient, store: object, text: str
) -> None:
    assert_refused(api, text)
    assert_refused(api, f"Bearer {text}")


@pytest.mark.only_on("sqlite")
@many
@given(parts=st.lists(header_text.map(lambda t: encode(t.encode())), min_size=0, max_size=6))
def test_any_token_segments_are_refused_without_error(
    api: FlaskClient, store: object, parts: list[str]
) -> None:
    assert_refused(api, "Bearer " + ".".join(parts))


@many
@given(header=headers, claims=json_values, signature=st.binary(max_size=80))
def test_any_token_header_and_claims_are_refused_without_error(
    api: FlaskClient, forger: Forger, header: dict[str, object], claims: object, signature: bytes
) -> None:
    own = forger.signing_key()
    for given_header in (header, {"alg": "ES256", "typ": "at+jwt", "kid": own.kid} | header):
        try:
            segments = [to_json(given_header), to_json(claims), signature]
        except TypeError:  # integers that JSON cannot hold
            return
        assert_refused(api, "Bearer " + ".".join(map(encode, segments)))


@many
@given(
    claims=st.dictionaries(
        st.sampled_from(
            ["iss", "aud", "exp", "iat", "nbf", "jti", "sub", "client_id", "agency", "scope"]
        ),
        json_values,
        min_size=1,
    )
)
def test_any_signed_claims_are_answered_without_error(
    api: FlaskClient, forger: Forger, claims: dict[str, object]
) -> None:
    """Signed tokens with any claims are refused or accepted, and never cause an error."""
    try:
        token = forger.token(**claims)
    except TypeError:
        return
    answer = api.get("/v1/probe", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401, 403}, (claims, answer.text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Bearer", id="no_token"),
        pytest.param("Bearer ", id="blank_token"),
        pytest.param("Bearer .", id="one_dot"),
        pytest.param("Bearer ..", id="two_dots"),
        pytest.param("Bearer ....", id="four_dots"),
        pytest.param("Bearer " + "." * 9000, id="many_dots"),
        pytest.param("Bearer " + encode(b"[" * 3000) + ".e30.AAAA", id="nested_lists"),
        pytest.param(
            "Bearer " + encode(b'{"alg":' + b"[" * 3000) + ".e30.AAAA", id="nested_header"
        ),
        pytest.param(
            "Bearer " + encode(b'{"alg":"ES256","alg":"none"}') + ".e30.AAAA",
            id="repeated_algorithm",
        ),
        pytest.param(
            "Bearer " + encode(b'{"alg":"\\ud800","kid":"\\udfff"}') + ".e30.AAAA",
            id="lone_surrogates",
        ),
        pytest.param(
            "Bearer " + base64.b64encode(b'{"alg":"ES256"}').decode() + ".e30.AAAA",
            id="padded_header",
        ),
        pytest.param(
            "Bearer eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA", id="encrypted_token"
        ),
        pytest.param("Bearer a.b.c, Bearer d.e.f", id="two_tokens"),
        pytest.param("Bearer " + "x" * 50_000, id="long_token"),
    ],
)
def test_garbage_token_is_refused_without_a_warning(
    api: FlaskClient, store: object, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert_refused(api, text)
    assert not caplog.records
