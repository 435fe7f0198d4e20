"""Blockers of retiring a system, over HTTP: each kind is shown, cleared, and gone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.systems.vocabulary import Lifecycle
from tests.agencies.api_agreements import SignIn, agree, agreement, grant
from tests.api_calls import Fields, change, read, refusals
from tests.contracts.api_contracts import contract
from tests.contracts.api_contracts import path_of as contract_path
from tests.factories import BEDS, CAMBS, add_rosters, record, system
from tests.factories import add_system as shared
from tests.rationalisation.api_decisions import agree_decision, confirm_overlap
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.usefixtures("today")

ALL = (
    "systems:read systems:write contracts:read contracts:write overlaps:read decisions:read "
    "decisions:propose decisions:sign agencies:read agencies:write audit:read"
)
HERTS, KENT = "hertfordshire-police", "kent-police"
CLEAR: Fields = {
    "lifecycle": "sunsetting",
    "user_count": 0,
    "personal_data": "none",
    "hosting": "on_premise",
}
"""Nothing but a decision is missing."""


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, whose systems are to go."""
    return sign_in(BEDS, ALL)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, ALL)


def read_readiness(api: CheckedClient, identity: Any) -> Fields:
    """What is in the way of a system."""
    return read(api, f"/v1/systems/{identity}/retirement-readiness")


def list_blocker_kinds(api: CheckedClient, identity: Any) -> list[str]:
    """The kinds of what is in its way, but for the decision."""
    found = [each["kind"] for each in read_readiness(api, identity)["blockers"]]
    return [kind for kind in found if kind != "no_agreed_decision"]


def read_blocker(api: CheckedClient, identity: Any, kind: str) -> Fields:
    """The one thing of that kind that is in its way."""
    [found] = [b for b in read_readiness(api, identity)["blockers"] if b["kind"] == kind]
    return dict(found)


def create_interface(api: CheckedClient, source: Fields, target: Fields, **fields: Any) -> Fields:
    """An interface between two systems."""
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "sftp"}
    return record(api, "/v1/interfaces", **ends | fields)


def day(days: int) -> str:
    """A day from today on, or before."""
    return str(clock.today() + timedelta(days=days))


def test_the_readiness_of_a_hidden_or_unknown_system_is_not_found(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = system(owner, disclosure="owner_only")
    for identity in (made["id"], uuid4()):
        path = f"/v1/systems/{identity}/retirement-readiness"
        assert refusals(partner.get(path), 404) == set()


@pytest.mark.parametrize("lifecycle", ["planned", "cancelled", "decommissioned"])
def test_a_system_that_does_not_run_has_nothing_to_retire(
    owner: CheckedClient, lifecycle: str
) -> None:
    made = system(owner, lifecycle=lifecycle)
    found = read_readiness(owner, made["id"])
    assert found["nothing_to_retire"] is True
    assert (found["ready"], found["blockers"], found["withheld"]) == (None, [], [])
    assert (found["system_name"], found["agency"]) == (made["name"], BEDS)


def test_an_agreed_decision_makes_a_system_ready(
    sign_in: SignIn, session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    change(owner, f"/v1/systems/{goes.id}", **CLEAR)
    found = read_readiness(owner, goes.id)
    assert [each["kind"] for each in found["blockers"]] == ["no_agreed_decision"]
    assert (found["ready"], found["withheld"], found["earliest_date"]) == (False, [], None)
    decision = agree_decision(
        confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner
    )
    found = read_readiness(owner, goes.id)
    assert (found["ready"], found["blockers"], found["withheld"]) == (True, [], [])
    assert found["earliest_date"] == str(clock.today())
    kept = read_readiness(partner, stays.id)["blockers"]
    [said] = [each for each in kept if each["kind"] == "no_agreed_decision"]
    assert (said["decision_id"], said["who"]) == (decision["id"], CAMBS)
    assert "that it stays" in said["detail"]
    # Kent has no part in the decision, so it learns neither of one nor that there is none.
    third = read_readiness(sign_in(KENT, ALL), goes.id)
    assert (third["ready"], third["blockers"]) == (None, [])
    assert third["withheld"] == [
        "no_agreed_decision",
        "successor_not_live",
        "live_dependant",
        "contract_running",
    ]


def test_a_successor_that_is_not_live_blocks_retirement(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner)
    assert "successor_not_live" not in list_blocker_kinds(owner, goes.id)
    change(partner, f"/v1/systems/{stays.id}", lifecycle="sunsetting")
    found = read_blocker(owner, goes.id, "successor_not_live")
    assert (found["who"], found["successor_id"]) == (CAMBS, str(stays.id))
    assert found["successor_name"] == f"Roster {CAMBS}"
    change(partner, f"/v1/systems/{stays.id}", lifecycle="live")
    assert "successor_not_live" not in list_blocker_kinds(owner, goes.id)


def test_a_hidden_successor_is_withheld_from_readiness(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner)
    change(partner, f"/v1/systems/{stays.id}", lifecycle="sunsetting")
    change(partner, f"/v1/systems/{stays.id}", disclosure="owner_only")
    found = read_readiness(owner, goes.id)
    assert found["withheld"] == ["successor_not_live"]
    assert "successor_not_live" not in {each["kind"] for each in found["blockers"]}


def test_a_receiving_system_blocks_retirement(owner: CheckedClient) -> None:
    source, target = system(owner, "Duties", **CLEAR), system(owner, "Payroll")
    made = create_interface(owner, source, target)
    found = read_blocker(owner, source["id"], "live_dependant")
    assert found["detail"] == f"Payroll ({BEDS}) relies on it, by an interface (sftp)."
    assert (found["dependant_id"], found["dependant_name"]) == (target["id"], "Payroll")
    assert (found["interface_id"], found["who"]) == (made["id"], BEDS)
    assert "live_dependant" not in list_blocker_kinds(owner, target["id"])
    change(owner, f"/v1/interfaces/{made['id']}", direction="both")
    assert read_blocker(owner, target["id"], "live_dependant")["dependant_name"] == "Duties"
    etag = owner.get(f"/v1/interfaces/{made['id']}").headers["ETag"]
    owner.delete(f"/v1/interfaces/{made['id']}", headers={"If-Match": etag})
    assert list_blocker_kinds(owner, source["id"]) == []


@pytest.mark.parametrize("lifecycle", list(Lifecycle))
def test_only_a_running_receiver_blocks_retirement(owner: CheckedClient, lifecycle: str) -> None:
    source = system(owner, "Duties", **CLEAR)
    create_interface(owner, source, system(owner, "Payroll", lifecycle=lifecycle))
    expected = ["live_dependant"] if lifecycle in {"live", "sunsetting"} else []
    assert list_blocker_kinds(owner, source["id"]) == expected


def test_a_hidden_dependant_is_shown_to_the_owner_without_its_name(
    sign_in: SignIn, owner: CheckedClient, partner: CheckedClient
) -> None:
    source = system(owner, "Duties", disclosure="all_agencies", **CLEAR)
    hidden = system(partner, "Secret payroll", disclosure="owner_only")
    assert list_blocker_kinds(owner, source["id"]) == []
    create_interface(partner, source, hidden)
    found = read_blocker(owner, source["id"], "live_dependant")
    assert (found["dependant_id"], found["dependant_name"], found["who"]) == (None, None, None)
    assert "cannot see" in found["detail"]
    assert (
        read_blocker(partner, source["id"], "live_dependant")["dependant_name"] == "Secret payroll"
    )
    third = read_readiness(sign_in(KENT, ALL), source["id"])
    assert third["blockers"] == []
    assert "live_dependant" in third["withheld"]
    # Whether it still runs is not the owner's to know: the interface is what it knows of.
    change(partner, f"/v1/systems/{hidden['id']}", lifecycle="sunsetting")
    assert change(partner, f"/v1/systems/{hidden['id']}", lifecycle="read_only_archive").json
    assert read_blocker(owner, source["id"], "live_dependant") == found
    assert "live_dependant" not in list_blocker_kinds(partner, source["id"])


def test_users_of_each_agency_block_retirement(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    assert partner
    made = system(owner, **CLEAR | {"user_count": 40})
    own = read_blocker(owner, made["id"], "users_not_moved")
    assert (own["detail"], own["user_count"], own["who"]) == ("40 people use it.", 40, BEDS)
    uses = f"/v1/systems/{made['id']}/uses"
    first = record(owner, uses, agency=BEDS, user_count=0)
    second = record(owner, uses, agency=CAMBS, user_count=12)
    found = read_blocker(owner, made["id"], "users_not_moved")
    assert (found["who"], found["use_id"], found["user_count"]) == (CAMBS, second["id"], 12)
    assert found["detail"] == "12 people of Cambridgeshire Police use it."
    change(owner, f"{uses}/{second['id']}", until=day(9))
    assert read_readiness(owner, made["id"])["not_before"] == day(10)
    change(owner, f"{uses}/{second['id']}", until=day(-1))
    change(owner, f"{uses}/{first['id']}", user_count=None)
    assert read_blocker(owner, made["id"], "users_not_moved")["use_id"] == first["id"]
    change(owner, f"{uses}/{first['id']}", until=day(-1))
    assert list_blocker_kinds(owner, made["id"]) == []


def test_an_agency_that_sees_the_summary_is_shown_only_its_users(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    agree(agreement(owner, CAMBS, field_profile="summary"), owner, partner)
    made = system(owner, retention_hold=True, hosting="national_system", user_count=7)
    assert read_readiness(partner, made["id"])["blockers"] == []
    assert read_readiness(partner, made["id"])["ready"] is None
    record(owner, f"/v1/systems/{made['id']}/uses", agency=CAMBS, user_count=3)
    record(owner, f"/v1/systems/{made['id']}/uses", agency=BEDS, user_count=4)
    found = read_readiness(partner, made["id"])
    assert [each["who"] for each in found["blockers"]] == [CAMBS]
    assert set(found["withheld"]) == {
        "no_agreed_decision",
        "successor_not_live",
        "live_dependant",
        "users_not_moved",
        "contract_running",
        "retention_hold",
        "dpia_unanswered",
        "national_system",
    }


@pytest.mark.parametrize(
    ("kind", "blocked", "cleared"),
    [
        pytest.param(
            "retention_hold",
            {"retention_hold": True},
            {"retention_hold": False},
            id="retention_hold",
        ),
        pytest.param(
            "dpia_unanswered",
            {"personal_data": "criminal_offence", "dpia_status": "review_due"},
            {"dpia_status": "approved"},
            id="dpia_review_due",
        ),
        pytest.param(
            "dpia_unanswered",
            {"personal_data": None},
            {"personal_data": "none"},
            id="personal_data_unknown",
        ),
        pytest.param(
            "national_system",
            {"hosting": "national_system"},
            {"hosting": "saas"},
            id="national_system",
        ),
    ],
)
def test_the_record_of_a_system_blocks_retirement(
    owner: CheckedClient, kind: str, blocked: Fields, cleared: Fields
) -> None:
    made = system(owner, **CLEAR | blocked)
    assert list_blocker_kinds(owner, made["id"]) == [kind]
    change(owner, f"/v1/systems/{made['id']}", **cleared)
    assert list_blocker_kinds(owner, made["id"]) == []


def test_a_running_contract_blocks_retirement_until_it_ends(owner: CheckedClient) -> None:
    made = system(owner, **CLEAR)
    bound = contract(
        owner,
        title="Support",
        systems=[made["id"]],
        end_date=day(100),
        notice_period_days=30,
        max_extent_date=day(600),
        exit_cost="95000.00",
        annual_value="1000.00",
    )
    found = read_blocker(owner, made["id"], "contract_running")
    assert (found["contract_id"], found["contract_title"]) == (bound["id"], "Support")
    assert (found["end_date"], found["last_notice_date"]) == (day(100), day(70))
    assert (found["max_extent_date"], found["due"]) == (day(600), day(70))
    assert (found["clears_on"], found["exit_cost"], found["currency"]) == (
        day(100),
        "95000.00",
        "GBP",
    )
    assert (found["who"], found["withheld"]) == (BEDS, [])
    assert read_readiness(owner, made["id"])["not_before"] == day(100)
    change(owner, contract_path(bound), notice_period_days=101)
    late = read_blocker(owner, made["id"], "contract_running")
    assert late["due"] is None
    assert day(400) < late["clears_on"] <= day(600)
    change(owner, contract_path(bound), end_date=day(0))
    assert list_blocker_kinds(owner, made["id"]) == []


def test_a_contract_ends_by_the_united_kingdom_calendar(sign_in: SignIn) -> None:
    # Half an hour before midnight in Greenwich is the first half hour of July in summer time.
    with clock.freeze(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)):
        api = sign_in(BEDS, ALL)
        made = system(api, **CLEAR)
        bound = contract(api, systems=[made["id"]], end_date="2027-07-01")
        assert list_blocker_kinds(api, made["id"]) == []
        change(api, contract_path(bound), end_date="2027-07-02")
        assert list_blocker_kinds(api, made["id"]) == ["contract_running"]


def test_readiness_shows_only_visible_contract_fields(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    agree(agreement(owner, CAMBS, field_profile="standard"), owner, partner)
    made = system(owner, **CLEAR)
    terms = {"end_date": day(100), "notice_period_days": 30, "exit_cost": "95000.00"}
    contract(owner, title="Shared", systems=[made["id"]], disclosure="agreement", **terms)
    contract(owner, title="Own", systems=[made["id"]], disclosure="owner_only", **terms)
    assert list_blocker_kinds(owner, made["id"]) == ["contract_running", "contract_running"]
    found = read_blocker(partner, made["id"], "contract_running")
    assert (found["contract_title"], found["last_notice_date"]) == ("Shared", day(70))
    assert (found["exit_cost"], found["withheld"]) == (None, ["exit_cost"])
    assert "contract_running" in read_readiness(partner, made["id"])["withheld"]


def test_reading_another_agencys_exit_cost_is_recorded(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = system(owner, **CLEAR)
    grant(owner, resource_types=["systems", "contracts"], field_profile="full")
    bound = contract(owner, systems=[made["id"]], end_date=day(9), exit_cost="5.00")
    found = read_readiness(partner, made["id"])
    assert [each["exit_cost"] for each in found["blockers"]] == ["5.00"]
    assert "contract_running" not in found["withheld"]
    events = read(owner, "/v1/changes?resource=contract")["items"]
    reads = [each for each in events if each["kind"] == "contract.read"]
    assert [each["resource_id"] for each in reads] == [bound["id"]]


def test_readiness_withholds_what_the_token_scopes_do_not_cover(
    sign_in: SignIn, owner: CheckedClient
) -> None:
    made = system(owner, **CLEAR)
    contract(owner, systems=[made["id"]], end_date=day(9))
    found = read_readiness(sign_in(BEDS, "systems:read"), made["id"])
    assert (found["ready"], found["blockers"]) == (None, [])
    assert found["withheld"] == ["no_agreed_decision", "successor_not_live", "contract_running"]
    denied = sign_in(BEDS, "overlaps:read").get(f"/v1/systems/{made['id']}/retirement-readiness")
    assert denied.status_code == 403


def test_a_system_cannot_be_decommissioned_while_another_relies_on_it(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner)
    payroll = shared(session, HERTS, "Payroll")
    made = create_interface(owner, {"id": str(goes.id)}, {"id": str(payroll.id)})
    path = f"/v1/systems/{goes.id}"
    for step in ("sunsetting", "read_only_archive"):
        assert change(owner, path, lifecycle=step).status_code == 200
    response = change(owner, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    [error] = response.json["errors"]  # type: ignore[index]
    assert error["detail"].startswith(f"Payroll ({HERTS}) relies on this system")
    etag = owner.get(f"/v1/interfaces/{made['id']}").headers["ETag"]
    owner.delete(f"/v1/interfaces/{made['id']}", headers={"If-Match": etag})
    assert change(owner, path, lifecycle="decommissioned").status_code == 200
    assert read_readiness(owner, goes.id)["nothing_to_retire"] is True


def test_a_hidden_dependant_blocks_decommissioning_without_its_name(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, goes, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(confirm_overlap(session, [stays, goes, other]), [stays, goes], owner, partner)
    hidden = system(partner, "Secret payroll", disclosure="owner_only")
    create_interface(partner, {"id": str(goes.id)}, hidden)
    path = f"/v1/systems/{goes.id}"
    for step in ("sunsetting", "read_only_archive"):
        change(owner, path, lifecycle=step)
    response = change(owner, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "Secret" not in response.text
    assert "A system that your agency cannot see relies on this system" in response.text
