"""Helpers that create records through the API, for the scenario and for the differences."""

from io import BytesIO
from typing import Any
from unittest.mock import patch

from catalogue.core.application import database, ports
from catalogue.webhooks import dispatch
from tests.api.surface import ALL_SCOPES
from tests.factories import SIGNATORY
from tests.noninterference.worlds import Client, Request, World

ACTOR = "bedfordshire-police"
OPEN, MATE, GLIMPSE, GRANTOR, LAPSED = (
    "cambridgeshire-police",
    "hertfordshire-police",
    "essex-police",
    "norfolk-police",
    "suffolk-police",
)
"""The agencies whose records the actor sees, by how.

OPEN discloses records to all agencies. MATE and GLIMPSE share the standard and the summary profile
by agreement. GRANTOR grants the full profile. The grant of LAPSED has expired.
"""
HIDDEN, DARK, CENTRE = "kent-police", "sussex-police", "bch-shared-services"
"""HIDDEN and DARK share only with each other. CENTRE discloses records to all agencies."""
AGENCIES = (ACTOR, OPEN, MATE, GLIMPSE, GRANTOR, LAPSED, HIDDEN, DARK, CENTRE)

MEMBER = Client(name="member", agency=ACTOR, scopes=ALL_SCOPES)
ADMINISTRATOR = Client(name="administrator", agency=None, scopes=ALL_SCOPES)
NARROW = Client(
    name="narrow",
    agency=ACTOR,
    scopes=" ".join(s for s in ALL_SCOPES.split() if s not in {"risks:read", "costs:read"}),
)
ACTORS = (MEMBER, ADMINISTRATOR, NARROW)
COLLEAGUE = Client(name="colleague", agency=ACTOR, scopes=ALL_SCOPES)
FINANCE = Client(name=f"{OPEN}-finance", agency=OPEN, scopes=ALL_SCOPES)
HELPERS = (COLLEAGUE, FINANCE)
"""Further clients, because one client cannot both claim and validate a saving."""
ANYBODY = Client(name="anybody", agency=None, scopes="")
"""A client without a token."""
VISITOR = Client(name="visitor", agency=ACTOR, scopes=ALL_SCOPES)
"""A person of the actor's agency who has signed in to the pages."""
OTHERS = tuple(
    Client(name=code, agency=code, scopes=ALL_SCOPES) for code in AGENCIES if code != ACTOR
)


def system(world: World, name: str, by: str, **fields: Any) -> str:
    """Record a system. Its key is its name."""
    body = {"name": name, "lifecycle": "live", "disclosure": "owner_only"} | fields
    world.ids[name] = world.send(by, "POST", "/v1/systems", body)["id"]
    return world.ids[name]


def full(n: int) -> dict[str, Any]:
    """Return values for the most revealing fields of a system."""
    return {
        "description": f"Words of number {n}.",
        "aliases": [f"Alias {n}"],
        "tags": [f"tag-{n % 3}"],
        "product_version": f"{n}.0",
        "live_from": f"20{10 + n % 15:02d}-04-01",
        "end_of_support": f"20{30 + n:02d}-12-31",
        "hosting": "on_premise",
        "criticality": "business_critical",
        "functional_fit": 1 + n % 4,
        "technical_fit": 4 - n % 4,
        "disposition": "tolerate",
        "user_count": 100 * n,
        "rto_hours": 4 * n,
        "rpo_hours": n,
        "classification": "official",
        "personal_data": "personal",
        "dpia_status": "approved",
        "legacy_risk": n,
        "business_owner": f"Head of {n}",
        "technical_owner": f"Manager of {n}",
        "external_ids": [{"source": "cmdb", "id": f"CI{n:04d}"}],
        "attributes": {"cost_centre": str(n)},
    }


def review(world: World, overlap: str, by: str, verdict: str = "confirmed") -> None:
    """Confirm or reject an overlap."""
    url = f"/v1/overlaps/{world.ids[f'overlap {overlap}']}"
    world.send(by, "PATCH", url, {"status": verdict, "reason": f"{by} checked this."})


def decide(
    world: World,
    overlap: str,
    by: str,
    stays: str,
    *goes: str,
    title: str = "",
    successor: str = "",
) -> str:
    """Draft a decision. Its key is its title."""
    ids = world.ids
    title = title or f"{by} on {overlap}"
    keep = {"system_id": ids[stays], "disposition": "tolerate", "strategy": "retain"}
    go = {"disposition": "eliminate", "strategy": "retire", "successor_id": ids[successor or stays]}
    body = {
        "overlap_id": ids[f"overlap {overlap}"],
        "title": title,
        "rationale": f"One is enough for {title}.",
        "members": [
            keep | {"successor_id": None},
            *[go | {"system_id": ids[name]} for name in goes],
        ],
    }
    ids[title] = world.send(by, "POST", "/v1/decisions", body)["id"]
    return ids[title]


def propose(world: World, decision: str, by: str) -> str:
    """Propose a draft, and return the hash to sign."""
    url = f"/v1/decisions/{world.ids[decision]}/proposal"
    return str(world.send(by, "POST", url)["content_hash"])


def sign(world: World, decision: str, content: str, *signers: str) -> None:
    """Agree to a proposed decision for each signer."""
    url = f"/v1/decisions/{world.ids[decision]}/sign-offs"
    for by in signers:
        world.send(by, "POST", url, SIGNATORY | {"verdict": "agreed", "content_hash": content})


def programme(world: World, title: str, by: str, **fields: Any) -> str:
    """Create a programme. Its key is its title."""
    body = {"title": title, "summary": f"All about {title}."} | fields
    world.ids[title] = world.send(by, "POST", "/v1/programmes", body)["id"]
    return world.ids[title]


def wave(world: World, programme: str, name: str, by: str, **fields: Any) -> str:
    """Create a wave. Its key is its name."""
    body = {"programme_id": world.ids[programme], "name": name, "position": 1}
    world.ids[name] = world.send(by, "POST", "/v1/waves", body | fields)["id"]
    return world.ids[name]


def migrate(world: World, programme: str, what: str, by: str, **fields: Any) -> str:
    """Create the migration of a system. Its key is the programme and the system."""
    body = {
        "programme_id": world.ids[programme],
        "system_id": world.ids[what],
        "strategy": "repurchase",
        "planned_date": "2026-10-01",
    }
    made = world.send(by, "POST", "/v1/migrations", body | fields)
    world.ids[f"{programme}: {what}"] = made["id"]
    return str(made["id"])


def keep_mapping(world: World, by: str, name: str) -> str:
    """Keep a mapping of an import. Its key is the owner and the name."""
    words = {"lifecycle": {f"{name} status": "live"}}
    body = {"name": name, "source": "cmdb", "columns": {"name": f"{name} system"}, "values": words}
    made = world.send(by, "POST", "/v1/import-mappings", body)
    world.ids[f"{by}: {name}"] = made["id"]
    return str(made["id"])


def declare(world: World, key: str, by: str, **fields: Any) -> str:
    """Declare a custom field of systems. Its key is the owner and the key of the field."""
    body = {"record": "system", "key": key, "label": f"{key} of {by}", "type": "text"} | fields
    made = world.send(by, "POST", "/v1/custom-fields", body)
    world.ids[f"{by}: {key}"] = made["id"]
    return str(made["id"])


def subscribe(world: World, by: str, **fields: Any) -> str:
    """Create a webhook. Its key is the owner and "webhook"."""
    body = {"url": f"https://{by}.example/hook"} | fields
    made = world.send(by, "POST", "/v1/webhooks", body)
    world.ids[f"{by}: webhook"] = made["id"]
    return str(made["id"])


def queue_deliveries(world: World) -> None:
    """Queue the events of the one active webhook that waits longest, and send nothing."""
    with patch.object(dispatch, "send_all", return_value={}):
        dispatch.send_events(database(world.app), ports(world.app))


def upload(world: World, by: str, name: str) -> None:
    """Import a file of one system, with one row that is rejected."""
    file = BytesIO(f"name,lifecycle\n{name},live\n{name} again,nonsense\n".encode())
    form = {"file": (file, f"{name}.csv"), "mode": "partial"}
    request = Request.of(by, "/v1/imports", method="POST", data=form)
    answer = world.ask(request)
    assert answer.status_code == 202, answer.text
    world.run_jobs()


def disclosed(to: str, n: int) -> dict[str, Any]:
    """Return the values of `full` with a disclosure."""
    return full(n) | {"disclosure": to}


def agreement(world: World, title: str, by: str, *parties: str, profile: str, **fields: Any) -> str:
    """Create an agreement that all parties accept. Its key is its title."""
    body = {
        "title": title,
        "instrument": "police_act_1996_s22a",
        "parties": parties,
        "start_date": "2026-04-01",
        "end_date": "2031-03-31",
        "field_profile": profile,
    }
    made = world.send(by, "POST", "/v1/agreements", body | fields)
    world.ids[title] = made["id"]
    for party in (by, *parties):
        url = f"/v1/agreements/{made['id']}/acceptances"
        client = "member" if party == ACTOR else party
        world.send(client, "POST", url, SIGNATORY | {"content_hash": made["content_hash"]})
    return str(made["id"])


def grant(world: World, by: str, to: str, *types: str, profile: str, until: str) -> str:
    """Grant access. Its key is both agencies."""
    body = {
        "grantee": to,
        "resource_types": types,
        "field_profile": profile,
        "purpose": f"So that {to} can plan.",
        "expires_at": until,
    }
    made = world.send(by, "POST", "/v1/access-grants", body)
    world.ids[f"{by} to {to}"] = made["id"]
    return str(made["id"])


def contract(world: World, reference: str, by: str, **fields: Any) -> str:
    """Record a contract; its key is its reference."""
    body = {
        "reference": reference,
        "title": f"Support {reference}",
        "supplier_id": world.ids["Northgate"],
        "annual_value": "1000.00",
        "total_value": "5000.00",
        "exit_cost": "40.00",
        "start_date": "2024-04-01",
        "end_date": "2029-03-31",
        "notice_period_days": 180,
        "procurement_route": "framework_call_off",
        "regime": "pcr_2015",
        "disclosure": "owner_only",
    }
    world.ids[reference] = world.send(by, "POST", "/v1/contracts", body | fields)["id"]
    return world.ids[reference]


def cost(world: World, what: str, by: str, amount: str = "52000.00", **fields: Any) -> str:
    """Record a cost line. Its key is that of the system, followed by "cost"."""
    body = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": amount}
    body |= {"description": "Support"}
    url = f"/v1/systems/{world.ids[what]}/costs"
    world.ids[f"{what} cost"] = world.send(by, "POST", url, body | fields)["id"]
    return world.ids[f"{what} cost"]


def use(world: World, what: str, by: str, user: str, count: int = 10) -> str:
    """Record the use of a system by an agency."""
    url = f"/v1/systems/{world.ids[what]}/uses"
    body = {"agency": user, "user_count": count, "since": "2021-04-01"}
    world.ids[f"{what} used by {user}"] = world.send(by, "POST", url, body)["id"]
    return world.ids[f"{what} used by {user}"]


def interface(world: World, start: str, end: str, by: str, **fields: Any) -> str:
    """Record an interface. Its key is both ends."""
    body = {
        "from_system_id": world.ids[start],
        "to_system_id": world.ids[end],
        "direction": "from_to",
        "standard": "mait",
        "data_categories": ["incidents"],
        "criticality": "mission_critical",
        "fallback": "By telephone.",
    }
    world.ids[f"{start} to {end}"] = world.send(by, "POST", "/v1/interfaces", body | fields)["id"]
    return world.ids[f"{start} to {end}"]


def attest(world: World, what: str, by: str, verdict: str = "confirmed") -> None:
    """Attest the record of a system."""
    url = f"/v1/systems/{world.ids[what]}/attestations"
    world.send(by, "POST", url, {"verdict": verdict, "comment": "We checked it."})


def change(world: World, what: str, by: str, **changes: Any) -> None:
    world.send(by, "PATCH", f"/v1/systems/{world.ids[what]}", changes)


def merge(world: World, survivor: str, duplicate: str, by: str) -> None:
    """Merge a duplicate into a system."""
    url = f"/v1/systems/{world.ids[survivor]}/merge"
    world.send(by, "POST", url, {"duplicate_id": world.ids[duplicate]})


def create_manual_group(
    world: World, title: str, by: str, *overlaps: str, split: list[str] | None = None, **fields: Any
) -> str:
    """Merge overlaps, or split systems off. Its key is "grouping" and the title."""
    body = {
        "action": "split" if split else "merge",
        "overlap_ids": [world.ids[f"overlap {each}"] for each in overlaps],
        "system_ids": split or [],
        "title": title or None,
        "reason": f"{by} checked this.",
    }
    made = world.send(by, "POST", "/v1/overlap-groupings", body | fields)
    world.ids[f"grouping {title}"] = made["id"]
    world.ids[f"overlap of {title}"] = made["overlap_id"]
    return str(made["id"])
