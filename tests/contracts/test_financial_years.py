"""Financial years by the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts.financial_years import financial_year_of, is_financial_year, period_of

DAYS = st.dates(date(1900, 4, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        pytest.param(date(2026, 3, 31), "2025-26", id="31_march_2026"),
        pytest.param(date(2026, 4, 1), "2026-27", id="1_april_2026"),
        pytest.param(date(2026, 12, 31), "2026-27", id="31_december_2026"),
        pytest.param(date(2027, 1, 1), "2026-27", id="1_january_2027"),
        pytest.param(date(1999, 4, 1), "1999-00", id="1_april_1999"),
        pytest.param(date(2000, 3, 31), "1999-00", id="31_march_2000"),
        pytest.param(date(2100, 3, 31), "2099-00", id="31_march_2100"),
    ],
)
def test_financial_year_begins_in_april(day: date, year: str) -> None:
    assert financial_year_of(day) == year


@given(DAYS)
def test_day_lies_within_its_financial_year(day: date) -> None:
    year = financial_year_of(day)
    assert is_financial_year(year)
    first, last = period_of(year)
    assert first <= day <= last
    assert financial_year_of(first) == financial_year_of(last) == year
    assert financial_year_of(first - timedelta(days=1)) < year


@given(st.integers(1900, 2199), st.integers(0, 99))
def test_second_year_must_follow_the_first(first: int, second: int) -> None:
    follows = (first + 1) % 100 == second
    assert is_financial_year(f"{first}-{second:02}") == follows


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-2027", "2026/27", "26-27", "2026-27 ", "1899-00", "2200-01", "2026-25"],
)
def test_malformed_financial_year_is_refused(text: str) -> None:
    assert not is_financial_year(text)
    with pytest.raises(ValueError, match="not a financial year"):
        period_of(text)
