"""Many records that differ: nulls, ties, and names in several cases, for lists to be tried on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from catalogue.core import clock
from tests.api.page_sessions import make_session
from tests.api.saving_records import many_costs, many_lines
from tests.api.surface import OPERATIONS, Op, conforms, resolved
from tests.api.webhook_records import many_deliveries
from tests.api.world import OWNER, REFERENCES, World, another_migration, make_system
from tests.factories import agency
from tests.systems.attestation_dates import set_attested_at

ENOUGH = 7
WORDS = ("alpha", "Beta", "\u00c9mile", "alpha two", "gamma_%")


def crowd(world: World, op: Op) -> list[dict[str, Any]]:
    """Make records for a list; all that the owner then sees in it, in the list's own order."""
    CROWDS.get(op.name, _by_variation)(world, op)
    rows = listed(world, op)
    assert len(rows) >= ENOUGH, f"{op} needs a crowd of its own"
    return rows


def listed(world: World, op: Op, **query: str) -> list[dict[str, Any]]:
    """The rows of the largest page."""
    answer = world.owner.get(world.url(op), query_string={"limit": "200"} | query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return found


def _by_variation(world: World, op: Op) -> None:
    (create,) = (o for o in OPERATIONS if o.path == op.path and o.method == "POST")
    sent = world.request(create)
    refused: list[str] = []
    for number in range(3 * ENOUGH):
        body = variant(create, sent.json, number)
        if op.name in ONCE:
            body |= ONCE[op.name](world, number)
        answer = sent.but(json=body).by(world.owner)
        if answer.status_code != 201:
            refused.append(answer.text)
        if number + 1 - len(refused) == ENOUGH:
            return
    raise AssertionError(f"{create} refuses the variations: {refused[-1]}")


def variant(create: Op, body: dict[str, Any], number: int) -> dict[str, Any]:
    """A body like another, with some fields null and others from a small choice."""
    properties = resolved(create.body_schema)["properties"]
    varied = dict(body)
    for place, (name, declared) in enumerate(properties.items()):
        may_be_null = not conforms({name: None}, {"properties": {name: declared}})
        if may_be_null and (number + place) % 3 == 0:
            varied[name] = None
        elif name in REFERENCES:
            varied[name] = body[name] if number % 2 or may_be_null else []
        else:
            candidates = _candidates(name, declared, body.get(name), number)
            fitting = [value for value in candidates if not conforms(value, declared)]
            varied |= {name: fitting[0]} if fitting else {}
    return varied


def _candidates(name: str, declared: dict[str, Any], said: Any, number: int) -> list[Any]:
    schema = resolved(next(iter(declared.get("anyOf", [])), declared))
    types = schema.get("type", [])
    if "format" in schema:
        # Another day of the same month, so that what begins still begins before it ends.
        is_day = schema["format"] == "date" and isinstance(said, str)
        return [f"{said[:8]}0{1 + number % 2}"] if is_day else []
    if "enum" in schema:
        return [schema["enum"][number % 2], said]
    if "integer" in types:
        return [schema["minimum"] + number % 3]
    if "boolean" in types:
        return [number % 2 == 0]
    if "string" in types:
        word = WORDS[number % len(WORDS)]
        told_apart = name in {"name", "title", "reference"}
        codes = [f"variant-{number}", f"V{number}"] if name == "code" else []
        return [*codes, f"{word} {number}" if told_apart else word]
    if "array" in types and resolved(schema["items"]).get("type") == "string":
        return [[WORDS[number % 2], f"tag {number}"], []] if not said or number % 2 else [said]
    return []


def _jobs(world: World, _op: Op) -> None:
    for number in range(ENOUGH):
        world.make("/v1/overlaps/runs", {})
        if number == ENOUGH // 2:
            world.run_jobs()


def _imports(world: World, op: Op) -> None:
    create = next(o for o in OPERATIONS if o.path == op.path and o.method == "POST")
    for number in range(ENOUGH):
        source = {"source": f"register-{number % 2}"} if number % 3 else {}
        sent = world.example(create, **source)
        assert sent.by(world.owner).status_code == 202
        if number == ENOUGH // 2:
            world.run_jobs()


def _overlaps(world: World, _op: Op) -> None:
    supplier = world.record("supplier_id")
    for number in range(ENOUGH):
        product = world.make(
            "/v1/products", {"name": f"{WORDS[number % 5]} {number}", "supplier_id": supplier}
        )
        body = {"name": f"S{number}", "lifecycle": "live", "product_id": product["id"]}
        body |= {"disclosure": "all_agencies"}
        for client in (world.owner, world.partner, world.stranger)[: 2 + number % 2]:
            world.make("/v1/systems", body, by=client)
    world.make("/v1/overlaps/runs", {})
    world.run_jobs()
    for item in world.owner.get("/v1/overlaps?fields=id&limit=5").json["items"]:  # type: ignore[index]
        _confirm(world, item["id"])


def _confirm(world: World, overlap: str) -> None:
    url = f"/v1/overlaps/{overlap}"
    answer = world.owner.patch(
        url,
        json={"status": "confirmed", "reason": "The same product."},
        headers={"If-Match": world.etag(url)},
    )
    assert answer.status_code == 200, answer.text


def _groupings(world: World, op: Op) -> None:
    _overlaps(world, op)
    overlaps: Any = world.owner.get("/v1/overlaps").json
    for number, overlap in enumerate(overlaps["items"]):
        body = {"action": "split", "overlap_ids": [overlap["id"]], "reason": WORDS[number % 3]}
        body |= {"system_ids": [overlap["members"][number % 2]["system_id"]]}
        body |= {"title": WORDS[number % 4]} if number % 3 else {}
        made = world.make("/v1/overlap-groupings", body)
        if number == ENOUGH // 2:
            world.owner.post(f"/v1/overlap-groupings/{made['id']}/withdrawal")


def _decisions(world: World, op: Op) -> None:
    _overlaps(world, op)
    overlaps: Any = world.owner.get("/v1/overlaps").json
    for number, overlap in enumerate(overlaps["items"]):
        if overlap["status"] == "candidate":
            _confirm(world, overlap["id"])
        stays, *others = [member["system_id"] for member in overlap["members"]]
        keep = {"system_id": stays, "disposition": "tolerate", "strategy": "retain"}
        go = {"disposition": "eliminate", "strategy": "retire", "successor_id": stays}
        decision = world.make(
            "/v1/decisions",
            {
                "overlap_id": overlap["id"],
                "title": f"{WORDS[number % 3]} {number % 4}",
                "rationale": "One is enough.",
                "members": [keep, *[go | {"system_id": other} for other in others]],
            },
        )
        if number % 3 == 0:
            world.owner.post(f"/v1/decisions/{decision['id']}/proposal")


def _in_use(world: World, _op: Op) -> None:
    agencies = [f"{word}-police" for word in ("one", "two", "three", "four", "five", "six")]
    for number, code in enumerate([OWNER, *agencies]):
        client = world.signed_in(code, "systems:read systems:write")
        for place in range(1 + number % 3):
            body = {"name": f"{WORDS[place]} {number}", "lifecycle": "live"}
            body |= {"disclosure": "all_agencies"}
            body |= {"description": "Described", "live_from": "2020-04-01"} if number % 2 else {}
            system = world.make("/v1/systems", body, by=client)
            path = f"/v1/systems/{system['id']}/attestations"
            if number % 3 == 0:
                world.make(path, {"verdict": "not_ours", "comment": "Moved."}, by=client)
            elif place:
                world.make(path, {"verdict": "confirmed"}, by=client)
                long_ago = clock.now() - timedelta(days=400 * (number % 2) + place)
                set_attested_at(world.session, system["id"], long_ago)


def _step(world: World, stage: str) -> None:
    url = f"/v1/migrations/{world.record('migration_id')}"
    changes = {"stage": stage, "stage_reason": "The board said so."}
    answer = world.owner.patch(url, json=changes, headers={"If-Match": world.etag(url)})
    assert answer.status_code == 200, answer.text


def _waivers(world: World, op: Op) -> None:
    gates = ("ready", "cutover", "early_life_support", "complete")
    for stages in (("assessed", "planned", "ready", "in_progress", "cutover", "rolled_back"), ()):
        for number, gate in enumerate(gates):
            said = {"name": WORDS[number % 3], "reason": WORDS[number % 2]}
            world.make(world.url(op), {"gate": gate} | said)
        for stage in stages:
            _step(world, stage)


def _stages(world: World, _op: Op) -> None:
    for stage in ("assessed", "on_hold", "identified", "assessed", "planned", "on_hold", "planned"):
        _step(world, stage)


def _checks(world: World, op: Op) -> None:
    items = ("dpia_approved", "notices_planned", "data_migrated", "users_trained")
    for number, item in enumerate((*items, "fallback_tested", "go_no_go_signed", *items[:2])):
        shown = "evidence" if number % 3 else "note"
        said = {"item": item, "name": WORDS[number % 4], "state": "done", shown: WORDS[number % 5]}
        made = world.make(world.url(op), said)
        if number < 2:
            path = f"{world.url(op)}/{made['id']}/withdrawal"
            world.owner.post(path, json={"reason": "A mistake."})


def _contracts(world: World, _op: Op) -> None:
    supplier = world.record("supplier_id")
    for number in range(ENOUGH):
        end = clock.today() + timedelta(days=100 + number // 2)
        amounts = {"annual_value": f"{number}.00"} if number % 3 else {"exit_cost": "7.50"}
        body = {"reference": f"R{number}", "title": f"{WORDS[number % 5]} {number}"}
        body |= {"supplier_id": supplier, "end_date": str(end), "notice_period_days": 30 + number}
        world.make("/v1/contracts", body | amounts)


def _pipeline(world: World, _op: Op) -> None:
    (entries,) = (o for o in OPERATIONS if o.name == "list_pipeline_entries")
    dates = {"contract_end": "2029-03-31", "planned_notice_date": "2028-04-01"}
    for entry in crowd(world, entries):
        url = f"/v1/pipeline-entries/{entry['id']}"
        if world.owner.post(f"{url}/publication").status_code != 200:
            # Suppliers are told no less than when it is.
            world.owner.patch(url, json=dates, headers={"If-Match": world.etag(url)})
            assert world.owner.post(f"{url}/publication").status_code == 200


CROWDS: dict[str, Callable[[World, Op], Any]] = {
    "list_pipeline": _pipeline,
    "list_baseline_lines": lambda world, _: many_costs(world, ENOUGH),
    "list_system_costs": lambda world, _: many_costs(world, ENOUGH),
    "list_jobs": _jobs,
    "list_sessions": lambda world, _: [make_session(world, n) for n in range(ENOUGH)],
    "list_imports": _imports,
    "list_overlaps": _overlaps,
    "list_overlap_groupings": _groupings,
    "list_decisions": _decisions,
    "list_migration_checks": _checks,
    "list_migration_stages": _stages,
    "list_migration_waivers": _waivers,
    "get_attestation_report": _in_use,
    "list_unattested_systems": _in_use,
    "list_notice_dates": _contracts,
    "list_webhook_deliveries": lambda world, _: many_deliveries(world, ENOUGH),
}
"""Lists whose records are not made by a POST to the same path."""


def _agency(world: World, number: int) -> str:
    return agency(world.session, f"force-{number}").code


def _rating(number: int) -> dict[str, Any]:
    """A rating that is whole, or none."""
    rag = (None, "green", "amber", "red")[number % 4]
    said = WORDS[number % 5] if rag else None
    return {"rag": rag, "rag_narrative": said, "path_to_green": said}


ONCE: dict[str, Callable[[World, int], dict[str, Any]]] = {
    "list_identity_providers": lambda _, n: {
        "key": f"provider-{n}",
        "issuer": f"https://sso-{n}.example",
    },
    "list_webhooks": lambda _, n: {
        "url": f"https://receiver-{n}.example/hook",
        "event_kinds": [],
        "status": ("active", "paused")[n % 2],
    },
    "list_custom_fields": lambda _, n: {
        "key": f"field_{n}",
        "label": f"{WORDS[n % 5]} {n}",
        "type": ("text", "choice", "date")[n % 3],
        "choices": [*WORDS[: n % 2], "other"] if n % 3 == 1 else [],
        "for_all_agencies": n % 4 == 0,
    },
    "list_migrations": lambda w, n: {
        "system_id": make_system(w, name=f"Mover {n}"),
        "kind": "consolidation",
        "leaving_agency": None,
        **_rating(n),
        "dependencies_waived_by": WORDS[n % 5] if n % 2 else None,
        "dependencies_waived_reason": WORDS[n % 5] if n % 2 else None,
    },
    "list_blockers": lambda _, n: (
        {"resolved_on": f"2026-11-0{3 + n % 4}", "resolution": WORDS[n % 5]}
        if n % 3
        else {"resolved_on": None, "resolution": None}
    ),
    "list_highlight_reports": lambda _, n: {
        "audience": [],
        "period_start": f"2026-0{1 + n % 4}-01",
        "period_end": f"2026-0{5 + n % 3}-01",
    },
    "list_waves": lambda _, n: {
        "freeze_start": "2026-12-14" if n % 2 else None,
        "freeze_end": f"2027-01-0{1 + n % 3}" if n % 2 else None,
    },
    "list_migration_dependencies": lambda w, n: {
        "depends_on_id": another_migration(w, f"Then {n}")
    },
    "list_interfaces": lambda w, n: {"to_system_id": make_system(w, name=f"Other end {n}")},
    "list_system_uses": lambda w, n: {"agency": _agency(w, n)},
    "list_savings": lambda w, n: {"baseline_line_id": many_lines(w, n, 3 * ENOUGH)},
}
"""What of a body is another each time: a programme moves a system once, an agency uses it once."""
