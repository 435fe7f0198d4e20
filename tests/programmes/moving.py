"""Moving systems over HTTP, for the tests to set up."""

from typing import Any

from tests.programmes.arrows import FORWARD, GATES, NEED_REASON

LEADS = (
    "agencies:read agencies:write decisions:read decisions:propose decisions:sign programmes:read "
    "programmes:write systems:read systems:write"
)
MOVED = {"early_life_support", "complete"}


def body(programme: Any, each: Any, **fields: Any) -> dict[str, Any]:
    """What puts a system into a programme."""
    return {
        "programme_id": programme["id"],
        "system_id": str(each.id),
        "strategy": "repurchase",
    } | fields


def moved(api: Any, programme: Any, each: Any, **fields: Any) -> Any:
    """Put a system into a programme; the migration."""
    answer = api.post("/v1/migrations", json=body(programme, each, **fields))
    assert answer.status_code == 201, answer.json
    return answer.json


def at(api: Any, programme: Any, each: Any, stage: str, **fields: Any) -> Any:
    """Put a system into a programme at a stage, on the first of October."""
    dated = {"planned_date": "2026-10-01"}
    if stage in MOVED:
        dated["actual_date"] = "2026-10-02"
    return moved(api, programme, each, stage=stage, **(dated | fields))


def patch(api: Any, migration: Any, **changes: Any) -> Any:
    """Change a migration as it is now."""
    path = f"/v1/migrations/{migration['id']}"
    return api.patch(path, json=changes, headers={"If-Match": api.get(path).headers["ETag"]})


def check(api: Any, migration: Any, item: str, **fields: Any) -> Any:
    """Say that an item is done."""
    said = {"item": item, "state": "done", "name": "Project manager", "evidence": "Minute 4"}
    return api.post(f"/v1/migrations/{migration['id']}/checks", json=said | fields)


def pass_gate(api: Any, migration: Any, stage: str) -> None:
    """Check all that is asked for before a stage."""
    for item in GATES.get(stage, []):
        answer = check(api, migration, item)
        assert answer.status_code == 201, answer.json


def enter(api: Any, migration: Any, stage: str, **changes: Any) -> Any:
    """Enter a stage, with what is asked for."""
    pass_gate(api, migration, stage)
    given: dict[str, Any] = {"stage": stage}
    if stage in NEED_REASON:
        given["stage_reason"] = "The board said so."
    if stage in MOVED:
        given["actual_date"] = "2026-10-02"
    answer = patch(api, migration, **(given | changes))
    assert answer.status_code == 200, answer.json
    return answer.json


def go(api: Any, migration: Any, stage: str) -> Any:
    """Go on from stage to stage until this one."""
    now = api.get(f"/v1/migrations/{migration['id']}").json
    for following in FORWARD[FORWARD.index(now["stage"]) + 1 : FORWARD.index(stage) + 1]:
        now = enter(api, migration, following)
    return now


def faults(answer: Any) -> list[tuple[str, str]]:
    """What is wrong: pointers and codes."""
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]
