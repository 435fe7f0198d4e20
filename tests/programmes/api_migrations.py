"""Helpers that create and change migrations over HTTP."""

from typing import Any

from tests.api_calls import change
from tests.programmes.transitions import FORWARD, GATES, NEED_REASON

LEAD_SCOPES = (
    "agencies:read agencies:write audit:read decisions:read decisions:propose decisions:sign "
    "programmes:read programmes:write systems:read systems:write"
)
AFTER_CUTOVER = {"early_life_support", "complete"}


def build_migration(programme: Any, each: Any, **fields: Any) -> dict[str, Any]:
    """Build the body that adds a migration of a system to a programme."""
    return {
        "programme_id": programme["id"],
        "system_id": str(each.id),
        "strategy": "repurchase",
    } | fields


def create_migration(api: Any, programme: Any, each: Any, **fields: Any) -> Any:
    """Add a migration of a system to a programme."""
    answer = api.post("/v1/migrations", json=build_migration(programme, each, **fields))
    assert answer.status_code == 201, answer.json
    return answer.json


def create_migration_at(api: Any, programme: Any, each: Any, stage: str, **fields: Any) -> Any:
    """Add a migration at a stage, planned for the first of October."""
    dated = {"planned_date": "2026-10-01"}
    if stage in AFTER_CUTOVER:
        dated["actual_date"] = "2026-10-02"
    return create_migration(api, programme, each, stage=stage, **(dated | fields))


def change_migration(api: Any, migration: Any, **changes: Any) -> Any:
    """Update a migration with its current entity tag."""
    return change(api, f"/v1/migrations/{migration['id']}", **changes)


def record_check(api: Any, migration: Any, item: str, **fields: Any) -> Any:
    """Record that an item of a gate is done."""
    check = {"item": item, "state": "done", "name": "Project manager", "evidence": "Minute 4"}
    return api.post(f"/v1/migrations/{migration['id']}/checks", json=check | fields)


def pass_gate(api: Any, migration: Any, stage: str) -> None:
    """Check every item of the gate before a stage."""
    for item in GATES.get(stage, []):
        answer = record_check(api, migration, item)
        assert answer.status_code == 201, answer.json


def enter_stage(api: Any, migration: Any, stage: str, **changes: Any) -> Any:
    """Enter a stage, with the checks, reason and date that it needs."""
    pass_gate(api, migration, stage)
    given: dict[str, Any] = {"stage": stage}
    if stage in NEED_REASON:
        given["stage_reason"] = "The board decided it."
    if stage in AFTER_CUTOVER:
        given["actual_date"] = "2026-10-02"
    answer = change_migration(api, migration, **(given | changes))
    assert answer.status_code == 200, answer.json
    return answer.json


def advance_to(api: Any, migration: Any, stage: str) -> Any:
    """Enter one stage after another, up to this one."""
    current = api.get(f"/v1/migrations/{migration['id']}").json
    for following in FORWARD[FORWARD.index(current["stage"]) + 1 : FORWARD.index(stage) + 1]:
        current = enter_stage(api, migration, following)
    return current


def list_errors(answer: Any) -> list[tuple[str, str]]:
    """Return the pointer and code of each error in a response."""
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]
