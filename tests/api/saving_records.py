"""Baselines and savings for requests that succeed: claimed by one program, validated by another."""

from collections.abc import Callable
from typing import Any

YEAR = "2026-27"
OWNER = "bedfordshire-police"
CLAIMS = "systems:write systems:read costs:read programmes:read savings:read savings:write"


def claimant(world: Any) -> Any:
    """Another program of the owner's: who claims a saving does not validate it."""
    if not hasattr(world, "claimant"):
        world.claimant = world.signed_in(OWNER, CLAIMS)
    return world.claimant


def drawn(world: Any) -> dict[str, Any]:
    """A draft of a programme that moves the system, which costs something."""
    world.record("migration_id")
    world.record("cost_line_id")
    body = {"programme_id": world.record("programme_id"), "title": "Business case"}
    made: dict[str, Any] = world.make("/v1/baselines", body | {"financial_years": [YEAR]})
    return made


def lines_of(world: Any, baseline: str) -> list[str]:
    """The ids of a baseline's lines."""
    listed = world.owner.get(f"/v1/baselines/{baseline}/lines?limit=200").json
    return [line["id"] for line in listed["items"]]


def approved_lines(world: Any) -> list[str]:
    """The lines of a baseline that is approved."""
    draft = drawn(world)
    body = {"approved_by": "A. Director", "content_hash": draft["content_hash"]}
    answer = world.owner.post(f"/v1/baselines/{draft['id']}/approval", json=body)
    assert answer.status_code == 200, answer.text
    return lines_of(world, draft["id"])


def many_lines(world: Any, number: int, of: int) -> str:
    """One of so many lines of an approved baseline."""
    if "line_0" not in world.records:
        world.record("cost_line_id")
        path = f"/v1/systems/{world.record('system_id')}/costs"
        for each in range(of):
            line = {"financial_year": YEAR, "category": "one_off_revenue", "amount": "52000.00"}
            world.make(path, line | {"description": f"Line {each}"})
        found = approved_lines(world)
        world.records |= {f"line_{place}": line for place, line in enumerate(found)}
    return str(world.records[f"line_{number}"])


def many_costs(world: Any, of: int) -> None:
    """A system that costs so many things, and a draft of a programme that moves it."""
    path = f"/v1/systems/{world.record('system_id')}/costs"
    for each in range(of):
        line = {"financial_year": YEAR, "amount": f"{each // 2}.50"}
        line["category"] = ("one_off_revenue", "one_off_capital")[each % 2]
        world.make(path, line | ({"description": f"Line {each}"} if each > 1 else {}))
    world.record("baseline_id")


def _claim(world: Any) -> str:
    body = {"baseline_line_id": world.record("claimable_line_id"), "title": "One instead of two"}
    body |= {"kind": "cash_releasing", "evidence": ["Variation 7"]}
    body |= {"years": [{"financial_year": YEAR, "amount": "40000.00"}]}
    return str(world.make("/v1/savings", body, by=claimant(world))["id"])


def _validation(world: Any) -> dict[str, str]:
    read = world.owner.get(f"/v1/savings/{world.record('saving_id')}").json
    return {"content_hash": read["content_hash"]}


def _deliver(world: Any) -> str:
    path = f"/v1/savings/{world.record('saving_id')}"
    body = {"verdict": "validated", "name": "B. Accountant"} | _validation(world)
    if world.owner.get(path).json["status"] == "identified":
        assert world.owner.post(f"{path}/validation", json=body).status_code == 200
        headers = {"If-Match": world.etag(path)}
        moved = claimant(world).patch(path, json={"status": "in_delivery"}, headers=headers)
        assert moved.status_code == 200, moved.text
    return path


def _realised(world: Any) -> str:
    body = {
        "financial_year": YEAR,
        "amount": "1.00",
        "use_of_saving": "returned",
        "evidence": ["Ledger"],
    }
    saving = world.make(f"{_deliver(world)}/realisations", body)
    return str(saving["realisations"][0]["id"])


def _in_delivery(world: Any, op: Any) -> Any:
    _deliver(world)
    return world.example(op)


SAVING_MAKERS: dict[str, Callable[[Any], str]] = {
    "baseline_id": lambda world: str(drawn(world)["id"]),
    "baseline_line_id": lambda world: lines_of(world, world.record("baseline_id"))[0],
    "claimable_line_id": lambda world: approved_lines(world)[0],
    "saving_id": _claim,
    "realisation_id": _realised,
}

SAVING_SCENES: dict[str, Callable[[Any, Any], Any]] = {
    "approve_baseline": lambda world, op: world.example(
        op,
        content_hash=world.owner.get(f"/v1/baselines/{world.record('baseline_id')}").json[
            "content_hash"
        ],
    ),
    "create_saving": lambda world, op: world.example(
        op, baseline_line_id=world.record("claimable_line_id")
    ),
    "validate_saving": lambda world, op: world.example(op, **_validation(world)),
    "create_saving_realisation": _in_delivery,
}
