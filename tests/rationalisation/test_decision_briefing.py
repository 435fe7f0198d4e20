"""Briefings: records as they were proposed, later changes, and costs."""

from datetime import UTC, datetime

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.factories import BEDS, CAMBS, CENTRE, HERTS, add_rosters, add_system
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    build_decision,
    build_leaving_member,
    build_member,
    change_decision,
    confirm_overlap,
    decision_path,
    draft_decision,
    propose_decision,
    propose_draft,
    read_decision,
    sign_decision,
    withdraw_decision,
)
from tests.sums import sum_of

pytestmark = pytest.mark.usefixtures("today")

READS = f"{DECISION_SCOPES} systems:write risks:read costs:read contracts:write"
NINE = datetime(2027, 6, 7, 9, tzinfo=UTC)
TEN_PAST = NINE.replace(minute=10)


@pytest.fixture
def pair(session):
    systems = add_rosters(session, BEDS, CAMBS, user_count=100, legacy_risk=7)
    return confirm_overlap(session, systems), systems


def read_briefing(api, decision):
    answer = api.get(f"{decision_path(decision)}/briefing")
    assert answer.status_code == 200, answer.json
    return answer.json


def edit_system(api, each, **changes):
    path = f"/v1/systems/{each.id}"
    etag = api.get(path).headers["ETag"]
    answer = api.patch(path, json=changes, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.json


def entry_of(briefing, system):
    (entry,) = [entry for entry in briefing["systems"] if entry["system_id"] == str(system.id)]
    return entry


def test_the_briefing_shows_records_as_proposed_and_their_later_changes(sign_in, pair):
    overlap, (stays, gone) = pair
    with clock.freeze(NINE):
        beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
        before = {each.id: cambs.get(f"/v1/systems/{each.id}").json for each in (stays, gone)}
        decision = propose_decision(beds, overlap, stays, gone)
    with clock.freeze(TEN_PAST):
        edit_system(beds, stays, user_count=150, legacy_risk=9, tags=["cloud"])
        briefing = read_briefing(cambs, decision)
        assert briefing["decision"] == read_decision(cambs, decision)
        assert briefing["content_hash"] == decision["content_hash"]
        assert briefing["records_as_of"] == decision["proposed_at"]
        assert [each["role"] for each in briefing["systems"]] == ["stays", "goes"]
        for each in (stays, gone):
            assert entry_of(briefing, each)["as_proposed"] == before[each.id]
        changes = entry_of(briefing, stays)["changed_since"]
        # The legacy risk changed too, but is not shared.
        assert changes == [
            {"field": "user_count", "before": 100, "now": 150},
            {"field": "tags", "before": [], "now": ["cloud"]},
        ]
        assert entry_of(briefing, gone)["changed_since"] == []
        ours = entry_of(read_briefing(beds, decision), stays)["changed_since"]
        assert {"field": "legacy_risk", "before": 7, "now": 9} in ours
        # Signing covers the changed record only after another proposal.
        changed = change_decision(beds, decision, title="Two rosters in one").json
        again = read_briefing(cambs, changed)
        assert entry_of(again, stays)["as_proposed"]["user_count"] == 150
        assert entry_of(again, stays)["changed_since"] == []


def test_the_briefing_of_a_draft_shows_current_records(sign_in, pair):
    overlap, (stays, gone) = pair
    beds = sign_in(BEDS, READS)
    draft = draft_decision(beds, overlap, stays, gone)
    edit_system(beds, stays, user_count=150)
    briefing = read_briefing(beds, draft)
    assert (briefing["records_as_of"], briefing["content_hash"]) == (None, None)
    assert entry_of(briefing, stays)["as_proposed"]["user_count"] == 150
    assert entry_of(briefing, stays)["changed_since"] == []
    assert (briefing["can_sign"], briefing["signed_by_your_agency"]) == (False, False)


def test_the_briefing_shows_who_can_sign_and_who_has_signed(sign_in, pair):
    overlap, systems = pair
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    decision = propose_decision(beds, overlap, *systems)
    reader = sign_in(BEDS, "decisions:read")

    def state(api):
        briefing = read_briefing(api, decision)
        return briefing["can_sign"], briefing["signed_by_your_agency"]

    assert (state(beds), state(reader)) == ((True, False), (False, False))
    sign_decision(beds, decision)
    assert (state(beds), state(reader), state(cambs)) == (
        (False, True),
        (False, True),
        (True, False),
    )
    change_decision(beds, decision, title="Another")
    assert state(beds) == (True, False)
    withdraw_decision(beds, decision)
    assert state(beds) == (False, False)


def cost(api, each, amount):
    line = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": amount}
    answer = api.post(f"/v1/systems/{each.id}/costs", json=line)
    assert answer.status_code == 201, answer.json


def test_the_briefing_shows_all_visible_costs_and_the_readers_costs(sign_in, pair):
    overlap, (stays, gone) = pair
    with clock.freeze(datetime(2027, 3, 1, 9, tzinfo=UTC)):
        beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
        cost(beds, stays, "60000.00")
        cost(cambs, gone, "25000.50")
        decision = propose_decision(beds, overlap, stays, gone)
        briefing = read_briefing(cambs, decision)
        year = {"financial_year": "2026-27"}
        assert briefing["own_costs"] == year | {
            "before": sum_of("25000.50"),
            "after": sum_of("0.00"),
        }
        # Bedfordshire does not share its costs.
        assert briefing["costs"] == year | {
            "before": sum_of("25000.50", withheld=1),
            "after": sum_of(None, withheld=1),
        }
        assert entry_of(briefing, stays)["annual_cost"] is None
        assert entry_of(briefing, stays)["withheld"] == ["annual_cost"]
        assert (entry_of(briefing, gone)["annual_cost"], entry_of(briefing, gone)["withheld"]) == (
            "25000.50",
            [],
        )
        bare = read_briefing(sign_in(CAMBS, "decisions:read"), decision)
        assert bare["own_costs"]["before"] == sum_of(None, withheld=1)
        assert bare["costs"]["before"] == sum_of(None, withheld=2)


def test_the_briefing_withholds_records_without_the_systems_scope(sign_in, pair):
    overlap, systems = pair
    decision = propose_decision(sign_in(BEDS, READS), overlap, *systems)
    briefing = read_briefing(sign_in(CAMBS, "decisions:read"), decision)
    assert {each["as_proposed"] for each in briefing["systems"]} == {None}
    assert {tuple(each["withheld"]) for each in briefing["systems"]} == {
        ("as_proposed", "annual_cost")
    }
    assert briefing["decision"] == read_decision(sign_in(CAMBS, "decisions:read"), decision)


def test_the_briefing_counts_hidden_members_without_naming_them(sign_in, session):
    ours = add_rosters(session, BEDS, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = confirm_overlap(session, [*ours, hidden])
    beds, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    decision = propose_decision(herts, overlap, hidden, *ours)
    answer = beds.get(f"{decision_path(decision)}/briefing")
    assert answer.json["withheld_members"] == 1
    assert [each["agency"] for each in answer.json["systems"]] == [BEDS, CAMBS]
    assert str(hidden.id) not in answer.text
    assert {tuple(each["withheld"]) for each in answer.json["systems"]} == {
        ("successor_id",),
        ("successor_id", "annual_cost"),
    }
    assert len(read_briefing(herts, decision)["systems"]) == 3
    assert (
        sign_in("kent-police", READS).get(f"{decision_path(decision)}/briefing").status_code == 404
    )


def test_the_briefing_withholds_records_not_shared_when_proposed(sign_in, session):
    ours = add_rosters(session, BEDS)
    (late,) = add_rosters(session, CAMBS, disclosure=Disclosure.OWNER_ONLY)
    own = add_rosters(session, HERTS)
    overlap = confirm_overlap(session, [*ours, late, *own], by=BEDS)
    with clock.freeze(NINE):
        cambs = sign_in(CAMBS, READS)
        decision = propose_decision(cambs, overlap, late, *ours)
    with clock.freeze(TEN_PAST):
        cambs, beds = sign_in(CAMBS, READS), sign_in(BEDS, READS)
        edit_system(cambs, late, disclosure="all_agencies")
        entry = entry_of(read_briefing(beds, decision), late)
        assert (entry["as_proposed"], entry["changed_since"]) == (None, [])
        assert entry["withheld"] == ["as_proposed", "annual_cost"]
        assert (
            entry_of(read_briefing(cambs, decision), late)["as_proposed"]["disclosure"]
            == "owner_only"
        )


def test_the_briefing_shows_the_successor(sign_in, session, pair):
    overlap, (stays, gone) = pair
    shared = add_system(session, CENTRE, "Shared platform")
    session.commit()
    beds = sign_in(BEDS, READS)
    fields = build_decision(overlap, stays) | {
        "members": [build_member(stays), build_leaving_member(gone, shared)]
    }
    draft = beds.post("/v1/decisions", json=fields).json
    decision = propose_draft(beds, draft).json
    for api in (beds, sign_in(CENTRE, READS)):
        entry = entry_of(read_briefing(api, decision), shared)
        assert (entry["role"], entry["agency"]) == ("succeeds", CENTRE)
        assert entry["system_name"] == "Shared platform"
        assert (entry["disposition"], entry["strategy"]) == (None, None)
        assert entry["as_proposed"]["name"] == "Shared platform"
