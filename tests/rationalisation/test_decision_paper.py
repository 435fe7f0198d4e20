"""What an approver signs: the records as they were proposed, what has changed, and what it costs."""

from datetime import UTC, datetime

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.rationalisation.deciding import (
    DECIDES,
    body,
    change,
    confirm,
    drafted,
    goes,
    member,
    path_of,
    propose,
    proposed,
    read,
    sign,
    withdraw,
)
from tests.rationalisation.scene import BEDS, CAMBS, CENTRE, HERTS, rosters, system

READS = f"{DECIDES} systems:write risks:read costs:read contracts:write"
NINE = datetime(2027, 6, 7, 9, tzinfo=UTC)
TEN_PAST = NINE.replace(minute=10)


@pytest.fixture
def pair(session):
    systems = rosters(session, BEDS, CAMBS, user_count=100, legacy_risk=7)
    return confirm(session, systems), systems


def paper(api, decision):
    answer = api.get(f"{path_of(decision)}/paper")
    assert answer.status_code == 200, answer.json
    return answer.json


def edit(api, each, **changes):
    path = f"/v1/systems/{each.id}"
    etag = api.get(path).headers["ETag"]
    answer = api.patch(path, json=changes, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.json


def of(found, each):
    (told,) = [entry for entry in found["systems"] if entry["system_id"] == str(each.id)]
    return told


def test_the_record_as_it_was_proposed_and_what_has_changed(sign_in, pair):
    overlap, (stays, gone) = pair
    with clock.freeze(NINE):
        beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
        before = {each.id: cambs.get(f"/v1/systems/{each.id}").json for each in (stays, gone)}
        decision = proposed(beds, overlap, stays, gone)
    with clock.freeze(TEN_PAST):
        edit(beds, stays, user_count=150, legacy_risk=9, tags=["cloud"])
        found = paper(cambs, decision)
        assert found["decision"] == read(cambs, decision)
        assert found["content_hash"] == decision["content_hash"]
        assert found["records_as_of"] == decision["proposed_at"]
        assert [each["role"] for each in found["systems"]] == ["stays", "goes"]
        for each in (stays, gone):
            assert of(found, each)["as_proposed"] == before[each.id]
        changes = of(found, stays)["changed_since"]
        # Its legacy risk changed as well, which is not shared.
        assert changes == [
            {"field": "user_count", "before": 100, "now": 150},
            {"field": "tags", "before": [], "now": ["cloud"]},
        ]
        assert of(found, gone)["changed_since"] == []
        ours = of(paper(beds, decision), stays)["changed_since"]
        assert {"field": "legacy_risk", "before": 7, "now": 9} in ours
        # The change is not what is signed, unless it is proposed anew.
        changed = change(beds, decision, title="Two rosters in one").json
        again = paper(cambs, changed)
        assert of(again, stays)["as_proposed"]["user_count"] == 150
        assert of(again, stays)["changed_since"] == []


def test_a_draft_shows_what_is(sign_in, pair):
    overlap, (stays, gone) = pair
    beds = sign_in(BEDS, READS)
    draft = drafted(beds, overlap, stays, gone)
    edit(beds, stays, user_count=150)
    found = paper(beds, draft)
    assert (found["records_as_of"], found["content_hash"]) == (None, None)
    assert of(found, stays)["as_proposed"]["user_count"] == 150
    assert of(found, stays)["changed_since"] == []
    assert (found["may_sign"], found["signed"]) == (False, False)


def test_who_may_sign_and_who_has(sign_in, pair):
    overlap, systems = pair
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    decision = proposed(beds, overlap, *systems)
    reader = sign_in(BEDS, "decisions:read")

    def state(api):
        found = paper(api, decision)
        return found["may_sign"], found["signed"]

    assert (state(beds), state(reader)) == ((True, False), (False, False))
    sign(beds, decision)
    assert (state(beds), state(reader), state(cambs)) == (
        (False, True),
        (False, True),
        (True, False),
    )
    change(beds, decision, title="Another")
    assert state(beds) == (True, False)
    withdraw(beds, decision)
    assert state(beds) == (False, False)


def cost(api, each, amount):
    line = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": amount}
    answer = api.post(f"/v1/systems/{each.id}/costs", json=line)
    assert answer.status_code == 201, answer.json


def test_costs_of_all_and_of_ones_own(sign_in, pair):
    overlap, (stays, gone) = pair
    with clock.freeze(datetime(2027, 3, 1, 9, tzinfo=UTC)):
        beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
        cost(beds, stays, "60000.00")
        cost(cambs, gone, "25000.50")
        decision = proposed(beds, overlap, stays, gone)
        found = paper(cambs, decision)
        nothing = {"withheld_systems": 0, "unrecorded_systems": 0}
        ours = {"financial_year": "2026-27", "before": "25000.50", "after": "0.00"} | nothing
        assert found["own_costs"] == ours
        # Bedfordshire does not share its costs.
        assert found["costs"] == ours | {"withheld_systems": 1}
        assert of(found, stays)["cost_a_year"] is None
        assert of(found, stays)["withheld"] == ["cost_a_year"]
        assert (of(found, gone)["cost_a_year"], of(found, gone)["withheld"]) == ("25000.50", [])
        bare = paper(sign_in(CAMBS, "decisions:read"), decision)
        assert bare["own_costs"]["withheld_systems"] == 1
        assert bare["costs"]["before"] is None


def test_without_the_scope_no_record_is_shown(sign_in, pair):
    overlap, systems = pair
    decision = proposed(sign_in(BEDS, READS), overlap, *systems)
    found = paper(sign_in(CAMBS, "decisions:read"), decision)
    assert {each["as_proposed"] for each in found["systems"]} == {None}
    assert {tuple(each["withheld"]) for each in found["systems"]} == {
        ("as_proposed", "cost_a_year")
    }
    assert found["decision"] == read(sign_in(CAMBS, "decisions:read"), decision)


def test_what_may_not_be_seen_is_counted_and_nowhere_named(sign_in, session):
    ours = rosters(session, BEDS, CAMBS)
    (hidden,) = rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = confirm(session, [*ours, hidden])
    beds, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    decision = proposed(herts, overlap, hidden, *ours)
    answer = beds.get(f"{path_of(decision)}/paper")
    assert answer.json["withheld_members"] == 1
    assert [each["agency"] for each in answer.json["systems"]] == [BEDS, CAMBS]
    assert str(hidden.id) not in answer.text
    assert {tuple(each["withheld"]) for each in answer.json["systems"]} == {
        ("successor_id",),
        ("successor_id", "cost_a_year"),
    }
    assert len(paper(herts, decision)["systems"]) == 3
    assert sign_in("kent-police", READS).get(f"{path_of(decision)}/paper").status_code == 404


def test_what_was_not_shared_then_is_withheld(sign_in, session):
    ours = rosters(session, BEDS)
    (late,) = rosters(session, CAMBS, disclosure=Disclosure.OWNER_ONLY)
    own = rosters(session, HERTS)
    overlap = confirm(session, [*ours, late, *own], by=BEDS)
    with clock.freeze(NINE):
        cambs = sign_in(CAMBS, READS)
        decision = proposed(cambs, overlap, late, *ours)
    with clock.freeze(TEN_PAST):
        cambs, beds = sign_in(CAMBS, READS), sign_in(BEDS, READS)
        edit(cambs, late, disclosure="all_agencies")
        told = of(paper(beds, decision), late)
        assert (told["as_proposed"], told["changed_since"]) == (None, [])
        assert told["withheld"] == ["as_proposed", "cost_a_year"]
        assert of(paper(cambs, decision), late)["as_proposed"]["disclosure"] == "owner_only"


def test_what_takes_over_is_shown_too(sign_in, session, pair):
    overlap, (stays, gone) = pair
    shared = system(session, CENTRE, "Shared platform")
    session.commit()
    beds = sign_in(BEDS, READS)
    fields = body(overlap, stays) | {"members": [member(stays), goes(gone, shared)]}
    draft = beds.post("/v1/decisions", json=fields).json
    decision = propose(beds, draft).json
    for api in (beds, sign_in(CENTRE, READS)):
        told = of(paper(api, decision), shared)
        assert (told["role"], told["agency"]) == ("succeeds", CENTRE)
        assert told["system_name"] == "Shared platform"
        assert (told["disposition"], told["strategy"]) == (None, None)
        assert told["as_proposed"]["name"] == "Shared platform"
