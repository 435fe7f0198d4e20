"""Decisions over HTTP: drafts, proposals and sign-offs, visible to the affected agencies."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.operations import NOT_IN_OVERLAP, TAKEN, create_decision
from catalogue.rationalisation.decisions.signatures import RESERVED
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, add_system, build_actor, find_overlap
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    build_decision,
    build_member,
    change_decision,
    confirm_overlap,
    decision_path,
    draft_decision,
    propose_decision,
    propose_draft,
    sign_decision,
    withdraw_decision,
)


@pytest.fixture
def confirmed(session):
    """Three rostering systems in a confirmed overlap."""
    systems = add_rosters(session, BEDS, CAMBS, HERTS)
    return confirm_overlap(session, systems), systems


def test_a_draft_decision_is_created_and_listed(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    api = sign_in(BEDS, DECISION_SCOPES)
    answer = api.post("/v1/decisions", json=build_decision(overlap, stays, goes))
    assert answer.headers["Location"] == f"/v1/decisions/{answer.json['id']}"
    draft = answer.json
    assert (draft["status"], draft["agency"], draft["content_hash"]) == ("draft", BEDS, None)
    assert draft["withheld_members"] == 0
    assert draft["sign_offs"] == []
    assert draft["members"] == [
        build_member(stays)
        | {"system_name": f"Roster {BEDS}", "agency": BEDS, "withheld": []}
        | {"successor_name": None},
        build_member(goes, "migrate", "repurchase", stays)
        | {"system_name": f"Roster {CAMBS}", "agency": CAMBS, "withheld": []}
        | {"successor_name": stays.name},
    ]
    assert (draft["proposed_at"], draft["sign_by"], draft["working_days_to_sign"]) == (
        None,
        None,
        10,
    )
    assert (draft["awaiting"], draft["awaiting_your_signature"], draft["overdue"]) == (
        [],
        False,
        False,
    )
    assert api.get(answer.headers["Location"]).json == draft
    assert api.get("/v1/decisions?status=draft&q=room&total=true").json["page"]["total"] == 1


def test_a_decision_is_agreed_once_every_owner_signs(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs, herts = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS))
    decision = propose_decision(beds, overlap, stays, goes)
    assert decision["status"] == "proposed"
    assert len(decision["content_hash"]) == 64
    assert decision["proposed_at"]
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 404
    assert sign_decision(herts, decision).status_code == 404
    first = sign_decision(beds, decision, comment="With a parallel run.")
    assert first.status_code == 201
    assert first.json["status"] == "proposed"
    (signed,) = first.json["sign_offs"]
    assert (signed["agency"], signed["comment"]) == (BEDS, "With a parallel run.")
    assert signed["signed_at"].endswith("+00:00")
    assert sign_decision(beds, decision).status_code == 409
    last = sign_decision(cambs, decision)
    assert last.json["status"] == "agreed"
    assert [each["agency"] for each in last.json["sign_offs"]] == [BEDS, CAMBS]
    assert last.json["decided_at"]
    assert sign_decision(cambs, decision).status_code == 409
    assert beds.get(f"/v1/overlaps/{overlap.id}").json["status"] == "decided"
    # Hertfordshire has no part in the decision, and cannot see that it exists.
    assert herts.get(f"/v1/overlaps/{overlap.id}").json["status"] == "confirmed"


def test_a_refusal_ends_a_decision_and_frees_its_systems(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECISION_SCOPES), sign_in(CAMBS, DECISION_SCOPES)
    decision = propose_decision(beds, overlap, stays, goes)
    for silent in ({}, {"comment": None}):
        answer = sign_decision(cambs, decision, "refused", **silent)
        assert answer.status_code == 422
        (error,) = answer.json["errors"]
        assert (error["pointer"], error["code"]) == ("/comment", "unexplained")
    refused = sign_decision(cambs, decision, "refused", comment="The contract runs on.")
    assert refused.json["status"] == "refused"
    assert sign_decision(beds, decision).status_code == 409
    assert draft_decision(cambs, overlap, goes, stays)["status"] == "draft"


def test_signing_rejects_a_stale_content_hash_and_a_draft(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECISION_SCOPES), sign_in(CAMBS, DECISION_SCOPES)
    decision = propose_decision(beds, overlap, stays, goes)
    answer = sign_decision(cambs, decision, content_hash="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "stale")
    short = sign_decision(cambs, decision, content_hash="0")
    assert short.status_code == 422
    unproposed = draft_decision(sign_in(HERTS, DECISION_SCOPES), overlap, confirmed[1][2])
    answer = sign_decision(sign_in(HERTS, DECISION_SCOPES), unproposed, content_hash="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "not_proposed")


def test_a_proposer_without_a_member_system_cannot_sign(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    herts = sign_in(HERTS, DECISION_SCOPES)
    decision = propose_decision(herts, overlap, stays, goes)
    assert sign_decision(herts, decision).status_code == 403


def test_an_agency_outside_the_overlap_cannot_draft_a_decision(sign_in, confirmed):
    overlap, (stays, goes, *_) = confirmed
    kent = sign_in("kent-police", DECISION_SCOPES)
    answer = kent.post("/v1/decisions", json=build_decision(overlap, stays, goes))
    assert answer.status_code == 403, answer.json
    # The failed draft therefore does not block an agency of the overlap.
    draft_decision(sign_in(BEDS, DECISION_SCOPES), overlap, stays, goes)


def test_the_content_hash_covers_content_and_proposal_time(sign_in, confirmed):
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
            api = sign_in(BEDS, DECISION_SCOPES)
            decision = propose_decision(api, overlap, *systems, **fields)
            hashes.append(decision["content_hash"])
            assert withdraw_decision(api, decision).json["status"] == "withdrawn"
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_changing_a_draft_needs_the_current_etag(sign_in, confirmed):
    overlap, (stays, goes, other) = confirmed
    api = sign_in(BEDS, DECISION_SCOPES)
    path = decision_path(draft_decision(api, overlap, stays, goes))
    etag = api.get(path).headers["ETag"]
    members = [build_member(goes, "tolerate"), build_member(other, "eliminate", "retire", goes)]
    changes = {"title": "Another", "members": members}
    assert api.patch(path, json=changes).status_code == 428
    changed = api.patch(path, json=changes, headers={"If-Match": etag})
    assert changed.json["title"] == "Another"
    assert [each["agency"] for each in changed.json["members"]] == [CAMBS, HERTS]
    assert changed.json["content_hash"] is None
    assert api.patch(path, json=changes, headers={"If-Match": etag}).status_code == 412


def test_only_the_proposer_changes_proposes_or_withdraws_a_decision(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    decision = draft_decision(sign_in(BEDS, DECISION_SCOPES), overlap, stays, goes)
    cambs, herts = sign_in(CAMBS, DECISION_SCOPES), sign_in(HERTS, DECISION_SCOPES)
    path = f"/v1/decisions/{decision['id']}"
    etag = cambs.get(path).headers["ETag"]
    assert cambs.patch(path, json={"title": "x"}, headers={"If-Match": etag}).status_code == 403
    for act in (propose_draft, withdraw_decision):
        assert act(cambs, decision).status_code == 403
        assert act(herts, decision).status_code == 404


def test_a_decision_rejects_steps_out_of_order(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    api = sign_in(BEDS, DECISION_SCOPES)
    decision = propose_decision(api, overlap, stays, goes)
    assert propose_draft(api, decision).status_code == 409
    answer = api.post(f"{decision_path(decision)}/withdrawal", json={})
    assert answer.json["errors"][0]["pointer"] == "/reason"
    taken_back = withdraw_decision(api, decision, "The contract was extended.").json
    assert taken_back["withdrawal_reason"] == "The contract was extended."
    for act in (propose_draft, withdraw_decision):
        assert act(api, decision).status_code == 409
    assert change_decision(api, decision, title="Late").json["errors"][0]["code"] == "closed"
    assert sign_decision(sign_in(CAMBS, DECISION_SCOPES), decision).status_code == 409


def build_taken_error(pointer, detail):
    return [{"pointer": pointer, "code": "taken", "detail": detail}]


def test_a_system_can_be_in_only_one_known_open_decision(sign_in, session, confirmed):
    overlap, (stays, goes, other) = confirmed
    beds, cambs = sign_in(BEDS, DECISION_SCOPES), sign_in(CAMBS, DECISION_SCOPES)
    first = draft_decision(beds, overlap, stays, goes)
    for api, systems in ((beds, (stays, other)), (cambs, (goes, other)), (cambs, (other, goes))):
        answer = api.post("/v1/decisions", json=build_decision(overlap, *systems))
        known = systems.index(stays if api is beds else goes)
        assert answer.status_code == 409
        assert answer.json["errors"] == build_taken_error(f"/members/{known}/system_id", TAKEN)
    assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1
    assert withdraw_decision(beds, first).status_code == 200
    assert draft_decision(cambs, overlap, goes, other)["status"] == "draft"


def test_a_hidden_decision_does_not_block_another_proposal(sign_in, confirmed):
    """A conflict would reveal to Hertfordshire that the other two have plans.

    Only Cambridgeshire sees both proposals, and can agree to one of them.
    """
    overlap, (stays, goes, other) = confirmed
    beds, cambs, herts = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS))
    first = propose_decision(beds, overlap, stays, goes)
    second = propose_decision(herts, overlap, other, goes)
    assert sign_decision(cambs, first).json["status"] == "proposed"
    refused = sign_decision(cambs, second)
    assert refused.status_code == 409
    assert refused.json["errors"] == build_taken_error("", RESERVED)
    assert sign_decision(beds, first).json["status"] == "agreed"
    assert sign_decision(cambs, second).status_code == 201
    assert sign_decision(herts, second).json["status"] == "agreed"
    assert beds.get(f"/v1/decisions/{first['id']}").json["status"] == "superseded"


def test_an_agency_that_signed_one_decision_can_refuse_a_competing_one(sign_in, confirmed):
    overlap, (stays, goes, other) = confirmed
    beds, cambs, herts = (sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS))
    sign_decision(cambs, propose_decision(beds, overlap, stays, goes))
    second = propose_decision(herts, overlap, other, goes)
    assert (
        sign_decision(cambs, second, "refused", comment="We go another way.").json["status"]
        == "refused"
    )


def test_the_database_rejects_a_second_open_decision_for_a_system(session, confirmed):
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
    create_decision(acting(session, build_actor(session, BEDS)), fields=fields)
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


def test_a_newly_agreed_decision_supersedes_the_older_one(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    beds, cambs = sign_in(BEDS, DECISION_SCOPES), sign_in(CAMBS, DECISION_SCOPES)
    older = propose_decision(beds, overlap, stays, goes)
    sign_decision(beds, older)
    sign_decision(cambs, older)
    newer = propose_decision(cambs, overlap, goes, stays)
    sign_decision(beds, newer)
    assert beds.get(f"/v1/decisions/{older['id']}").json["status"] == "agreed"
    assert sign_decision(cambs, newer).json["status"] == "agreed"
    assert beds.get(f"/v1/decisions/{older['id']}").json["status"] == "superseded"


def test_hidden_members_of_a_decision_are_only_counted(sign_in, session):
    ours = add_rosters(session, BEDS)
    disclosed = add_rosters(session, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = confirm_overlap(session, [*ours, *disclosed, hidden])
    beds, herts = sign_in(BEDS, DECISION_SCOPES), sign_in(HERTS, DECISION_SCOPES)
    decision = propose_decision(herts, overlap, hidden, *ours, *disclosed)
    assert decision["withheld_members"] == 0
    seen = beds.get(f"/v1/decisions/{decision['id']}").json
    assert seen["withheld_members"] == 1
    assert [each["agency"] for each in seen["members"]] == [BEDS, CAMBS]
    assert {each["successor_id"] for each in seen["members"]} == {None}
    sign_decision(herts, decision)
    assert beds.get(f"/v1/decisions/{decision['id']}").json["sign_offs"] == []
    assert str(hidden.id) not in beds.get("/v1/decisions").text
    of_system = "/v1/decisions?fields=id&total=true&system_id="
    shown = [{"id": decision["id"]}]
    assert beds.get(f"{of_system}{ours[0].id}").json["items"] == shown
    assert beds.get(f"{of_system}{disclosed[0].id}").json["items"] == shown
    assert beds.get(f"{of_system}{hidden.id}").json["page"]["total"] == 0
    assert herts.get(f"{of_system}{hidden.id}").json["items"] == shown
    assert beds.get(f"{of_system}{uuid4()}").json["items"] == []


def test_a_decision_rejects_systems_hidden_or_outside_the_overlap(sign_in, session):
    seen = add_rosters(session, BEDS, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    stranger = add_system(session, CAMBS, "Stranger")
    overlap = confirm_overlap(session, [*seen, hidden])
    api = sign_in(BEDS, DECISION_SCOPES)
    for each in (hidden, stranger):
        answer = api.post("/v1/decisions", json=build_decision(overlap, seen[0], each))
        assert answer.status_code == 422
        assert answer.json["errors"] == [
            {
                "pointer": "/members/1/system_id",
                "code": "unknown",
                "detail": NOT_IN_OVERLAP,
            }
        ]


def test_a_decision_needs_a_confirmed_overlap(sign_in, session):
    systems = add_rosters(session, BEDS, CAMBS)
    overlap = find_overlap(session, *systems)
    answer = sign_in(BEDS, DECISION_SCOPES).post(
        "/v1/decisions", json=build_decision(overlap, *systems)
    )
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "not_confirmed")
    unknown = build_decision(overlap, *systems) | {"overlap_id": str(systems[0].id)}
    answer = sign_in(BEDS, DECISION_SCOPES).post("/v1/decisions", json=unknown)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/overlap_id")
    nobody = sign_in(None, f"admin {DECISION_SCOPES}").post(
        "/v1/decisions", json=build_decision(overlap, *systems)
    )
    assert nobody.status_code == 403


def test_a_decision_rejects_members_that_do_not_fit_together(sign_in, confirmed):
    overlap, (a, b, _) = confirmed
    cases = [
        ([], "/members", "none_stays"),
        ([build_member(a, "eliminate", "retire")], "/members", "none_stays"),
        ([build_member(a), build_member(a)], "/members/1/system_id", "repeated"),
        (
            [build_member(a), build_member(b, "tolerate", successor=a)],
            "/members/1/successor_id",
            "stays",
        ),
        (
            [build_member(a), build_member(b, "migrate", successor=b)],
            "/members/1/successor_id",
            "goes",
        ),
        (
            [build_member(a), build_member(b, "migrate", "rehost")],
            "/members/1/successor_id",
            "no_successor",
        ),
        ([build_member(a) | {"disposition": "keep"}], "/members/0/disposition", "invalid"),
        ([build_member(a) | {"strategy": None}], "/members/0/strategy", "null"),
        ([{"system_id": "x"}], "/members/0/system_id", "invalid_uuid"),
        ([build_member(a) | {"colour": "red"}], "/members/0/colour", "unknown_field"),
    ]
    api = sign_in(BEDS, DECISION_SCOPES)
    for members, pointer, code in cases:
        answer = api.post("/v1/decisions", json=build_decision(overlap, a) | {"members": members})
        assert answer.status_code == 422, (members, answer.json)
        assert (pointer, code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}
    assert api.get("/v1/decisions").json["items"] == []


def test_reading_proposing_and_signing_decisions_need_their_scopes(sign_in, confirmed):
    overlap, (stays, goes, _) = confirmed
    decision = propose_decision(sign_in(BEDS, DECISION_SCOPES), overlap, stays, goes)
    reader = sign_in(BEDS, "decisions:read")
    assert reader.get(f"/v1/decisions/{decision['id']}").status_code == 200
    assert reader.post("/v1/decisions", json=build_decision(overlap, stays)).status_code == 403
    assert withdraw_decision(reader, decision).status_code == 403
    assert (
        sign_decision(sign_in(CAMBS, "decisions:read decisions:propose"), decision).status_code
        == 403
    )
