"""Requests that draft, propose, change and sign decisions."""

from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import OverlapVerdict
from tests.contexts import acting
from tests.factories import BEDS, SIGNATORY, build_actor, find_overlap

DECISION_SCOPES = "decisions:read decisions:propose decisions:sign overlaps:read systems:read"


def confirm_overlap(session, systems, by=BEDS):
    """Find the overlap of exactly these systems, and confirm it."""
    overlap = find_overlap(session, *systems)
    review_overlap(
        acting(session, build_actor(session, by)),
        overlap,
        verdict=OverlapVerdict.CONFIRMED,
        reason="They do the same.",
    )
    session.commit()
    return overlap


def build_member(each, disposition="invest", strategy="retain", successor=None):
    """Build one member of a decision's body."""
    return {
        "system_id": str(each.id),
        "disposition": disposition,
        "strategy": strategy,
        "successor_id": str(successor.id) if successor else None,
    }


def build_leaving_member(each, successor):
    """Build the member of a system that another replaces."""
    return build_member(each, "migrate", "repurchase", successor)


def build_decision(overlap, stays, *going):
    """Build the body of a decision by which one system replaces others."""
    return {
        "overlap_id": str(overlap.id),
        "title": "One roster",
        "rationale": "It has room for all.",
        "members": [build_member(stays)] + [build_leaving_member(each, stays) for each in going],
    }


def draft_decision(api, overlap, *systems, **fields):
    answer = api.post("/v1/decisions", json=build_decision(overlap, *systems) | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def decision_path(decision):
    """Return the path of a decision."""
    return f"/v1/decisions/{decision['id']}"


def propose_draft(api, decision):
    """Send a draft to the owners to sign."""
    return api.post(f"{decision_path(decision)}/proposal")


def withdraw_decision(api, decision, reason="We think again."):
    return api.post(f"{decision_path(decision)}/withdrawal", json={"reason": reason})


def propose_decision(api, overlap, *systems, **fields):
    """Draft and propose a decision, and return it."""
    answer = propose_draft(api, draft_decision(api, overlap, *systems, **fields))
    assert answer.status_code == 200, answer.json
    return answer.json


def read_decision(api, decision):
    """Read the current state of a decision."""
    answer = api.get(decision_path(decision))
    assert answer.status_code == 200, answer.json
    return answer.json


def change_decision(api, decision, **changes):
    """Change some fields of the current state."""
    etag = api.get(decision_path(decision)).headers["ETag"]
    return api.patch(decision_path(decision), json=changes, headers={"If-Match": etag})


def sign_decision(api, decision, verdict="agreed", **fields):
    """Sign the content of the decision as it was read."""
    signed = {"verdict": verdict, "content_hash": decision["content_hash"]} | SIGNATORY | fields
    return api.post(f"{decision_path(decision)}/sign-offs", json=signed)


def agree_decision(overlap, systems, *signers, **fields):
    """Return a decision that every signer agreed to, and that the first one proposed."""
    decision = propose_decision(signers[0], overlap, *systems, **fields)
    for api in signers:
        answer = sign_decision(api, decision)
        assert answer.status_code == 201, answer.json
    assert answer.json["status"] == "agreed"
    return answer.json


def list_refusals(answer, status):
    """Return the pointer and code of each error in a response with that status."""
    assert answer.status_code == status, answer.json
    return [(each["pointer"], each["code"]) for each in answer.json["errors"]]
