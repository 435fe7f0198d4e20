"""Which agreed decisions give way to another, and who is told by which."""

import pytest

from tests.rationalisation.deciding import (
    DECIDES,
    agreed,
    body,
    confirm,
    goes,
    member,
    path_of,
    read,
    sign,
)
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, capability, system


@pytest.fixture
def clients(sign_in):
    return [sign_in(code, DECIDES) for code in (BEDS, CAMBS, HERTS)]


@pytest.fixture
def two_overlaps(session):
    """A system of Cambridgeshire's does what one of Bedfordshire's does, and what one of
    Hertfordshire's does: two overlaps."""
    capability(session)
    capability(session, "E05", "Payroll")
    beds = system(session, BEDS, "Roster", capabilities=["E04"])
    both = system(session, CAMBS, "Suite", capabilities=["E04", "E05"])
    herts = system(session, HERTS, "Payroll", capabilities=["E05"])
    rostering = confirm(session, [beds, both])
    payroll = confirm(session, [both, herts], by=CAMBS)
    return rostering, payroll, beds, both, herts


def made(first, others, overlap, members):
    fields = {
        "overlap_id": str(overlap.id),
        "title": "x",
        "rationale": "y",
        "members": members,
    }
    draft = first.post("/v1/decisions", json=fields)
    assert draft.status_code == 201, draft.json
    decision = first.post(f"{path_of(draft.json)}/proposal").json
    for api in (first, *others):
        answer = sign(api, decision)
        assert answer.status_code == 201, answer.json
    assert answer.json["status"] == "agreed"
    return answer.json


def test_one_that_contradicts_it_on_another_overlap(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agreed(rostering, (roster, suite), beds, cambs)
    assert earlier["superseded_by"] is None
    # On another overlap it stays after all.
    later = agreed(payroll, (suite, pay), cambs, herts)
    found = read(cambs, earlier)
    assert (found["status"], found["superseded_by"]) == ("superseded", later["id"])
    # Who signed the earlier one is told; by what, it may not know.
    found = read(beds, earlier)
    assert (found["status"], found["superseded_by"]) == ("superseded", None)
    told = beds.get(f"{path_of(earlier)}/history")
    assert told.json["items"][-1]["changes"]["status"]["after"] == "superseded"
    assert later["id"] not in told.text
    assert cambs.get(f"{path_of(later)}/paper").json["supersedes"] == [earlier["id"]]
    assert herts.get(f"{path_of(later)}/paper").json["supersedes"] == []
    assert beds.get(f"{path_of(later)}/paper").status_code == 404


def test_another_successor_contradicts_it(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agreed(rostering, (roster, suite), beds, cambs)
    agreed(payroll, (pay, suite), herts, cambs)
    assert read(beds, earlier)["status"] == "superseded"


def test_two_that_say_the_same_stand_beside_each_other(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agreed(rostering, (roster, suite), beds, cambs)
    members = [member(pay), goes(suite, roster)]
    made(herts, (cambs, beds), payroll, members)
    assert read(beds, earlier)["status"] == "agreed"


def test_what_others_move_to_may_stay_in_two(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agreed(rostering, (suite, roster), cambs, beds)
    members = [member(suite, "tolerate"), goes(pay, suite)]
    made(cambs, (herts,), payroll, members)
    assert read(beds, earlier)["status"] == "agreed"


def test_the_paper_says_so_before_it_is_signed(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agreed(rostering, (roster, suite), beds, cambs)
    draft = herts.post("/v1/decisions", json=body(payroll, suite, pay)).json
    herts.post(f"{path_of(draft)}/proposal")
    assert cambs.get(f"{path_of(draft)}/paper").json["supersedes"] == [earlier["id"]]
    assert herts.get(f"{path_of(draft)}/paper").json["supersedes"] == []
    assert read(beds, earlier)["status"] == "agreed"
