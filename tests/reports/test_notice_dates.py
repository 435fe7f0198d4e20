"""The report on notice dates lists contracts with a notice date that the agency can see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.api_agreements import SignIn, grant
from tests.api_calls import Fields, change, read
from tests.contracts.api_contracts import AMOUNTS, contract, page, share
from tests.contracts.api_contracts import path_of as contract_path
from tests.factories import BEDS, CAMBS, add_rosters, system
from tests.rationalisation.api_decisions import agree_decision, confirm_overlap
from tests.unsaved import CheckedClient

PATH = "/v1/reports/notice-dates"
HERTS, KENT = "hertfordshire-police", "kent-police"
ALL = (
    "systems:read systems:write contracts:read contracts:write overlaps:read decisions:read "
    "decisions:propose decisions:sign agencies:read agencies:write audit:read"
)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, because the days left change at midnight."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, which owns the contracts."""
    return sign_in(BEDS, ALL)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, ALL)


def make_due(api: CheckedClient, title: str, days: int, **fields: Any) -> Fields:
    """Create a contract with a notice date a number of days ahead."""
    end = clock.today() + timedelta(days=days + 30)
    terms = {"end_date": str(end), "notice_period_days": 30, "annual_value": "1000.00"}
    return contract(api, title=title, **terms | fields)


def titles(api: CheckedClient, **parameters: Any) -> list[str]:
    """Return the contracts on the report's first page."""
    return [each["title"] for each in page(api, PATH, **parameters)]


@pytest.mark.usefixtures("partner")
def test_notice_dates_are_listed_soonest_first_after_overdue_ones(owner: CheckedClient) -> None:
    make_due(owner, "Later", 200)
    make_due(owner, "Today", 0)
    make_due(owner, "Late", -1)
    make_due(owner, "Soon", 20)
    make_due(owner, "Unknown", 5, notice_period_days=None)
    assert titles(owner) == ["Late", "Today", "Soon", "Later"]
    assert titles(owner, sort="-days_left") == ["Later", "Soon", "Today", "Late"]
    assert titles(owner, days_left__gte=0, days_left__lte=180) == ["Today", "Soon"]
    until = clock.today() + timedelta(days=20)
    assert titles(owner, last_notice_date__lte=str(until)) == ["Late", "Today", "Soon"]
    assert titles(owner, days_left=20) == ["Soon"]
    assert titles(owner, agency=CAMBS) == []
    assert titles(owner, q="soo") == ["Soon"]
    assert read(owner, f"{PATH}?limit=1&total=true")["page"]["total"] == 4


def test_notice_dates_are_split_by_the_time_that_is_left(owner: CheckedClient) -> None:
    for title, days in (("Later", 9), ("This month", 8), ("Today", 0), ("Late", -1)):
        make_due(owner, title, days)
    make_due(owner, "Past", -40)
    assert titles(owner, window="too_late") == ["Past", "Late"]
    assert titles(owner, window="this_month") == ["Today", "This month"]
    assert titles(owner, window="later") == ["Later"]
    assert titles(owner, term_status="overdue") == ["Late"]
    rows = {row["title"]: row for row in page(owner, PATH)}
    assert (rows["Past"]["term_status"], rows["Past"]["days_left"]) == ("past_end", -40)
    assert rows["Late"]["next_notice_date"] == str(clock.today() + timedelta(days=364))


def test_contracts_that_need_no_notice_leave_the_report(owner: CheckedClient) -> None:
    make_due(owner, "Never renews", 5, renewal="none")
    make_due(owner, "Given", 5, notice_given_on=str(clock.today()))
    make_due(owner, "Option used up", -1, renewal="option")
    over = clock.today() - timedelta(days=1)
    make_due(owner, "Over", 0, end_date=str(over), max_extent_date=str(over))
    late = make_due(owner, "Late", -1)
    assert titles(owner) == ["Late"]
    change(owner, contract_path(late), notice_given_on=str(clock.today()))
    # The notice came too late for the present term, and ends the next term.
    assert titles(owner) == []
    ends = clock.today() + timedelta(days=29 + 365)
    found = read(owner, contract_path(late))
    assert (found["term_status"], found["end_of_term"]) == ("notice_given", str(ends))


def test_contract_past_its_end_is_listed_until_its_renewal_is_recorded(
    owner: CheckedClient,
) -> None:
    past = {"end_date": "2026-10-31", "notice_period_days": None}
    contract(owner, title="Unknown", **past)
    made = contract(owner, title="Option", renewal="option", **past)
    assert sorted(titles(owner, term_status="past_end")) == ["Option", "Unknown"]
    assert {row["days_left"] for row in page(owner, PATH)} == {None}
    change(owner, contract_path(made), renewal="none")
    assert titles(owner) == ["Unknown"]


def test_notice_date_row_holds_contract_and_days_left(owner: CheckedClient) -> None:
    covered = system(owner)
    made = make_due(owner, "Support", 12, systems=[covered["id"]], exit_cost="5.00")
    [row] = page(owner, PATH)
    assert {name: row[name] for name in set(row) & set(made)} == {
        name: made[name] for name in set(row) & set(made)
    }
    assert (row["days_left"], row["retiring"]) == (12, 0)
    assert titles(owner, systems=covered["id"]) == ["Support"]


def test_notice_dates_show_partners_what_the_contract_shows(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = make_due(owner, "Support", 12, disclosure="agreement")
    assert titles(partner) == []
    share(owner, partner, "summary")
    assert page(partner, "/v1/contracts") != []
    # Being there would tell that there is a date, and that it has not passed.
    assert titles(partner) == []
    assert read(partner, f"{PATH}?total=true")["page"]["total"] == 0
    grant(owner, resource_types=["contracts"], field_profile="standard")
    [row] = page(partner, PATH)
    assert set(row["withheld"]) == {n for n in AMOUNTS if n != "total_value"}
    assert (row["annual_value"], row["last_notice_date"]) == (None, made["last_notice_date"])
    assert titles(partner, annual_value__gte="1.00") == []
    change(owner, contract_path(made), parties=[CAMBS])
    [row] = page(partner, PATH)
    assert (row["annual_value"], row["withheld"]) == ("1000.00", [])
    changes = read(owner, "/v1/changes?resource=contract")["items"]
    assert [each["resource_id"] for each in changes if each["kind"] == "contract.read"] == [
        made["id"]
    ]


def test_notice_dates_count_systems_retiring_by_agreed_decisions(
    sign_in: SignIn, session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    make_due(
        owner,
        "Rosters",
        12,
        systems=[str(each.id) for each in (stays, goes, other)],
        disclosure="all_agencies",
    )
    assert [row["retiring"] for row in page(owner, PATH)] == [0]
    agree_decision(confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner)
    assert [row["retiring"] for row in page(owner, PATH)] == [1]
    assert titles(owner, retiring__gte=1) == ["Rosters"]
    # Kent is not a member of the decision and cannot see it.
    [row] = page(sign_in(KENT, ALL), PATH)
    assert (row["retiring"], len(row["systems"])) == (0, 3)


def test_notice_dates_require_contracts_scope(sign_in: SignIn) -> None:
    assert sign_in(BEDS, "systems:read").get(PATH).status_code == 403


def test_days_left_are_counted_in_united_kingdom_time(sign_in: SignIn) -> None:
    # Half an hour before midnight in Greenwich is the first half hour of July in summer time.
    with clock.freeze(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)):
        api = sign_in(BEDS, ALL)
        contract(api, title="July", end_date="2027-07-31", notice_period_days=30)
        contract(api, title="June", end_date="2027-07-30", notice_period_days=30)
        assert [(row["title"], row["days_left"]) for row in page(api, PATH)] == [
            ("June", -1),
            ("July", 0),
        ]
