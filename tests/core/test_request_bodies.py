"""A body that cannot be read is refused by name, and changes nothing."""

import json

import pytest
from werkzeug.test import TestResponse

from catalogue.core.config import Settings
from tests.api_calls import answer, listed, refusals
from tests.factories import system
from tests.unsaved import CheckedClient

VALID = b'{"name": "Duty management", "lifecycle": "live"}'


def post(api: CheckedClient, data: bytes, kind: str = "application/json") -> TestResponse:
    return api.post("/v1/systems", data=data, content_type=kind)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="open_brace"),
        pytest.param(b"name=Duty", id="form"),
        pytest.param(b"\xef\xbb\xbf" + VALID, id="byte_order_mark"),
        pytest.param(VALID.decode().encode("utf-16"), id="utf16"),
        pytest.param(b'{"name": "caf\xe9", "lifecycle": "live"}', id="latin1"),
        pytest.param(b'{"name": "\\ud800", "lifecycle": "live"}', id="lone_surrogate"),
        pytest.param(b'{"name": NaN, "lifecycle": "live"}', id="nan"),
        pytest.param(b'{"name": "Duty", "lifecycle": "live",}', id="trailing_comma"),
        pytest.param(VALID + VALID, id="two_objects"),
        pytest.param(b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep_nesting"),
    ],
)
def test_malformed_json_is_refused(api: CheckedClient, data: bytes) -> None:
    assert refusals(post(api, data), 400) == {("", "malformed_json")}
    assert listed(api, "/v1/systems") == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[]", id="list"),
        pytest.param(b"7", id="number"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"true", id="boolean"),
    ],
)
def test_json_that_is_not_an_object_is_refused(api: CheckedClient, data: bytes) -> None:
    assert refusals(post(api, data)) == {("", "invalid")}


def test_every_wrong_value_is_reported_and_nothing_recorded(api: CheckedClient) -> None:
    wrong = {
        "name": "Duty\u0000management",
        "lifecycle": "alive",
        "user_count": 2.9,
        "functional_fit": True,
        "rto_hours": "4",
        "legacy_risk": 10**30,
        "live_from": "2009-02-30",
        "external_ids": [{"source": "cmdb"}, "CI1"],
        "tags": ["a", "a"],
        "attributes": {"cost/centre": {"code": 1}},
        "agency": "cambridgeshire-police",
        "a~b/c": 1,
    }
    assert refusals(post(api, json.dumps(wrong).encode())) == {
        ("/name", "control_character"),
        ("/lifecycle", "invalid"),
        ("/user_count", "invalid"),
        ("/functional_fit", "invalid"),
        ("/rto_hours", "invalid"),
        ("/legacy_risk", "out_of_range"),
        ("/live_from", "invalid"),
        ("/external_ids/0/id", "required"),
        ("/external_ids/1", "invalid"),
        ("/tags/1", "repeated"),
        ("/attributes/cost~1centre", "invalid"),
        ("/agency", "unknown_field"),
        ("/a~0b~1c", "unknown_field"),
    }
    assert listed(api, "/v1/systems") == []


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/merge-patch+json",
        "application/json; charset=latin-1",
        "application/jsonx",
        "",
    ],
)
def test_other_content_type_returns_415(api: CheckedClient, kind: str) -> None:
    assert refusals(post(api, VALID, kind), 415) == set()
    assert listed(api, "/v1/systems") == []


def test_json_content_types_are_accepted(api: CheckedClient) -> None:
    assert post(api, VALID, "application/json; charset=UTF-8").status_code == 201
    made = system(api, name="Custody")
    path = f"/v1/systems/{made['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    response = api.patch(
        path, data=b'{"name": "C"}', content_type="application/merge-patch+json", headers=etag
    )
    assert answer(response)["name"] == "C"


def test_oversized_body_returns_413(api: CheckedClient) -> None:
    limit = Settings().max_body_bytes
    response = post(api, VALID.ljust(limit + 1))
    assert refusals(response, 413) == set()
    assert response.headers["Connection"] == "close"
    assert listed(api, "/v1/systems") == []
    assert post(api, VALID.ljust(limit)).status_code == 201


def test_number_beyond_float_range_is_refused(api: CheckedClient) -> None:
    for number in ("1e400", "-1e400"):
        data = b'{"name": "A", "lifecycle": "live", "attributes": {"n": %b}}' % number.encode()
        response = post(api, data)
        assert response.status_code in {400, 422}, response.text
    assert listed(api, "/v1/systems") == []
