"""Changed proposals: earlier sign-offs are void, and every owner must sign again."""

from datetime import UTC, datetime
from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.decisions import operations, views
from catalogue.rationalisation.decisions.models import DecisionMember
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, HERTS, add_rosters
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
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
from tests.threads import PATIENCE_SECONDS, Held


@pytest.fixture
def trio(session):
    systems = add_rosters(session, BEDS, CAMBS, HERTS)
    return confirm_overlap(session, systems), systems


@pytest.fixture
def clients(sign_in):
    return [sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS)]


def test_changing_a_proposal_voids_its_sign_offs_and_restarts_its_deadline(sign_in, trio):
    overlap, systems = trio
    with clock.freeze(datetime(2027, 6, 1, 22, 58, tzinfo=UTC)):
        clients = beds, cambs, _ = [sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS)]
        first = propose_decision(beds, overlap, *systems)
        assert first["sign_by"] == "2027-06-15"
        sign_decision(beds, first, comment="With a parallel run.")
        sign_decision(cambs, first)
    # The next day has already begun in the United Kingdom.
    with clock.freeze(datetime(2027, 6, 1, 23, 2, tzinfo=UTC)):
        changed = change_decision(beds, first, rationale="It is cheaper.").json
        sign_again(clients, first, changed)


def sign_again(clients, first, changed):
    herts = clients[-1]
    assert changed["status"] == "proposed"
    assert changed["content_hash"] != first["content_hash"]
    assert [changed[each] for each in ("proposed_at", "sign_by")] == [
        "2027-06-01T23:02:00+00:00",
        "2027-06-16",
    ]
    voided = changed["sign_offs"]
    assert [(each["agency"], each["comment"]) for each in voided] == [
        (BEDS, "With a parallel run."),
        (CAMBS, None),
    ]
    assert {each["voided_at"][:19] for each in voided} == {"2027-06-01T23:02:00"}
    assert changed["awaiting"] == [BEDS, CAMBS, HERTS]
    assert {each["content_hash"] for each in changed["sign_offs"]} == {first["content_hash"]}
    # The earlier content can no longer be signed.
    assert list_refusals(sign_decision(herts, first), 409) == [("/content_hash", "stale")]
    for api in clients:
        last = sign_decision(api, changed)
    assert last.json["status"] == "agreed"
    counted = [each["agency"] for each in last.json["sign_offs"] if each["voided_at"] is None]
    assert counted == [BEDS, CAMBS, HERTS]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda _: {"title": "Another"}, id="title"),
        pytest.param(lambda _: {"rationale": "Because."}, id="rationale"),
        pytest.param(lambda _: {"working_days_to_sign": 11}, id="working_days_to_sign"),
        pytest.param(
            lambda s: {
                "members": [
                    build_member(s[0], "tolerate"),
                    build_leaving_member(s[1], s[0]),
                    build_leaving_member(s[2], s[0]),
                ]
            },
            id="disposition",
        ),
        pytest.param(
            lambda s: {"members": [build_member(s[0]), build_leaving_member(s[1], s[0])]},
            id="fewer_members",
        ),
        pytest.param(
            lambda s: {
                "members": [
                    build_member(s[0]),
                    build_member(s[1]),
                    build_leaving_member(s[2], s[1]),
                ]
            },
            id="successor",
        ),
    ],
)
def test_changing_any_signed_field_voids_sign_offs(clients, trio, changes):
    overlap, systems = trio
    first = propose_decision(clients[0], overlap, *systems)
    sign_decision(clients[1], first)
    changed = change_decision(clients[0], first, **changes(systems)).json
    assert changed["content_hash"] != first["content_hash"]
    assert [bool(each["voided_at"]) for each in changed["sign_offs"]] == [True]


def test_a_change_without_effect_keeps_sign_offs(clients, trio):
    overlap, systems = trio
    beds, cambs, _ = clients
    first = propose_decision(beds, overlap, *systems)
    signed = sign_decision(cambs, first).json
    history = beds.get(f"{decision_path(first)}/history").json
    stays, *going = systems
    for same in (
        {},
        {"title": first["title"]},
        {"working_days_to_sign": 10},
        {
            "members": [
                *[build_leaving_member(each, stays) for each in reversed(going)],
                build_member(stays),
            ]
        },
    ):
        answer = change_decision(beds, first, **same)
        assert answer.status_code == 200, answer.json
        assert read_decision(cambs, first) == signed, same
    assert beds.get(f"{decision_path(first)}/history").json == history


def test_changing_a_proposal_releases_the_systems_its_signers_reserved(clients, session, trio):
    overlap, (a, b, c) = trio
    beds, cambs, herts = clients
    first = propose_decision(beds, overlap, a, b)
    second = propose_decision(herts, overlap, c, b)
    sign_decision(cambs, first)
    assert list_refusals(sign_decision(cambs, second), 409) == [("", "taken")]
    changed = change_decision(beds, first, title="Another").json
    session.expire_all()
    held = session.query(DecisionMember).filter_by(is_open=True).all()
    assert {each.system_id for each in held} == {a.id, c.id}
    assert sign_decision(cambs, second).status_code == 201
    assert list_refusals(sign_decision(cambs, changed), 409) == [("", "taken")]
    kinds = [each["kind"] for each in beds.get(f"{decision_path(first)}/history").json["items"]]
    assert kinds == ["decision.created", "decision.updated", "decision.updated"]
    assert sign_decision(herts, second).json["status"] == "agreed"
    assert sign_decision(cambs, changed).status_code == 201


def test_a_member_hidden_later_stays_in_the_draft(clients, session, trio):
    overlap, (a, b, c) = trio
    beds, _, herts = clients
    first = draft_decision(beds, overlap, c, a, b)
    writer = SystemWriter(acting(session), c.agency_id)
    writer.change(session.get(System, c.id), {"disclosure": Disclosure.OWNER_ONLY})
    session.commit()
    seen = read_decision(beds, first)
    assert [each["agency"] for each in seen["members"]] == [BEDS, CAMBS]
    assert [(m["successor_id"], m["withheld"]) for m in seen["members"]] == [
        (None, ["successor_id"])
    ] * 2
    assert seen["withheld_members"] == 1
    written = ("system_id", "disposition", "strategy", "successor_id")
    same = [{name: each[name] for name in written} for each in seen["members"]]
    assert change_decision(beds, first, members=same).status_code == 200
    whole = read_decision(herts, first)["members"]
    assert [each["agency"] for each in whole] == [BEDS, CAMBS, HERTS]
    assert [each["successor_id"] for each in whole] == [str(c.id), str(c.id), None]
    # Naming the hidden successor gives the same error as naming an unknown one.
    named = [build_leaving_member(a, c), same[1]]
    assert list_refusals(change_decision(beds, first, members=named), 422) == [
        ("/members/0/successor_id", "unknown")
    ]


def test_only_the_proposer_changes_a_proposal(clients, trio):
    overlap, systems = trio
    beds, cambs, _ = clients
    first = propose_decision(beds, overlap, *systems)
    assert change_decision(cambs, first, title="Ours").status_code == 403
    etag = cambs.get(decision_path(first)).headers["ETag"]
    sign_decision(cambs, first)
    stale = beds.patch(decision_path(first), json={"title": "x"}, headers={"If-Match": etag})
    assert stale.status_code == 412


def test_concurrent_sign_offs_agree_a_decision_once(clients, session, trio, monkeypatch):
    overlap, (a, b, _) = trio
    beds, cambs, _ = clients
    decision = propose_decision(beds, overlap, a, b)
    session.close()
    held = Held(views.sign_decision)
    monkeypatch.setattr(views, "sign_decision", held.wrapper())
    answers = []
    threads = [
        Thread(target=lambda api=api: answers.append(sign_decision(api, decision).json["status"]))
        for api in (beds, cambs)
    ]
    threads[0].start()
    held.wait_until_entered()
    threads[1].start()
    held.let_go()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    # Either thread can record its answer first.
    assert sorted(answers) == ["agreed", "proposed"]
    events = beds.get(f"{decision_path(decision)}/history").json["items"]
    statuses = [
        each["changes"]["status"]["after"] for each in events if "status" in each["changes"]
    ]
    assert statuses == ["draft", "proposed", "agreed"]


def test_signing_during_an_edit_is_rejected_as_stale(clients, session, trio, monkeypatch):
    overlap, (a, b, _) = trio
    beds, cambs, _ = clients
    decision = propose_decision(beds, overlap, a, b)
    sign_decision(beds, decision)
    session.close()
    held = Held(operations.update_decision)
    monkeypatch.setattr(operations, "update_decision", held.wrapper())
    edit = Thread(target=lambda: change_decision(beds, decision, title="Another"))
    late = []
    other = Thread(target=lambda: late.append(list_refusals(sign_decision(cambs, decision), 409)))
    edit.start()
    held.wait_until_entered()
    other.start()
    held.let_go()
    for thread in (edit, other):
        thread.join(PATIENCE_SECONDS)
    assert late == [[("/content_hash", "stale")]]
    assert read_decision(beds, decision)["awaiting"] == [BEDS, CAMBS]
