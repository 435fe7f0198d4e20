"""Requests of the actor that come nearest to what is hidden in programmes, costs and the pipeline."""

from collections.abc import Mapping
from typing import Any

from tests.noninterference.makers import ACTOR, HIDDEN, LAPSED, OPEN
from tests.noninterference.moves import BRIEF, HUSHED, OWN, SECRET, THEIRS
from tests.noninterference.probes import probe
from tests.noninterference.rehearsal import Rehearsal

Ids = Mapping[str, str]


def patched(rehearsal: Rehearsal, url: str, **changes: Any) -> Any:
    """Change a record as it is now."""
    etag = rehearsal.owner.get(url).headers.get("ETag", '"none"')
    return rehearsal.owner.patch(url, json=changes, headers={"If-Match": etag})


@probe
def write_on_boards_about_what_may_not_be_seen(rehearsal: Rehearsal, ids: Ids) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "risks": {"title": "Probe", "probability": 5, "impact": 5},
        "blockers": {"title": "Probe", "raised_on": "2026-11-01"},
        "milestones": {"name": "Probe", "planned_date": "2026-12-01"},
        "required-decisions": {"question": "Probe?", "needed_by": "2026-12-01"},
    }
    about = (BRIEF, SECRET, f"{THEIRS}: Open pay", f"{HUSHED}: Mate roster", f"{OWN}: Own pay")
    for path, body in bodies.items():
        for programme in (OWN, THEIRS, HUSHED):
            for migration in about:
                named = {"programme_id": ids[programme], "migration_id": ids[migration]}
                made = rehearsal.owner.post(f"/v1/{path}", json=body | named)
                if made.ok:
                    for other in about:
                        url = f"/v1/{path}/{made.json['id']}"
                        patched(rehearsal, url, migration_id=ids[other])


@probe
def pass_gates_that_hidden_attempts_passed(rehearsal: Rehearsal, ids: Ids) -> None:
    item = {"item": "data_migrated", "state": "done", "name": "Us", "evidence": "Seen."}
    waiver = {"gate": "complete", "name": "Us", "reason": "To see."}
    for migration in (BRIEF, SECRET, f"{THEIRS}: Open pay", f"{OWN}: Own pay"):
        url = f"/v1/migrations/{ids[migration]}"
        rehearsal.owner.post(f"{url}/checks", json=item)
        rehearsal.owner.post(f"{url}/waivers", json=waiver)
        for stage in ("assessed", "planned", "ready", "in_progress", "cutover", "rolled_back"):
            patched(rehearsal, url, stage=stage, stage_reason="To see.")


@probe
def close_a_cycle_that_leads_through_hidden_migrations(rehearsal: Rehearsal, ids: Ids) -> None:
    own = [f"{OWN}: {what}" for what in ("Own roster", "Own pay", "Mate roster", "Glimpse roster")]
    every = [*own, BRIEF, SECRET, f"{THEIRS}: Own pay", f"{THEIRS}: Mate pay"]
    for first in every:
        for second in every:
            body = {"migration_id": ids[first], "depends_on_id": ids[second], "reason": "To see."}
            made = rehearsal.owner.post("/v1/migration-dependencies", json=body)
            if made.ok:
                url = f"/v1/migration-dependencies/{made.json['id']}"
                waiver = {"waived_by": "Us", "waived_reason": "To see."}
                patched(rehearsal, url, **waiver)
                etag = rehearsal.owner.get(url).headers["ETag"]
                rehearsal.owner.open(url, method="DELETE", headers={"If-Match": etag})


@probe
def reorder_waves_that_hold_what_may_not_be_seen(rehearsal: Rehearsal, ids: Ids) -> None:
    for what in ("Mate roster", "Glimpse roster", "Own roster", "Open brief", "Own pay"):
        for name in ("Second wave", "First wave", "Open wave", "Hushed wave"):
            url = f"/v1/migrations/{ids[f'{OWN}: {what}']}"
            patched(rehearsal, url, wave_id=ids[name])
    for name, position in (("First wave", 9), ("Second wave", 1), ("Open wave", 9)):
        patched(rehearsal, f"/v1/waves/{ids[name]}", position=position, capacity=2)
    rehearsal.owner.get(f"/v1/programmes/{ids[OWN]}/order")


@probe
def fill_a_wave_that_holds_what_may_not_be_seen(rehearsal: Rehearsal, ids: Ids) -> None:
    patched(rehearsal, f"/v1/waves/{ids['First wave']}", capacity=3)
    for what in ("Mate roster", "Glimpse roster", "Own pay", "Open roster"):
        url = f"/v1/migrations/{ids[f'{OWN}: {what}']}"
        patched(rehearsal, url, wave_id=ids["First wave"])


@probe
def let_agencies_leave_that_are_not_known_to_use_it(rehearsal: Rehearsal, ids: Ids) -> None:
    for what in ("Glimpse roster", "Mate roster", "Open roster", "Open brief", "Open secret"):
        for agency in (ACTOR, LAPSED, HIDDEN, OPEN):
            body = {
                "programme_id": ids[OWN],
                "system_id": ids[what],
                "strategy": "rehost",
                "kind": "separation",
                "leaving_agency": agency,
            }
            rehearsal.owner.post("/v1/migrations", json=body)


@probe
def adopt_decisions_with_hidden_successors(rehearsal: Rehearsal, ids: Ids) -> None:
    for title in ("One torch", "One beacon", "Open proposal", "Own draft"):
        for programme in (OWN, THEIRS, HUSHED):
            for _ in range(2):
                body = {"decision_id": ids[title], "wave_id": ids["First wave"]}
                url = f"/v1/programmes/{ids[programme]}/adoptions"
                rehearsal.owner.post(url, json=body)


@probe
def give_notices_of_what_may_not_be_seen(rehearsal: Rehearsal, ids: Ids) -> None:
    for migration in (BRIEF, SECRET, f"{THEIRS}: Open pay", f"{OWN}: Own pay"):
        body = {
            "migration_id": ids[migration],
            "audience": "users",
            "channel": "Post",
            "subject": "Probe",
            "planned_date": "2026-12-01",
        }
        rehearsal.owner.post("/v1/migration-notices", json=body)


@probe
def run_programmes_under_agreements_of_others(rehearsal: Rehearsal, ids: Ids) -> None:
    named = {**rehearsal.pair.having.ids, **ids}
    hidden = "hidden agreements: Zebra"
    for title in ("Among others", "In the dark", hidden, "At a glimpse", "With a mate"):
        patched(rehearsal, f"/v1/programmes/{ids[OWN]}", agreement_id=named[title])


@probe
def claim_what_may_not_be_seen(rehearsal: Rehearsal, ids: Ids) -> None:
    recurring, case = "recurring_revenue", f"{OPEN} case"
    lines = (
        f"Own case: Own roster {recurring}",
        f"Own case: Mate roster {recurring}",
        f"Own draft case: Mate roster {recurring}",
        f"Hushed case: Mate roster {recurring}",
        f"Hushed case: Open pay {recurring}",
        f"{case}: Mate pay {recurring}",
        f"{case}: Open pay {recurring}",
        f"{case}: Open secret {recurring}",
    )
    for line in lines:
        for amount in ("1.00", "99999.00"):
            body = {
                "baseline_line_id": ids[line],
                "title": "Probe",
                "kind": "cash_releasing",
                "years": [{"financial_year": "2026-27", "amount": amount}],
            }
            rehearsal.owner.post("/v1/savings", json=body)
    rehearsal.owner.get(f"/v1/programmes/{ids[OWN]}/benefits")


@probe
def draw_baselines_over_hidden_costs(rehearsal: Rehearsal, ids: Ids) -> None:
    for name in ("Open fleet", "Own fleet", "Mate pay"):
        body = {"programme_id": ids[OWN], "system_id": ids[name], "strategy": "rehost"}
        rehearsal.owner.post("/v1/migrations", json=body)
    body = {"programme_id": ids[OWN], "title": "Probe", "financial_years": ["2026-27", "2027-28"]}
    made = rehearsal.owner.post("/v1/baselines", json=body)
    url = f"/v1/baselines/{made.json['id']}"
    rehearsal.owner.post(f"{url}/drawing")
    content = rehearsal.owner.get(url).json["content_hash"]
    said = {"approved_by": "Us", "content_hash": content}
    rehearsal.owner.post(f"{url}/approval", json=said)
    for title in (f"{OPEN} case", "Hushed case", "Own case"):
        theirs = f"/v1/baselines/{ids[title]}"
        rehearsal.owner.post(f"{theirs}/drawing")
        rehearsal.owner.post(f"{theirs}/approval", json=said)


@probe
def publish_what_others_publish(rehearsal: Rehearsal, ids: Ids) -> None:
    for reference in ("OWN/1", "OPEN/1", "OPEN/2", "KENT/1", "LAPSED/1"):
        body = {"kind": "contract_ending", "title": "Probe", "contract_end": "2029-03-31"}
        body |= {"contract_id": ids[reference], "ocid": "ocds-h6vhtk-7"}
        made = rehearsal.owner.post("/v1/pipeline-entries", json=body)
        if made.ok:
            for act in ("publication", "withdrawal", "publication"):
                rehearsal.owner.post(f"/v1/pipeline-entries/{made.json['id']}/{act}")
    for title in ("Open entry", "Open draft entry", "Kent entry", "Own old entry"):
        for act in ("publication", "withdrawal"):
            rehearsal.owner.post(f"/v1/pipeline-entries/{ids[title]}/{act}")
