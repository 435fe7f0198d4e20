"""Filters and sorts of systems by their custom fields."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core import clock
from catalogue.core.rest.map_keys import MOST_KEYS
from tests.agencies.api_agreements import agree, agreement
from tests.api_calls import answer, change, listed, refusals
from tests.chance import chance
from tests.custom_fields.api_custom_fields import SYSTEMS, declare
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient

TYPES = {
    "note": "text",
    "licences": "integer",
    "fee": "decimal",
    "renewal": "date",
    "hosted": "boolean",
    "directorate": "choice",
}
VALUES: dict[str, list[Any]] = {
    "note": ["", "alpha", "Beta", "it's 100%", "é"],
    "licences": [-2_147_483_647, -1, 0, 7, 10, 2_147_483_647],
    "fee": ["-5.00", "0.00", "7.10", "10.00", "999999999999.99"],
    "renewal": ["1999-12-31", "2026-04-01", "2026-10-01"],
    "hosted": [True, False],
    "directorate": ["Crime", "Estates"],
}
STRANGE: list[Any] = [
    True, 1, 1.5, -0.5, 1e300, "1", "", "abc", "12.345", "1e5", "-", "--1.00", "2026-4-1",
    "2026-99-99", "tomorrow", 10**12, "0001.00", ".50", "-.50", "true", "\N{SNOWMAN}",
]  # fmt: skip
"""Values of agencies without a declaration, some of which look like values of another type."""


def shows(type_: str, value: Any) -> Any:
    """Return what filters and sorts by a field of this type see of a value, or None."""
    if type_ in {"text", "choice"}:
        return value if isinstance(value, str) else None
    if type_ == "boolean":
        return value if isinstance(value, bool) else None
    if type_ == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole and abs(value) < 2**31 else None
    if not isinstance(value, str):
        return None
    digits = "".join("9" if c in "0123456789" else c for c in value)
    if type_ == "date":
        return value if digits == "9999-99-99" else None
    sign, _, rest = digits.rpartition("-")
    whole_part, _, pence = rest.rpartition(".")
    fits = not sign and pence == "99" and set(whole_part) == {"9"} and len(whole_part) <= 12
    return float(value) if fits and value.count("-") <= 1 else None


@pytest.fixture
def declared(api: CheckedClient) -> None:
    """The declarations of Bedfordshire Police, with a field of each type."""
    for key, type_ in TYPES.items():
        choices = {"choices": VALUES[key]} if type_ == "choice" else {}
        declare(api, key, type_, **choices)


@pytest.fixture
def systems(declared: None, api: CheckedClient, stranger: CheckedClient) -> dict[str, Any]:
    """The attributes of each system that Bedfordshire Police sees, by the system's name."""
    drawn = chance("values of custom fields")
    made: dict[str, dict[str, Any]] = {}
    for number in range(40):
        own = number < 25
        attributes = {
            key: drawn.choice(VALUES[key] if own else [*VALUES[key], *STRANGE])
            for key in TYPES
            if drawn.random() < 0.7
        }
        name = f"System {number:02}"
        disclosure = "owner_only" if number >= 37 else "all_agencies"
        system(api if own else stranger, name, attributes=attributes, disclosure=disclosure)
        if number < 37:
            made[name] = attributes
    return made


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def matches(type_: str, seen: Any, operator: str, asked: list[Any]) -> bool:
    wanted = [shows(type_, value) for value in asked]
    if operator == "isnull":
        return (seen is None) is asked[0]
    if operator == "ne":
        return seen not in wanted
    if seen is None:
        return False
    match operator:
        case "gte":
            return bool(seen >= wanted[0])
        case "lte":
            return bool(seen <= wanted[0])
        case _:
            return seen in wanted


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, str, list[Any]]:
    key = draw(st.sampled_from(list(TYPES)))
    operators = ["", "isnull"]
    if TYPES[key] != "boolean":
        operators.append("in")
    if TYPES[key] in {"integer", "decimal", "date"}:
        operators += ["gte", "lte"]
    if TYPES[key] == "text":
        operators.append("ne")
    operator = draw(st.sampled_from(operators))
    if operator == "isnull":
        return key, operator, [draw(st.booleans())]
    size = draw(st.integers(1, 3)) if operator == "in" else 1
    return key, operator, [draw(st.sampled_from(VALUES[key])) for _ in range(size)]


@given(
    chosen=st.lists(filters(), max_size=3, unique_by=lambda each: each[:2]),
    sort=st.lists(
        st.tuples(st.sampled_from(list(TYPES)), st.booleans()), max_size=2, unique_by=lambda e: e[0]
    ),
    limit=st.sampled_from([3, 7, 200]),
)
def test_filters_and_sorts_agree_with_a_model(
    api: CheckedClient, systems: Any, chosen: Any, sort: Any, limit: int
) -> None:
    parameters = {
        f"attributes.{key}{'__' if operator else ''}{operator}": ",".join(map(text_of, asked))
        for key, operator, asked in chosen
    }
    found = [
        name
        for name, attributes in systems.items()
        if all(
            matches(TYPES[key], shows(TYPES[key], attributes.get(key)), operator, asked)
            for key, operator, asked in chosen
        )
    ]
    for key, descending in reversed([*sort, ("", False)]):
        if not key:
            continue
        type_ = TYPES[key]

        def place(name: str, key: str = key, type_: str = type_) -> Any:
            seen = shows(type_, systems[name].get(key))
            return seen.encode().lower() if isinstance(seen, str) else seen

        blank = [name for name in found if place(name) is None]
        filled = [name for name in found if place(name) is not None]
        found = [*sorted(filled, key=place, reverse=descending), *blank]
    sorts = [f"{'-' if descending else ''}attributes.{key}" for key, descending in sort]
    parameters["sort"] = ",".join([*sorts, "name"] if sorts else ["name"])
    read: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = parameters | {"limit": str(limit), "total": "true"} | cursor
        response = api.get(SYSTEMS, query_string=query)
        assert response.status_code == 200, response.text
        page = answer(response)
        assert page["page"]["total"] == len(found)
        read += [item["name"] for item in page["items"]]
        if not page["page"]["has_more"]:
            break
        cursor = {"cursor": page["page"]["next_cursor"]}
    assert read == found


def test_partner_that_sees_the_summary_alone_finds_nothing(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    declare(api, "licences", "integer")
    declare(stranger, "licences", "integer")
    system(api, "Secret", attributes={"licences": 7})
    system(stranger, "Own B", attributes={"licences": 1})
    system(stranger, "Own A")
    agree(agreement(api, CAMBS, field_profile="summary"), api, stranger)
    assert listed(stranger, SYSTEMS) == ["Own A", "Own B", "Secret"]
    for parameters in ({"attributes.licences": "7"}, {"attributes.licences__gte": "2"}):
        assert listed(api, SYSTEMS, **parameters) == ["Secret"]
        assert listed(stranger, SYSTEMS, **parameters) == []
    assert listed(stranger, SYSTEMS, **{"attributes.licences__isnull": "true"}) == ["Own A"]
    for sort in ("attributes.licences,name", "-attributes.licences,name"):
        assert listed(stranger, SYSTEMS, sort=sort) == ["Own B", "Own A", "Secret"]


def test_only_keys_that_the_agency_can_see_are_parameters(
    api: CheckedClient, stranger: CheckedClient, administrator: CheckedClient
) -> None:
    declare(api, "cost_centre")
    declare(administrator, "asset_tag", for_all_agencies=True)
    for name in ("attributes.cost_centre", "attributes.cost_centre__in"):
        assert api.get(SYSTEMS, query_string={name: "1"}).status_code == 200
        refused = stranger.get(SYSTEMS, query_string={name: "1"})
        assert refusals(refused, 400) == {(f"?{name}", "unknown_parameter")}
        assert "Did you mean" not in refused.text
    refused = stranger.get(SYSTEMS, query_string={"sort": "-attributes.cost_centre"})
    assert refusals(refused, 400) == {("?sort", "unknown")}
    assert listed(stranger, SYSTEMS, **{"attributes.asset_tag": "1"}) == []
    misspelt = api.get(SYSTEMS, query_string={"attributes.cost_center": "1"})
    assert "Did you mean `attributes.cost_centre`?" in answer(misspelt)["errors"][0]["detail"]
    misspelt = api.get(SYSTEMS, query_string={"sort": "attributes.cost_center"})
    assert "Did you mean `attributes.cost_centre`?" in answer(misspelt)["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("parameter", "value", "code"),
    [
        ("licences", "many", "invalid"),
        ("licences__in", "1,many", "invalid"),
        ("fee", "1.234", "invalid"),
        ("renewal__gte", "01/04/2026", "invalid"),
        ("hosted", "yes", "invalid"),
        ("directorate", "Fire", "invalid"),
        ("note__isnull", "maybe", "invalid"),
        ("note", "a\x00b", "invalid"),
        ("hosted__in", "true", "unknown_parameter"),
        ("note__gte", "a", "unknown_parameter"),
        ("note__like", "a", "unknown_parameter"),
        ("", "a", "unknown_parameter"),
    ],
)
def test_wrong_filter_is_refused(
    api: CheckedClient, declared: None, parameter: str, value: str, code: str
) -> None:
    name = f"attributes.{parameter}"
    refused = api.get(SYSTEMS, query_string={name: value})
    assert refusals(refused, 400) == {(f"?{name}", code)}


def test_slots_are_no_parameters(api: CheckedClient, declared: None) -> None:
    query = {"attributes.note": "a"}
    for name in ("attributes_0_text", "attributes_0_text__key"):
        refused = api.get(SYSTEMS, query_string=query | {name: "a"})
        assert refusals(refused, 400) == {(f"?{name}", "unknown_parameter")}
    refused = api.get(SYSTEMS, query_string=query | {"sort": "attributes_0_text"})
    assert refusals(refused, 400) == {("?sort", "invalid")}


def test_cursor_belongs_to_the_sorted_key(api: CheckedClient) -> None:
    for key in ("one", "two"):
        declare(api, key)
    for name in "ABC":
        system(api, name, attributes={"one": name, "two": name})
    page = answer(api.get(SYSTEMS, query_string={"sort": "attributes.one", "limit": 1}))["page"]
    cursor = {"limit": "1", "cursor": page["next_cursor"]}
    assert listed(api, SYSTEMS, sort="attributes.one", **cursor) == ["B"]
    refused = api.get(SYSTEMS, query_string={"sort": "attributes.two", **cursor})
    assert refusals(refused, 400) == {("?cursor", "invalid")}


def test_number_of_keys_in_a_request_is_limited(api: CheckedClient) -> None:
    keys = [f"key_{chr(97 + place)}" for place in range(MOST_KEYS + 2)]
    for key in keys:
        declare(api, key)
    query = {f"attributes.{key}__isnull": "true" for key in keys}
    refused = api.get(SYSTEMS, query_string=query)
    assert {code for _, code in refusals(refused, 400)} == {"too_many"}
    assert listed(api, SYSTEMS, **dict(list(query.items())[:MOST_KEYS])) == []


def test_filters_and_sorts_work_on_past_states(sign_in: Callable[..., CheckedClient]) -> None:
    past = datetime(2026, 6, 14, 15, 30, tzinfo=UTC)
    with clock.freeze(past):
        api = sign_in(BEDS, READ_WRITE)
        for key, type_ in TYPES.items():
            choices = {"choices": VALUES[key]} if type_ == "choice" else {}
            declare(api, key, type_, **choices)
        first = system(api, "First", attributes={key: VALUES[key][0] for key in TYPES})
        system(api, "Second", attributes={key: VALUES[key][1] for key in TYPES})
    with clock.freeze(datetime(2026, 6, 15, 9, 0, tzinfo=UTC)):
        api = sign_in(BEDS, READ_WRITE)
        change(api, f"{SYSTEMS}/{first['id']}", attributes=dict.fromkeys(TYPES))
        for key in TYPES:
            asked = {f"attributes.{key}": text_of(VALUES[key][0])}
            assert listed(api, SYSTEMS, **asked) == [], key
            assert listed(api, SYSTEMS, as_of="2026-06-14", **asked) == ["First"], key
            names = listed(api, SYSTEMS, as_of="2026-06-14", sort=f"attributes.{key}")
            assert names == (["Second", "First"] if key == "hosted" else ["First", "Second"]), key
