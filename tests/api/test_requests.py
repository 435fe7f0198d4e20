"""Requests that make no sense are refused by every operation, for the right reason."""

from collections.abc import Callable

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.refusals import pointers, problem_of, unchanged
from tests.api.surface import (
    KEYED,
    METHODS,
    MULTIPART,
    OPERATIONS,
    WITH_JSON,
    Op,
    each,
)
from tests.api.world import Sent, World

WITH_BODY = tuple(op for op in OPERATIONS if op.body_type)

MALFORMED = {
    "empty": b"",
    "cut short": b'{"name": "Du',
    "trailing comma": b'{"name": "Duties",}',
    "two documents": b"{}{}",
    "not a number": b'{"user_count": NaN}',
    "latin-1": '{"name": "Caf\u00e9"}'.encode("latin-1"),
    "utf-16": '{"name": "Duties"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "nested lists without end": b"[" * 100_000,
    "nested objects": b'{"name":' * 20_000 + b"1" + b"}" * 20_000,
}

Refusal = Callable[[Op, World, Sent], None]
REFUSALS: dict[Refusal, tuple[Op, ...]] = {}


def refused_by(operations: tuple[Op, ...]) -> Callable[[Refusal], Refusal]:
    """Name the operations that must refuse a kind of request, and change nothing."""

    def keep(refusal: Refusal) -> Refusal:
        REFUSALS[refusal] = operations
        return refusal

    return keep


@refused_by(OPERATIONS)
def an_unknown_parameter(op: Op, world: World, sent: Sent) -> None:
    answer = sent.by(world.owner, query_string=sent.query | {"nonsense": "1"})
    errors = problem_of(answer, 400, op)["errors"]
    assert ("?nonsense", "unknown_parameter") in [(e["pointer"], e["code"]) for e in errors]
    repeatable = {p["name"] for p in op.parameters if p["schema"].get("type") == "array"}
    for name in op.parameter_names("query"):
        # What takes several values may have them in several parameters.
        if name not in repeatable and not name.endswith("__in"):
            twice = sent.by(world.owner, query_string=[(name, "true"), (name, "true")])
            assert f"?{name}" in pointers(problem_of(twice, 400, op))


@refused_by(OPERATIONS)
def an_answer_in_another_form(op: Op, world: World, sent: Sent) -> None:
    answer = sent.by(world.owner, headers=sent.headers | {"Accept": "application/xml"})
    problem_of(answer, 406, op)


@refused_by(WITH_BODY)
def a_body_of_another_type(op: Op, world: World, sent: Sent) -> None:
    types = ["text/plain", "application/x-www-form-urlencoded", "application/xml", None]
    types += ["application/json"] if op.body_type == MULTIPART else [MULTIPART]
    types += ["application/json; charset=latin-1"] if op.takes_json else []
    for content_type in types:
        body = orjson.dumps(sent.json if op.takes_json else {})
        answer = sent.by(world.owner, data=body, content_type=content_type)
        problem_of(answer, 415, op)


@refused_by(WITH_JSON)
def a_body_that_is_no_json(op: Op, world: World, sent: Sent) -> None:
    for what, body in MALFORMED.items():
        problem = problem_of(sent.by(world.owner, data=body), 400, op)
        assert [error["code"] for error in problem["errors"]] == ["malformed_json"], what


@refused_by(WITH_JSON)
def a_body_that_is_no_object(op: Op, world: World, sent: Sent) -> None:
    for body in ([], [sent.json], "Duties", 7, 2.5, True, None):
        problem = problem_of(sent.by(world.owner, data=orjson.dumps(body)), 422, op)
        assert pointers(problem) == [""], body


@refused_by(WITH_JSON)
def an_unknown_field(op: Op, world: World, sent: Sent) -> None:
    for name, value in {"nonsense": 1, "a/b~c": None, "\u0000": "", "": [], "id": "7"}.items():
        if name == "id" and name in sent.json:
            continue
        problem = problem_of(sent.but(json=sent.json | {name: value}).by(world.owner), 422, op)
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        assert (pointer, "unknown_field") in [(e["pointer"], e["code"]) for e in problem["errors"]]


@refused_by(WITH_JSON)
def a_number_beyond_measure(op: Op, world: World, sent: Sent) -> None:
    for number in (b"9" * 400, b"-" + b"9" * 19, b"1e999", b"1e-999", b"0." + b"1" * 400):
        body = orjson.dumps(sent.json)[:-1] + b',"nonsense":' + number + b"}"
        assert sent.by(world.owner, data=body).status_code in {400, 422}, number


@refused_by(tuple(op for op in OPERATIONS if op.body_type or op.kernel.idempotent))
def a_body_that_is_too_large(op: Op, world: World, sent: Sent) -> None:
    settings = world.app.extensions["database"].settings
    # Where no body is expected none is read, unless it decides whether two requests are one.
    headers = sent.headers | ({} if op.body_type else {"Idempotency-Key": "one"})
    if op.body_type == MULTIPART:
        part = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = part + b"x" * settings.max_import_bytes + b"\r\n--cut--\r\n"
        options = {"data": body, "content_type": f"{MULTIPART}; boundary=cut"}
    else:
        options = {"data": b'{"name": "' + b"x" * 10 * settings.max_body_bytes + b'"}'}
    answer = sent.by(world.owner, headers=headers, **options)
    problem_of(answer, 413, op)
    # What is left unread must not be taken for the next request on the connection.
    assert answer.headers["Connection"] == "close"


@refused_by(KEYED)
def an_idempotency_key_out_of_bounds(op: Op, world: World, sent: Sent) -> None:
    for key in ("", "k" * 256, "caf\u00e9", "tab\tbed"):
        answer = sent.by(world.owner, headers=sent.headers | {"Idempotency-Key": key})
        assert pointers(problem_of(answer, 400, op)) == ["Idempotency-Key"]


@each(OPERATIONS)
def test_malformed_request_is_refused(
    op: Op, world: World, sent: Sent, subtests: pytest.Subtests
) -> None:
    for refusal, operations in REFUSALS.items():
        if op in operations:
            with subtests.test(refusal.__name__), unchanged(world.app):
                refusal(op, world, sent)
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert sent.by(world.owner, headers=sent.headers | {"Accept": accept}).status_code < 300


def test_missing_method_returns_405(world: World) -> None:
    for path in {op.path for op in OPERATIONS}:
        there = [op for op in OPERATIONS if op.path == path]
        methods = {op.method for op in there}
        for method in {m.upper() for m in METHODS} - methods | {"TRACE", "PROPFIND"}:
            answer = world.owner.open(there[0].nowhere(), method=method)
            problem_of(answer, 405)
            allowed = set(answer.headers["Allow"].split(", "))
            implied = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
            assert allowed == methods | implied, path


def test_unknown_path_returns_404(client: FlaskClient) -> None:
    for url in ("/v1", "/v1/", "/v1/nonsense", "/v1/systems/", "/v1/systems/1", "/v1/systems/%00"):
        problem_of(client.get(url), 404)


def test_answers_set_no_cookie_and_forbid_sniffing(app: Flask, world: World) -> None:
    for op in OPERATIONS[:4]:
        answer = world.request(op).by(world.owner)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
