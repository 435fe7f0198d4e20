"""Overlaps split and merged by hand over HTTP."""

from tests.rationalisation.api_decisions import DECISION_SCOPES

GROUPING_SCOPES = f"{DECISION_SCOPES} overlaps:write"
GROUPINGS = "/v1/overlap-groupings"


def split_overlap(api, overlap, *systems, **fields):
    """Split systems off from an overlap."""
    body = {
        "action": "split",
        "overlap_ids": [str(overlap.id)],
        "system_ids": [str(each.id) for each in systems],
        "reason": "They roster otherwise.",
    }
    return api.post(GROUPINGS, json=body | fields)


def merge_overlaps(api, *overlaps, **fields):
    """Merge several overlaps."""
    body = {"action": "merge", "overlap_ids": [str(each.id) for each in overlaps]}
    return api.post(GROUPINGS, json=body | {"reason": "One rostering."} | fields)


def read_created(answer):
    """The grouping that a split or a merge created."""
    assert answer.status_code == 201, answer.json
    return answer.json


def withdraw_grouping(api, grouping):
    """Withdraw a grouping."""
    return api.post(f"{GROUPINGS}/{grouping['id']}/withdrawal")


def systems_by_overlap(api):
    """The systems of each overlap that a client sees, by the overlap's id."""
    answer = api.get("/v1/overlaps")
    assert answer.status_code == 200, answer.json
    return {
        each["id"]: {one["system_id"] for one in each["members"]} for each in answer.json["items"]
    }


def ids_of(*systems):
    """The ids of systems, as the API writes them."""
    return {str(each.id) for each in systems}
