"""Every field of every body, with every sort of value that it does not take."""

from collections.abc import Iterable
from itertools import product
from typing import Any

from tests.api.refusals import pointers, problem_of, unchanged
from tests.api.surface import MULTIPART, OPERATIONS, WITH_JSON, Op, each, resolved
from tests.api.world import Sent, World
from tests.api.wrong_values import placed, wrong_values


def item_schema(op: Op) -> dict[str, Any] | None:
    """The schema of a bulk request's items."""
    items = resolved(op.body_schema)["properties"].get("items")
    return items and items["items"]


@each(WITH_JSON)
def test_wrong_value_is_named_and_changes_nothing(op: Op, world: World, sent: Sent) -> None:
    tried, wrong = 0, {}
    with unchanged(world.app):
        for together in side_by_side(wrong_values(op.body_schema)):
            tried += len(together)
            named = named_in(together, sent, world)
            # What is wrong elsewhere may hide it, so by itself it has another chance.
            for pointer, value in together:
                if not points_to(pointer, named):
                    alone = named_in([(pointer, value)], sent, world)
                    if not points_to(pointer, alone):
                        wrong[f"{pointer}: {value!r}"[:120]] = alone
    assert tried
    assert wrong == {}


def side_by_side(values: Iterable[tuple[str, Any]]) -> list[list[tuple[str, Any]]]:
    """The values in groups, none of which has two for one place of a body."""
    groups: list[dict[str, Any]] = []
    for pointer, value in values:
        fitting = (g for g in groups if not any(overlap(pointer, other) for other in g))
        group = next(fitting, None)
        if group is None:
            groups.append(group := {})
        group[pointer] = value
    return [list(group.items()) for group in groups]


def overlap(one: str, other: str) -> bool:
    """Whether one place of a body holds the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def named_in(values: list[tuple[str, Any]], sent: Sent, world: World) -> list[str]:
    """What is pointed to when these values stand in the body; what is answered if that is other."""
    body = sent.json
    for pointer, value in values:
        body = placed(body, pointer, value)
    answer = sent.but(json=body).by(world.owner)
    return pointers(answer.json) if answer.status_code == 422 else [answer.text]


def points_to(pointer: str, named: list[str]) -> bool:
    """What is wrong within a list or an object may be pointed to more closely."""
    return any(f"{found}/".startswith(f"{pointer}/") for found in named)


@each(WITH_JSON)
def test_list_that_is_too_long_or_repeats_itself_is_refused(
    op: Op, world: World, sent: Sent
) -> None:
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
def test_bulk_request_errors_point_into_its_items(op: Op, world: World, sent: Sent) -> None:
    (good,) = sent.json["items"]
    with unchanged(world.app):
        for bad, pointer in ((7, ""), (None, ""), ([], ""), (good | {"nonsense": 1}, "/nonsense")):
            answer = sent.but(json={"items": [good, bad]}).by(world.owner)
            assert pointers(problem_of(answer, 422, op)) == [f"/items/1{pointer}"]
        for items in ([], [good] * 501):
            answer = sent.but(json={"items": items}).by(world.owner)
            assert pointers(problem_of(answer, 422, op)) == ["/items"]


@each(tuple(op for op in WITH_JSON if item_schema(op)))
def test_dry_run_changes_nothing(op: Op, world: World, sent: Sent) -> None:
    with unchanged(world.app):
        answer = sent.by(world.owner, query_string={"dry_run": "true"})
        assert answer.json["dry_run"] is True  # type: ignore[index]
    assert sent.by(world.owner).json["succeeded"] == 1  # type: ignore[index]


@each(tuple(op for op in OPERATIONS if op.body_type == MULTIPART))
def test_wrong_part_of_a_form_is_named(op: Op, world: World, sent: Sent) -> None:
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


def test_hostile_text_in_a_path_returns_4xx(world: World) -> None:
    for op in OPERATIONS:
        for name, text in product(op.parameter_names("path"), ("\u0000", "\ud800", "a" * 100_000)):
            ids = {n: world.record(n) for n in op.parameter_names("path")} | {name: text}
            url = op.path.format(**ids).encode("utf-8", "surrogatepass").decode("latin-1")
            answer = world.owner.open(url, method=op.method, json={}, headers={"If-Match": '"x"'})
            assert 400 <= answer.status_code < 500, (op.name, name, text[:1], answer.text)
