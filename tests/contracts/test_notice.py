"""When a contract can end: the rules of dates alone."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts.notice import Term, a_year_after
from catalogue.contracts.operations import last_notice_date
from catalogue.contracts.vocabulary import LONGEST_NOTICE

DAYS = st.dates(date(2000, 1, 1), date(2150, 12, 31))
NOTICE = st.integers(0, LONGEST_NOTICE)


@st.composite
def terms(draw: st.DrawFn, *, extended: bool | None = None) -> Term:
    """A contract as it is recorded: what it follows from is in order."""
    end = draw(DAYS)
    notice = draw(NOTICE)
    beyond = draw(st.integers(0, 4000)) if extended is None else 3000 * extended
    extent = end + timedelta(days=beyond) if draw(st.booleans()) or extended is not None else None
    return Term(end, last_notice_date(end, notice), extent, notice)


TODAY = date(2026, 11, 23)


def term(end: str, notice: int | None, extent: str | None = None) -> Term:
    day = date.fromisoformat(end)
    last = last_notice_date(day, notice)
    return Term(day, last, date.fromisoformat(extent) if extent else None, notice)


def test_notice_that_can_be_given_ends_it_on_its_day() -> None:
    found = term("2027-03-31", 120, "2029-03-31")
    assert found.last_notice_date == date(2026, 12, 1)
    assert not found.notice_missed(date(2026, 12, 1))
    assert found.earliest_end(date(2026, 12, 1)) == date(2027, 3, 31)


def test_notice_that_comes_too_late_costs_another_year() -> None:
    found = term("2027-03-31", 120, "2029-03-31")
    assert found.notice_missed(date(2026, 12, 2))
    assert found.earliest_end(date(2026, 12, 2)) == date(2028, 3, 31)
    assert term("2027-03-31", 120).earliest_end(date(2026, 12, 2)) == date(2028, 3, 31)


def test_what_goes_on_goes_on_no_further_than_it_may() -> None:
    assert term("2027-03-31", 200, "2027-09-30").earliest_end(TODAY) == date(2027, 9, 30)
    assert term("2027-03-31", 200, "2027-03-31").earliest_end(TODAY) == date(2027, 3, 31)


def test_a_long_notice_may_be_too_late_for_the_next_end_as_well() -> None:
    assert term("2026-12-31", 900).earliest_end(TODAY) == date(2029, 12, 31)


def test_without_a_notice_it_ends_on_its_day() -> None:
    found = Term(date(2027, 3, 31), None, date(2029, 3, 31), None)
    assert found.earliest_end(TODAY) == date(2027, 3, 31)
    assert not found.notice_missed(TODAY)


def test_without_an_end_it_is_over_when_notice_has_run_out() -> None:
    assert Term(None, None, None, 30).earliest_end(TODAY) == date(2026, 12, 23)
    assert Term(None, None, None, None).earliest_end(TODAY) is None
    assert Term(None, None, None, None).runs_beyond(TODAY)


def test_on_its_last_day_it_binds_nobody_any_longer() -> None:
    assert term("2026-11-24", 0).runs_beyond(TODAY)
    assert not term("2026-11-23", 0).runs_beyond(TODAY)


def test_a_leap_day_has_the_last_of_february_for_its_year() -> None:
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_after(date(2027, 2, 28)) == date(2028, 2, 28)


@given(terms(), DAYS)
def test_it_never_ends_before_its_day_nor_after_its_extent(found: Term, day: date) -> None:
    end = found.earliest_end(day)
    assert end is not None
    assert found.end_date is not None
    assert end >= found.end_date
    if found.max_extent_date is not None:
        assert end <= found.max_extent_date


@given(terms(), DAYS)
def test_it_ends_on_its_day_unless_notice_is_missed(found: Term, day: date) -> None:
    if found.last_notice_date is not None and day <= found.last_notice_date:
        assert found.earliest_end(day) == found.end_date
        assert not found.notice_missed(day)


@given(terms(), DAYS)
def test_notice_for_that_end_can_be_given_or_it_is_the_last(found: Term, day: date) -> None:
    end = found.earliest_end(day)
    assert end is not None
    assert found.end_date is not None
    assert found.last_notice_date is not None
    notice = found.end_date - found.last_notice_date
    assert end - notice >= day or end == found.max_extent_date


@given(terms(), DAYS, st.integers(0, 800))
def test_who_waits_is_never_done_sooner(found: Term, day: date, more: int) -> None:
    sooner, later = found.earliest_end(day), found.earliest_end(day + timedelta(days=more))
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(DAYS, st.one_of(st.none(), NOTICE), DAYS)
def test_the_last_day_for_notice_is_the_last_that_keeps_the_end(
    end: date, notice: int | None, day: date
) -> None:
    found = Term(end, last_notice_date(end, notice), None, notice)
    if notice is None:
        assert found.last_notice_date is None
        return
    assert found.last_notice_date == end - timedelta(days=notice)
    assert found.earliest_end(found.last_notice_date) == end
    assert found.earliest_end(found.last_notice_date + timedelta(days=1)) == a_year_after(end) or (
        notice >= 365
    )
