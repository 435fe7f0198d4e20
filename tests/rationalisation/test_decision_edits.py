"""Proposals that are changed: what was signed is void, and everything begins anew."""

from datetime import UTC, datetime
from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.decisions import views
from catalogue.rationalisation.decisions.models import DecisionMember
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from tests.rationalisation.deciding import (
    DECIDES,
    change,
    confirm,
    drafted,
    goes,
    member,
    path_of,
    proposed,
    read,
    refused,
    sign,
)
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, rosters
from tests.threads import Held


@pytest.fixture
def trio(session):
    systems = rosters(session, BEDS, CAMBS, HERTS)
    return confirm(session, systems), systems


@pytest.fixture
def clients(sign_in):
    return [sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS)]


def test_a_change_voids_what_was_signed(sign_in, trio):
    overlap, systems = trio
    with clock.freeze(datetime(2027, 6, 1, 22, 58, tzinfo=UTC)):
        clients = beds, cambs, _ = [sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS)]
        first = proposed(beds, overlap, *systems)
        assert first["sign_by"] == "2027-06-15"
        sign(beds, first, comment="With a parallel run.")
        sign(cambs, first)
    # In the United Kingdom, the next day has begun.
    with clock.freeze(datetime(2027, 6, 1, 23, 2, tzinfo=UTC)):
        changed = change(beds, first, rationale="It is cheaper.").json
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
    # What was read before is not what may be signed now.
    assert refused(sign(herts, first), 409) == [("/content_hash", "stale")]
    for api in clients:
        last = sign(api, changed)
    assert last.json["status"] == "agreed"
    counted = [each["agency"] for each in last.json["sign_offs"] if each["voided_at"] is None]
    assert counted == [BEDS, CAMBS, HERTS]


@pytest.mark.parametrize(
    "changes",
    [
        lambda _: {"title": "Another"},
        lambda _: {"rationale": "Because."},
        lambda _: {"working_days_to_sign": 11},
        lambda s: {"members": [member(s[0], "tolerate"), goes(s[1], s[0]), goes(s[2], s[0])]},
        lambda s: {"members": [member(s[0]), goes(s[1], s[0])]},
        lambda s: {"members": [member(s[0]), member(s[1]), goes(s[2], s[1])]},
    ],
)
def test_every_part_of_it_is_signed(clients, trio, changes):
    overlap, systems = trio
    first = proposed(clients[0], overlap, *systems)
    sign(clients[1], first)
    changed = change(clients[0], first, **changes(systems)).json
    assert changed["content_hash"] != first["content_hash"]
    assert [bool(each["voided_at"]) for each in changed["sign_offs"]] == [True]


def test_who_changes_nothing_voids_nothing(clients, trio):
    overlap, systems = trio
    beds, cambs, _ = clients
    first = proposed(beds, overlap, *systems)
    signed = sign(cambs, first).json
    history = beds.get(f"{path_of(first)}/history").json
    stays, *going = systems
    for same in (
        {},
        {"title": first["title"]},
        {"working_days_to_sign": 10},
        {"members": [*[goes(each, stays) for each in reversed(going)], member(stays)]},
    ):
        answer = change(beds, first, **same)
        assert answer.status_code == 200, answer.json
        assert read(cambs, first) == signed, same
    assert beds.get(f"{path_of(first)}/history").json == history


def test_a_change_gives_back_what_signers_held(clients, session, trio):
    overlap, (a, b, c) = trio
    beds, cambs, herts = clients
    first = proposed(beds, overlap, a, b)
    second = proposed(herts, overlap, c, b)
    sign(cambs, first)
    assert refused(sign(cambs, second), 409) == [("", "taken")]
    changed = change(beds, first, title="Another").json
    session.expire_all()
    held = session.query(DecisionMember).filter_by(is_open=True).all()
    assert {each.system_id for each in held} == {a.id, c.id}
    assert sign(cambs, second).status_code == 201
    assert refused(sign(cambs, changed), 409) == [("", "taken")]
    kinds = [each["kind"] for each in beds.get(f"{path_of(first)}/history").json["items"]]
    assert kinds == ["decision.created", "decision.updated", "decision.updated"]
    assert sign(herts, second).json["status"] == "agreed"
    assert sign(cambs, changed).status_code == 201


def test_what_the_proposer_sees_no_more_stays_in_it(clients, session, trio):
    overlap, (a, b, c) = trio
    beds, _, herts = clients
    first = drafted(beds, overlap, c, a, b)
    writer = SystemWriter(session, c.agency_id)
    writer.change(session.get(System, c.id), {"disclosure": Disclosure.OWNER_ONLY})
    session.commit()
    seen = read(beds, first)
    assert [each["agency"] for each in seen["members"]] == [BEDS, CAMBS]
    assert [(m["successor_id"], m["withheld"]) for m in seen["members"]] == [
        (None, ["successor_id"])
    ] * 2
    assert seen["withheld_members"] == 1
    written = ("system_id", "disposition", "strategy", "successor_id")
    same = [{name: each[name] for name in written} for each in seen["members"]]
    assert change(beds, first, members=same).status_code == 200
    whole = read(herts, first)["members"]
    assert [each["agency"] for each in whole] == [BEDS, CAMBS, HERTS]
    assert [each["successor_id"] for each in whole] == [str(c.id), str(c.id), None]
    # One that it names itself is as unknown as any.
    named = [goes(a, c), same[1]]
    assert refused(change(beds, first, members=named), 422) == [
        ("/members/0/successor_id", "unknown")
    ]


def test_only_the_proposer_changes_a_proposal(clients, trio):
    overlap, systems = trio
    beds, cambs, _ = clients
    first = proposed(beds, overlap, *systems)
    assert change(cambs, first, title="Ours").status_code == 403
    etag = cambs.get(path_of(first)).headers["ETag"]
    sign(cambs, first)
    stale = beds.patch(path_of(first), json={"title": "x"}, headers={"If-Match": etag})
    assert stale.status_code == 412


def test_two_owners_who_sign_at_once_agree_once(clients, session, trio, monkeypatch):
    overlap, (a, b, _) = trio
    beds, cambs, _ = clients
    decision = proposed(beds, overlap, a, b)
    session.close()
    held = Held(views.sign_decision)
    monkeypatch.setattr(views, "sign_decision", held.wrapper())
    answers = []
    threads = [
        Thread(target=lambda api=api: answers.append(sign(api, decision).json["status"]))
        for api in (beds, cambs)
    ]
    threads[0].start()
    held.wait_until_entered()
    threads[1].start()
    held.let_go()
    for thread in threads:
        thread.join(timeout=20)
    assert answers == ["proposed", "agreed"]
    told = beds.get(f"{path_of(decision)}/history").json["items"]
    statuses = [each["changes"]["status"]["after"] for each in told if "status" in each["changes"]]
    assert statuses == ["draft", "proposed", "agreed"]


def test_an_edit_under_way_leaves_a_signature_stale(clients, session, trio, monkeypatch):
    overlap, (a, b, _) = trio
    beds, cambs, _ = clients
    decision = proposed(beds, overlap, a, b)
    sign(beds, decision)
    session.close()
    held = Held(views.change_decision)
    monkeypatch.setattr(views, "change_decision", held.wrapper())
    edit = Thread(target=lambda: change(beds, decision, title="Another"))
    late = []
    other = Thread(target=lambda: late.append(refused(sign(cambs, decision), 409)))
    edit.start()
    held.wait_until_entered()
    other.start()
    held.let_go()
    for thread in (edit, other):
        thread.join(timeout=20)
    assert late == [[("/content_hash", "stale")]]
    assert read(beds, decision)["awaiting"] == [BEDS, CAMBS]
