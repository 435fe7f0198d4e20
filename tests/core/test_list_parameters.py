"""Reading a list's parameters: each is understood, or refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.core.errors import BadRequest
from catalogue.core.rest.query import LARGEST_LIMIT, MOST_SORTS, ListQuery
from catalogue.systems.resources import SYSTEMS
from tests.api_calls import listed, refusals
from tests.core.json_values import TEXTS
from tests.factories import system
from tests.unsaved import CheckedClient

VOCABULARY = SYSTEMS.list_parameters


def read_query(**parameters: Any) -> ListQuery:
    return VOCABULARY.read(MultiDict(parameters).to_dict(flat=False))


def list_errors(*pairs: tuple[str, str]) -> set[tuple[str, str]]:
    with pytest.raises(BadRequest) as caught:
        VOCABULARY.read(MultiDict(pairs).to_dict(flat=False))
    return {(error.pointer, error.code) for error in caught.value.errors}


def test_defaults_are_first_page_sorted_by_name() -> None:
    query = read_query()
    assert (query.limit, query.total, query.shape.fields) == (50, False, ())
    assert query.shape.sort == (("name", False),)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("200", 200), ("007", 7)])
def test_limit_is_read_as_a_number(text: str, limit: int) -> None:
    assert read_query(limit=text).limit == limit


@pytest.mark.parametrize(
    "text",
    [
        *("0", "201", "-1", "+1", "1.0", "1e2", "", " 1", "ten", "１０", "٣"),
        "000000200999999",
        "1" + "0" * 5000,
        "0" * 8 + "1" + "0" * 5000,
    ],
    ids=lambda text: text[:20] or "empty",
)
def test_invalid_limit_is_refused(text: str) -> None:
    assert list_errors(("limit", text)) == {("?limit", "invalid")}


@pytest.mark.parametrize("text", ["TRUE", "1", "yes", "", "on"])
def test_total_accepts_only_true_and_false(text: str) -> None:
    assert list_errors(("total", text)) == {("?total", "invalid")}
    assert read_query(total="true").total
    assert not read_query(total="false").total


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        pytest.param("-updated_at", (("updated_at", True),), id="one_descending"),
        pytest.param("-updated_at,name", (("updated_at", True), ("name", False)), id="two"),
        pytest.param(
            "hosting,-criticality,lifecycle,id",
            (("hosting", False), ("criticality", True), ("lifecycle", False), ("id", False)),
            id="four",
        ),
    ],
)
def test_sort_keys_are_read_in_order(text: str, sort: tuple[tuple[str, bool], ...]) -> None:
    assert read_query(sort=text).shape.sort == sort


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid"),
        ("-", "invalid"),
        ("name,", "invalid"),
        ("--name", "invalid"),
        (" name", "invalid"),
        ("Name", "invalid"),
        ("password", "invalid"),
        ("attributes", "invalid"),
        ("name,-name", "repeated"),
        ("name,id,hosting,lifecycle,criticality", "too_many"),
    ],
)
def test_invalid_sort_is_refused(text: str, code: str) -> None:
    assert list_errors(("sort", text)) == {("?sort", code)}


def test_fields_keep_record_order_and_id() -> None:
    assert read_query(fields="lifecycle,name").shape.fields == ("id", "name", "lifecycle")
    for text in ("", "nome", "name,,id", "name, id"):
        assert list_errors(("fields", text)) == {("?fields", "invalid")}


@pytest.mark.parametrize(
    "name",
    [
        "colour",
        "description",
        "attributes",
        "name__like",
        "name__gte",
        "lifecycle__lte",
        "retention_hold__in",
        "name__isnull",
        "name__",
        "name__eq",
        "name__in__in",
        "tags__in",
        "__in",
        "_",
        "",
        "sort__in",
    ],
)
def test_unknown_parameter_is_refused(name: str) -> None:
    assert list_errors((name, "live")) == {(f"?{name}", "unknown_parameter")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("lifecycle", "LIVE", id="choice_in_capitals"),
        pytest.param("lifecycle", "", id="empty_choice"),
        pytest.param("lifecycle__in", "live,dead", id="unknown_choice_of_two"),
        pytest.param("retention_hold", "1", id="boolean_as_number"),
        pytest.param("user_count", "many", id="integer_as_word"),
        pytest.param("user_count", "2.0", id="integer_as_fraction"),
        pytest.param("user_count__gte", "2147483648", id="integer_beyond_32_bits"),
        pytest.param("user_count__gte", "9" * 5000, id="integer_of_5000_digits"),
        pytest.param("user_count__isnull", "yes", id="isnull_as_word"),
        pytest.param("live_from", "2026-02-30", id="date_on_30_february"),
        pytest.param("live_from__lte", "2026-W14-3", id="week_date"),
        pytest.param("updated_at__gte", "yesterday", id="relative_time"),
        pytest.param("updated_at__gte", "2026-04-01T09:00:00", id="time_without_zone"),
        pytest.param("id", "0198c2f0", id="id_too_short"),
        pytest.param("id__in", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10,", id="empty_id_of_two"),
        pytest.param("name", "a\x00b", id="nul_in_name"),
        pytest.param("tags", "\x00", id="nul_as_tag"),
    ],
)
def test_filter_value_of_wrong_type_is_refused(name: str, text: str) -> None:
    assert list_errors((name, text)) == {(f"?{name}", "invalid")}


def test_timestamp_at_edge_of_calendar_is_accepted() -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert read_query(updated_at__gte=text).values


def test_too_many_choices_are_refused() -> None:
    assert read_query(name__in=",".join("a" * 100))
    assert list_errors(("name__in", ",".join("a" * 101))) == {("?name__in", "too_many")}


def test_repeated_parameter_is_refused() -> None:
    assert list_errors(("name", "a"), ("name", "b")) == {("?name", "repeated")}
    assert list_errors(("limit", "1"), ("limit", "2")) == {("?limit", "repeated")}


def test_list_parameter_may_be_repeated() -> None:
    joined = read_query(lifecycle__in="live,planned")
    apart = VOCABULARY.read(
        MultiDict([("lifecycle__in", "live"), ("lifecycle__in", "planned")]).to_dict(flat=False)
    )
    assert apart == joined


def test_all_wrong_parameters_are_reported_together() -> None:
    assert list_errors(("limit", "0"), ("colour", "red"), ("sort", "colour"), ("cursor", "?")) == {
        ("?limit", "invalid"),
        ("?colour", "unknown_parameter"),
        ("?sort", "invalid"),
        ("?cursor", "invalid"),
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 201, id="too_long"),
        pytest.param("a b c d e f g h i", id="too_many_words"),
        pytest.param("nul\x00", id="nul"),
    ],
)
def test_search_too_long_or_malformed_is_refused(text: str) -> None:
    assert list_errors(("q", text)) == {("?q", "invalid")}


def test_search_words_are_split_at_ecmascript_white_space() -> None:
    read_query(q="a b c d e f g h\x1di")
    assert list_errors(("q", "a b c d e f g h\ufeffi")) == {("?q", "invalid")}


NAMES = st.sampled_from([*VOCABULARY.filters, "limit", "cursor", "sort", "fields", "q", "total"])
PARAMETERS = (
    NAMES
    | st.builds(
        "{}__{}".format, NAMES, st.sampled_from(["in", "gte", "lte", "isnull", "", "eq"]) | TEXTS
    )
    | TEXTS
)
VALUES = (
    TEXTS
    | st.sampled_from(["true", "live", "name", "-name,id", "2026-04-01", "0", "%", "\\", "a,b"])
    | st.integers().map(str)
)


@given(st.lists(st.tuples(PARAMETERS, VALUES), max_size=5))
def test_any_parameters_are_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    refused: list[str] = []
    query = None
    try:
        query = VOCABULARY.read(MultiDict(pairs).to_dict(flat=False))
    except BadRequest as problem:
        refused = [error.pointer for error in problem.errors]
    if query is None:
        assert refused
        assert set(refused) <= {f"?{name}" for name, _ in pairs}
    else:
        assert 1 <= query.limit <= LARGEST_LIMIT
        assert 1 <= len(query.shape.sort) <= MOST_SORTS
        # The statement asks for exactly the values that were read.
        needed = {
            f"{condition.name}{'' if condition.operator == 'eq' else '__' + condition.operator}_{i}"
            for condition in query.shape.conditions
            for i in range(condition.values)
        }
        read = {name for name in query.values if not name.startswith(("q_", "after_"))}
        assert read == needed


@pytest.mark.parametrize("term", ["%", "_", "\\", "100%", "a_b", "'", '"', "--"])
def test_search_takes_special_characters_literally(api: CheckedClient, term: str) -> None:
    system(api, name=f"Has {term} in it")
    system(api, name="Has 100, a b and nothing else")
    assert listed(api, "/v1/systems", q=term) == [f"Has {term} in it"]


def test_search_requires_all_words(api: CheckedClient) -> None:
    system(api, name="Command and control", product_name="STORM")
    system(api, name="Storm damage register")
    assert listed(api, "/v1/systems", q="storm CONTROL") == ["Command and control"]
    assert listed(api, "/v1/systems", q="ＳＴÓＲＭ") == [
        "Command and control",
        "Storm damage register",
    ]
    assert listed(api, "/v1/systems", q="control damage") == []
    assert len(listed(api, "/v1/systems", q=" ")) == 2


def test_operation_refuses_unknown_parameter(api: CheckedClient) -> None:
    for name in ("name__eq", "name__", "colour"):
        response = api.get("/v1/systems", query_string={name: "x"})
        assert refusals(response, 400) == {(f"?{name}", "unknown_parameter")}
