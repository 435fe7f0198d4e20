"""Cursors: what was packed comes back, and what was not packed by us is refused."""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.core.errors import BadRequest
from catalogue.core.rest.query import ListQuery, cursor_after
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Lifecycle
from tests.core.json_values import TEXTS, VALUES
from tests.recording import answer, refusals, system
from tests.unsaved import CheckedClient

VOCABULARY = SYSTEMS.vocabulary

KEYS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    "lifecycle": st.sampled_from([each.value for each in Lifecycle]),
    "live_from": st.dates(min_value=date(1900, 1, 1)),
    "updated_at": st.datetimes(
        min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        timezones=st.just(UTC),
    ),
    "user_count": st.integers(0, 2**31 - 1),
    "retention_hold": st.booleans(),
    "product_id": st.uuids(),
}


@st.composite
def places(draw: Callable[..., Any]) -> tuple[list[str], list[Any]]:
    names = draw(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=4, unique=True))
    sort = [draw(st.sampled_from(["", "-"])) + name for name in names]
    keys = [draw(st.none() | KEYS[name]) for name in names]
    return sort, [*keys, draw(st.uuids())]


def sorted_by(sort: list[str]) -> tuple[tuple[str, bool], ...]:
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in sort)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def read_or_refused(arguments: MultiDict[str, str]) -> tuple[list[str], ListQuery | None]:
    try:
        return [], VOCABULARY.read(arguments)
    except BadRequest as problem:
        return [error.pointer for error in problem.errors], None


@given(places())
def test_what_goes_in_comes_out(place: tuple[list[str], list[Any]]) -> None:
    sort, keys = place
    cursor = cursor_after(sorted_by(sort), keys)
    query = VOCABULARY.read(MultiDict({"sort": ",".join(sort), "cursor": cursor}))
    assert query.shape.after == tuple(key is None for key in keys)
    assert [query.values[f"after_{i}"] for i in range(len(keys))] == keys
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum(), "it needs no escaping in a URL"


@given(places(), st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=4, unique=True))
def test_it_holds_only_for_its_own_sort(
    place: tuple[list[str], list[Any]], other: list[str]
) -> None:
    sort, keys = place
    if other == sort:
        return
    cursor = cursor_after(sorted_by(sort), keys)
    with pytest.raises(BadRequest) as caught:
        VOCABULARY.read(MultiDict({"sort": ",".join(other), "cursor": cursor}))
    assert [error.pointer for error in caught.value.errors] == ["?cursor"]


GARBAGE = (
    TEXTS
    | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    | VALUES.map(
        lambda value: base64.urlsafe_b64encode(str(value).encode("utf8", "replace")).decode()
    )
    | st.lists(
        st.none() | st.integers(0, 9) | st.text("0123456789-:T", max_size=40), max_size=5
    ).map(lambda keys: packed(["name", keys]))
)


@given(GARBAGE)
def test_garbage_is_refused_by_name(text: str) -> None:
    refused, query = read_or_refused(MultiDict({"cursor": text}))
    if query is None:
        assert refused == ["?cursor"]
    else:
        assert len(query.shape.after) == 2


WRONG_PLACES = [
    packed(["name", ["a"]]),
    packed(["name", ["a", None]]),
    packed(["name", ["a", "not-an-id"]]),
    packed(["name", ["a\x00", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]),
    packed(["name", [1, "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]),
    packed(["-name", ["a", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]),
    packed({"name": 1, "ab": 2}),
    packed([None, None]),
    packed(7),
    base64.urlsafe_b64encode(b"[" * 5000).decode(),
    "é",
    "%",
    "",
]


@pytest.mark.parametrize("cursor", WRONG_PLACES, ids=lambda text: text[:40] or "empty")
def test_a_place_that_is_none(api: CheckedClient, cursor: str) -> None:
    response = api.get("/v1/systems", query_string={"cursor": cursor})
    assert refusals(response, 400) == {("?cursor", "invalid")}


@settings(max_examples=25)
@given(data=st.data())
def test_a_tampered_cursor_is_never_our_fault(api: CheckedClient, data: st.DataObject) -> None:
    sort = data.draw(st.sampled_from(list(KEYS)))
    key = data.draw(st.none() | KEYS[sort] | st.text(max_size=12))
    cursor = cursor_after(((sort, False),), [key, data.draw(st.uuids())])
    response = api.get("/v1/systems", query_string={"sort": sort, "cursor": cursor})
    assert response.status_code in {200, 400}, response.text


def test_a_cursor_stands_after_its_row_even_when_that_is_gone(api: CheckedClient) -> None:
    for name in ("Alpha", "Bravo", "Charlie"):
        system(api, name=name)
    page = answer(api.get("/v1/systems?limit=2"))
    cursor = page["page"]["next_cursor"]
    renamed = page["items"][1]
    etag = api.get(f"/v1/systems/{renamed['id']}").headers["ETag"]
    api.patch(f"/v1/systems/{renamed['id']}", json={"name": "Zulu"}, headers={"If-Match": etag})
    after = answer(api.get("/v1/systems", query_string={"cursor": cursor}))
    assert [item["name"] for item in after["items"]] == ["Charlie", "Zulu"]
