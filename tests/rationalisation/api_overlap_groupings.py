"""Requests that split and merge overlaps."""

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


def read_created(response):
    """Return the grouping that a split or a merger created."""
    assert response.status_code == 201, response.json
    return response.json


def withdraw_grouping(api, grouping):
    """Withdraw a grouping."""
    return api.post(f"{GROUPINGS}/{grouping['id']}/withdrawal")


def systems_by_overlap(api):
    """Return the visible systems of each overlap, by the overlap's id."""
    response = api.get("/v1/overlaps")
    assert response.status_code == 200, response.json
    return {
        each["id"]: {one["system_id"] for one in each["members"]} for each in response.json["items"]
    }


def ids_of(*systems):
    """Return the ids of systems as the API writes them."""
    return {str(each.id) for each in systems}
