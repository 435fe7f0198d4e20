"""Bodies are closed, patches are merge patches, and what is refused is pointed at."""

from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.errors import Unprocessable
from catalogue.core.rest.loading import flatten, load
from catalogue.core.rest.schemas import Integer, ListOf, Nested, Text, WriteSchema, patch_schema_of


class Identifier(WriteSchema):
    scheme = Text(required=True)
    id = Text(required=True)


class Create(WriteSchema):
    name = Text(required=True)
    code = Text(required=True)
    note = Text(allow_none=True)
    count = Integer(max=9, load_default=3)
    identifiers = ListOf(Nested(Identifier))


Patch = patch_schema_of(Create, "Patch", without=("code",))


def list_errors(schema: type[WriteSchema], document: Any) -> set[tuple[str, str]]:
    with pytest.raises(Unprocessable) as caught:
        load(schema(), document)
    return {(error.pointer, error.code) for error in caught.value.errors}


def test_all_errors_are_reported_together() -> None:
    document = {"name": 1, "nmae": "x", "count": 10, "identifiers": [{"scheme": "GSS"}, 5]}
    assert list_errors(Create, document) == {
        ("/name", "invalid"),
        ("/nmae", "unknown_field"),
        ("/code", "required"),
        ("/count", "out_of_range"),
        ("/identifiers/0/id", "required"),
        ("/identifiers/1", "invalid"),
    }


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([], id="list"),
        pytest.param("text", id="text"),
        pytest.param(1, id="number"),
        pytest.param(True, id="boolean"),
        pytest.param(None, id="null"),
    ],
)
def test_body_that_is_not_an_object_is_refused(document: Any) -> None:
    assert list_errors(Create, document) == {("", "invalid")}


def test_patch_has_no_required_fields_or_defaults() -> None:
    assert load(Patch(), {}) == {}
    assert load(Patch(), {"name": "New"}) == {"name": "New"}


def test_null_clears_only_optional_fields() -> None:
    assert load(Patch(), {"note": None}) == {"note": None}
    assert list_errors(Patch, {"name": None, "count": None, "identifiers": None}) == {
        ("/name", "null"),
        ("/count", "null"),
        ("/identifiers", "null"),
    }


def test_patch_keeps_bounds_of_fields() -> None:
    assert list_errors(Patch, {"count": 10, "name": ""}) == {
        ("/count", "out_of_range"),
        ("/name", "too_short"),
    }


def test_patch_refuses_field_that_cannot_change() -> None:
    assert list_errors(Patch, {"code": "new"}) == {("/code", "unknown_field")}


def test_making_a_patch_leaves_create_schema_unchanged() -> None:
    assert load(Create(), {"name": "a", "code": "b"})["count"] == 3
    assert list_errors(Create, {}) == {("/name", "required"), ("/code", "required")}


KEYS = st.text(max_size=6).filter(lambda key: key != ma.exceptions.SCHEMA) | st.integers(0, 20)


@given(st.lists(KEYS, min_size=1, max_size=4))
def test_pointer_leads_back_to_the_value(path: list[str | int]) -> None:
    messages: Any = ["wrong"]
    for key in reversed(path):
        messages = {key: messages}
    [error] = flatten(messages)
    first, *steps = error.pointer.split("/")
    # RFC 6901, section 4: ~1 first, then ~0.
    read = [step.replace("~1", "/").replace("~0", "~") for step in steps]
    assert first == ""
    assert read == [str(key) for key in path]


def test_pointers_escape_tildes_before_slashes() -> None:
    assert [e.pointer for e in flatten({"~/": {0: ["wrong"]}})] == ["/~0~1/0"]


def test_schema_errors_point_to_the_whole_body() -> None:
    assert [e.pointer for e in flatten({ma.exceptions.SCHEMA: ["wrong"]})] == [""]
    assert [e.pointer for e in flatten({"a": {ma.exceptions.SCHEMA: ["wrong"]}})] == ["/a"]
