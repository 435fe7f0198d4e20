"""Fields accept what they say, and nothing that merely looks like it."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError
from marshmallow.fields import Field

from catalogue.agencies.models import AgencyKind
from catalogue.core.rest.body import flatten
from catalogue.core.rest.schemas import (
    EARLIEST_DATE,
    LATEST_DATE,
    Attributes,
    Boolean,
    Choice,
    DateField,
    Integer,
    ListOf,
    MoneyField,
    Text,
    Uuid,
)
from catalogue.core.text import WHITE_SPACE
from tests.core.json_values import TEXTS, VALUES

NUMBERS_IN_OTHER_SCRIPTS = "٢٠٢٦", "２０２６"
IDENTITY = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"


def taken(field: Field[Any], value: Any) -> Any:
    return field.deserialize(value)


def refused(field: Field[Any], value: Any) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return {(error.pointer, error.code) for error in flatten(caught.value.messages)}


def attempt(field: Field[Any], value: Any) -> tuple[bool, Any]:
    """Whether the value was accepted, and as what. Any other exception is a failure."""
    try:
        return True, field.deserialize(value)
    except ValidationError as error:
        return not flatten(error.messages), None  # a refusal says why


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1, "invalid"),
        (1.5, "invalid"),
        (True, "invalid"),
        (["a"], "invalid"),
        ({}, "invalid"),
        (None, "null"),
        ("", "too_short"),
        ("  \t\n", "too_short"),
        ("\ufeff\u2028", "too_short"),
        ("a\x00b", "control_character"),
        ("\x00", "control_character"),
        ("Duty \x1b[31mmanagement", "control_character"),
        ("\x85", "control_character"),
        ("\ud800", "invalid"),
        ("x" * 201, "too_long"),
    ],
)
def test_a_text_refuses(value: object, code: str) -> None:
    assert refused(Text(), value) == {("", code)}


def test_a_text_is_trimmed() -> None:
    assert taken(Text(), "  Duty  management\n") == "Duty  management"
    assert taken(Text(), "x" * 200) == "x" * 200


def test_a_text_of_one_character_is_what_the_pattern_says() -> None:
    """The pattern is read as ECMA-262 has it, whose white space is not Python's."""
    controls = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\t\n\r")
    every = [chr(i) for i in range(0x10000) if not 0xD800 <= i <= 0xDFFF]
    accepted = {each for each in every if attempt(Text(), each)[0]}
    assert set(every) - accepted == controls | set(WHITE_SPACE)
    assert taken(Text(), "Duties:\r\n\tnights") == "Duties:\r\n\tnights"


def test_a_text_that_may_be_empty() -> None:
    assert taken(Text(min=0), " ") == ""


@pytest.mark.parametrize("value", ["Beds", "beds\n", " beds", "beds-", "bed s", "béds"])
def test_a_pattern_holds_for_the_whole_text(value: str) -> None:
    assert refused(Text(pattern="^[a-z]+(-[a-z]+)*$"), value) == {("", "pattern")}


@given(VALUES)
def test_a_text_is_never_anything_else(value: object) -> None:
    accepted, text = attempt(Text(max=5), value)
    if accepted:
        assert isinstance(value, str)
        assert text == value.strip()
        assert 1 <= len(text) <= 5
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2", "invalid"),
        (2.9, "invalid"),
        (True, "invalid"),
        (False, "invalid"),
        (float("nan"), "invalid"),
        (float("inf"), "invalid"),
        ([2], "invalid"),
        (None, "null"),
        (-1, "out_of_range"),
        (2**31, "out_of_range"),
        (10**400, "out_of_range"),
        (1e300, "out_of_range"),
    ],
)
def test_an_integer_refuses(value: object, code: str) -> None:
    assert refused(Integer(), value) == {("", code)}


@given(VALUES, st.integers(-5, 5), st.integers(5, 50))
def test_an_integer_is_never_anything_else(value: object, least: int, most: int) -> None:
    accepted, number = attempt(Integer(min=least, max=most), value)
    if accepted:
        assert type(number) is int
        assert type(value) in {int, float}
        assert number == value
        assert least <= number <= most


def test_an_integer_may_be_written_as_javascript_does() -> None:
    assert taken(Integer(), 3.0) == 3
    assert type(taken(Integer(), 3.0)) is int


@given(VALUES)
@example(0)
@example(1)
@example("true")
def test_a_boolean_is_never_anything_else(value: object) -> None:
    accepted, answer = attempt(Boolean(), value)
    assert accepted == isinstance(value, bool)
    assert not accepted or answer is value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-02-30", "invalid"),
        ("2026-4-1", "invalid"),
        ("20260401", "invalid"),
        ("2026-W14-3", "invalid"),
        ("2026-04-01T00:00:00", "invalid"),
        (" 2026-04-01", "invalid"),
        ("2026-04-01\n", "invalid"),
        ("01/04/2026", "invalid"),
        (f"{NUMBERS_IN_OTHER_SCRIPTS[0]}-04-01", "invalid"),
        (f"{NUMBERS_IN_OTHER_SCRIPTS[1]}-04-01", "invalid"),
        (20260401, "invalid"),
        (True, "invalid"),
        (None, "null"),
        ("1899-12-31", "out_of_range"),
        ("2200-01-01", "out_of_range"),
        ("0000-01-01", "invalid"),
    ],
)
def test_a_date_refuses(value: object, code: str) -> None:
    assert refused(DateField(), value) == {("", code)}


@given(VALUES | st.from_regex(r"[0-9]{3,5}-[0-9]{1,2}-[0-9]{1,2}") | st.dates().map(str))
def test_a_date_is_never_anything_else(value: object) -> None:
    accepted, day = attempt(DateField(), value)
    if accepted:
        assert type(day) is date
        assert day.isoformat() == value
        assert EARLIEST_DATE <= day <= LATEST_DATE


@pytest.mark.parametrize(
    "value",
    [
        IDENTITY.replace("-", ""),
        "{" + IDENTITY + "}",
        f"urn:uuid:{IDENTITY}",
        f"{IDENTITY}\n",
        IDENTITY[:-1],
        "",
        7,
        True,
        [IDENTITY],
    ],
)
def test_an_id_refuses(value: object) -> None:
    assert refused(Uuid(), value) == {("", "invalid_uuid")}


@given(VALUES | st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper()))
def test_an_id_is_never_anything_else(value: object) -> None:
    accepted, identity = attempt(Uuid(), value)
    if accepted:
        assert type(identity) is UUID
        assert isinstance(value, str)
        assert str(identity) == value.lower()


@pytest.mark.parametrize(
    "value",
    [
        5,
        5.0,
        True,
        "",
        "5.",
        ".5",
        "1.234",
        "1,000.00",
        "£5",
        "5 ",
        "5.00\n",
        "+5",
        "--5",
        "1e3",
        "NaN",
        "Infinity",
        "1000000000000.00",
        *NUMBERS_IN_OTHER_SCRIPTS,
    ],
)
def test_an_amount_refuses(value: object) -> None:
    assert refused(MoneyField(), value) == {("", "invalid")}


@pytest.mark.parametrize("text", ["0", "1250.00", "0.1", "-0.10", "999999999999.99"])
def test_an_amount_is_exact(text: str) -> None:
    assert taken(MoneyField(), text) == Decimal(text)


@given(VALUES | st.decimals().map(str))
def test_an_amount_is_never_anything_else(value: object) -> None:
    accepted, amount = attempt(MoneyField(), value)
    if accepted:
        assert isinstance(value, str)
        assert amount == Decimal(value)
        assert amount == round(amount, 2)
        assert abs(amount) < 10**12


@pytest.mark.parametrize("value", ["POLICE", "Police", "police ", "", 0, True, ["police"], {}])
def test_a_choice_refuses(value: object) -> None:
    assert refused(Choice(AgencyKind), value) == {("", "invalid")}


@given(VALUES | st.sampled_from([kind.value for kind in AgencyKind]))
def test_a_choice_is_one_of_the_values(value: object) -> None:
    accepted, kind = attempt(Choice(AgencyKind), value)
    assert not accepted or (isinstance(kind, AgencyKind) and kind.value == value)


def test_a_choice_names_the_choices() -> None:
    with pytest.raises(ValidationError) as caught:
        Choice(AgencyKind).deserialize("navy")
    [error] = flatten(caught.value.messages)
    assert all(kind.value in error.detail for kind in AgencyKind)


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ("ab", {("", "invalid")}),
        ({"0": "a"}, {("", "invalid")}),
        (None, {("", "null")}),
        (["a", "b", "c", "d"], {("", "too_many")}),
        (["a", 1, ""], {("/1", "invalid"), ("/2", "too_short")}),
        (["a", None], {("/1", "null")}),
        (["a", "b", " a "], {("/2", "repeated")}),
    ],
)
def test_a_list_refuses(value: object, errors: set[tuple[str, str]]) -> None:
    assert refused(ListOf(Text(), max=3, unique=True), value) == errors


def test_a_list_keeps_its_order() -> None:
    assert taken(ListOf(Text()), ["b", "a", "b"]) == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ([], {("", "invalid")}),
        ("a", {("", "invalid")}),
        ({"a": [1]}, {("/a", "invalid")}),
        ({"a": {"b": 1}}, {("/a", "invalid")}),
        ({"a/b~": []}, {("/a~1b~0", "invalid")}),
        ({"": 1}, {("/", "too_short")}),
        ({"a\x00": 1}, {("/a\x00", "control_character")}),
        ({"a": "\x00"}, {("/a", "control_character")}),
        ({"a": "x" * 2001}, {("/a", "too_long")}),
        ({"x" * 101: 1}, {("/" + "x" * 101, "too_long")}),
        ({str(i): i for i in range(51)}, {("", "too_many")}),
    ],
)
def test_custom_fields_refuse(value: object, errors: set[tuple[str, str]]) -> None:
    assert refused(Attributes(), value) == errors


@given(VALUES | st.dictionaries(TEXTS, VALUES, max_size=6))
def test_custom_fields_are_flat_and_can_be_stored(value: object) -> None:
    accepted, attributes = attempt(Attributes(max=5), value)
    if accepted:
        assert attributes == value
        assert len(attributes) <= 5
        for name, each in attributes.items():
            assert name.strip()
            assert isinstance(each, str | int | float | bool | None)
            assert "\x00" not in f"{name}{each}"
            f"{name}{each}".encode()


@pytest.mark.parametrize("field", [Text(), Integer(), Boolean(), DateField(), Uuid(), MoneyField()])
def test_null_is_accepted_where_a_field_allows_it(field: Field[Any]) -> None:
    nullable = type(field)(allow_none=True)
    assert taken(nullable, None) is None


@given(VALUES)
def test_documented_patterns_are_the_ones_that_hold(value: object) -> None:
    """A generated client may check before it sends, and must not refuse what we accept."""
    for field in (Text(), Text(min=0), DateField(), MoneyField()):
        if attempt(field, value)[0]:
            assert re.search(field.metadata["pattern"], str(value), re.DOTALL)
