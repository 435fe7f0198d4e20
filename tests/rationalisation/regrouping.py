"""Splitting and merging overlaps over HTTP, for the tests to set up."""

from tests.rationalisation.deciding import DECIDES

READS = f"{DECIDES} overlaps:write"
GROUPINGS = "/v1/overlap-groupings"


def split(api, overlap, *systems, **fields):
    """Part systems from an overlap."""
    body = {
        "making": "split",
        "overlap_ids": [str(overlap.id)],
        "system_ids": [str(each.id) for each in systems],
        "reason": "They roster otherwise.",
    }
    return api.post(GROUPINGS, json=body | fields)


def merge(api, *overlaps, **fields):
    """Make several overlaps one."""
    body = {"making": "merge", "overlap_ids": [str(each.id) for each in overlaps]}
    return api.post(GROUPINGS, json=body | {"reason": "One rostering."} | fields)


def made(answer):
    """What was answered to one of these."""
    assert answer.status_code == 201, answer.json
    return answer.json


def withdraw(api, grouping):
    """Undo it."""
    return api.post(f"{GROUPINGS}/{grouping['id']}/withdrawal")


def overlaps_of(api):
    """The systems of each overlap that a client sees, by the overlap's id."""
    answer = api.get("/v1/overlaps")
    assert answer.status_code == 200, answer.json
    return {
        each["id"]: {one["system_id"] for one in each["members"]} for each in answer.json["items"]
    }


def ids(*systems):
    """The ids of systems, as the API writes them."""
    return {str(each.id) for each in systems}
