"""Readiness of the systems of an overlap over HTTP, with the notices that they need."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.models import System
from tests.agencies.api_agreements import SignIn, grant
from tests.api_calls import Fields, change, read
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, HERTS, add_rosters
from tests.rationalisation.api_decisions import agree_decision, confirm_overlap
from tests.rationalisation.api_readiness import CLEAR, READINESS_SCOPES, day
from tests.sums import sum_of
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def apis(sign_in: SignIn) -> list[CheckedClient]:
    """Clients of Cambridgeshire, whose system stays, and of Bedfordshire and Hertfordshire."""
    return [sign_in(code, READINESS_SCOPES) for code in (CAMBS, BEDS, HERTS)]


@pytest.fixture
def systems(session: Session, apis: list[CheckedClient]) -> list[System]:
    """Three rostering systems that need only a decision to be ready."""
    systems = add_rosters(session, CAMBS, BEDS, HERTS)
    session.commit()
    for api, each in zip(apis[1:], systems[1:], strict=True):
        assert change(api, f"/v1/systems/{each.id}", **CLEAR).status_code == 200
    return systems


@pytest.fixture
def overlap(session: Session, systems: list[System]) -> Overlap:
    """The confirmed overlap of the three systems."""
    return confirm_overlap(session, systems)


def read_group_readiness(api: CheckedClient, overlap: Overlap) -> Fields:
    return read(api, f"/v1/overlaps/{overlap.id}/retirement-readiness")


def create_contract_for(
    api: CheckedClient, each: System, title: str, end: int, notice: int, **f: Any
) -> Fields:
    """Record a contract for a system that ends after a number of days."""
    terms = {"end_date": day(end), "notice_period_days": notice, "annual_value": "1000.00"}
    return contract(api, title=title, systems=[str(each.id)], **terms | f)


def test_every_member_of_a_group_is_listed_before_a_decision(
    apis: list[CheckedClient], overlap: Overlap
) -> None:
    readiness = read_group_readiness(apis[1], overlap)
    assert readiness["decision_ids"] == []
    assert [each["agency"] for each in readiness["systems"]] == [BEDS, CAMBS, HERTS]
    assert (readiness["ready"], readiness["earliest_date"]) == (False, None)
    assert readiness["last_notice_date"] is None
    assert readiness["overlap_id"] == str(overlap.id)


def test_the_readiness_of_an_unknown_overlap_is_not_found(apis: list[CheckedClient]) -> None:
    assert apis[0].get(f"/v1/overlaps/{uuid4()}/retirement-readiness").status_code == 404


def test_a_decision_limits_a_group_to_its_leaving_systems(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    decision = agree_decision(overlap, systems, *apis)
    readiness = read_group_readiness(apis[1], overlap)
    assert readiness["decision_ids"] == [decision["id"]]
    assert [each["agency"] for each in readiness["systems"]] == [BEDS, HERTS]
    assert readiness["ready"] is None
    assert readiness["earliest_date"] == str(clock.today())


def test_contracts_set_the_earliest_date_and_the_notices_of_a_group(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    agree_decision(overlap, systems, *apis)
    cambs, beds, herts = apis
    soon = create_contract_for(beds, systems[1], "Soon", 100, 90)
    late = create_contract_for(beds, systems[1], "Late", 60, 90)
    create_contract_for(herts, systems[2], "Last", 300, 30, disclosure="all_agencies")
    readiness = read_group_readiness(beds, overlap)
    assert readiness["ready"] is False
    assert (readiness["last_notice_date"], readiness["cost_of_missing_notice"]) == (
        day(10),
        sum_of("1000.00"),
    )
    assert readiness["currency"] == "GBP"
    assert [each["contract_title"] for each in readiness["notices"]] == ["Soon", "Last"]
    assert [each["cost_of_missing_notice"] for each in readiness["notices"]] == ["1000.00", None]
    assert readiness["notices"][0]["contract_id"] == soon["id"]
    assert readiness["notices"][0]["system_ids"] == [str(systems[1].id)]
    [missed] = readiness["missed_notices"]
    assert (missed["contract_id"], missed["last_notice_date"]) == (late["id"], day(-30))
    a_year_on = clock.today() + timedelta(days=60 + 364)
    assert missed["earliest_end_date"] >= str(a_year_on)
    assert readiness["earliest_date"] == readiness["not_before"] == missed["earliest_end_date"]
    assert read_group_readiness(cambs, overlap)["earliest_date"] == day(300)


def test_a_blocker_without_a_date_leaves_no_earliest_date(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    agree_decision(overlap, systems, *apis)
    create_contract_for(apis[1], systems[1], "Soon", 100, 90)
    change(apis[1], f"/v1/systems/{systems[1].id}", retention_hold=True)
    readiness = read_group_readiness(apis[1], overlap)
    assert (readiness["earliest_date"], readiness["not_before"]) == (None, day(100))
    [own] = [each for each in readiness["systems"] if each["agency"] == BEDS]
    assert [each["kind"] for each in own["blockers"]] == ["contract_running", "retention_hold"]


def test_an_agency_outside_the_decision_sees_every_member(
    sign_in: SignIn, apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    kent = sign_in("kent-police", READINESS_SCOPES)
    before = read_group_readiness(kent, overlap)
    agree_decision(overlap, systems, *apis)
    assert read_group_readiness(kent, overlap) == before
    assert len(before["systems"]) == 3
    assert "no_agreed_decision" in before["withheld"]


def test_a_hidden_member_does_not_affect_group_readiness(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    _cambs, beds, herts = apis
    hidden = {"disclosure": "owner_only", "retention_hold": True}
    change(herts, f"/v1/systems/{systems[2].id}", **hidden)
    create_contract_for(herts, systems[2], "Secret", 900, 30)
    readiness = read_group_readiness(beds, overlap)
    assert [each["agency"] for each in readiness["systems"]] == [BEDS, CAMBS]
    assert "Secret" not in str(readiness)
    assert readiness["last_notice_date"] is None
    grant(herts, BEDS, resource_types=["systems", "contracts"], field_profile="full")
    assert read_group_readiness(beds, overlap)["last_notice_date"] == day(870)


def test_a_leaving_system_hidden_later_is_not_listed(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    decision = agree_decision(overlap, systems[:2], *apis[:2])
    change(apis[1], f"/v1/systems/{systems[1].id}", disclosure="owner_only")
    readiness = read_group_readiness(apis[0], overlap)
    assert (readiness["decision_ids"], readiness["systems"]) == ([decision["id"]], [])
    assert (readiness["ready"], readiness["withheld"]) == (None, [])


def test_group_readiness_withholds_what_the_token_scopes_do_not_cover(
    sign_in: SignIn, apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    agree_decision(overlap, systems, *apis)
    create_contract_for(apis[1], systems[1], "Soon", 100, 90)
    readiness = read_group_readiness(sign_in(BEDS, "overlaps:read"), overlap)
    assert readiness["decision_ids"] == []
    assert (readiness["ready"], len(readiness["withheld"])) == (None, 8)
    assert all(each["blockers"] == [] for each in readiness["systems"])
    assert (
        sign_in(BEDS, "systems:read")
        .get(f"/v1/overlaps/{overlap.id}/retirement-readiness")
        .status_code
        == 403
    )
