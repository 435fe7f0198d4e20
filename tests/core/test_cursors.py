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
from tests.api_calls import answer, refusals
from tests.core.json_values import TEXTS, VALUES
from tests.factories import system
from tests.unsaved import CheckedClient

VOCABULARY = SYSTEMS.list_parameters

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


def parse_sort(sort: list[str]) -> tuple[tuple[str, bool], ...]:
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in sort)


def pack(value: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def read_or_list_errors(arguments: dict[str, list[str]]) -> tuple[list[str], ListQuery | None]:
    try:
        return [], VOCABULARY.read(arguments)
    except BadRequest as problem:
        return [error.pointer for error in problem.errors], None


@given(places())
def test_cursor_returns_the_values_it_was_made_from(place: tuple[list[str], list[Any]]) -> None:
    sort, keys = place
    cursor = cursor_after(parse_sort(sort), keys)
    query = VOCABULARY.read(
        MultiDict({"sort": ",".join(sort), "cursor": cursor}).to_dict(flat=False)
    )
    assert query.shape.after == tuple(key is None for key in keys)
    assert [query.values[f"after_{i}"] for i in range(len(keys))] == keys
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum(), "it needs no escaping in a URL"


@given(places(), st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=4, unique=True))
def test_cursor_of_another_sort_is_refused(
    place: tuple[list[str], list[Any]], other: list[str]
) -> None:
    sort, keys = place
    if other == sort:
        return
    cursor = cursor_after(parse_sort(sort), keys)
    with pytest.raises(BadRequest) as caught:
        VOCABULARY.read(MultiDict({"sort": ",".join(other), "cursor": cursor}).to_dict(flat=False))
    assert [error.pointer for error in caught.value.errors] == ["?cursor"]


GARBAGE = (
    TEXTS
    | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    | VALUES.map(
        lambda value: base64.urlsafe_b64encode(str(value).encode("utf8", "replace")).decode()
    )
    | st.lists(
        st.none() | st.integers(0, 9) | st.text("0123456789-:T", max_size=40), max_size=5
    ).map(lambda keys: pack(["name", keys]))
)


@given(GARBAGE)
def test_garbage_cursor_is_refused(text: str) -> None:
    refused, query = read_or_list_errors(MultiDict({"cursor": text}).to_dict(flat=False))
    if query is None:
        assert refused == ["?cursor"]
    else:
        assert len(query.shape.after) == 2


MALFORMED = [
    pytest.param(pack(["name", ["a"]]), id="key_without_id"),
    pytest.param(pack(["name", ["a", None]]), id="null_for_id"),
    pytest.param(pack(["name", ["a", "not-an-id"]]), id="wrong_id"),
    pytest.param(
        pack(["name", ["a\x00", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]), id="nul_in_key"
    ),
    pytest.param(pack(["name", [1, "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]), id="number_for_text"),
    pytest.param(
        pack(["-name", ["a", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"]]), id="other_direction"
    ),
    pytest.param(pack({"name": 1, "ab": 2}), id="object"),
    pytest.param(pack([None, None]), id="nulls"),
    pytest.param(pack(7), id="number"),
    pytest.param(base64.urlsafe_b64encode(b"[" * 5000).decode(), id="nested_lists"),
    pytest.param("é", id="non_ascii"),
    pytest.param("%", id="percent_sign"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("cursor", MALFORMED)
def test_malformed_cursor_is_refused(api: CheckedClient, cursor: str) -> None:
    response = api.get("/v1/systems", query_string={"cursor": cursor})
    assert refusals(response, 400) == {("?cursor", "invalid")}


@settings(max_examples=25)
@given(data=st.data())
def test_tampered_cursor_never_causes_server_error(api: CheckedClient, data: st.DataObject) -> None:
    sort = data.draw(st.sampled_from(list(KEYS)))
    key = data.draw(st.none() | KEYS[sort] | st.text(max_size=12))
    cursor = cursor_after(((sort, False),), [key, data.draw(st.uuids())])
    response = api.get("/v1/systems", query_string={"sort": sort, "cursor": cursor})
    assert response.status_code in {200, 400}, response.text


def test_cursor_continues_after_a_row_that_moved(api: CheckedClient) -> None:
    for name in ("Alpha", "Bravo", "Charlie"):
        system(api, name=name)
    page = answer(api.get("/v1/systems?limit=2"))
    cursor = page["page"]["next_cursor"]
    renamed = page["items"][1]
    etag = api.get(f"/v1/systems/{renamed['id']}").headers["ETag"]
    api.patch(f"/v1/systems/{renamed['id']}", json={"name": "Zulu"}, headers={"If-Match": etag})
    after = answer(api.get("/v1/systems", query_string={"cursor": cursor}))
    assert [item["name"] for item in after["items"]] == ["Charlie", "Zulu"]
