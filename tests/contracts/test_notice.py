"""The earliest end of a contract, by its dates alone."""

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
    """Draw the term of a contract with its dates in order."""
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


def test_timely_notice_ends_contract_on_its_end_date() -> None:
    contract = term("2027-03-31", 120, "2029-03-31")
    assert contract.last_notice_date == date(2026, 12, 1)
    assert not contract.notice_missed(date(2026, 12, 1))
    assert contract.earliest_end(date(2026, 12, 1)) == date(2027, 3, 31)


def test_missed_notice_extends_contract_by_a_year() -> None:
    contract = term("2027-03-31", 120, "2029-03-31")
    assert contract.notice_missed(date(2026, 12, 2))
    assert contract.earliest_end(date(2026, 12, 2)) == date(2028, 3, 31)
    assert term("2027-03-31", 120).earliest_end(date(2026, 12, 2)) == date(2028, 3, 31)


def test_extension_stops_at_maximum_extent() -> None:
    assert term("2027-03-31", 200, "2027-09-30").earliest_end(TODAY) == date(2027, 9, 30)
    assert term("2027-03-31", 200, "2027-03-31").earliest_end(TODAY) == date(2027, 3, 31)


def test_long_notice_may_miss_the_next_end_as_well() -> None:
    assert term("2026-12-31", 900).earliest_end(TODAY) == date(2029, 12, 31)


def test_contract_without_notice_period_ends_on_its_end_date() -> None:
    contract = Term(date(2027, 3, 31), None, date(2029, 3, 31), None)
    assert contract.earliest_end(TODAY) == date(2027, 3, 31)
    assert not contract.notice_missed(TODAY)


def test_contract_without_end_date_ends_after_its_notice_period() -> None:
    assert Term(None, None, None, 30).earliest_end(TODAY) == date(2026, 12, 23)
    assert Term(None, None, None, None).earliest_end(TODAY) is None
    assert Term(None, None, None, None).runs_beyond(TODAY)


def test_contract_does_not_run_beyond_its_last_day() -> None:
    assert term("2026-11-24", 0).runs_beyond(TODAY)
    assert not term("2026-11-23", 0).runs_beyond(TODAY)


def test_year_after_leap_day_ends_on_28_february() -> None:
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_after(date(2027, 2, 28)) == date(2028, 2, 28)


@given(terms(), DAYS)
def test_earliest_end_lies_between_end_date_and_maximum_extent(contract: Term, day: date) -> None:
    end = contract.earliest_end(day)
    assert end is not None
    assert contract.end_date is not None
    assert end >= contract.end_date
    if contract.max_extent_date is not None:
        assert end <= contract.max_extent_date


@given(terms(), DAYS)
def test_contract_ends_on_its_end_date_unless_notice_is_missed(contract: Term, day: date) -> None:
    if contract.last_notice_date is not None and day <= contract.last_notice_date:
        assert contract.earliest_end(day) == contract.end_date
        assert not contract.notice_missed(day)


@given(terms(), DAYS)
def test_earliest_end_leaves_time_for_notice_or_is_maximum_extent(
    contract: Term, day: date
) -> None:
    end = contract.earliest_end(day)
    assert end is not None
    assert contract.end_date is not None
    assert contract.last_notice_date is not None
    notice = contract.end_date - contract.last_notice_date
    assert end - notice >= day or end == contract.max_extent_date


@given(terms(), DAYS, st.integers(0, 800))
def test_later_notice_never_ends_contract_sooner(contract: Term, day: date, more: int) -> None:
    sooner, later = contract.earliest_end(day), contract.earliest_end(day + timedelta(days=more))
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(DAYS, st.one_of(st.none(), NOTICE), DAYS)
def test_notice_after_last_notice_date_moves_the_end(
    end: date, notice: int | None, day: date
) -> None:
    contract = Term(end, last_notice_date(end, notice), None, notice)
    if notice is None:
        assert contract.last_notice_date is None
        return
    assert contract.last_notice_date == end - timedelta(days=notice)
    assert contract.earliest_end(contract.last_notice_date) == end
    assert contract.earliest_end(contract.last_notice_date + timedelta(days=1)) == a_year_after(
        end
    ) or (notice >= 365)
