"""Reading a list's parameters: each is understood, or refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.core.errors import BadRequest
from catalogue.core.rest.query import LARGEST_LIMIT, MOST_SORTS, OPERATORS, ListQuery
from catalogue.systems.resources import SYSTEMS
from tests.core.json_values import TEXTS
from tests.recording import listed, refusals, system
from tests.unsaved import CheckedClient

VOCABULARY = SYSTEMS.vocabulary


def asked(**parameters: Any) -> ListQuery:
    return VOCABULARY.read(MultiDict(parameters))


def refused(*pairs: tuple[str, str]) -> set[tuple[str, str]]:
    with pytest.raises(BadRequest) as caught:
        VOCABULARY.read(MultiDict(pairs))
    return {(error.pointer, error.code) for error in caught.value.errors}


def test_nothing_asked_is_the_first_page() -> None:
    query = asked()
    assert (query.limit, query.total, query.shape.fields) == (50, False, ())
    assert query.shape.sort == (("name", False),)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("200", 200), ("007", 7)])
def test_a_limit(text: str, limit: int) -> None:
    assert asked(limit=text).limit == limit


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
def test_a_limit_that_is_none(text: str) -> None:
    assert refused(("limit", text)) == {("?limit", "invalid")}


@pytest.mark.parametrize("text", ["TRUE", "1", "yes", "", "on"])
def test_total_is_true_or_false(text: str) -> None:
    assert refused(("total", text)) == {("?total", "invalid")}
    assert asked(total="true").total
    assert not asked(total="false").total


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("-updated_at", (("updated_at", True),)),
        ("-updated_at,name", (("updated_at", True), ("name", False))),
        (
            "hosting,-criticality,lifecycle,id",
            (("hosting", False), ("criticality", True), ("lifecycle", False), ("id", False)),
        ),
    ],
)
def test_a_sort(text: str, sort: tuple[tuple[str, bool], ...]) -> None:
    assert asked(sort=text).shape.sort == sort


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
def test_a_sort_that_is_none(text: str, code: str) -> None:
    assert refused(("sort", text)) == {("?sort", code)}


def test_fields_keep_the_records_order_and_its_id() -> None:
    assert asked(fields="lifecycle,name").shape.fields == ("id", "name", "lifecycle")
    for text in ("", "nome", "name,,id", "name, id"):
        assert refused(("fields", text)) == {("?fields", "invalid")}


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
def test_an_unknown_parameter(name: str) -> None:
    assert refused((name, "live")) == {(f"?{name}", "unknown_parameter")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lifecycle", "LIVE"),
        ("lifecycle", ""),
        ("lifecycle__in", "live,dead"),
        ("retention_hold", "1"),
        ("user_count", "many"),
        ("user_count", "2.0"),
        ("user_count__gte", "2147483648"),
        ("user_count__gte", "9" * 5000),
        ("user_count__isnull", "yes"),
        ("live_from", "2026-02-30"),
        ("live_from__lte", "2026-W14-3"),
        ("updated_at__gte", "yesterday"),
        ("updated_at__gte", "2026-04-01T09:00:00"),
        ("id", "0198c2f0"),
        ("id__in", "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10,"),
        ("name", "a\x00b"),
        ("tags", "\x00"),
    ],
)
def test_a_value_that_does_not_fit_its_field(name: str, text: str) -> None:
    assert refused((name, text)) == {(f"?{name}", "invalid")}


def test_a_moment_at_the_edge_of_the_calendar_is_only_a_moment() -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert asked(updated_at__gte=text).values


def test_too_many_choices() -> None:
    assert asked(name__in=",".join("a" * 100))
    assert refused(("name__in", ",".join("a" * 101))) == {("?name__in", "too_many")}


def test_given_twice() -> None:
    assert refused(("name", "a"), ("name", "b")) == {("?name", "repeated")}
    assert refused(("limit", "1"), ("limit", "2")) == {("?limit", "repeated")}


def test_a_list_may_be_given_in_parts() -> None:
    joined = asked(lifecycle__in="live,planned")
    apart = VOCABULARY.read(MultiDict([("lifecycle__in", "live"), ("lifecycle__in", "planned")]))
    assert apart == joined


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert refused(("limit", "0"), ("colour", "red"), ("sort", "colour"), ("cursor", "?")) == {
        ("?limit", "invalid"),
        ("?colour", "unknown_parameter"),
        ("?sort", "invalid"),
        ("?cursor", "invalid"),
    }


@pytest.mark.parametrize("text", ["x" * 201, "a b c d e f g h i", "nul\x00"])
def test_a_text_search_that_is_too_much(text: str) -> None:
    assert refused(("q", text)) == {("?q", "invalid")}


def test_words_are_parted_as_the_document_says() -> None:
    asked(q="a b c d e f g h\x1di")
    assert refused(("q", "a b c d e f g h\ufeffi")) == {("?q", "invalid")}


NAMES = st.sampled_from([*VOCABULARY.filters, "limit", "cursor", "sort", "fields", "q", "total"])
PARAMETERS = (
    NAMES
    | st.builds("{}__{}".format, NAMES, st.sampled_from([*OPERATORS, "", "eq"]) | TEXTS)
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
        query = VOCABULARY.read(MultiDict(pairs))
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
def test_a_search_means_its_characters(api: CheckedClient, term: str) -> None:
    system(api, name=f"Has {term} in it")
    system(api, name="Has 100, a b and nothing else")
    assert listed(api, "/v1/systems", q=term) == [f"Has {term} in it"]


def test_all_words_of_a_search_must_be_there(api: CheckedClient) -> None:
    system(api, name="Command and control", product_name="STORM")
    system(api, name="Storm damage register")
    assert listed(api, "/v1/systems", q="storm CONTROL") == ["Command and control"]
    assert listed(api, "/v1/systems", q="ＳＴÓＲＭ") == [
        "Command and control",
        "Storm damage register",
    ]
    assert listed(api, "/v1/systems", q="control damage") == []
    assert len(listed(api, "/v1/systems", q=" ")) == 2


def test_a_refused_parameter_is_refused_by_the_operation(api: CheckedClient) -> None:
    for name in ("name__eq", "name__", "colour"):
        response = api.get("/v1/systems", query_string={name: "x"})
        assert refusals(response, 400) == {(f"?{name}", "unknown_parameter")}
