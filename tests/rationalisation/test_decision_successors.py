"""What takes over from a system: any that the proposer sees, with its owner's consent."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.decisions.operations import agreed_decision_of
from tests.rationalisation.deciding import (
    DECIDES,
    body,
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
from tests.rationalisation.scene import BEDS, CAMBS, CENTRE, HERTS, actor_of, rosters, system


@pytest.fixture
def pair(session):
    systems = rosters(session, BEDS, CAMBS)
    return confirm(session, systems), systems


@pytest.fixture
def shared(session):
    """A system of the shared services centre, which does something else today."""
    made = system(session, CENTRE, "Shared platform")
    session.commit()
    return made


def moved(overlap, stays, gone, successor):
    return body(overlap, stays) | {"members": [member(stays), goes(gone, successor)]}


def test_its_owner_sees_and_signs(sign_in, pair, shared):
    overlap, (stays, gone) = pair
    beds, cambs, centre = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, CENTRE))
    draft = beds.post("/v1/decisions", json=moved(overlap, stays, gone, shared)).json
    assert draft["members"][1]["successor_id"] == str(shared.id)
    decision = beds.post(f"{path_of(draft)}/proposal").json
    assert decision["awaiting"] == [CENTRE, BEDS, CAMBS]
    (waiting,) = centre.get("/v1/decisions?awaits_us=true").json["items"]
    assert waiting["id"] == decision["id"]
    for api in (beds, cambs):
        assert sign(api, decision).json["status"] == "proposed"
    seen = read(centre, decision)
    assert [each["agency"] for each in seen["sign_offs"]] == [BEDS, CAMBS]
    assert (seen["withheld_members"], seen["awaiting"]) == (0, [CENTRE])
    assert len(centre.get(f"{path_of(decision)}/history").json["items"]) == 2
    assert sign(centre, decision).json["status"] == "agreed"


def test_one_that_may_not_be_seen_is_withheld(sign_in, session):
    stays, gone, own = systems = rosters(session, BEDS, CAMBS, HERTS)
    overlap = confirm(session, systems)
    hidden = system(session, HERTS, "Hidden", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    beds, cambs, herts = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS))
    unknown = beds.post("/v1/decisions", json=moved(overlap, stays, gone, hidden))
    assert refused(unknown, 422) == [("/members/1/successor_id", "unknown")]
    draft = herts.post("/v1/decisions", json=moved(overlap, own, gone, hidden))
    assert draft.status_code == 201, draft.json
    decision = herts.post(f"{path_of(draft.json)}/proposal").json
    assert decision["withheld_members"] == 0
    seen = read(cambs, decision)
    assert seen["withheld_members"] == 1
    (told,) = [each for each in seen["members"] if each["agency"] == CAMBS]
    assert (told["successor_id"], told["withheld"]) == (None, ["successor_id"])
    assert str(hidden.id) not in cambs.get(path_of(decision)).text
    assert str(hidden.id) not in cambs.get(f"{path_of(decision)}/history").text
    assert str(hidden.id) not in cambs.get(f"{path_of(decision)}/paper").text
    # Its owner is known by another system.
    assert seen["awaiting"] == [CAMBS, HERTS]
    sign(herts, decision)
    assert sign(cambs, decision).json["status"] == "agreed"
    found = agreed_decision_of(session, gone.id, by=actor_of(session, CAMBS))
    assert (found.successor_id, found.successor_withheld) == (None, True)
    found = agreed_decision_of(session, gone.id, by=actor_of(session, HERTS))
    assert (found.successor_id, found.successor_withheld) == (hidden.id, False)
    assert str(found.decision_id) == decision["id"]
    assert agreed_decision_of(session, gone.id, by=actor_of(session, BEDS)) is None


def test_an_owner_of_hidden_systems_alone_is_not_named(sign_in, session):
    ours = rosters(session, BEDS, CAMBS)
    hidden = system(session, CENTRE, "Hidden", disclosure=Disclosure.OWNER_ONLY)
    (third,) = rosters(session, CENTRE)
    overlap = confirm(session, [*ours, third])
    beds, cambs, centre = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, CENTRE))
    fields = body(overlap, ours[0]) | {"members": [member(ours[0]), goes(ours[1], hidden)]}
    draft = centre.post("/v1/decisions", json=fields).json
    decision = centre.post(f"{path_of(draft)}/proposal").json
    assert decision["awaiting"] == [CENTRE, BEDS, CAMBS]
    for api in (beds, cambs):
        assert read(api, decision)["awaiting"] == [BEDS, CAMBS]
        assert api.get(f"/v1/decisions?awaiting={CENTRE}").json["items"] == []
    sign(centre, decision)
    assert read(beds, decision)["sign_offs"] == []


def test_one_that_retires_needs_none(sign_in, pair):
    overlap, (stays, gone) = pair
    api = sign_in(BEDS, DECIDES)
    draft = drafted(api, overlap, stays)
    members = [member(stays), member(gone, "eliminate", "retire")]
    assert change(api, draft, members=members).status_code == 200
    lost = [member(stays), member(gone, "migrate", "rehost")]
    assert refused(change(api, draft, members=lost), 422) == [
        ("/members/1/successor_id", "no_successor")
    ]


def test_a_new_successor_is_a_new_proposal(sign_in, pair, shared):
    overlap, (stays, gone) = pair
    beds, cambs, centre = (sign_in(code, DECIDES) for code in (BEDS, CAMBS, CENTRE))
    decision = proposed(beds, overlap, stays, gone)
    sign(beds, decision)
    assert centre.get(path_of(decision)).status_code == 404
    changed = change(beds, decision, members=[member(stays), goes(gone, shared)]).json
    assert changed["awaiting"] == [CENTRE, BEDS, CAMBS]
    assert read(centre, decision)["id"] == decision["id"]
    for api in (beds, cambs, centre):
        last = sign(api, changed)
    assert last.json["status"] == "agreed"
