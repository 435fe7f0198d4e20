"""Changes meant for another state, requests sent twice, and two clients at the same moment."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import marshmallow as ma
import orjson
import pytest
from marshmallow import fields
from werkzeug.test import TestResponse

from catalogue.core.rest.schemas import Secret
from tests.api.refusals import pointers, problem_of, unchanged
from tests.api.surface import KEYED, OPERATIONS, POSTS, WITH_IF_MATCH, Op, conforms, each, resolved
from tests.api.world import Sent, World
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient

SECRET_NAME = re.compile("(secret|password|passphrase|credential|token|private_key|api_key)s?$")
CHANGED_BY_PATCH = tuple(op for op in WITH_IF_MATCH if op.method == "PATCH")
READ_ONE = tuple(
    op for op in OPERATIONS if op.method == "GET" and not op.public and not op.kernel.list_of
)


@each(WITH_IF_MATCH)
def test_change_requires_the_current_etag(
    op: Op, world: World, sent: Sent, subtests: pytest.Subtests
) -> None:
    without = {name: value for name, value in sent.headers.items() if name != "If-Match"}
    with subtests.test("none or another is named"), unchanged(world.app):
        problem_of(sent.but(headers=without).by(world.owner), 428, op)
        for stale in ('"nonsense"', 'W/"nonsense"', "nonsense", '""', "'", "*x"):
            answer = sent.but(headers=without | {"If-Match": stale}).by(world.owner)
            problem_of(answer, 412, op)
    if op not in CHANGED_BY_PATCH:
        return
    if "required" not in resolved(op.body_schema):
        with subtests.test("nothing is changed"), unchanged(world.app):
            # A proxy that compresses makes tags weak.
            weak = sent.headers | {"If-Match": f"W/{sent.headers['If-Match']}"}
            answer = sent.but(json={}, headers=weak).by(world.owner)
            assert answer.status_code == 200, answer.text
            assert answer.headers["ETag"] == sent.headers["If-Match"]
    changed = sent.by(world.owner)
    assert changed.status_code == 200, changed.text
    read = world.owner.get(sent.url)
    assert changed.headers["ETag"] == read.headers["ETag"]
    if read.headers["ETag"] != sent.headers["If-Match"]:
        problem_of(sent.by(world.owner), 412, op)


@each(READ_ONE)
def test_answer_that_the_client_has_returns_304(op: Op, world: World, sent: Sent) -> None:
    first = sent.by(world.owner)
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = sent.by(world.owner, headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b""), known
        assert again.headers["ETag"] == tag
    assert sent.by(world.owner, headers={"If-None-Match": '"other"'}).status_code == 200


@each(KEYED)
def test_request_with_an_idempotency_key_runs_once(
    op: Op, world: World, sent: Sent, subtests: pytest.Subtests
) -> None:
    headers = sent.headers | {"Idempotency-Key": "first"}
    if op.takes_json:
        with subtests.test("what failed may be mended under its key"), unchanged(world.app):
            problem_of(sent.by(world.owner, headers=headers, data=b'{"nonsense": 1}'), 422, op)
    first = sent.by(world.owner, headers=headers)
    assert first.status_code in op.successes, first.text
    assert "Idempotent-Replayed" not in first.headers
    with subtests.test("sent again"), unchanged(world.app):
        again = sent.by(world.owner, headers=headers)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (again.status_code, again.data) == (first.status_code, without_secrets(op, first))
        same = ("Content-Type", "ETag", "Location")
        assert [again.headers.get(n) for n in same] == [first.headers.get(n) for n in same]
    with subtests.test("another request under it"), unchanged(world.app):
        other = sent.by(world.owner, headers=headers, query_string={"dry_run": "true"})
        if "dry_run" in op.parameter_names("query"):
            assert pointers(problem_of(other, 422, op)) == ["Idempotency-Key"]
        if op.takes_json:
            body = b" " + sent.encoded()
            other = sent.by(world.owner, headers=headers, data=body)
            assert pointers(problem_of(other, 422, op)) == ["Idempotency-Key"]
    with subtests.test("a key is a client's own"):
        theirs = sent.by(world.stranger, headers=headers)
        assert "Idempotent-Replayed" not in theirs.headers
        # A change without effect leaves administrators the same shared record.
        same_record = first.headers.get("ETag") == sent.headers.get("If-Match", "none")
        assert theirs.data != first.data or same_record


def without_secrets(op: Op, response: TestResponse) -> bytes:
    """Return the body of a response as a repeat shows it."""
    secrets = op.kernel.secret_fields
    return orjson.dumps(response.json | dict.fromkeys(secrets)) if secrets else response.data


def fields_within(schema: type[ma.Schema], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field of a schema with its path, also those of nested objects."""
    for name, field in schema().fields.items():
        yield from values_within(field, f"{path}/{name}")


def values_within(field: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, field
    if isinstance(field, fields.List):
        yield from values_within(field.inner, path)
    elif isinstance(field, fields.Nested):
        yield from fields_within(type(field.schema), path)


@each(tuple(op for op in KEYED if op.kernel.response))
def test_no_idempotency_key_stores_a_secret(op: Op) -> None:
    assert op.kernel.response is not None
    found = dict(fields_within(op.kernel.response))
    named = {path for path in found if SECRET_NAME.search(path.rpartition("/")[2])}
    declared = {path for path, field in found.items() if isinstance(field, Secret)}
    assert named <= declared, "a field of this name needs the type Secret"
    # Only fields of the response itself become null in what is stored.
    assert declared == {f"/{name}" for name in op.kernel.secret_fields}


def test_guard_of_secrets_finds_those_that_the_api_returns() -> None:
    found = {op.name for op in KEYED if op.kernel.secret_fields}
    assert found == {"create_webhook", "rotate_webhook_secret"}


def a_change(op: Op, before: dict[str, Any], number: int) -> dict[str, Any]:
    """A change that differs from others by a number, in the first free text or count there is."""
    for name in resolved(op.body_schema)["properties"]:
        for mark in (f"Changed {number}", number):
            same_kind = type(before.get(name)) is type(mark)
            if same_kind and not conforms({name: mark}, op.body_schema):
                return {name: mark}
    return {}


def at_once(world: World, requests: list[Sent], **options: Any) -> list[TestResponse]:
    """The answers to requests of the owner's that are sent at the same moment."""
    together = Barrier(len(requests))

    def send(sent: Sent) -> TestResponse:
        client = CheckedClient(world.app, use_cookies=False)
        client.environ_base |= world.owner.environ_base
        together.wait(PATIENCE_SECONDS)
        return sent.by(client, **options)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


ONE_AT_A_TIME = tuple(op for op in CHANGED_BY_PATCH if op.parameter_names("path"))


@each(ONE_AT_A_TIME)
def test_concurrent_changes_of_one_record_succeed_once(op: Op, world: World, sent: Sent) -> None:
    before: Any = world.owner.get(sent.url).json
    changes = [a_change(op, before, number) or sent.json for number in range(4)]
    answers = at_once(world, [sent.but(json=change) for change in changes])
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (made,) = [answer for answer in answers if answer.status_code == 200]
    assert world.owner.get(sent.url).json == made.json


def test_concurrency_tests_cover_an_operation() -> None:
    assert len(ONE_AT_A_TIME) > 5


@each(POSTS)
def test_concurrent_repeats_of_one_request_run_once(op: Op, world: World, sent: Sent) -> None:
    answers = at_once(world, [sent] * 3, headers=sent.headers | {"Idempotency-Key": "one"})
    done = [answer for answer in answers if answer.status_code in op.successes]
    assert len({without_secrets(op, answer) for answer in done}) == 1
    assert len([a for a in done if "Idempotent-Replayed" not in a.headers]) == 1
    for waiting in (answer for answer in answers if answer not in done):
        assert pointers(problem_of(waiting, 409, op)) == ["Idempotency-Key"]
        assert int(waiting.headers["Retry-After"]) > 0
