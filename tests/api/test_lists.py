"""Every list, by every sort, every filter, every field and every way to page."""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
import sqlalchemy as sa
from werkzeug.http import parse_options_header

from catalogue.core.application import database
from catalogue.core.rest.query import FilterField
from catalogue.core.sort_keys import sort_key
from catalogue.core.text import fold
from catalogue.core.types import UtcDateTime
from tests.api.crowd import crowd, listed
from tests.api.refusals import pointers, problem_of
from tests.api.surface import LISTS, OPERATIONS, Op, each
from tests.api.world import World
from tests.chance import chance

Row = dict[str, Any]
Property = Callable[[Op, World, list[Row]], None]
PROPERTIES: list[Property] = []
# Where only the order matters. All fields of a wide record take several times as long to ask for.
IDS = {"fields": "id"}


def of_lists(property_: Property) -> Property:
    """Keep what must be true of every list."""
    PROPERTIES.append(property_)
    return property_


@each(LISTS)
def test_list_pages_sorts_filters_and_searches_as_all_lists_do(
    op: Op, world: World, subtests: pytest.Subtests
) -> None:
    # Nothing here writes, so one crowd serves for all.
    rows = crowd(world, op)
    for property_ in PROPERTIES:
        with subtests.test(property_.__name__):
            property_(op, world, rows)


def pages(world: World, op: Op, **query: str) -> list[Row]:
    """The rows of all pages, by following the Link header."""
    rows: list[Row] = []
    address: tuple[str, dict[str, str]] = (world.url(op), query)
    while True:
        answer = world.owner.get(address[0], query_string=address[1])
        assert answer.status_code == 200, answer.text
        body: Any = answer.json
        rows += body["items"]
        page = body["page"]
        assert page["has_more"] == (page["next_cursor"] is not None) == ("Link" in answer.headers)
        if not page["has_more"]:
            return rows
        link, options = parse_options_header(answer.headers["Link"])
        assert options == {"rel": "next"}
        parts = urlsplit(link.strip("<>"))
        address = (parts.path, dict(parse_qsl(parts.query)))
        assert address[1] == query | {"cursor": page["next_cursor"]}


def ids(rows: list[Row]) -> list[str]:
    """Which rows they are."""
    return [row["id"] for row in rows]


def draws_of(op: Op, world: World) -> Random:
    """The draws for a list. Each store has its own, so that two runs ask for different things."""
    return chance(f"{op.name} {database(world.app).dialect}")


def in_order(values: list[Any], *, descending: bool) -> bool:
    """Whether values stand in order, with nulls at the end."""
    present = [value for value in values if value is not None]
    if values[len(present) :] != [None] * (len(values) - len(present)):
        return False
    if not present or not isinstance(present[0], str):
        return present == sorted(present, reverse=descending)
    # Names are sorted as people expect, other texts without regard to ASCII's cases.
    keys: list[Callable[[str], Any]] = [sort_key, lambda text: text.encode().lower()]
    return any(present == sorted(present, key=key, reverse=descending) for key in keys)


@of_lists
def pages_show_each_row_once_by_every_sort(op: Op, world: World, rows: list[Row]) -> None:
    everything = set(ids(rows))
    list_parameters = op.kernel.list_of.list_parameters  # type: ignore[union-attr]
    # Each field is sorted one way on SQLite and the other way on PostgreSQL, to save statements.
    first = database(world.app).dialect == "postgresql"
    for place, name in enumerate(list_parameters.sorts, first):
        # Two or three pages, so that each sort is cut in another place.
        query = {"fields": f"id,{name}", "limit": str(max(3, len(rows) // 2 + place % 4 - 2))}
        sort = f"{'-' * (place % 2)}{name}"
        whole = listed(world, op, sort=sort, fields=f"id,{name}")
        assert set(ids(whole)) == everything, sort
        assert in_order([row[name] for row in whole], descending=sort[0] == "-"), sort
        assert ids(pages(world, op, sort=sort, **query)) == ids(whole), sort


@of_lists
def pages_hold_for_any_sort_and_limit(op: Op, world: World, rows: list[Row]) -> None:
    count = len(rows)
    sorts = list(op.kernel.list_of.list_parameters.sorts)  # type: ignore[union-attr]
    draws = draws_of(op, world)
    sort, whole = "", rows
    for limit in range(1, count + 2):
        if limit % 3 == 1:
            names = draws.sample(sorts, min(len(sorts), draws.randint(2, 4)))
            sort = ",".join(draws.choice(("", "-")) + name for name in names)
            whole = listed(world, op, sort=sort, **IDS)
            assert len(whole) == count
        shown = pages(world, op, sort=sort, limit=str(limit), **IDS)
        assert ids(shown) == ids(whole), (sort, limit)
    assert ids(pages(world, op, limit="3")) == ids(listed(world, op))


def asked(asked_for: FilterField, text: str) -> Any:
    """A parameter's value, as it compares with those of rows."""
    type_ = asked_for.type
    if isinstance(type_, UtcDateTime):
        return datetime.fromisoformat(text)
    if isinstance(type_, sa.Boolean):
        return text == "true"
    return int(text) if isinstance(type_, sa.Integer) else text


def texts_of(value: Any) -> list[str]:
    """The ways to ask for a value: a list's entries, an object's id."""
    if isinstance(value, list):
        return [text for each_value in value for text in texts_of(each_value)]
    if isinstance(value, dict):
        return texts_of(value.get("id"))
    return [] if value is None else [str(value).lower() if isinstance(value, bool) else str(value)]


def fits(row: Row, name: str, operator: str, text: str, filterable: FilterField) -> bool:
    """What a filter means, said in Python."""
    value = row[name]
    if filterable.contains:
        return text in texts_of(value)
    if operator == "isnull":
        return (value is None) == (text == "true")
    if operator == "ne":
        return value is None or value != asked(filterable, text)
    if value is None:
        return False
    if operator == "contains":
        return fold(text) in fold(value)
    value = asked(filterable, texts_of(value)[0])
    if operator == "in":
        return any(value == asked(filterable, each_text) for each_text in text.split(","))
    other = asked(filterable, text)
    return bool({"eq": value == other, "gte": value >= other, "lte": value <= other}[operator])


def filters_of(op: Op, rows: list[Row]) -> list[tuple[str, str, str, FilterField]]:
    """Every filter of a list, with values that rows have: field, operator, text."""
    found = []
    for name, filterable in op.kernel.list_of.list_parameters.filters.items():  # type: ignore[union-attr]
        # A filter by a part of a record has no field of its name. Its domain tests it.
        texts = sorted({text for row in rows for text in texts_of(row.get(name))})[:3]
        found += [(name, "eq", text, filterable) for text in texts]
        for operator in filterable.operators:
            if operator == "isnull":
                found += [(name, operator, text, filterable) for text in ("true", "false")]
            elif operator == "in":
                found.append(
                    (name, operator, ",".join(t for t in texts if "," not in t), filterable)
                )
            else:
                found += [(name, operator, text, filterable) for text in texts]
    return [each_filter for each_filter in found if each_filter[2]]


def parameter(name: str, operator: str) -> str:
    """The parameter of a filter."""
    return name if operator == "eq" else f"{name}__{operator}"


@of_lists
def a_filter_gives_the_rows_that_it_means(op: Op, world: World, rows: list[Row]) -> None:
    filters = filters_of(op, rows)
    assert len({name for name, *_ in filters}) > len(rows[0]) / 3
    for name, operator, text, filterable in filters:
        expected = [row for row in rows if fits(row, name, operator, text, filterable)]
        query = {parameter(name, operator): text}
        assert ids(listed(world, op, **query, **IDS)) == ids(expected), query


def answer_with_limited_total(
    op: Op, world: World, query: dict[str, Any], most: int
) -> tuple[int, bool]:
    sent = {name: text for name, text in query.items() if name != "total"}
    answer: Any = world.owner.get(world.url(op), query_string=sent | {"total_limit": most}).json
    return answer["page"]["total"], answer["page"]["has_more_than_total"]


@of_lists
def filters_narrow_one_another_and_the_total_is_theirs(
    op: Op, world: World, rows: list[Row]
) -> None:
    draws = draws_of(op, world)
    filters = filters_of(op, rows)
    for _ in range(6):
        chosen = {parameter(f[0], f[1]): f for f in draws.sample(filters, 2)}
        expected = [row for row in rows if all(fits(row, *f) for f in chosen.values())]
        query = {name: f[2] for name, f in chosen.items()} | {"total": "true", "limit": "1"} | IDS
        answer: Any = world.owner.get(world.url(op), query_string=query).json
        assert answer["page"]["total"] == len(expected), query
        some = answer_with_limited_total(op, world, query, 1)
        assert some == (min(len(expected), 1), len(expected) > 1), query
        assert ids(pages(world, op, **query)) == ids(expected), query


@of_lists
def fields_are_those_asked_for(op: Op, world: World, rows: list[Row]) -> None:
    names = list(op.kernel.list_of.list_parameters.fields)  # type: ignore[union-attr]
    for chosen in (names[-1:], names[2:5], names[::-1], ["id"]):
        shown = [name for name in names if name in {"id", *chosen}]
        expected = [{name: row[name] for name in shown} for row in rows]
        assert listed(world, op, fields=",".join(chosen)) == expected
        repeated = world.owner.get(
            world.url(op), query_string=[("fields", name) for name in chosen]
        )
        assert repeated.json["items"] == expected  # type: ignore[index]
    for wrong in ("nonsense", "", "id,", "id,nonsense", "id, name"):
        answer = world.owner.get(world.url(op), query_string={"fields": wrong})
        assert pointers(problem_of(answer, 400, op)) == ["?fields"], wrong


@of_lists
def a_row_can_have_the_etag_of_its_record(op: Op, world: World, rows: list[Row]) -> None:
    shown = world.owner.get(world.url(op), query_string={"fields": "etag", "limit": "3"})
    singles = [
        other
        for other in OPERATIONS
        if other.method == "GET" and re.fullmatch(re.escape(op.path) + r"/\{\w+\}", other.path)
    ]
    has_etags = op.kernel.list_of.has_etags  # type: ignore[union-attr]
    if not has_etags:
        assert pointers(problem_of(shown, 400, op)) == ["?fields"]
        return
    assert singles, f"{op}: declare has_etags=False"
    items: Any = shown.json
    for row in items["items"]:
        assert row.keys() == {"id", "etag"}
        record = world.owner.get(f"{world.url(op)}/{row['id']}")
        if record.status_code == 404:
            continue
        assert record.headers["ETag"] == row["etag"], record.text


@of_lists
def a_cursor_holds_for_its_own_sort_only(op: Op, world: World, rows: list[Row]) -> None:
    first: Any = world.owner.get(world.url(op), query_string={"limit": "2", "sort": "id"}).json
    cursor = first["page"]["next_cursor"]
    sort, keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=="))

    def packed(*parts: Any) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(list(parts))).decode().rstrip("=")

    tampered = ["", "nonsense", cursor[:-3], cursor[3:], "\u00e9", "A" * 5000, "e30", "bnVsbA"]
    tampered += [packed(sort), packed(sort, []), packed(sort, keys * 2), packed("-id", keys)]
    tampered += [packed(sort, ["x", "x"]), packed(sort, [1, 2]), packed(sort, [None, None])]
    tampered += [packed(sort, keys, 1), packed({}, keys), packed(sort, {"0": "x"})]
    for wrong in tampered:
        answer = world.owner.get(world.url(op), query_string={"sort": "id", "cursor": wrong})
        assert pointers(problem_of(answer, 400, op)) == ["?cursor"], wrong
    for other in ("-id", "created_at", "id,created_at"):
        if other.strip("-") in op.kernel.list_of.list_parameters.sorts:  # type: ignore[union-attr]
            answer = world.owner.get(world.url(op), query_string={"sort": other, "cursor": cursor})
            assert pointers(problem_of(answer, 400, op)) == ["?cursor"], other


@of_lists
def a_parameter_out_of_bounds_is_refused(op: Op, world: World, rows: list[Row]) -> None:
    wrong = [("limit", text) for text in ("0", "201", "-1", "1.5", "many", "", "1e2", "\u0661")]
    wrong += [("total", text) for text in ("yes", "1", "TRUE", "")]
    wrong += [("total_limit", text) for text in ("0", "100001", "-1", "true", "")]
    wrong += [("sort", text) for text in ("", "nonsense", "--id", "id,", "id,id", "-", "\u0000")]
    if op.kernel.list_of.list_parameters.searchable:  # type: ignore[union-attr]
        wrong += [("q", text) for text in ("x" * 201, "a b c d e f g h i", "\u0000")]
    for name, filterable in op.kernel.list_of.list_parameters.filters.items():  # type: ignore[union-attr]
        wrong.append((name, "\u0000"))
        if not isinstance(filterable.type, sa.String) or isinstance(filterable.type, sa.Enum):
            texts = ("nonsense", "", "9" * 30, " 1", "2026-13-01", "\u0661")
            wrong += [(name, text) for text in texts]
        for operator in {"isnull", "in", "gte", "lte", "ne", "contains"} - filterable.operators:
            wrong.append((f"{name}__{operator}", "true"))
        for operator in filterable.operators:
            wrong.append((f"{name}__{operator}", "\u0000"))
        if "in" in filterable.operators:
            wrong.append((f"{name}__in", ",".join(["1"] * 101)))
    for name, text in wrong:
        answer = world.owner.get(world.url(op), query_string={name: text})
        assert pointers(problem_of(answer, 400, op)) == [f"?{name}"], (name, text)


@of_lists
def a_list_is_not_sent_again_to_who_has_it(op: Op, world: World, rows: list[Row]) -> None:
    first = world.owner.get(world.url(op))
    tag = first.headers["ETag"]
    again = world.owner.get(world.url(op), headers={"If-None-Match": f"W/{tag}"})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    other = world.owner.get(f"{world.url(op)}?limit=1", headers={"If-None-Match": tag})
    assert other.status_code == 200


@of_lists
def a_search_finds_what_is_named(op: Op, world: World, rows: list[Row]) -> None:
    if "q" not in op.parameter_names("query"):
        return
    named = next(n for n in ("name", "title", "system_name") if n in rows[0])
    for row in rows:
        for text in {row[named], row[named].upper(), fold(row[named]), f"  {row[named]} "}:
            assert row["id"] in ids(listed(world, op, q=text, **IDS)), text
    # The signs that SQL gives a meaning to are letters like any other.
    for text in ("%", "_", "\\", "gamma_%"):
        shown = set(ids(listed(world, op, q=text, **IDS)))
        assert {r["id"] for r in rows if text in fold(r[named])} <= shown != set(ids(rows)), text
    assert ids(listed(world, op, q=" ")) == ids(rows)
    assert listed(world, op, q="no-such-thing-anywhere") == []
