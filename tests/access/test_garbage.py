"""Whatever stands in the Authorization header, the answer is 401 and never a fault of ours."""

import base64
import logging

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.forging import Forger, encoded

many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# What a server can be sent in a header: any byte but CR, LF and NUL, read as latin-1.
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


def plain(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def turned_away(api: FlaskClient, authorization: str) -> None:
    answer = api.get("/probe", headers={"Authorization": authorization})
    assert answer.status_code == 401, (authorization, answer.text)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.only_on("sqlite")
@many
@given(text=header_text)
def test_any_header(api: FlaskClient, store: object, text: str) -> None:
    turned_away(api, text)
    turned_away(api, f"Bearer {text}")


@pytest.mark.only_on("sqlite")
@many
@given(parts=st.lists(header_text.map(lambda t: encoded(t.encode())), min_size=0, max_size=6))
def test_any_segments(api: FlaskClient, store: object, parts: list[str]) -> None:
    turned_away(api, "Bearer " + ".".join(parts))


@many
@given(header=headers, claims=json_values, signature=st.binary(max_size=80))
def test_any_header_and_claims(
    api: FlaskClient, forger: Forger, header: dict[str, object], claims: object, signature: bytes
) -> None:
    own = forger.signing_key()
    for given_header in (header, {"alg": "ES256", "typ": "at+jwt", "kid": own.kid} | header):
        try:
            segments = [plain(given_header), plain(claims), signature]
        except TypeError:  # integers that JSON cannot say
            return
        turned_away(api, "Bearer " + ".".join(map(encoded, segments)))


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
def test_any_claims_under_a_good_signature(
    api: FlaskClient, forger: Forger, claims: dict[str, object]
) -> None:
    """An issuer with a fault of its own: refused, or read as what it says; never a fault here."""
    try:
        token = forger.token(**claims)
    except TypeError:
        return
    answer = api.get("/probe", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401, 403}, (claims, answer.text)


@pytest.mark.parametrize(
    "text",
    [
        "Bearer",
        "Bearer ",
        "Bearer .",
        "Bearer ..",
        "Bearer ....",
        "Bearer " + "." * 9000,
        "Bearer " + encoded(b"[" * 3000) + ".e30.AAAA",
        "Bearer " + encoded(b'{"alg":' + b"[" * 3000) + ".e30.AAAA",
        "Bearer " + encoded(b'{"alg":"ES256","alg":"none"}') + ".e30.AAAA",
        "Bearer " + encoded(b'{"alg":"\\ud800","kid":"\\udfff"}') + ".e30.AAAA",
        "Bearer " + base64.b64encode(b'{"alg":"ES256"}').decode() + ".e30.AAAA",
        "Bearer eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
        "Bearer a.b.c, Bearer d.e.f",
        "Bearer " + "x" * 100_000,
    ],
)
def test_chosen_garbage(
    api: FlaskClient, store: object, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    turned_away(api, text)
    assert not caplog.records
