"""Readiness of a system over HTTP: each kind of blocker appears, and goes once cleared."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.systems.vocabulary import Lifecycle
from tests.agencies.api_agreements import SignIn, agree, agreement, grant
from tests.api_calls import Fields, change, read, refusals
from tests.contracts.api_contracts import contract
from tests.contracts.api_contracts import path_of as contract_path
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, record, system
from tests.factories import add_system as shared
from tests.rationalisation.api_decisions import agree_decision, confirm_overlap
from tests.rationalisation.api_readiness import (
    CLEAR,
    READINESS_SCOPES,
    create_interface,
    day,
    list_blocker_kinds,
    read_blocker,
    read_readiness,
)
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.usefixtures("today")

KENT = "kent-police"


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, whose systems retire."""
    return sign_in(BEDS, READINESS_SCOPES)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, READINESS_SCOPES)


def test_the_readiness_of_a_hidden_or_unknown_system_is_not_found(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    retiring = system(owner, disclosure="owner_only")
    for identity in (retiring["id"], uuid4()):
        path = f"/v1/systems/{identity}/retirement-readiness"
        assert refusals(partner.get(path), 404) == set()


@pytest.mark.parametrize("lifecycle", ["planned", "cancelled", "decommissioned"])
def test_a_system_that_does_not_run_needs_no_retirement(
    owner: CheckedClient, lifecycle: str
) -> None:
    retiring = system(owner, lifecycle=lifecycle)
    readiness = read_readiness(owner, retiring["id"])
    assert readiness["in_use"] is False
    assert (readiness["ready"], readiness["blockers"], readiness["withheld"]) == (None, [], [])
    assert (readiness["system_name"], readiness["agency"]) == (retiring["name"], BEDS)


def test_an_agreed_decision_makes_a_system_ready(
    sign_in: SignIn, session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, leaving, other = add_rosters(session, CAMBS, BEDS, HERTS)
    change(owner, f"/v1/systems/{leaving.id}", **CLEAR)
    readiness = read_readiness(owner, leaving.id)
    assert [each["kind"] for each in readiness["blockers"]] == ["no_agreed_decision"]
    assert (readiness["ready"], readiness["withheld"], readiness["earliest_date"]) == (
        False,
        [],
        None,
    )
    decision = agree_decision(
        confirm_overlap(session, [stays, leaving, other]), [stays, leaving], owner, partner
    )
    readiness = read_readiness(owner, leaving.id)
    assert (readiness["ready"], readiness["blockers"], readiness["withheld"]) == (True, [], [])
    assert readiness["earliest_date"] == str(clock.today())
    blocker = read_blocker(partner, stays.id, "no_agreed_decision")
    assert (blocker["decision_id"], blocker["owner"]) == (decision["id"], CAMBS)
    assert "keeps this system" in blocker["detail"]
    # Kent has no part in the decision, so it cannot see whether one exists.
    third = read_readiness(sign_in(KENT, READINESS_SCOPES), leaving.id)
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
    stays, leaving, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(
        confirm_overlap(session, [stays, leaving, other]), [stays, leaving], owner, partner
    )
    assert "successor_not_live" not in list_blocker_kinds(owner, leaving.id)
    change(partner, f"/v1/systems/{stays.id}", lifecycle="sunsetting")
    blocker = read_blocker(owner, leaving.id, "successor_not_live")
    assert (blocker["owner"], blocker["successor_id"]) == (CAMBS, str(stays.id))
    assert blocker["successor_name"] == f"Roster {CAMBS}"
    change(partner, f"/v1/systems/{stays.id}", lifecycle="live")
    assert "successor_not_live" not in list_blocker_kinds(owner, leaving.id)


def test_a_hidden_successor_is_withheld_from_readiness(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, leaving, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(
        confirm_overlap(session, [stays, leaving, other]), [stays, leaving], owner, partner
    )
    change(partner, f"/v1/systems/{stays.id}", lifecycle="sunsetting")
    change(partner, f"/v1/systems/{stays.id}", disclosure="owner_only")
    readiness = read_readiness(owner, leaving.id)
    assert readiness["withheld"] == ["successor_not_live"]
    assert "successor_not_live" not in {each["kind"] for each in readiness["blockers"]}


def test_a_receiving_system_blocks_retirement(owner: CheckedClient) -> None:
    source, target = system(owner, "Duties", **CLEAR), system(owner, "Payroll")
    interface = create_interface(owner, source, target)
    blocker = read_blocker(owner, source["id"], "live_dependant")
    assert (
        blocker["detail"] == f"Payroll ({BEDS}) relies on this system through an interface (sftp)."
    )
    assert (blocker["dependant_id"], blocker["dependant_name"]) == (target["id"], "Payroll")
    assert (blocker["interface_id"], blocker["owner"]) == (interface["id"], BEDS)
    assert "live_dependant" not in list_blocker_kinds(owner, target["id"])
    change(owner, f"/v1/interfaces/{interface['id']}", direction="both")
    assert read_blocker(owner, target["id"], "live_dependant")["dependant_name"] == "Duties"
    etag = owner.get(f"/v1/interfaces/{interface['id']}").headers["ETag"]
    owner.delete(f"/v1/interfaces/{interface['id']}", headers={"If-Match": etag})
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
    blocker = read_blocker(owner, source["id"], "live_dependant")
    assert (blocker["dependant_id"], blocker["dependant_name"], blocker["owner"]) == (
        None,
        None,
        None,
    )
    assert "not see" in blocker["detail"]
    assert (
        read_blocker(partner, source["id"], "live_dependant")["dependant_name"] == "Secret payroll"
    )
    third = read_readiness(sign_in(KENT, READINESS_SCOPES), source["id"])
    assert third["blockers"] == []
    assert "live_dependant" in third["withheld"]
    # The owner sees the interface, but not the lifecycle of the hidden system.
    change(partner, f"/v1/systems/{hidden['id']}", lifecycle="sunsetting")
    assert change(partner, f"/v1/systems/{hidden['id']}", lifecycle="read_only_archive").json
    assert read_blocker(owner, source["id"], "live_dependant") == blocker
    assert "live_dependant" not in list_blocker_kinds(partner, source["id"])


def test_users_of_each_agency_block_retirement(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    assert partner
    retiring = system(owner, **CLEAR | {"user_count": 40})
    own = read_blocker(owner, retiring["id"], "users_not_moved")
    assert (own["detail"], own["user_count"], own["owner"]) == (
        "40 people use this system.",
        40,
        BEDS,
    )
    uses = f"/v1/systems/{retiring['id']}/uses"
    first = record(owner, uses, agency=BEDS, user_count=0)
    second = record(owner, uses, agency=CAMBS, user_count=12)
    blocker = read_blocker(owner, retiring["id"], "users_not_moved")
    assert (blocker["owner"], blocker["use_id"], blocker["user_count"]) == (CAMBS, second["id"], 12)
    assert blocker["detail"] == (
        "Cambridgeshire Police uses this system. 12 people use this system there."
    )
    change(owner, f"{uses}/{second['id']}", until=day(9))
    assert read_readiness(owner, retiring["id"])["not_before"] == day(10)
    change(owner, f"{uses}/{second['id']}", until=day(-1))
    change(owner, f"{uses}/{first['id']}", user_count=None)
    assert read_blocker(owner, retiring["id"], "users_not_moved")["use_id"] == first["id"]
    change(owner, f"{uses}/{first['id']}", until=day(-1))
    assert list_blocker_kinds(owner, retiring["id"]) == []


def test_an_agency_that_sees_the_summary_is_shown_only_its_users(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    agree(agreement(owner, CAMBS, field_profile="summary"), owner, partner)
    retiring = system(owner, retention_hold=True, hosting="national_system", user_count=7)
    assert read_readiness(partner, retiring["id"])["blockers"] == []
    assert read_readiness(partner, retiring["id"])["ready"] is None
    record(owner, f"/v1/systems/{retiring['id']}/uses", agency=CAMBS, user_count=3)
    record(owner, f"/v1/systems/{retiring['id']}/uses", agency=BEDS, user_count=4)
    readiness = read_readiness(partner, retiring["id"])
    assert [each["owner"] for each in readiness["blockers"]] == [CAMBS]
    assert set(readiness["withheld"]) == {
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
    retiring = system(owner, **CLEAR | blocked)
    assert list_blocker_kinds(owner, retiring["id"]) == [kind]
    change(owner, f"/v1/systems/{retiring['id']}", **cleared)
    assert list_blocker_kinds(owner, retiring["id"]) == []


def test_a_running_contract_blocks_retirement_until_it_ends(owner: CheckedClient) -> None:
    retiring = system(owner, **CLEAR)
    support = contract(
        owner,
        title="Support",
        systems=[retiring["id"]],
        end_date=day(100),
        notice_period_days=30,
        max_extent_date=day(600),
        exit_cost="95000.00",
        annual_value="1000.00",
    )
    blocker = read_blocker(owner, retiring["id"], "contract_running")
    assert (blocker["contract_id"], blocker["contract_title"]) == (support["id"], "Support")
    assert (blocker["end_date"], blocker["last_notice_date"]) == (day(100), day(70))
    assert (blocker["max_extent_date"], blocker["due_date"]) == (day(600), day(70))
    assert (blocker["clear_date"], blocker["exit_cost"], blocker["currency"]) == (
        day(100),
        "95000.00",
        "GBP",
    )
    assert (blocker["owner"], blocker["withheld"]) == (BEDS, [])
    assert read_readiness(owner, retiring["id"])["not_before"] == day(100)
    change(owner, contract_path(support), notice_period_days=101)
    late = read_blocker(owner, retiring["id"], "contract_running")
    assert late["due_date"] is None
    assert day(400) < late["clear_date"] <= day(600)
    # The contract can run on until its maximum extent, so its end date alone does not end it.
    change(owner, contract_path(support), end_date=day(0))
    assert list_blocker_kinds(owner, retiring["id"]) == ["contract_running"]
    change(owner, contract_path(support), renewal="none")
    assert list_blocker_kinds(owner, retiring["id"]) == []


def test_a_contract_ends_by_the_united_kingdom_calendar(sign_in: SignIn) -> None:
    # Half an hour before midnight in Greenwich is the first half hour of July in summer time.
    with clock.freeze(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)):
        api = sign_in(BEDS, READINESS_SCOPES)
        retiring = system(api, **CLEAR)
        support = contract(api, systems=[retiring["id"]], end_date="2027-07-01")
        assert list_blocker_kinds(api, retiring["id"]) == []
        change(api, contract_path(support), end_date="2027-07-02")
        assert list_blocker_kinds(api, retiring["id"]) == ["contract_running"]


def test_readiness_shows_only_visible_contract_fields(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    agree(agreement(owner, CAMBS, field_profile="standard"), owner, partner)
    retiring = system(owner, **CLEAR)
    terms = {"end_date": day(100), "notice_period_days": 30, "exit_cost": "95000.00"}
    contract(owner, title="Shared", systems=[retiring["id"]], disclosure="agreement", **terms)
    contract(owner, title="Own", systems=[retiring["id"]], disclosure="owner_only", **terms)
    assert list_blocker_kinds(owner, retiring["id"]) == ["contract_running", "contract_running"]
    blocker = read_blocker(partner, retiring["id"], "contract_running")
    assert (blocker["contract_title"], blocker["last_notice_date"]) == ("Shared", day(70))
    assert (blocker["exit_cost"], blocker["withheld"]) == (None, ["exit_cost"])
    assert "contract_running" in read_readiness(partner, retiring["id"])["withheld"]


def test_reading_another_agencys_exit_cost_is_recorded(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    retiring = system(owner, **CLEAR)
    grant(owner, resource_types=["systems", "contracts"], field_profile="full")
    support = contract(owner, systems=[retiring["id"]], end_date=day(9), exit_cost="5.00")
    readiness = read_readiness(partner, retiring["id"])
    assert [each["exit_cost"] for each in readiness["blockers"]] == ["5.00"]
    assert "contract_running" not in readiness["withheld"]
    events = read(owner, "/v1/changes?resource=contract")["items"]
    reads = [each for each in events if each["kind"] == "contract.read"]
    assert [each["resource_id"] for each in reads] == [support["id"]]


def test_readiness_withholds_what_the_token_scopes_do_not_cover(
    sign_in: SignIn, owner: CheckedClient
) -> None:
    retiring = system(owner, **CLEAR)
    contract(owner, systems=[retiring["id"]], end_date=day(9))
    readiness = read_readiness(sign_in(BEDS, "systems:read"), retiring["id"])
    assert (readiness["ready"], readiness["blockers"]) == (None, [])
    assert readiness["withheld"] == ["no_agreed_decision", "successor_not_live", "contract_running"]
    denied = sign_in(BEDS, "overlaps:read").get(
        f"/v1/systems/{retiring['id']}/retirement-readiness"
    )
    assert denied.status_code == 403


def test_a_system_cannot_be_decommissioned_while_another_relies_on_it(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, leaving, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(
        confirm_overlap(session, [stays, leaving, other]), [stays, leaving], owner, partner
    )
    payroll = shared(session, HERTS, "Payroll")
    interface = create_interface(owner, {"id": str(leaving.id)}, {"id": str(payroll.id)})
    path = f"/v1/systems/{leaving.id}"
    for step in ("sunsetting", "read_only_archive"):
        assert change(owner, path, lifecycle=step).status_code == 200
    response = change(owner, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    [error] = response.json["errors"]  # type: ignore[index]
    assert error["detail"].startswith(f"Payroll ({HERTS})")
    etag = owner.get(f"/v1/interfaces/{interface['id']}").headers["ETag"]
    owner.delete(f"/v1/interfaces/{interface['id']}", headers={"If-Match": etag})
    assert change(owner, path, lifecycle="decommissioned").status_code == 200
    assert read_readiness(owner, leaving.id)["in_use"] is False


def test_a_hidden_dependant_blocks_decommissioning_without_its_name(
    session: Session, owner: CheckedClient, partner: CheckedClient
) -> None:
    stays, leaving, other = add_rosters(session, CAMBS, BEDS, HERTS)
    agree_decision(
        confirm_overlap(session, [stays, leaving, other]), [stays, leaving], owner, partner
    )
    hidden = system(partner, "Secret payroll", disclosure="owner_only")
    create_interface(partner, {"id": str(leaving.id)}, hidden)
    path = f"/v1/systems/{leaving.id}"
    for step in ("sunsetting", "read_only_archive"):
        change(owner, path, lifecycle=step)
    response = change(owner, path, lifecycle="decommissioned")
    assert refusals(response) == {("/lifecycle", "blocked")}
    assert "Secret" not in response.text
    assert "A system that your agency" in response.text
