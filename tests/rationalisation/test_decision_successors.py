"""Successors: any system that the proposer can see, with its owner's sign-off."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.decisions.operations import agreed_decision_of
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, CENTRE, HERTS, add_rosters, add_system, build_actor
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    build_decision,
    build_leaving_member,
    build_member,
    change_decision,
    confirm_overlap,
    decision_path,
    draft_decision,
    list_refusals,
    propose_decision,
    read_decision,
    sign_decision,
)


@pytest.fixture
def pair(session):
    systems = add_rosters(session, BEDS, CAMBS)
    return confirm_overlap(session, systems), systems


@pytest.fixture
def shared(session):
    """A system of the shared services centre outside the overlap."""
    platform = add_system(session, CENTRE, "Shared platform")
    session.commit()
    return platform


def build_decision_with_successor(overlap, stays, gone, successor):
    return build_decision(overlap, stays) | {
        "members": [build_member(stays), build_leaving_member(gone, successor)]
    }


def test_the_owner_of_a_successor_sees_and_signs_the_decision(sign_in, pair, shared):
    overlap, (stays, gone) = pair
    beds, cambs, centre = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, CENTRE))
    draft = beds.post(
        "/v1/decisions", json=build_decision_with_successor(overlap, stays, gone, shared)
    ).json
    assert draft["members"][1]["successor_id"] == str(shared.id)
    assert [each["successor_name"] for each in draft["members"]] == [None, "Shared platform"]
    briefing = beds.get(f"{decision_path(draft)}/briefing").json
    names = {each["system_name"]: each["successor_name"] for each in briefing["systems"]}
    assert names == {stays.name: None, gone.name: "Shared platform", "Shared platform": None}
    decision = beds.post(f"{decision_path(draft)}/proposal").json
    assert decision["awaiting"] == [CENTRE, BEDS, CAMBS]
    (waiting,) = centre.get("/v1/decisions?awaiting_your_signature=true").json["items"]
    assert waiting["id"] == decision["id"]
    assert centre.get(f"/v1/decisions?system_id={shared.id}").json["items"] == [waiting]
    for api in (beds, cambs):
        assert sign_decision(api, decision).json["status"] == "proposed"
    seen = read_decision(centre, decision)
    assert [each["agency"] for each in seen["sign_offs"]] == [BEDS, CAMBS]
    assert (seen["withheld_members"], seen["awaiting"]) == (0, [CENTRE])
    assert len(centre.get(f"{decision_path(decision)}/history").json["items"]) == 2
    assert sign_decision(centre, decision).json["status"] == "agreed"


def test_a_hidden_successor_is_withheld(sign_in, session):
    stays, gone, own = systems = add_rosters(session, BEDS, CAMBS, HERTS)
    overlap = confirm_overlap(session, systems)
    hidden = add_system(session, HERTS, "Hidden", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    beds, cambs, herts = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS))
    unknown = beds.post(
        "/v1/decisions", json=build_decision_with_successor(overlap, stays, gone, hidden)
    )
    assert list_refusals(unknown, 422) == [("/members/1/successor_id", "unknown")]
    draft = herts.post(
        "/v1/decisions", json=build_decision_with_successor(overlap, own, gone, hidden)
    )
    assert draft.status_code == 201, draft.json
    decision = herts.post(f"{decision_path(draft.json)}/proposal").json
    assert decision["withheld_members"] == 0
    seen = read_decision(cambs, decision)
    assert seen["withheld_members"] == 1
    (member,) = [each for each in seen["members"] if each["agency"] == CAMBS]
    assert (member["successor_id"], member["withheld"]) == (None, ["successor_id"])
    assert member["successor_name"] is None
    assert str(hidden.id) not in cambs.get(decision_path(decision)).text
    assert str(hidden.id) not in cambs.get(f"{decision_path(decision)}/history").text
    assert str(hidden.id) not in cambs.get(f"{decision_path(decision)}/briefing").text
    # The owner of the hidden system appears because it also owns a visible one.
    assert seen["awaiting"] == [CAMBS, HERTS]
    sign_decision(herts, decision)
    assert sign_decision(cambs, decision).json["status"] == "agreed"
    agreed = agreed_decision_of(acting(session, build_actor(session, CAMBS)), gone.id)
    assert (agreed.successor_id, agreed.successor_withheld) == (None, True)
    agreed = agreed_decision_of(acting(session, build_actor(session, HERTS)), gone.id)
    assert (agreed.successor_id, agreed.successor_withheld) == (hidden.id, False)
    assert str(agreed.decision_id) == decision["id"]
    assert agreed_decision_of(acting(session, build_actor(session, BEDS)), gone.id) is None


def test_an_agency_with_only_hidden_systems_is_not_named(sign_in, session):
    ours = add_rosters(session, BEDS, CAMBS)
    hidden = add_system(session, CENTRE, "Hidden", disclosure=Disclosure.OWNER_ONLY)
    (third,) = add_rosters(session, CENTRE)
    overlap = confirm_overlap(session, [*ours, third])
    beds, cambs, centre = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, CENTRE))
    fields = build_decision(overlap, ours[0]) | {
        "members": [build_member(ours[0]), build_leaving_member(ours[1], hidden)]
    }
    draft = centre.post("/v1/decisions", json=fields).json
    decision = centre.post(f"{decision_path(draft)}/proposal").json
    assert decision["awaiting"] == [CENTRE, BEDS, CAMBS]
    for api in (beds, cambs):
        assert read_decision(api, decision)["awaiting"] == [BEDS, CAMBS]
        assert api.get(f"/v1/decisions?awaiting={CENTRE}").json["items"] == []
    sign_decision(centre, decision)
    assert read_decision(beds, decision)["sign_offs"] == []


def test_a_retiring_system_needs_no_successor(sign_in, pair):
    overlap, (stays, gone) = pair
    api = sign_in(BEDS, DECISION_SCOPES)
    draft = draft_decision(api, overlap, stays)
    members = [build_member(stays), build_member(gone, "eliminate", "retire")]
    assert change_decision(api, draft, members=members).status_code == 200
    lost = [build_member(stays), build_member(gone, "migrate", "rehost")]
    assert list_refusals(change_decision(api, draft, members=lost), 422) == [
        ("/members/1/successor_id", "no_successor")
    ]


def test_changing_the_successor_requires_every_owner_to_sign_again(sign_in, pair, shared):
    overlap, (stays, gone) = pair
    beds, cambs, centre = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, CENTRE))
    decision = propose_decision(beds, overlap, stays, gone)
    sign_decision(beds, decision)
    assert centre.get(decision_path(decision)).status_code == 404
    changed = change_decision(
        beds, decision, members=[build_member(stays), build_leaving_member(gone, shared)]
    ).json
    assert changed["awaiting"] == [CENTRE, BEDS, CAMBS]
    assert read_decision(centre, decision)["id"] == decision["id"]
    for api in (beds, cambs, centre):
        last = sign_decision(api, changed)
    assert last.json["status"] == "agreed"
