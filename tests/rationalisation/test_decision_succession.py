"""Agreed decisions that supersede others, and the agencies that see which."""

import pytest

from tests.factories import BEDS, CAMBS, HERTS, add_capability, add_system
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    agree_decision,
    build_decision,
    build_leaving_member,
    build_member,
    confirm_overlap,
    decision_path,
    read_decision,
    sign_decision,
)


@pytest.fixture
def clients(sign_in):
    return [sign_in(code, DECISION_SCOPES) for code in (BEDS, CAMBS, HERTS)]


@pytest.fixture
def two_overlaps(session):
    """A system of Cambridgeshire in two overlaps: with Bedfordshire and with Hertfordshire."""
    add_capability(session)
    add_capability(session, "E05", "Payroll")
    beds = add_system(session, BEDS, "Roster", capabilities=["E04"])
    both = add_system(session, CAMBS, "Suite", capabilities=["E04", "E05"])
    herts = add_system(session, HERTS, "Payroll", capabilities=["E05"])
    rostering = confirm_overlap(session, [beds, both])
    payroll = confirm_overlap(session, [both, herts], by=CAMBS)
    return rostering, payroll, beds, both, herts


def agree_on_members(first, others, overlap, members):
    fields = {
        "overlap_id": str(overlap.id),
        "title": "x",
        "rationale": "y",
        "members": members,
    }
    draft = first.post("/v1/decisions", json=fields)
    assert draft.status_code == 201, draft.json
    decision = first.post(f"{decision_path(draft.json)}/proposal").json
    for api in (first, *others):
        answer = sign_decision(api, decision)
        assert answer.status_code == 201, answer.json
    assert answer.json["status"] == "agreed"
    return answer.json


def test_a_contradicting_decision_on_another_overlap_supersedes_the_earlier_one(
    clients, two_overlaps
):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agree_decision(rostering, (roster, suite), beds, cambs)
    assert earlier["superseded_by"] is None
    # The system stays by a later decision on the other overlap.
    later = agree_decision(payroll, (suite, pay), cambs, herts)
    decision = read_decision(cambs, earlier)
    assert (decision["status"], decision["superseded_by"]) == ("superseded", later["id"])
    # An agency that signed the earlier decision sees that it is superseded, but not by which.
    decision = read_decision(beds, earlier)
    assert (decision["status"], decision["superseded_by"]) == ("superseded", None)
    history = beds.get(f"{decision_path(earlier)}/history")
    assert history.json["items"][-1]["changes"]["status"]["after"] == "superseded"
    assert later["id"] not in history.text
    assert cambs.get(f"{decision_path(later)}/briefing").json["supersedes"] == [earlier["id"]]
    assert herts.get(f"{decision_path(later)}/briefing").json["supersedes"] == []
    assert beds.get(f"{decision_path(later)}/briefing").status_code == 404


def test_a_decision_with_another_successor_supersedes_the_earlier_one(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agree_decision(rostering, (roster, suite), beds, cambs)
    agree_decision(payroll, (pay, suite), herts, cambs)
    assert read_decision(beds, earlier)["status"] == "superseded"


def test_decisions_with_the_same_outcome_both_stay_agreed(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agree_decision(rostering, (roster, suite), beds, cambs)
    members = [build_member(pay), build_leaving_member(suite, roster)]
    agree_on_members(herts, (cambs, beds), payroll, members)
    assert read_decision(beds, earlier)["status"] == "agreed"


def test_a_successor_can_stay_in_two_agreed_decisions(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agree_decision(rostering, (suite, roster), cambs, beds)
    members = [build_member(suite, "tolerate"), build_leaving_member(pay, suite)]
    agree_on_members(cambs, (herts,), payroll, members)
    assert read_decision(beds, earlier)["status"] == "agreed"


def test_the_briefing_lists_superseded_decisions_before_signing(clients, two_overlaps):
    beds, cambs, herts = clients
    rostering, payroll, roster, suite, pay = two_overlaps
    earlier = agree_decision(rostering, (roster, suite), beds, cambs)
    draft = herts.post("/v1/decisions", json=build_decision(payroll, suite, pay)).json
    herts.post(f"{decision_path(draft)}/proposal")
    assert cambs.get(f"{decision_path(draft)}/briefing").json["supersedes"] == [earlier["id"]]
    assert herts.get(f"{decision_path(draft)}/briefing").json["supersedes"] == []
    assert read_decision(beds, earlier)["status"] == "agreed"
