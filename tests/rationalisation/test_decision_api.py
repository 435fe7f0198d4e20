"""Decisions over HTTP: drafted, proposed, signed by every owner; seen by those concerned."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.operations import create_decision
from tests.rationalisation.deciding import (
    DECIDES,
    body,
    change,
    confirm,
    drafted,
    member,
    path_of,
    propose,
    proposed,
    sign,
    withdraw,
)
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, actor_of, overlap_of, rosters, system


@pytest.fixture
def confirmed(session):
    """Three rostering systems, found and confirmed to do the same."""
    systems = rosters(session, BEDS, CAMBS, HERTS)
    return confirm(session, systems), systems


def test_a_draft_is_recorded(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    api = sign_in(BEDS, DECIDES)
    answer = api.post("/v1/decisions", json=body(overlap, stays, goes))
    assert answer.headers["Location"] == f"/v1/decisions/{answer.json['id']}"
    draft = answer.json
    assert (draft["status"], draft["agency"], draft["content_hash"]) == ("draft", BEDS, None)
    assert draft["withheld_members"] == 0
    assert draft["sign_offs"] == []
    assert draft["members"] == [
        member(stays) | {"system_name": f"Roster {BEDS}", "agency": BEDS, "withheld": []},
        member(goes, "migrate", "repurchase", stays)
        | {"system_name": f"Roster {CAMBS}", "agency": CAMBS, "withheld": []},
    ]
    assert (draft["proposed_at"], draft["sign_by"], draft["working_days_to_sign"]) == (
        None,
        None,
        10,
    )
    assert (draft["awaiting"], draft["awaits_us"], draft["overdue"]) == ([], False, False)
    assert api.get(answer.headers["Location"]).json == draft
    assert api.get("/v1/decisions?status=draft&q=room&total=true").json["page"]["total"] == 1


def test_every_owner_signs_and_it_is_agreed(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs, herts = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS))
    decision = proposed(beds, overlap, stays, goes)
    assert decision["status"] == "proposed"
    assert len(decision["content_hash"]) == 64
    assert decision["proposed_at"]
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 404
    assert sign(herts, decision).status_code == 404
    first = sign(beds, decision, comment="With a parallel run.")
    assert first.status_code == 201
    assert first.json["status"] == "proposed"
    (signed,) = first.json["sign_offs"]
    assert (signed["agency"], signed["comment"]) == (BEDS, "With a parallel run.")
    assert signed["signed_at"].endswith("+00:00")
    assert sign(beds, decision).status_code == 409
    last = sign(cambs, decision)
    assert last.json["status"] == "agreed"
    assert [each["agency"] for each in last.json["sign_offs"]] == [BEDS, CAMBS]
    assert last.json["decided_at"]
    assert sign(cambs, decision).status_code == 409
    assert beds.get(f"/v1/overlaps/{overlap.id}").json["status"] == "decided"
    # Hertfordshire has no part in the decision, and does not learn that there is one.
    assert herts.get(f"/v1/overlaps/{overlap.id}").json["status"] == "confirmed"


def test_a_refusal_ends_it_and_frees_its_systems(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECIDES), sign_in(CAMBS, DECIDES)
    decision = proposed(beds, overlap, stays, goes)
    for silent in ({}, {"comment": None}):
        answer = sign(cambs, decision, "refused", **silent)
        assert answer.status_code == 422
        (error,) = answer.json["errors"]
        assert (error["pointer"], error["code"]) == ("/comment", "unexplained")
    refused = sign(cambs, decision, "refused", comment="The contract runs on.")
    assert refused.json["status"] == "refused"
    assert sign(beds, decision).status_code == 409
    assert drafted(cambs, overlap, goes, stays)["status"] == "draft"


def test_a_signature_is_for_what_was_read(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECIDES), sign_in(CAMBS, DECIDES)
    decision = proposed(beds, overlap, stays, goes)
    answer = sign(cambs, decision, content_hash="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "stale")
    short = sign(cambs, decision, content_hash="0")
    assert short.status_code == 422
    unproposed = drafted(sign_in(HERTS, DECIDES), overlap, confirmed[1][2])
    answer = sign(sign_in(HERTS, DECIDES), unproposed, content_hash="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "not_proposed")


def test_who_proposes_without_a_system_of_its_own_does_not_sign(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    herts = sign_in(HERTS, DECIDES)
    decision = proposed(herts, overlap, stays, goes)
    assert sign(herts, decision).status_code == 403


def test_who_owns_none_of_the_systems_drafts_nothing(sign_in, confirmed):
    overlap, (stays, goes, *_) = confirmed
    kent = sign_in("kent-police", DECIDES)
    answer = kent.post("/v1/decisions", json=body(overlap, stays, goes))
    assert answer.status_code == 403, answer.json
    # And so it keeps nobody who does from drafting one.
    drafted(sign_in(BEDS, DECIDES), overlap, stays, goes)


def test_the_hash_is_of_the_content_and_its_moment(sign_in, confirmed):
    overlap, (stays, goes, other) = confirmed
    noon = datetime(2027, 6, 1, 12, tzinfo=UTC)
    hashes = []
    for moment, systems, fields in (
        (noon, (stays, goes, other), {}),
        (noon, (stays, other, goes), {}),
        (noon, (stays, goes), {}),
        (noon, (stays, goes, other), {"working_days_to_sign": 11}),
        (noon + timedelta(microseconds=1), (stays, goes, other), {}),
    ):
        with clock.freeze(moment):
            api = sign_in(BEDS, DECIDES)
            decision = proposed(api, overlap, *systems, **fields)
            hashes.append(decision["content_hash"])
            assert withdraw(api, decision).json["status"] == "withdrawn"
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_a_draft_is_changed(sign_in, confirmed):
    overlap, (stays, goes, other) = confirmed
    api = sign_in(BEDS, DECIDES)
    path = path_of(drafted(api, overlap, stays, goes))
    etag = api.get(path).headers["ETag"]
    members = [member(goes, "tolerate"), member(other, "eliminate", "retire", goes)]
    changes = {"title": "Another", "members": members}
    assert api.patch(path, json=changes).status_code == 428
    changed = api.patch(path, json=changes, headers={"If-Match": etag})
    assert changed.json["title"] == "Another"
    assert [each["agency"] for each in changed.json["members"]] == [CAMBS, HERTS]
    assert changed.json["content_hash"] is None
    assert api.patch(path, json=changes, headers={"If-Match": etag}).status_code == 412


def test_only_the_proposer_changes_proposes_and_withdraws(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    decision = drafted(sign_in(BEDS, DECIDES), overlap, stays, goes)
    cambs, herts = sign_in(CAMBS, DECIDES), sign_in(HERTS, DECIDES)
    path = f"/v1/decisions/{decision['id']}"
    etag = cambs.get(path).headers["ETag"]
    assert cambs.patch(path, json={"title": "x"}, headers={"If-Match": etag}).status_code == 403
    for act in (propose, withdraw):
        assert act(cambs, decision).status_code == 403
        assert act(herts, decision).status_code == 404


def test_steps_that_there_are_not(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    api = sign_in(BEDS, DECIDES)
    decision = proposed(api, overlap, stays, goes)
    assert propose(api, decision).status_code == 409
    answer = api.post(f"{path_of(decision)}/withdrawal", json={})
    assert answer.json["errors"][0]["pointer"] == "/reason"
    taken_back = withdraw(api, decision, "The contract was extended.").json
    assert taken_back["withdrawal_reason"] == "The contract was extended."
    for act in (propose, withdraw):
        assert act(api, decision).status_code == 409
    assert change(api, decision, title="Late").json["errors"][0]["code"] == "closed"
    assert sign(sign_in(CAMBS, DECIDES), decision).status_code == 409


def taken(pointer, detail):
    return [{"pointer": pointer, "code": "taken", "detail": detail}]


def test_a_system_is_in_one_open_decision_that_its_agency_knows_of(sign_in, session, confirmed):
    overlap, (stays, goes, other) = confirmed
    beds, cambs = sign_in(BEDS, DECIDES), sign_in(CAMBS, DECIDES)
    first = drafted(beds, overlap, stays, goes)
    for api, systems in ((beds, (stays, other)), (cambs, (goes, other)), (cambs, (other, goes))):
        answer = api.post("/v1/decisions", json=body(overlap, *systems))
        known = systems.index(stays if api is beds else goes)
        detail = "It is in another open decision."
        assert answer.status_code == 409
        assert answer.json["errors"] == taken(f"/members/{known}/system_id", detail)
    assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1
    assert withdraw(beds, first).status_code == 200
    assert drafted(cambs, overlap, goes, other)["status"] == "draft"


def test_a_decision_that_one_may_not_know_of_is_in_nobodys_way(sign_in, confirmed):
    """A conflict would tell Hertfordshire that the other two have plans. The agency that knows of
    both agrees to one."""
    overlap, (stays, goes, other) = confirmed
    beds, cambs, herts = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS))
    first = proposed(beds, overlap, stays, goes)
    second = proposed(herts, overlap, other, goes)
    assert sign(cambs, first).json["status"] == "proposed"
    refused = sign(cambs, second)
    assert refused.status_code == 409
    detail = "Your agency drafted, or agreed to, another decision about one of its systems."
    assert refused.json["errors"] == taken("", detail)
    assert sign(beds, first).json["status"] == "agreed"
    assert sign(cambs, second).status_code == 201
    assert sign(herts, second).json["status"] == "agreed"
    assert beds.get(f"/v1/decisions/{first['id']}").json["status"] == "superseded"


def test_a_decision_in_the_way_can_still_be_refused(sign_in, confirmed):
    overlap, (stays, goes, other) = confirmed
    beds, cambs, herts = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS))
    sign(cambs, proposed(beds, overlap, stays, goes))
    second = proposed(herts, overlap, other, goes)
    assert sign(cambs, second, "refused", comment="We go another way.").json["status"] == "refused"


def test_the_database_holds_the_same(session, confirmed):
    overlap, (stays, _, _) = confirmed
    fields = {
        "overlap_id": overlap.id,
        "title": "x",
        "rationale": "y",
        "members": [
            {
                "system_id": stays.id,
                "disposition": "invest",
                "strategy": "retain",
                "successor_id": None,
            }
        ],
    }
    create_decision(session, by=actor_of(session, BEDS), fields=fields)
    session.flush()
    twice = Decision(
        overlap_id=overlap.id,
        agency_id=stays.agency_id,
        title="x",
        rationale="y",
        search_text="",
        members=[DecisionMember(system_id=stays.id, disposition="invest", strategy="retain")],
    )
    session.add(twice)
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
    session.rollback()


def test_a_newer_agreement_takes_the_place_of_an_older_one(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECIDES), sign_in(CAMBS, DECIDES)
    older = proposed(beds, overlap, stays, goes)
    sign(beds, older)
    sign(cambs, older)
    newer = proposed(cambs, overlap, goes, stays)
    sign(beds, newer)
    assert beds.get(f"/v1/decisions/{older['id']}").json["status"] == "agreed"
    assert sign(cambs, newer).json["status"] == "agreed"
    assert beds.get(f"/v1/decisions/{older['id']}").json["status"] == "superseded"


def test_what_an_owner_may_not_see_is_counted_only(sign_in, session):
    ours = rosters(session, BEDS)
    disclosed = rosters(session, CAMBS)
    (hidden,) = rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = confirm(session, [*ours, *disclosed, hidden])
    beds, herts = sign_in(BEDS, DECIDES), sign_in(HERTS, DECIDES)
    decision = proposed(herts, overlap, hidden, *ours, *disclosed)
    assert decision["withheld_members"] == 0
    seen = beds.get(f"/v1/decisions/{decision['id']}").json
    assert seen["withheld_members"] == 1
    assert [each["agency"] for each in seen["members"]] == [BEDS, CAMBS]
    assert {each["successor_id"] for each in seen["members"]} == {None}
    sign(herts, decision)
    assert beds.get(f"/v1/decisions/{decision['id']}").json["sign_offs"] == []
    assert str(hidden.id) not in beds.get("/v1/decisions").text


def test_a_hidden_system_cannot_be_put_in(sign_in, session):
    seen = rosters(session, BEDS, CAMBS)
    (hidden,) = rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    stranger = system(session, CAMBS, "Stranger")
    overlap = confirm(session, [*seen, hidden])
    api = sign_in(BEDS, DECIDES)
    for each in (hidden, stranger):
        answer = api.post("/v1/decisions", json=body(overlap, seen[0], each))
        assert answer.status_code == 422
        assert answer.json["errors"] == [
            {
                "pointer": "/members/1/system_id",
                "code": "unknown",
                "detail": "The overlap has no such system.",
            }
        ]


def test_a_decision_is_about_a_confirmed_overlap(sign_in, session):
    systems = rosters(session, BEDS, CAMBS)
    overlap = overlap_of(session, *systems)
    answer = sign_in(BEDS, DECIDES).post("/v1/decisions", json=body(overlap, *systems))
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "not_confirmed")
    unknown = body(overlap, *systems) | {"overlap_id": str(systems[0].id)}
    answer = sign_in(BEDS, DECIDES).post("/v1/decisions", json=unknown)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/overlap_id")
    nobody = sign_in(None, f"admin {DECIDES}").post("/v1/decisions", json=body(overlap, *systems))
    assert nobody.status_code == 403


def test_systems_that_do_not_fit_together(sign_in, confirmed):
    overlap, (a, b, _) = confirmed
    cases = [
        ([], "/members", "none_stays"),
        ([member(a, "eliminate", "retire")], "/members", "none_stays"),
        ([member(a), member(a)], "/members/1/system_id", "repeated"),
        ([member(a), member(b, "tolerate", successor=a)], "/members/1/successor_id", "stays"),
        ([member(a), member(b, "migrate", successor=b)], "/members/1/successor_id", "goes"),
        ([member(a), member(b, "migrate", "rehost")], "/members/1/successor_id", "no_successor"),
        ([member(a) | {"disposition": "keep"}], "/members/0/disposition", "invalid"),
        ([member(a) | {"strategy": None}], "/members/0/strategy", "null"),
        ([{"system_id": "x"}], "/members/0/system_id", "invalid_uuid"),
        ([member(a) | {"colour": "red"}], "/members/0/colour", "unknown_field"),
    ]
    api = sign_in(BEDS, DECIDES)
    for members, pointer, code in cases:
        answer = api.post("/v1/decisions", json=body(overlap, a) | {"members": members})
        assert answer.status_code == 422, (members, answer.json)
        assert (pointer, code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}
    assert api.get("/v1/decisions").json["items"] == []


def test_scopes(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    decision = proposed(sign_in(BEDS, DECIDES), overlap, stays, goes)
    reader = sign_in(BEDS, "decisions:read")
    assert reader.get(f"/v1/decisions/{decision['id']}").status_code == 200
    assert reader.post("/v1/decisions", json=body(overlap, stays)).status_code == 403
    assert withdraw(reader, decision).status_code == 403
    assert sign(sign_in(CAMBS, "decisions:read decisions:propose"), decision).status_code == 403
