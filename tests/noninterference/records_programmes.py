"""Helpers that create records of programmes: boards, gates, dependencies, notices and money."""

from typing import Any

from tests.noninterference.worlds import World


def create(world: World, key: str, by: str, path: str, body: dict[str, Any]) -> str:
    """Create a record, and keep its id under a key."""
    world.ids[key] = str(world.send(by, "POST", path, body)["id"])
    return world.ids[key]


def concerning(world: World, programme: str, what: str | None) -> dict[str, Any]:
    """Return the ids of a programme, and of the migration of a system if one is given."""
    migration = None if what is None else world.ids[f"{programme}: {what}"]
    return {"programme_id": world.ids[programme], "migration_id": migration}


def risk(
    world: World, title: str, by: str, programme: str, what: str | None = None, **fields: Any
) -> str:
    """Record a risk. Its key is its title."""
    body = {"title": title, "probability": 4, "impact": 4, "due": "2026-10-20"}
    body |= {"mitigation": f"Mind {title}.", "owner": "Head of risks"}
    body |= concerning(world, programme, what)
    return create(world, title, by, "/v1/risks", body | fields)


def blocker(
    world: World, title: str, by: str, programme: str, what: str | None = None, **fields: Any
) -> str:
    """Record a blocker. Its key is its title."""
    body = {"title": title, "owner": "Head of blockers", "raised_on": "2026-10-01"}
    body |= concerning(world, programme, what)
    return create(world, title, by, "/v1/blockers", body | fields)


def milestone(
    world: World, name: str, by: str, programme: str, what: str | None = None, **fields: Any
) -> str:
    """Record a milestone. Its key is its name."""
    body = {"name": name, "planned_date": "2026-10-15", "owner": "Head of milestones"}
    body |= concerning(world, programme, what)
    return create(world, name, by, "/v1/milestones", body | fields)


def question(
    world: World, text: str, by: str, programme: str, what: str | None = None, **fields: Any
) -> str:
    """Record a required decision. Its key is the question."""
    body = {"question": text, "needed_by": "2026-10-30", "owner": "Chair", "options": "Yes or no."}
    body |= concerning(world, programme, what)
    return create(world, text, by, "/v1/required-decisions", body | fields)


def board(world: World, word: str, by: str, programme: str, what: str | None = None) -> None:
    """Record one of each. Their keys are the word and the kind of record."""
    risk(world, f"{word} risk", by, programme, what)
    blocker(world, f"{word} blocker", by, programme, what)
    milestone(world, f"{word} milestone", by, programme, what)
    question(world, f"{word} question", by, programme, what)


def notice(world: World, subject: str, by: str, migration: str, **fields: Any) -> str:
    """Plan a notice. Its key is its subject."""
    body = {
        "migration_id": world.ids[migration],
        "audience": "users",
        "channel": "Intranet",
        "subject": subject,
        "planned_date": "2026-10-25",
    }
    return create(world, subject, by, "/v1/migration-notices", body | fields)


def check(world: World, migration: str, by: str, *items: str, evidence: str = "A form.") -> None:
    """Mark items of a gate as done. Their keys are the migration and the item."""
    path = f"/v1/migrations/{world.ids[migration]}/checks"
    for item in items:
        body = {"item": item, "state": "done", "name": "Lead", "evidence": evidence}
        create(world, f"{migration} {item}", by, path, body)


def waive(world: World, migration: str, by: str, gate: str, reason: str = "In haste.") -> str:
    """Waive a gate. Its key is the migration and the gate."""
    path = f"/v1/migrations/{world.ids[migration]}/waivers"
    body = {"gate": gate, "name": "Owner", "reason": reason}
    return create(world, f"{migration} {gate}", by, path, body)


def alter(world: World, by: str, path: str, key: str, **changes: Any) -> None:
    world.send(by, "PATCH", f"{path}/{world.ids[key]}", changes)


def move_on(world: World, migration: str, by: str, *stages: str, **fields: Any) -> None:
    """Move a migration through stages, with a reason and a date for each that needs them."""
    for stage in stages:
        changes: dict[str, Any] = {"stage": stage}
        if stage in {"rolled_back", "on_hold", "cancelled"}:
            changes["stage_reason"] = f"{migration} could not go on."
        if stage in {"early_life_support", "complete"}:
            changes["actual_date"] = "2026-10-31"
        alter(world, by, "/v1/migrations", migration, **changes | fields)


def depend(world: World, by: str, migration: str, on: str, **fields: Any) -> str:
    """Record that a migration depends on another. Its key is both."""
    body = {
        "migration_id": world.ids[migration],
        "depends_on_id": world.ids[on],
        "reason": f"{migration} reads it.",
    }
    return create(world, f"{migration} after {on}", by, "/v1/migration-dependencies", body | fields)


def baseline(world: World, title: str, by: str, programme: str, *, approved: bool = True) -> str:
    """Create a baseline. Its key is its title, and a line adds the system and the category."""
    body = {
        "programme_id": world.ids[programme],
        "title": title,
        "financial_years": ["2026-27", "2027-28"],
    }
    identity = create(world, title, by, "/v1/baselines", body)
    if approved:
        drawn = world.send(by, "GET", f"/v1/baselines/{identity}")
        approval = {"approved_by": "Director", "content_hash": drawn["content_hash"]}
        world.send(by, "POST", f"/v1/baselines/{identity}/approval", approval)
    for line in world.send(by, "GET", f"/v1/baselines/{identity}/lines?limit=200")["items"]:
        world.ids[f"{title}: {line['system_name']} {line['category']}"] = line["id"]
    return identity


def claim(world: World, title: str, by: str, line: str, amount: str, **fields: Any) -> str:
    """Claim a saving against a line. Its key is its title."""
    body = {
        "baseline_line_id": world.ids[line],
        "title": title,
        "kind": "cash_releasing",
        "evidence": [f"Variation for {title}"],
        "years": [{"financial_year": "2026-27", "amount": amount}],
        "cost_to_achieve": "100.00",
    }
    return create(world, title, by, "/v1/savings", body | fields)


def validate(world: World, saving: str, by: str, verdict: str = "validated") -> None:
    """Validate or return a saving."""
    url = f"/v1/savings/{world.ids[saving]}"
    content = world.send(by, "GET", url)["content_hash"]
    body = {"verdict": verdict, "name": "Finance", "content_hash": content, "note": "Checked."}
    world.send(by, "POST", f"{url}/validation", body)


def realise(world: World, saving: str, by: str, amount: str) -> None:
    """Record an amount of a realised saving."""
    alter(world, by, "/v1/savings", saving, status="in_delivery")
    body = {"financial_year": "2026-27", "amount": amount, "use_of_saving": "returned"}
    url = f"/v1/savings/{world.ids[saving]}/realisations"
    world.send(by, "POST", url, body | {"evidence": ["Ledger"]})


def entry(world: World, title: str, by: str, *steps: str, **fields: Any) -> str:
    """Draft a pipeline entry, and take it through steps. Its key is its title."""
    body = {
        "kind": "contract_ending",
        "title": title,
        "description": f"All about {title}.",
        "category": "services",
        "contract_end": "2029-03-31",
        "estimated_value": "5000.00",
    }
    identity = create(world, title, by, "/v1/pipeline-entries", body | fields)
    for step in steps:
        world.send(by, "POST", f"/v1/pipeline-entries/{identity}/{step}")
    return identity


def report(
    world: World,
    title: str,
    by: str,
    programme: str,
    audience: list[str],
    *,
    approved: bool = True,
    **fields: Any,
) -> str:
    """Draft a highlight report. Its key is its title."""
    body = {
        "programme_id": world.ids[programme],
        "title": title,
        "period_start": "2026-10-03",
        "period_end": "2026-11-02",
        "board_action": "information",
        "audience": audience,
        "purpose": f"A report on {programme}.",
    }
    identity = create(world, title, by, "/v1/highlight-reports", body | fields)
    if approved:
        drafted = world.send(by, "GET", f"/v1/highlight-reports/{identity}")
        approval = {"approved_by": "Director", "content_hash": drafted["content_hash"]}
        world.send(by, "POST", f"/v1/highlight-reports/{identity}/approval", approval)
    return identity
