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

from catalogue.agencies.vocabulary import AgencyKind
from catalogue.core.rest.attributes import Attributes
from catalogue.core.rest.loading import flatten
from catalogue.core.rest.schemas import (
    EARLIEST_DATE,
    LATEST_DATE,
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


def deserialize(field: Field[Any], value: Any) -> Any:
    return field.deserialize(value)


def list_errors(field: Field[Any], value: Any) -> set[tuple[str, str]]:
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
        pytest.param(1, "invalid", id="integer"),
        pytest.param(1.5, "invalid", id="float"),
        pytest.param(True, "invalid", id="boolean"),
        pytest.param(["a"], "invalid", id="list"),
        pytest.param({}, "invalid", id="object"),
        pytest.param(None, "null", id="null"),
        pytest.param("", "too_short", id="empty"),
        pytest.param("  \t\n", "too_short", id="blank"),
        pytest.param("\ufeff\u2028", "too_short", id="blank_beyond_ascii"),
        pytest.param("a\x00b", "control_character", id="nul_inside"),
        pytest.param("\x00", "control_character", id="nul"),
        pytest.param("Duty \x1b[31mmanagement", "control_character", id="escape_sequence"),
        pytest.param("\x85", "control_character", id="next_line"),
        pytest.param("\ud800", "invalid", id="lone_surrogate"),
        pytest.param("x" * 201, "too_long", id="too_long"),
    ],
)
def test_text_refuses_invalid_value(value: object, code: str) -> None:
    assert list_errors(Text(), value) == {("", code)}


def test_text_is_trimmed() -> None:
    assert deserialize(Text(), "  Duty  management\n") == "Duty  management"
    assert deserialize(Text(), "x" * 200) == "x" * 200


def test_text_with_minimum_zero_may_be_empty() -> None:
    assert deserialize(Text(min=0), " ") == ""


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Beds", id="capital"),
        pytest.param("beds\n", id="trailing_newline"),
        pytest.param(" beds", id="leading_space"),
        pytest.param("beds-", id="trailing_hyphen"),
        pytest.param("bed s", id="space"),
        pytest.param("béds", id="accent"),
    ],
)
def test_pattern_must_match_whole_text(value: str) -> None:
    assert list_errors(Text(pattern="^[a-z]+(-[a-z]+)*$"), value) == {("", "pattern")}


@given(VALUES)
def test_accepted_text_is_trimmed_and_within_limits(value: object) -> None:
    accepted, text = attempt(Text(max=5), value)
    if accepted:
        assert isinstance(value, str)
        assert text == value.strip(WHITE_SPACE)
        assert 1 <= len(text) <= 5
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("2", "invalid", id="text"),
        pytest.param(2.9, "invalid", id="fraction"),
        pytest.param(True, "invalid", id="true"),
        pytest.param(False, "invalid", id="false"),
        pytest.param(float("nan"), "invalid", id="nan"),
        pytest.param(float("inf"), "invalid", id="infinity"),
        pytest.param([2], "invalid", id="list"),
        pytest.param(None, "null", id="null"),
        pytest.param(-1, "out_of_range", id="negative"),
        pytest.param(2**31, "out_of_range", id="beyond_32_bits"),
        pytest.param(10**400, "out_of_range", id="beyond_float"),
        pytest.param(1e300, "out_of_range", id="float_beyond_32_bits"),
    ],
)
def test_integer_refuses_invalid_value(value: object, code: str) -> None:
    assert list_errors(Integer(), value) == {("", code)}


@given(VALUES, st.integers(-5, 5), st.integers(5, 50))
def test_accepted_integer_equals_its_input_and_is_in_range(
    value: object, least: int, most: int
) -> None:
    accepted, number = attempt(Integer(min=least, max=most), value)
    if accepted:
        assert type(number) is int
        assert type(value) in {int, float}
        assert number == value
        assert least <= number <= most


def test_integer_accepts_float_without_fraction() -> None:
    assert deserialize(Integer(), 3.0) == 3
    assert type(deserialize(Integer(), 3.0)) is int


@given(VALUES)
@example(0)
@example(1)
@example("true")
def test_boolean_accepts_only_true_and_false(value: object) -> None:
    accepted, answer = attempt(Boolean(), value)
    assert accepted == isinstance(value, bool)
    assert not accepted or answer is value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("2026-02-30", "invalid", id="30_february"),
        pytest.param("2026-4-1", "invalid", id="one_digit_month"),
        pytest.param("20260401", "invalid", id="no_hyphens"),
        pytest.param("2026-W14-3", "invalid", id="week_date"),
        pytest.param("2026-04-01T00:00:00", "invalid", id="date_and_time"),
        pytest.param(" 2026-04-01", "invalid", id="leading_space"),
        pytest.param("2026-04-01\n", "invalid", id="trailing_newline"),
        pytest.param("01/04/2026", "invalid", id="british_order"),
        pytest.param(f"{NUMBERS_IN_OTHER_SCRIPTS[0]}-04-01", "invalid", id="arabic_digits"),
        pytest.param(f"{NUMBERS_IN_OTHER_SCRIPTS[1]}-04-01", "invalid", id="full_width_digits"),
        pytest.param(20260401, "invalid", id="number"),
        pytest.param(True, "invalid", id="boolean"),
        pytest.param(None, "null", id="null"),
        pytest.param("1899-12-31", "out_of_range", id="before_1900"),
        pytest.param("2200-01-01", "out_of_range", id="after_2199"),
        pytest.param("0000-01-01", "invalid", id="year_zero"),
    ],
)
def test_date_refuses_invalid_value(value: object, code: str) -> None:
    assert list_errors(DateField(), value) == {("", code)}


@given(VALUES | st.from_regex(r"[0-9]{3,5}-[0-9]{1,2}-[0-9]{1,2}") | st.dates().map(str))
def test_accepted_date_equals_its_input_and_is_in_range(value: object) -> None:
    accepted, day = attempt(DateField(), value)
    if accepted:
        assert type(day) is date
        assert day.isoformat() == value
        assert EARLIEST_DATE <= day <= LATEST_DATE


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(IDENTITY.replace("-", ""), id="no_hyphens"),
        pytest.param("{" + IDENTITY + "}", id="braces"),
        pytest.param(f"urn:uuid:{IDENTITY}", id="urn"),
        pytest.param(f"{IDENTITY}\n", id="trailing_newline"),
        pytest.param(IDENTITY[:-1], id="too_short"),
        pytest.param("", id="empty"),
        pytest.param(7, id="number"),
        pytest.param(True, id="boolean"),
        pytest.param([IDENTITY], id="list"),
    ],
)
def test_id_refuses_invalid_value(value: object) -> None:
    assert list_errors(Uuid(), value) == {("", "invalid_uuid")}


@given(VALUES | st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper()))
def test_accepted_id_equals_its_input(value: object) -> None:
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
    ids=[
        "integer",
        "float",
        "boolean",
        "empty",
        "no_digit_after_point",
        "no_digit_before_point",
        "three_decimals",
        "thousands_separator",
        "currency_sign",
        "trailing_space",
        "trailing_newline",
        "plus_sign",
        "two_minus_signs",
        "exponent",
        "nan",
        "infinity",
        "too_large",
        "arabic_digits",
        "full_width_digits",
    ],
)
def test_amount_refuses_invalid_value(value: object) -> None:
    assert list_errors(MoneyField(), value) == {("", "invalid")}


@pytest.mark.parametrize("text", ["0", "1250.00", "0.1", "-0.10", "999999999999.99"])
def test_amount_is_exact(text: str) -> None:
    assert deserialize(MoneyField(), text) == Decimal(text)


@given(VALUES | st.decimals().map(str))
def test_accepted_amount_equals_its_input_and_is_in_range(value: object) -> None:
    accepted, amount = attempt(MoneyField(), value)
    if accepted:
        assert isinstance(value, str)
        assert amount == Decimal(value)
        assert amount == round(amount, 2)
        assert abs(amount) < 10**12


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("POLICE", id="capitals"),
        pytest.param("Police", id="capitalised"),
        pytest.param("police ", id="trailing_space"),
        pytest.param("", id="empty"),
        pytest.param(0, id="zero"),
        pytest.param(True, id="true"),
        pytest.param(["police"], id="list"),
        pytest.param({}, id="object"),
    ],
)
def test_choice_refuses_invalid_value(value: object) -> None:
    assert list_errors(Choice(AgencyKind), value) == {("", "invalid")}


@given(VALUES | st.sampled_from([kind.value for kind in AgencyKind]))
def test_accepted_choice_is_one_of_the_values(value: object) -> None:
    accepted, kind = attempt(Choice(AgencyKind), value)
    assert not accepted or (isinstance(kind, AgencyKind) and kind.value == value)


def test_refused_choice_lists_the_choices() -> None:
    with pytest.raises(ValidationError) as caught:
        Choice(AgencyKind).deserialize("navy")
    [error] = flatten(caught.value.messages)
    assert all(kind.value in error.detail for kind in AgencyKind)


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        pytest.param("ab", {("", "invalid")}, id="text"),
        pytest.param({"0": "a"}, {("", "invalid")}, id="object"),
        pytest.param(None, {("", "null")}, id="null"),
        pytest.param(["a", "b", "c", "d"], {("", "too_many")}, id="too_many"),
        pytest.param(["a", 1, ""], {("/1", "invalid"), ("/2", "too_short")}, id="wrong_items"),
        pytest.param(["a", None], {("/1", "null")}, id="null_item"),
        pytest.param(["a", "b", " a "], {("/2", "repeated")}, id="repeated_item"),
    ],
)
def test_list_refuses_invalid_value(value: object, errors: set[tuple[str, str]]) -> None:
    assert list_errors(ListOf(Text(), max=3, unique=True), value) == errors


def test_list_keeps_its_order() -> None:
    assert deserialize(ListOf(Text()), ["b", "a", "b"]) == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        pytest.param([], {("", "invalid")}, id="list"),
        pytest.param("a", {("", "invalid")}, id="text"),
        pytest.param({"a": [1]}, {("/a", "invalid")}, id="list_value"),
        pytest.param({"a": {"b": 1}}, {("/a", "invalid")}, id="object_value"),
        pytest.param({"a/b~": []}, {("/a~1b~0", "invalid")}, id="name_to_escape"),
        pytest.param({"": 1}, {("/", "too_short")}, id="empty_name"),
        pytest.param({"a\x00": 1}, {("/a\x00", "control_character")}, id="nul_in_name"),
        pytest.param({"a": "\x00"}, {("/a", "control_character")}, id="nul_in_value"),
        pytest.param({"a": "x" * 2001}, {("/a", "too_long")}, id="long_value"),
        pytest.param({"x" * 101: 1}, {("/" + "x" * 101, "too_long")}, id="long_name"),
        pytest.param({str(i): i for i in range(51)}, {("", "too_many")}, id="too_many"),
    ],
)
def test_attributes_refuse_invalid_value(value: object, errors: set[tuple[str, str]]) -> None:
    assert list_errors(Attributes(), value) == errors


@given(VALUES | st.dictionaries(TEXTS, VALUES, max_size=6))
def test_accepted_attributes_are_flat_and_storable(value: object) -> None:
    accepted, attributes = attempt(Attributes(max=5), value)
    if accepted:
        assert attributes == value
        assert len(attributes) <= 5
        for name, each in attributes.items():
            assert name.strip()
            assert isinstance(each, str | int | float | bool | None)
            assert "\x00" not in f"{name}{each}"
            f"{name}{each}".encode()


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(Text(), id="text"),
        pytest.param(Integer(), id="integer"),
        pytest.param(Boolean(), id="boolean"),
        pytest.param(DateField(), id="date"),
        pytest.param(Uuid(), id="id"),
        pytest.param(MoneyField(), id="amount"),
    ],
)
def test_null_is_accepted_where_a_field_allows_it(field: Field[Any]) -> None:
    nullable = type(field)(allow_none=True)
    assert deserialize(nullable, None) is None


@given(VALUES)
def test_documented_patterns_match_accepted_values(value: object) -> None:
    """A generated client may check before it sends, and must not refuse what we accept."""
    for field in (Text(), Text(min=0), DateField(), MoneyField()):
        if attempt(field, value)[0]:
            assert re.search(field.metadata["pattern"], str(value), re.DOTALL)
