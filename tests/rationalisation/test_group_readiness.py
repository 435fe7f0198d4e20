"""When a whole group can go, over HTTP, and until when notice has to be given for that."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.models import System
from tests.agencies.agreeing import SignIn, grant
from tests.contracts.contracting import contract
from tests.rationalisation.deciding import agreed, confirm
from tests.rationalisation.scene import rosters
from tests.rationalisation.test_readiness import ALL, CLEAR, HERTS, KENT, day
from tests.recording import BEDS, CAMBS, Fields, change, read
from tests.unsaved import CheckedClient


@pytest.fixture
def apis(sign_in: SignIn) -> list[CheckedClient]:
    """Clients of Cambridgeshire, whose system stays, of Bedfordshire, and of Hertfordshire."""
    return [sign_in(code, ALL) for code in (CAMBS, BEDS, HERTS)]


@pytest.fixture
def systems(session: Session, apis: list[CheckedClient]) -> list[System]:
    """Three rostering systems, with nothing in their way but a decision."""
    made = rosters(session, CAMBS, BEDS, HERTS)
    session.commit()
    for api, each in zip(apis[1:], made[1:], strict=True):
        assert change(api, f"/v1/systems/{each.id}", **CLEAR).status_code == 200
    return made


@pytest.fixture
def overlap(session: Session, systems: list[System]) -> Overlap:
    """The group of the three, confirmed."""
    return confirm(session, systems)


def asked(api: CheckedClient, overlap: Overlap) -> Fields:
    """How far the group is."""
    return read(api, f"/v1/overlaps/{overlap.id}/retirement-readiness")


def bound(api: CheckedClient, each: System, title: str, end: int, notice: int, **f: Any) -> Fields:
    """A contract for a system, that ends after so many days."""
    terms = {"end_date": day(end), "notice_period_days": notice, "annual_value": "1000.00"}
    return contract(api, title=title, systems=[str(each.id)], **terms | f)


def test_before_a_decision_every_member_is_a_candidate(
    apis: list[CheckedClient], overlap: Overlap
) -> None:
    found = asked(apis[1], overlap)
    assert found["decision_ids"] == []
    assert [each["agency"] for each in found["systems"]] == [BEDS, CAMBS, HERTS]
    assert (found["ready"], found["earliest_date"]) == (False, None)
    assert found["last_notice_date"] is None
    assert found["overlap_id"] == str(overlap.id)


def test_an_overlap_that_one_may_not_see_is_not_there(apis: list[CheckedClient]) -> None:
    assert apis[0].get(f"/v1/overlaps/{uuid4()}/retirement-readiness").status_code == 404


def test_a_decision_says_which_go_and_contracts_say_when(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    decision = agreed(overlap, systems, *apis)
    cambs, beds, herts = apis
    found = asked(beds, overlap)
    assert found["decision_ids"] == [decision["id"]]
    assert [each["agency"] for each in found["systems"]] == [BEDS, HERTS]
    assert found["ready"] is None
    assert found["earliest_date"] == str(clock.today())
    soon = bound(beds, systems[1], "Soon", 100, 90)
    late = bound(beds, systems[1], "Late", 60, 90)
    bound(herts, systems[2], "Last", 300, 30, disclosure="all_agencies")
    found = asked(beds, overlap)
    assert found["ready"] is False
    assert (found["last_notice_date"], found["cost_of_missing"]) == (day(10), "1000.00")
    assert found["currency"] == "GBP"
    assert [each["contract_title"] for each in found["notices"]] == ["Soon", "Last"]
    assert [each["cost_of_missing"] for each in found["notices"]] == ["1000.00", None]
    assert found["notices"][0]["contract_id"] == soon["id"]
    assert found["notices"][0]["system_ids"] == [str(systems[1].id)]
    [missed] = found["missed_notices"]
    assert (missed["contract_id"], missed["last_notice_date"]) == (late["id"], day(-30))
    a_year_on = clock.today() + timedelta(days=60 + 364)
    assert missed["ends_on"] >= str(a_year_on)
    assert found["earliest_date"] == found["not_before"] == missed["ends_on"]
    assert asked(cambs, overlap)["earliest_date"] == day(300)


def test_what_has_no_date_is_in_the_way_without_one(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    agreed(overlap, systems, *apis)
    bound(apis[1], systems[1], "Soon", 100, 90)
    change(apis[1], f"/v1/systems/{systems[1].id}", retention_hold=True)
    found = asked(apis[1], overlap)
    assert (found["earliest_date"], found["not_before"]) == (None, day(100))
    [own] = [each for each in found["systems"] if each["agency"] == BEDS]
    assert [each["kind"] for each in own["blockers"]] == ["contract_running", "retention_hold"]


def test_who_has_no_part_in_the_decision_sees_candidates(
    sign_in: SignIn, apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    kent = sign_in(KENT, ALL)
    before = asked(kent, overlap)
    agreed(overlap, systems, *apis)
    assert asked(kent, overlap) == before
    assert len(before["systems"]) == 3
    assert "no_agreed_decision" in before["withheld"]


def test_a_member_that_is_hidden_is_not_felt(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    _cambs, beds, herts = apis
    hidden = {"disclosure": "owner_only", "retention_hold": True}
    change(herts, f"/v1/systems/{systems[2].id}", **hidden)
    bound(herts, systems[2], "Secret", 900, 30)
    found = asked(beds, overlap)
    assert [each["agency"] for each in found["systems"]] == [BEDS, CAMBS]
    assert "Secret" not in str(found)
    assert found["last_notice_date"] is None
    grant(herts, BEDS, resource_types=["systems", "contracts"], field_profile="full")
    assert asked(beds, overlap)["last_notice_date"] == day(870)


def test_what_is_decided_of_a_hidden_system_is_not_felt(
    apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    decision = agreed(overlap, systems[:2], *apis[:2])
    change(apis[1], f"/v1/systems/{systems[1].id}", disclosure="owner_only")
    found = asked(apis[0], overlap)
    assert (found["decision_ids"], found["systems"]) == ([decision["id"]], [])
    assert (found["ready"], found["withheld"]) == (None, [])


def test_a_token_is_told_what_it_is_for(
    sign_in: SignIn, apis: list[CheckedClient], overlap: Overlap, systems: list[System]
) -> None:
    agreed(overlap, systems, *apis)
    bound(apis[1], systems[1], "Soon", 100, 90)
    found = asked(sign_in(BEDS, "overlaps:read"), overlap)
    assert found["decision_ids"] == []
    assert (found["ready"], len(found["withheld"])) == (None, 8)
    assert all(each["blockers"] == [] for each in found["systems"])
    assert (
        sign_in(BEDS, "systems:read")
        .get(f"/v1/overlaps/{overlap.id}/retirement-readiness")
        .status_code
        == 403
    )
