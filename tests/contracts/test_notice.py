"""The terms of a contract: when it ends and when notice is due, by its dates alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts.notice import Term, add_months, renew
from catalogue.contracts.vocabulary import Renewal, TermStatus
from tests.contracts.random_terms import DAYS, terms

TODAY = date(2026, 11, 23)
AUTOMATIC, OPTION, NONE = Renewal.AUTOMATIC, Renewal.OPTION, Renewal.NONE


def day(text: str) -> date:
    return date.fromisoformat(text)


def term(end: str | None, days: int | None = None, extent: str | None = None, **rest: Any) -> Term:
    """Make a term, with its days as text."""
    given = rest.pop("given", None)
    return Term(
        end_date=day(end) if end else None,
        notice_period_days=days,
        max_extent_date=day(extent) if extent else None,
        notice_given_on=day(given) if given else None,
        **rest,
    )


@pytest.mark.parametrize(
    ("end", "months", "last"),
    [
        ("2026-01-31", 1, "2025-12-31"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-05-31", 3, "2026-02-28"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2027-02-28", 12, "2026-02-28"),
        ("2026-12-31", 6, "2026-06-30"),
        ("2026-06-15", 0, "2026-06-15"),
    ],
)
def test_notice_in_months_counts_calendar_months(end: str, months: int, last: str) -> None:
    contract = term(end, notice_period_months=months)
    assert contract.last_notice_date(day("2020-01-01")) == day(last)


@pytest.mark.parametrize(
    ("end", "months", "next_end"),
    [
        ("2027-03-31", 12, "2028-03-31"),
        ("2027-02-28", 12, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-06-30", 1, "2026-07-31"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-10-15", 18, "2028-04-15"),
    ],
)
def test_term_that_ends_with_a_month_leads_to_one_that_ends_with_a_month(
    end: str, months: int, next_end: str
) -> None:
    assert renew(day(end), months) == day(next_end)


@pytest.mark.parametrize(
    ("today", "end", "last", "following", "status"),
    [
        ("2026-09-01", "2026-10-31", "2026-09-01", "2026-09-01", TermStatus.NOTICE_DUE),
        ("2026-09-02", "2026-10-31", "2026-09-01", "2027-09-01", TermStatus.OVERDUE),
        ("2026-10-31", "2026-10-31", "2026-09-01", "2027-09-01", TermStatus.OVERDUE),
        ("2026-11-01", "2027-10-31", "2027-09-01", "2027-09-01", TermStatus.NOTICE_DUE),
        ("2028-11-01", "2029-10-31", "2029-09-01", "2029-09-01", TermStatus.NOTICE_DUE),
        ("2029-09-02", "2029-10-31", "2029-09-01", None, TermStatus.ENDING),
        ("2029-11-01", "2029-10-31", "2029-09-01", None, TermStatus.ENDED),
    ],
)
@pytest.mark.parametrize("renewal", [None, AUTOMATIC])
def test_notice_date_follows_the_present_term(
    renewal: Renewal | None, today: str, end: str, last: str, following: str, status: TermStatus
) -> None:
    contract = term("2026-10-31", 60, "2029-10-31", renewal=renewal)
    on = day(today)
    assert contract.end_of_term(on) == day(end)
    assert contract.last_notice_date(on) == day(last)
    assert contract.next_notice_date(on) == (following and day(following))
    assert contract.status(on) is status


def test_contract_that_renews_without_limit_stays_in_its_present_term() -> None:
    contract = term("2020-01-31", None, notice_period_months=1, renewal=AUTOMATIC)
    monthly = term(
        "2020-01-31", None, notice_period_months=1, renewal=AUTOMATIC, renewal_period_months=1
    )
    assert contract.end_of_term(TODAY) == day("2027-01-31")
    assert contract.last_notice_date(TODAY) == day("2026-12-31")
    assert monthly.end_of_term(TODAY) == day("2026-11-30")
    assert (monthly.last_notice_date(TODAY), monthly.status(TODAY)) == (
        day("2026-10-30"),
        TermStatus.OVERDUE,
    )
    assert monthly.next_notice_date(TODAY) == day("2026-11-30")


@pytest.mark.parametrize(
    ("given", "ends", "status"),
    [
        ("2026-09-01", "2026-10-31", TermStatus.ENDED),
        ("2026-09-02", "2027-10-31", TermStatus.NOTICE_GIVEN),
        ("2026-11-20", "2027-10-31", TermStatus.NOTICE_GIVEN),
    ],
)
def test_notice_ends_the_first_term_for_which_it_is_in_time(
    given: str, ends: str, status: TermStatus
) -> None:
    contract = term("2026-10-31", 60, renewal=AUTOMATIC, given=given)
    assert contract.ends_on == contract.end_of_term(TODAY) == day(ends)
    assert contract.status(TODAY) is status
    assert contract.last_notice_date(TODAY) is None
    assert contract.earliest_end(TODAY) == day(ends)
    assert not contract.can_be_extended(TODAY)


def test_contract_past_its_end_without_recorded_renewal_may_run_on() -> None:
    unknown, option = term("2026-10-31", 60), term("2026-10-31", 60, renewal=OPTION)
    never = term("2026-10-31", 60, renewal=NONE)
    assert unknown.status(TODAY) is option.status(TODAY) is TermStatus.PAST_END
    assert unknown.last_notice_date(TODAY) == day("2026-09-01")
    assert unknown.runs_beyond(TODAY)
    assert not option.runs_beyond(TODAY)
    assert (never.status(TODAY), never.last_notice_date(TODAY)) == (TermStatus.ENDED, None)


def test_contract_with_option_ends_on_its_end_date_without_notice() -> None:
    contract = term("2026-12-31", 90, "2028-12-31", renewal=OPTION)
    assert contract.status(day("2026-10-01")) is TermStatus.NOTICE_DUE
    assert contract.status(TODAY) is TermStatus.ENDING
    assert contract.earliest_end(TODAY) == day("2026-12-31")
    assert not contract.can_be_extended(TODAY)


def test_timely_notice_ends_contract_on_its_end_date() -> None:
    contract = term("2027-03-31", 120, "2029-03-31")
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
    contract = term("2027-03-31", None, "2029-03-31")
    assert contract.earliest_end(TODAY) == date(2027, 3, 31)
    assert not contract.notice_missed(TODAY)
    assert contract.status(TODAY) is TermStatus.RUNNING


def test_contract_without_end_date_ends_after_its_notice_period() -> None:
    assert term(None, 30).earliest_end(TODAY) == date(2026, 12, 23)
    assert term(None, notice_period_months=1).earliest_end(TODAY) == date(2026, 12, 23)
    assert term(None, 30, given="2026-11-01").ends_on == date(2026, 12, 1)
    assert term(None).earliest_end(TODAY) is None
    assert term(None).runs_beyond(TODAY)
    assert term(None).status(TODAY) is TermStatus.RUNNING


def test_contract_does_not_run_beyond_its_last_day() -> None:
    assert term("2026-11-24", 0).runs_beyond(TODAY)
    assert not term("2026-11-23", 0).runs_beyond(TODAY)


@given(terms(), DAYS)
def test_earliest_end_lies_between_end_date_and_maximum_extent(contract: Term, on: date) -> None:
    end = contract.earliest_end(on)
    assert end is not None
    assert contract.end_date is not None
    assert end >= contract.end_date
    if contract.max_extent_date is not None:
        assert end <= contract.max_extent_date


@given(terms(renewal=AUTOMATIC), DAYS)
def test_present_term_is_the_first_that_has_not_ended(contract: Term, on: date) -> None:
    end, first = contract.end_of_term(on), contract.end_date
    assert end is not None
    assert first is not None
    assert end >= on or end == contract.max_extent_date
    period = contract.months_of_renewal
    ends = [renew(first, number * period) for number in range(40)]
    ahead = [each for each in ends if each >= on]
    if ahead:
        extent = contract.max_extent_date
        assert end == (ahead[0] if extent is None else min(ahead[0], extent))


@given(terms(), DAYS)
def test_notice_on_the_next_notice_date_is_in_time(contract: Term, on: date) -> None:
    last = contract.next_notice_date(on)
    if last is not None:
        assert last >= on
        end = contract.earliest_end(last)
        following = contract.earliest_end(last + timedelta(days=1))
        assert end is not None
        assert following is not None
        if contract.can_be_extended(on) and end != contract.max_extent_date:
            assert following > end


@given(terms(), DAYS, st.integers(0, 800))
def test_later_notice_never_ends_contract_sooner(contract: Term, on: date, more: int) -> None:
    sooner, later = contract.earliest_end(on), contract.earliest_end(on + timedelta(days=more))
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(terms(), DAYS)
def test_overdue_contract_runs_on_past_its_term(contract: Term, on: date) -> None:
    end, last = contract.end_of_term(on), contract.last_notice_date(on)
    if contract.status(on) is TermStatus.OVERDUE:
        assert last is not None
        assert end is not None
        assert last < on <= end
        assert contract.earliest_end(on) > end  # type: ignore[operator]
        assert contract.notice_missed(on)


@given(DAYS, st.integers(-2400, 2400))
def test_month_arithmetic_keeps_the_day_or_takes_the_last(on: date, months: int) -> None:
    moved = add_months(on, min(months, (9998 - on.year) * 12))
    assert moved.day == on.day or (moved.day < on.day and (moved + timedelta(days=1)).day == 1)
