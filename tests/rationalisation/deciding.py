"""Drafting, proposing, changing and signing decisions over HTTP, for the tests to set up."""

from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import OverlapVerdict
from tests.rationalisation.scene import BEDS, actor_of, overlap_of

DECIDES = "decisions:read decisions:propose decisions:sign overlaps:read systems:read"


def confirm(session, systems, by=BEDS):
    """The overlap of just these systems, confirmed."""
    overlap = overlap_of(session, *systems)
    review_overlap(
        session,
        overlap,
        by=actor_of(session, by),
        verdict=OverlapVerdict.CONFIRMED,
        reason="They do the same.",
    )
    session.commit()
    return overlap


def member(each, disposition="invest", strategy="retain", successor=None):
    """What a body says of one system."""
    return {
        "system_id": str(each.id),
        "disposition": disposition,
        "strategy": strategy,
        "successor_id": str(successor.id) if successor else None,
    }


def goes(each, successor):
    """A system that is replaced by another."""
    return member(each, "migrate", "repurchase", successor)


def body(overlap, stays, *going):
    """A decision by which one system takes the place of others."""
    return {
        "overlap_id": str(overlap.id),
        "title": "One roster",
        "rationale": "It has room for all.",
        "members": [member(stays)] + [goes(each, stays) for each in going],
    }


def drafted(api, overlap, *systems, **fields):
    """A draft, as it was answered."""
    answer = api.post("/v1/decisions", json=body(overlap, *systems) | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def path_of(decision):
    """Where it is read."""
    return f"/v1/decisions/{decision['id']}"


def propose(api, decision):
    """Put a draft before the owners."""
    return api.post(f"{path_of(decision)}/proposal")


def withdraw(api, decision, reason="We think again."):
    """Take it back."""
    return api.post(f"{path_of(decision)}/withdrawal", json={"reason": reason})


def proposed(api, overlap, *systems, **fields):
    """A proposal, as it was answered."""
    answer = propose(api, drafted(api, overlap, *systems, **fields))
    assert answer.status_code == 200, answer.json
    return answer.json


def read(api, decision):
    """The decision as it is now."""
    answer = api.get(path_of(decision))
    assert answer.status_code == 200, answer.json
    return answer.json


def change(api, decision, **changes):
    """Change some fields of what is there now."""
    etag = api.get(path_of(decision)).headers["ETag"]
    return api.patch(path_of(decision), json=changes, headers={"If-Match": etag})


def sign(api, decision, verdict="agreed", **fields):
    """Sign what was read."""
    signed = {"verdict": verdict, "content_hash": decision["content_hash"]} | fields
    return api.post(f"{path_of(decision)}/sign-offs", json=signed)


def agreed(overlap, systems, *signers, **fields):
    """A decision that all have signed; the first of them proposes it."""
    decision = proposed(signers[0], overlap, *systems, **fields)
    for api in signers:
        answer = sign(api, decision)
        assert answer.status_code == 201, answer.json
    assert answer.json["status"] == "agreed"
    return answer.json


def refused(answer, status):
    """Where and why a request was refused."""
    assert answer.status_code == status, answer.json
    return [(each["pointer"], each["code"]) for each in answer.json["errors"]]
