"""Every field of every body, with every sort of value that it does not take."""

from typing import Any

import pytest
from flask import Flask

from tests.api.refusals import pointers, problem_of, unchanged
from tests.api.surface import MULTIPART, OPERATIONS, WITH_JSON, Op, each, resolved
from tests.api.world import World
from tests.api.wrong_values import placed, wrong_values


def item_schema(op: Op) -> dict[str, Any] | None:
    """The schema of a bulk request's items."""
    items = resolved(op.body_schema)["properties"].get("items")
    return items and items["items"]


@each(WITH_JSON)
def test_a_wrong_value_is_named_and_changes_nothing(op: Op, world: World) -> None:
    sent = world.request(op)
    tried, wrong = 0, {}
    with unchanged(world.app):
        for pointer, value in wrong_values(op.body_schema):
            answer = sent.but(json=placed(sent.json, pointer, value)).by(world.owner)
            tried += 1
            named = answer.status_code == 422 and pointers(answer.json)
            # What is wrong within a list or an object may be pointed to more closely.
            if not named or not any(p == pointer or p.startswith(f"{pointer}/") for p in named):
                wrong[f"{pointer}: {value!r}"[:120]] = named or answer.text
    assert tried
    assert wrong == {}


@each(WITH_JSON)
def test_a_list_that_is_too_long_or_repeats_itself_is_refused(op: Op, world: World) -> None:
    sent = world.request(op)
    schema = item_schema(op)
    prefix = "/items/0" if schema else ""
    properties = resolved(schema or op.body_schema)["properties"]
    with unchanged(world.app):
        for name, declared in properties.items():
            if declared.get("type") != "array":
                continue
            pointer = f"{prefix}/{name}"
            one = value_of(declared["items"])
            many = [one for _ in range(declared["maxItems"] + 1)]
            answer = sent.but(json=placed(sent.json, pointer, many)).by(world.owner)
            assert pointer in pointers(problem_of(answer, 422, op))
            if declared.get("uniqueItems"):
                answer = sent.but(json=placed(sent.json, pointer, [one, one])).by(world.owner)
                assert f"{pointer}/1" in pointers(problem_of(answer, 422, op))


def value_of(declared: dict[str, Any]) -> Any:
    """Some value of a schema."""
    schema = resolved(declared)
    if "properties" in schema:
        return {name: value_of(inner) for name, inner in schema["properties"].items()}
    return schema.get("example") or (schema["enum"][0] if "enum" in schema else "Duties")


@each(tuple(op for op in WITH_JSON if item_schema(op)))
def test_a_bulk_request_points_into_its_items(op: Op, world: World) -> None:
    sent = world.request(op)
    (good,) = sent.json["items"]
    with unchanged(world.app):
        for bad, pointer in ((7, ""), (None, ""), ([], ""), (good | {"nonsense": 1}, "/nonsense")):
            answer = sent.but(json={"items": [good, bad]}).by(world.owner)
            assert pointers(problem_of(answer, 422, op)) == [f"/items/1{pointer}"]
        for items in ([], [good] * 501):
            answer = sent.but(json={"items": items}).by(world.owner)
            assert pointers(problem_of(answer, 422, op)) == ["/items"]


@each(tuple(op for op in WITH_JSON if item_schema(op)))
def test_a_dry_run_changes_nothing(op: Op, world: World) -> None:
    sent = world.request(op)
    with unchanged(world.app):
        answer = sent.by(world.owner, query_string={"dry_run": "true"})
        assert answer.json["dry_run"] is True  # type: ignore[index]
    assert sent.by(world.owner).json["succeeded"] == 1  # type: ignore[index]


@each(tuple(op for op in OPERATIONS if op.body_type == MULTIPART))
def test_a_wrong_part_of_a_form_is_named(op: Op, world: World) -> None:
    sent = world.request(op)
    properties = resolved(op.body_schema)["properties"]
    with unchanged(world.app):
        for name in set(properties) - {"file"}:
            for value in ("", "\u0000", "x" * 3000):
                answer = sent.but(form=(sent.form or {}) | {name: value}).by(world.owner)
                assert any(p.startswith(f"/{name}") for p in pointers(problem_of(answer, 422, op)))
        answer = sent.but(form=(sent.form or {}) | {"nonsense": "1"}).by(world.owner)
        assert pointers(problem_of(answer, 422, op)) == ["/nonsense"]
        answer = sent.by(world.owner, data={"mode": "atomic"})
        assert pointers(problem_of(answer, 422, op)) == ["/file"]


@pytest.mark.parametrize("text", ["\u0000", "\ud800", "a" * 100_000])
def test_a_part_of_a_path_may_hold_anything(text: str, app: Flask, world: World) -> None:
    for op in OPERATIONS:
        for name in op.parameter_names("path"):
            ids = {n: world.record(n) for n in op.parameter_names("path")} | {name: text}
            url = op.path.format(**ids).encode("utf-8", "surrogatepass").decode("latin-1")
            answer = world.owner.open(url, method=op.method, json={}, headers={"If-Match": '"x"'})
            assert 400 <= answer.status_code < 500, (op.name, name, answer.text)
