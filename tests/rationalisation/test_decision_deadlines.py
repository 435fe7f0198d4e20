"""Deadlines for signing, in working days of England and Wales."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core import clock
from catalogue.rationalisation.decisions.deadlines import (
    is_working_day,
    sign_by,
    working_days_after,
)
from tests.factories import BEDS, CAMBS, add_rosters
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    build_decision,
    confirm_overlap,
    list_refusals,
    propose_decision,
    read_decision,
    sign_decision,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
NUMBERS = st.integers(1, 60)


@given(DAYS, NUMBERS)
def test_a_deadline_is_the_given_number_of_working_days_ahead(day, number):
    last = working_days_after(day, number)
    assert last.weekday() < 5
    assert is_working_day(last)
    passed = [day + timedelta(days=each) for each in range(1, (last - day).days + 1)]
    assert sum(map(is_working_day, passed)) == number


@given(DAYS, NUMBERS, NUMBERS)
def test_working_days_add_up(day, first, then):
    assert working_days_after(working_days_after(day, first), then) == (
        working_days_after(day, first + then)
    )


@given(DAYS, NUMBERS)
def test_a_later_proposal_never_has_an_earlier_deadline(day, number):
    assert working_days_after(day, number) <= working_days_after(day + timedelta(days=1), number)


@pytest.mark.parametrize(
    ("day", "number", "last"),
    [
        # A Friday, and the week after.
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-23", 10, "2026-12-07"),
        # Christmas Day on a Friday, Boxing Day on a Saturday: Monday in lieu. Then New Year.
        ("2026-12-24", 1, "2026-12-29"),
        ("2026-12-18", 10, "2027-01-06"),
        # Both at a weekend: two days in lieu.
        ("2027-12-24", 1, "2027-12-29"),
        # New Year's Day on a Saturday.
        ("2027-12-31", 1, "2028-01-04"),
        # Good Friday and Easter Monday.
        ("2026-04-02", 1, "2026-04-07"),
        ("2027-03-25", 1, "2027-03-30"),
        # Early May, late May, and August.
        ("2026-05-01", 1, "2026-05-05"),
        ("2026-05-22", 1, "2026-05-26"),
        ("2026-08-28", 1, "2026-09-01"),
        # No bank holiday in England: the second of January, Saint Andrew's Day.
        ("2026-01-01", 1, "2026-01-02"),
        ("2026-11-29", 1, "2026-11-30"),
        # The coronation, once only.
        ("2023-05-05", 1, "2023-05-09"),
    ],
)
def test_working_days_skip_the_bank_holidays_of_england_and_wales(day, number, last):
    assert working_days_after(date.fromisoformat(day), number) == date.fromisoformat(last)


def test_a_deadline_follows_the_united_kingdom_calendar():
    late = datetime(2026, 6, 1, 22, 59, tzinfo=UTC)
    assert sign_by(late, 1) == date(2026, 6, 2)
    assert sign_by(late + timedelta(minutes=1), 1) == date(2026, 6, 3)


@pytest.fixture
def pair(session):
    systems = add_rosters(session, BEDS, CAMBS)
    return confirm_overlap(session, systems), systems


MONDAY = datetime(2027, 6, 7, 9, tzinfo=UTC)


def clients(sign_in):
    return [sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS)]


def test_an_overdue_proposal_can_still_be_signed(sign_in, pair):
    overlap, systems = pair
    with clock.freeze(MONDAY):
        beds, _ = clients(sign_in)
        decision = propose_decision(beds, overlap, *systems, working_days_to_sign=2)
        assert (decision["sign_by"], decision["overdue"]) == ("2027-06-09", False)
    with clock.freeze(datetime(2027, 6, 9, 22, 59, tzinfo=UTC)):
        beds, _ = clients(sign_in)
        assert read_decision(beds, decision)["overdue"] is False
        assert beds.get("/v1/decisions?overdue=true").json["items"] == []
    with clock.freeze(datetime(2027, 6, 9, 23, tzinfo=UTC)):
        beds, cambs = clients(sign_in)
        assert read_decision(beds, decision)["overdue"] is True
        (late,) = cambs.get("/v1/decisions?overdue=true&sign_by__lte=2027-06-09").json["items"]
        assert late["id"] == decision["id"]
        for api in (beds, cambs):
            last = sign_decision(api, decision)
        assert (last.json["status"], last.json["overdue"]) == ("agreed", False)
        assert beds.get("/v1/decisions?overdue=true").json["items"] == []


@pytest.mark.parametrize(
    "days", [0, 61, 2.5, pytest.param("10", id="text"), pytest.param(None, id="null")]
)
def test_a_decision_rejects_an_invalid_number_of_working_days_to_sign(sign_in, pair, days):
    overlap, systems = pair
    sent = build_decision(overlap, *systems) | {"working_days_to_sign": days}
    answer = sign_in(BEDS, DECISION_SCOPES).post("/v1/decisions", json=sent)
    assert list_refusals(answer, 422)[0][0] == "/working_days_to_sign"


def awaiting_us(api):
    return [
        each["id"] for each in api.get("/v1/decisions?awaiting_your_signature=true").json["items"]
    ]


def test_a_decision_awaits_each_agency_until_it_signs(sign_in, make_agency, pair):
    make_agency("kent-police")
    overlap, systems = pair
    beds, cambs = clients(sign_in)
    assert awaiting_us(cambs) == []
    decision = propose_decision(beds, overlap, *systems)
    assert decision["awaiting"] == [BEDS, CAMBS]
    assert awaiting_us(beds) == awaiting_us(cambs) == [decision["id"]]
    sign_decision(beds, decision)
    assert (awaiting_us(beds), awaiting_us(cambs)) == ([], [decision["id"]])
    decision = read_decision(beds, decision)
    assert (decision["awaiting"], decision["awaiting_your_signature"]) == ([CAMBS], False)
    for code, number in ((BEDS, 0), (CAMBS, 1), ("kent-police", 0)):
        listed = beds.get(f"/v1/decisions?awaiting={code}").json["items"]
        assert len(listed) == number, code
    sign_decision(cambs, decision)
    assert awaiting_us(cambs) == []
    assert read_decision(beds, decision)["awaiting"] == []
