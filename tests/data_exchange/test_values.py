"""Cells are read as values, and a cell that needs a guess is rejected."""

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.data_exchange.fields import Kind
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.synonyms import SYNONYMS, plain_words
from catalogue.data_exchange.values import (
    Noted,
    ValueProblem,
    has_month_first,
    is_ambiguous_date,
    read_value,
)
from catalogue.systems.schemas import SystemCreate

CAPABILITIES = {
    "c02": "C02",
    "command, control & dispatch": "C02",
    "e03": "E03",
    "payroll & pensions": "E03",
}


def read(field: str, cell: Any) -> Any:
    value = read_value(
        SYSTEM_FIELDS.by_name[field], cell, lambda text: CAPABILITIES.get(text.casefold())
    )
    return value.value if isinstance(value, Noted) else value


def notice(field: str, cell: Any) -> str:
    noted = read_value(SYSTEM_FIELDS.by_name[field], cell)
    assert isinstance(noted, Noted), noted
    return noted.code


def refusal(field: str, cell: Any) -> str:
    with pytest.raises(ValueProblem) as caught:
        read(field, cell)
    return caught.value.code


@pytest.mark.parametrize(
    "empty",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="space"),
        pytest.param("-", id="hyphen"),
        pytest.param("–", id="dash"),
        pytest.param("N/A", id="N/A"),
        pytest.param("n/a", id="n/a"),
        pytest.param("NULL", id="NULL"),
        pytest.param("Not applicable", id="not-applicable"),
    ],
)
@pytest.mark.parametrize("field", [f.name for f in SYSTEM_FIELDS.fields])
def test_cell_without_information_is_read_as_empty(field: str, empty: str | None) -> None:
    assert read(field, empty) is None


def test_line_ends_are_normalised() -> None:
    assert read("description", " Duties\vnights\r\ndays\x85weekends\r") == (
        "Duties\nnights\ndays\nweekends"
    )


@pytest.mark.parametrize("empty", ["Unknown", "TBC", "- Not Identified", "none", "To be confirmed"])
@pytest.mark.parametrize("field", ["hosting", "user_count", "live_from", "name", "supplier_name"])
def test_unknown_is_read_as_empty_with_notice(field: str, empty: str) -> None:
    assert read(field, empty) is None
    assert notice(field, empty) == "no_value"


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        ("business_owner", "Vacant"),
        ("business_owner", "Post vacant"),
        ("technical_owner", "NA"),
        ("supplier_name", "Information not held"),
        ("supplier_name", "n/k"),
        ("product_version", "TBC"),
        ("description", "To be confirmed"),
        ("user_count", "Unlimited"),
        ("user_count", "All staff"),
        ("external_id", "TBC"),
    ],
)
def test_words_for_nothing_are_empty_with_notice(field: str, empty: str) -> None:
    assert read(field, empty) is None
    assert notice(field, empty) == "no_value"


def test_words_for_nothing_stay_where_they_can_be_values() -> None:
    assert read("name", "Vacant") == "Vacant"
    assert read("supplier_name", "Vacant Property Systems") == "Vacant Property Systems"
    assert read("personal_data", "None") == "none"
    assert read("description", "See above") == "See above"


@pytest.mark.parametrize("cell", ["#REF!", "#VALUE!", "#N/A", "########", "#name?", "Err:502"])
def test_error_text_is_no_value(cell: str) -> None:
    assert refusal("name", cell) == "error_text"
    assert refusal("lifecycle", cell) == "error_text"
    assert notice("supplier_name", cell) == notice("live_from", cell) == "error_text"
    assert read("business_owner", cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("approx 600", 600),
        ("approx. 1,200", 1200),
        ("c. 200", 200),
        ("c200", 200),
        ("400+", 400),
        ("~50", 50),
        ("2k", 2000),
        ("1.5k users", 1500),
        ("1,234 (est.)", 1234),
        ("about 20", 20),
        ("over 500", 500),
        ("up to 50", 50),
        ("120 users", 120),
    ],
)
def test_approximate_number_of_users_is_read_with_notice(cell: str, number: int) -> None:
    assert read("user_count", cell) == number
    assert notice("user_count", cell) == "approximate_number"


@pytest.mark.parametrize("cell", ["100-200", "many", "120/80", "2k5", "c.", "1.2345k"])
def test_unclear_number_of_users_is_refused(cell: str) -> None:
    assert refusal("user_count", cell) == "not_a_number"


def test_approximate_score_is_refused() -> None:
    assert refusal("functional_fit", "3+") == "not_a_number"


@pytest.mark.parametrize(
    "cell", ["2011/12", "2009-10", "2008/09", "2023/2024", "23/24", "FY23-24", "FY2024", "1999/00"]
)
def test_financial_year_is_no_date(cell: str) -> None:
    assert refusal("live_from", cell) == "financial_year"
    assert refusal("end_of_support", cell) == "financial_year"


def test_month_is_still_a_date() -> None:
    assert read("live_from", "2025-06") == date(2025, 6, 1)
    assert read("live_from", "04/2025") == date(2025, 4, 1)


@pytest.mark.parametrize(
    ("cell", "hours"),
    [("04:00", 4), ("72:00", 72), ("4:00:00", 4), (time(4), 4), ("00:00", 0), (time(0), 0)],
)
def test_length_of_time_is_read_as_hours(cell: Any, hours: int) -> None:
    assert read("rto_hours", cell) == hours


def test_part_of_an_hour_is_refused() -> None:
    assert refusal("rto_hours", "01:30") == refusal("rto_hours", time(0, 15)) == "not_a_number"


@pytest.mark.parametrize("cell", [10**15, 1.2e20, "1.20E+12", "5e+07"])
def test_shortened_id_is_refused(cell: Any) -> None:
    assert refusal("external_id", cell) == "shortened_id"


def test_line_breaks_in_a_name_become_spaces_with_notice() -> None:
    assert read("name", "Command and\ncontrol") == "Command and control"
    assert notice("name", "Command and \r\n control") == "line_breaks"
    assert read("description", "one\ntwo") == "one\ntwo"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Proposed", "planned"),
        ("Not yet submitted", "planned"),
        ("Pilot", "implementing"),
        ("Exception", "live"),
        ("Approved - Preferred", "live"),
        ("Approved - Maintain", "live"),
        ("CTO Dispensation", "live"),
        ("Sunsetting", "sunsetting"),
        ("Grandfathered Exception", "sunsetting"),
        ("Retired", "decommissioned"),
        ("Denied", "cancelled"),
        ("LIVE", "live"),
        ("read_only_archive", "read_only_archive"),
        ("In-Procurement", "in_procurement"),
    ],
)
def test_lifecycle_is_read_from_usual_words(cell: str, value: str) -> None:
    assert read("lifecycle", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("SaaS", "saas"),
        ("Desktop", "on_premise"),
        ("Server", "on_premise"),
        ("Mobile", "on_premise"),
        ("PaaS", "paas"),
        ("On-Prem", "on_premise"),
    ],
)
def test_hosting_is_read_from_usual_words(cell: str, value: str) -> None:
    assert read("hosting", cell) == value


def test_ambiguous_word_for_hosting_is_refused() -> None:
    assert refusal("hosting", "Cloud") == "unknown_value"
    with pytest.raises(ValueProblem, match="on_premise, private_cloud"):
        read("hosting", "Cloud")


def test_import_fields_and_choices_match_the_system_schema() -> None:
    schema = SystemCreate()
    for field in SYSTEM_FIELDS.fields:
        if field.kind is Kind.CHOICE:
            choices = schema.fields[field.name].choices
            assert list(SYNONYMS[field.name]) == [choice.value for choice in choices]
        elif field.name != "external_id":
            assert field.name in schema.fields


def test_no_synonym_stands_for_two_values() -> None:
    for enumeration, values in SYNONYMS.items():
        words = [plain_words(w) for value, words in values.items() for w in (value, *words)]
        assert len(words) == len(set(words)), enumeration


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        pytest.param("2025-12-31", "2025-12-31", None, id="iso"),
        pytest.param("31/12/2025", "2025-12-31", None, id="day-first"),
        pytest.param("03/04/2025", "2025-04-03", None, id="day-first-ambiguous"),
        pytest.param("3.4.25", "2025-04-03", None, id="short-with-dots"),
        pytest.param("3-4-1999", "1999-04-03", None, id="with-hyphens"),
        pytest.param("1/2/99", "1999-02-01", None, id="two-digit-year"),
        pytest.param("2025/12/31 10:15", "2025-12-31", None, id="iso-slashes-and-time"),
        pytest.param("2025-12-31T10:15:00Z", "2025-12-31", None, id="iso-with-time"),
        pytest.param("31 Dec 2025", "2025-12-31", None, id="month-name"),
        pytest.param("31-dec-25", "2025-12-31", None, id="lower-case-month-and-short-year"),
        pytest.param("December 31, 2025", "2025-12-31", None, id="american-month-name"),
        pytest.param("20251231", "2025-12-31", None, id="compact"),
        pytest.param("45659", "2025-01-02", None, id="excel-number-as-text"),
        pytest.param(45659, "2025-01-02", None, id="excel-number"),
        pytest.param(45659.0, "2025-01-02", None, id="excel-number-as-float"),
        pytest.param(date(2025, 1, 2), "2025-01-02", None, id="date"),
        pytest.param(
            datetime.combine(date(2025, 1, 2), time(3, 4)), "2025-01-02", None, id="datetime"
        ),
        pytest.param("2018-11", "2018-11-01", "2018-11-30", id="iso-month"),
        pytest.param("11/2018", "2018-11-01", "2018-11-30", id="month-and-year"),
        pytest.param("2016-02", "2016-02-01", "2016-02-29", id="iso-february-of-leap-year"),
        pytest.param("Dec 2018", "2018-12-01", "2018-12-31", id="month-name-and-year"),
        pytest.param("2018", "2018-01-01", "2018-12-31", id="year-as-text"),
        pytest.param(2018, "2018-01-01", "2018-12-31", id="year"),
    ],
)
def test_date_is_read_in_british_order(cell: Any, first: str, last: str | None) -> None:
    """A month means its first day for a start, and its last day for an end."""
    assert read("live_from", cell) == date.fromisoformat(first)
    assert read("end_of_support", cell) == date.fromisoformat(last or first)


@pytest.mark.parametrize(
    "cell",
    [pytest.param("31/02/2025", id="31-february"), pytest.param("2025-13-01", id="month-13"), pytest.param("soon", id="word"), pytest.param("Q3 2025", id="quarter"), pytest.param("32", id="32"), pytest.param("1/1", id="day-and-month"), pytest.param(True, id="boolean"), pytest.param(1.5, id="fraction"), pytest.param("99999999999", id="huge-number"),
     pytest.param("31 Foo 2025", id="unknown-month"), pytest.param("9" * 5000, id="5000-digits"), pytest.param("1/2/345", id="three-digit-year"), pytest.param("2025-00", id="month-0"), pytest.param("0", id="0")],
)  # fmt: skip
def test_cell_that_is_no_date_is_refused(cell: Any) -> None:
    assert refusal("live_from", cell) == "not_a_date"


def test_month_first_and_ambiguous_dates_are_recognised() -> None:
    assert refusal("live_from", "12/31/2025") == "month_first_date"
    assert has_month_first(" 12/31/2025")
    assert not has_month_first("31/12/2025")
    assert not has_month_first("13/13/2025")
    assert not has_month_first(date(2025, 1, 2))
    assert is_ambiguous_date("03/04/2025")
    assert not is_ambiguous_date("04/04/2025")
    assert not is_ambiguous_date("2025-03-04")
    assert not is_ambiguous_date(5)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,200", 1200), ("1 200", 1200), (12, 12), ("12.0", 12), ("-3", -3), (7.0, 7), ("007", 7)],
)
def test_whole_number_is_read(cell: Any, value: int) -> None:
    assert read("user_count", cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("12.5", id="12.5-as-text"),
        pytest.param(1.5, id="1.5"),
        pytest.param("1,20", id="misplaced-comma"),
        pytest.param(True, id="boolean"),
        pytest.param("9" * 5000, id="5000-digits"),
        pytest.param("1e3", id="exponent"),
    ],
)
def test_cell_that_is_no_whole_number_is_refused(cell: Any) -> None:
    assert refusal("user_count", cell) == "not_a_number"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("4", 4), ("4h", 4), ("4 hours", 4), ("2 days", 48), ("1 week", 168), ("120 mins", 2), (8, 8)],
)
def test_duration_is_read_in_hours(cell: Any, value: int) -> None:
    assert read("rto_hours", cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("30 minutes", id="half-an-hour"),
        pytest.param("next day", id="next-day"),
        pytest.param("4.5", id="fraction"),
        pytest.param("9" * 500, id="500-digits"),
        pytest.param("4 apples", id="unknown-unit"),
    ],
)
def test_cell_that_is_no_number_of_hours_is_refused(cell: Any) -> None:
    assert refusal("rto_hours", cell) == "not_a_number"


def test_yes_and_no_are_read() -> None:
    assert all(read("retention_hold", c) is True for c in ("Yes", "y", "TRUE", "1", 1, True, "x"))
    assert all(read("retention_hold", c) is False for c in ("No", "N", "false", "0", 0, False))
    assert refusal("retention_hold", "maybe") == "not_yes_or_no"
    assert all(read("personal_data", c) == "personal" for c in ("Yes", "y", "TRUE", "1", 1, True))
    assert all(read("personal_data", c) == "none" for c in ("No", "none", "false", "0", 0, False))
    assert read("personal_data", "N/A") is None


def test_lists_and_texts_are_read() -> None:
    assert read("aliases", "PNC, Police  National Computer") == ["PNC", "Police National Computer"]
    assert read("aliases", "PNC; Computer, national; PNC") == ["PNC", "Computer, national"]
    assert read("tags", "Mapping, GIS | field") == ["Mapping, GIS", "field"]
    assert read("tags", "Mapping,GIS") == ["Mapping", "GIS"]
    assert read("product_version", 10.5) == "10.5"
    assert read("product_version", 12) == "12"
    assert read("external_id", 17) == "17"
    assert read("external_id", "0017") == "0017"
    assert read("description", " a\r\nb ") == "a\nb"


def test_capabilities_are_read_by_code_and_by_name() -> None:
    assert read("capabilities", "C02; payroll & pensions") == ["C02", "E03"]
    assert read("capabilities", "Command, control & dispatch") == ["C02"]
    assert read("capabilities", "c02, E03, C02") == ["C02", "E03"]
    assert refusal("capabilities", "C02, Astrology") == "unknown_capability"
    assert read_refusal_without_lookup() == "unknown_capability"


def read_refusal_without_lookup() -> str:
    with pytest.raises(ValueProblem) as caught:
        read_value(SYSTEM_FIELDS.by_name["capabilities"], "C02")
    return caught.value.code


CELLS = st.one_of(
    st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(),
    st.times(), st.from_regex(r"\A\d{1,8}[/.-]\d{1,3}[/.-]\d{1,5}\Z"),
    st.from_regex(r"\A[\d,. ]{1,40}[a-z]{0,2}\Z"),
)  # fmt: skip


@given(st.sampled_from(SYSTEM_FIELDS.fields), CELLS)
def test_any_cell_is_read_or_refused(field: Any, cell: Any) -> None:
    has_month_first(cell)
    is_ambiguous_date(cell)
    with suppress(ValueProblem):
        value = read_value(field, cell)
        assert value is None or field.kind in Kind
