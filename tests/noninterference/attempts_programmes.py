"""Attempts on hidden records of programmes, costs and the pipeline."""

from collections.abc import Mapping
from typing import Any

from tests.noninterference.attempts import attempt
from tests.noninterference.examples import Examples
from tests.noninterference.records import ACTOR, HIDDEN, LAPSED, OPEN
from tests.noninterference.scenario_programmes import BRIEF, HUSHED, OWN, SECRET, THEIRS

Ids = Mapping[str, str]


def patched(examples: Examples, url: str, **changes: Any) -> Any:
    """Change a record with its current entity tag."""
    etag = examples.owner.get(url).headers.get("ETag", '"none"')
    return examples.owner.patch(url, json=changes, headers={"If-Match": etag})


@attempt
def write_on_boards_about_hidden_migrations(examples: Examples, ids: Ids) -> None:
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
                created = examples.owner.post(f"/v1/{path}", json=body | named)
                if created.ok:
                    for other in about:
                        url = f"/v1/{path}/{created.json['id']}"
                        patched(examples, url, migration_id=ids[other])


@attempt
def pass_gates_that_hidden_attempts_passed(examples: Examples, ids: Ids) -> None:
    item = {"item": "data_migrated", "state": "done", "name": "Us", "evidence": "Seen."}
    waiver = {"gate": "complete", "name": "Us", "reason": "To see."}
    for migration in (BRIEF, SECRET, f"{THEIRS}: Open pay", f"{OWN}: Own pay"):
        url = f"/v1/migrations/{ids[migration]}"
        examples.owner.post(f"{url}/checks", json=item)
        examples.owner.post(f"{url}/waivers", json=waiver)
        for stage in ("assessed", "planned", "ready", "in_progress", "cutover", "rolled_back"):
            patched(examples, url, stage=stage, stage_reason="To see.")


@attempt
def close_a_cycle_that_leads_through_hidden_migrations(examples: Examples, ids: Ids) -> None:
    own = [f"{OWN}: {what}" for what in ("Own roster", "Own pay", "Mate roster", "Glimpse roster")]
    every = [*own, BRIEF, SECRET, f"{THEIRS}: Own pay", f"{THEIRS}: Mate pay"]
    for first in every:
        for second in every:
            body = {"migration_id": ids[first], "depends_on_id": ids[second], "reason": "To see."}
            created = examples.owner.post("/v1/migration-dependencies", json=body)
            if created.ok:
                url = f"/v1/migration-dependencies/{created.json['id']}"
                waiver = {"waived_by": "Us", "waived_reason": "To see."}
                patched(examples, url, **waiver)
                etag = examples.owner.get(url).headers["ETag"]
                examples.owner.open(url, method="DELETE", headers={"If-Match": etag})


@attempt
def reorder_waves_with_hidden_migrations(examples: Examples, ids: Ids) -> None:
    for what in ("Mate roster", "Glimpse roster", "Own roster", "Open brief", "Own pay"):
        for name in ("Second wave", "First wave", "Open wave", "Hushed wave"):
            url = f"/v1/migrations/{ids[f'{OWN}: {what}']}"
            patched(examples, url, wave_id=ids[name])
    for name, position in (("First wave", 9), ("Second wave", 1), ("Open wave", 9)):
        patched(examples, f"/v1/waves/{ids[name]}", position=position, capacity=2)
    examples.owner.get(f"/v1/programmes/{ids[OWN]}/order")


@attempt
def fill_a_wave_with_hidden_migrations(examples: Examples, ids: Ids) -> None:
    patched(examples, f"/v1/waves/{ids['First wave']}", capacity=3)
    for what in ("Mate roster", "Glimpse roster", "Own pay", "Open roster"):
        url = f"/v1/migrations/{ids[f'{OWN}: {what}']}"
        patched(examples, url, wave_id=ids["First wave"])


@attempt
def let_agencies_leave_without_a_visible_use(examples: Examples, ids: Ids) -> None:
    for what in ("Glimpse roster", "Mate roster", "Open roster", "Open brief", "Open secret"):
        for agency in (ACTOR, LAPSED, HIDDEN, OPEN):
            body = {
                "programme_id": ids[OWN],
                "system_id": ids[what],
                "strategy": "rehost",
                "kind": "separation",
                "leaving_agency": agency,
            }
            examples.owner.post("/v1/migrations", json=body)


@attempt
def adopt_decisions_with_hidden_successors(examples: Examples, ids: Ids) -> None:
    for title in ("One torch", "One beacon", "Open proposal", "Own draft"):
        for programme in (OWN, THEIRS, HUSHED):
            for _ in range(2):
                body = {"decision_id": ids[title], "wave_id": ids["First wave"]}
                url = f"/v1/programmes/{ids[programme]}/adoptions"
                examples.owner.post(url, json=body)


@attempt
def give_notices_of_hidden_migrations(examples: Examples, ids: Ids) -> None:
    for migration in (BRIEF, SECRET, f"{THEIRS}: Open pay", f"{OWN}: Own pay"):
        body = {
            "migration_id": ids[migration],
            "audience": "users",
            "channel": "Post",
            "subject": "Probe",
            "planned_date": "2026-12-01",
        }
        examples.owner.post("/v1/migration-notices", json=body)


@attempt
def run_programmes_under_agreements_of_others(examples: Examples, ids: Ids) -> None:
    named = {**examples.pair.having.ids, **ids}
    hidden = "hidden agreements: Zebra"
    for title in ("Among others", "In the dark", hidden, "At a glimpse", "With a mate"):
        patched(examples, f"/v1/programmes/{ids[OWN]}", agreement_id=named[title])


@attempt
def claim_hidden_costs(examples: Examples, ids: Ids) -> None:
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
            examples.owner.post("/v1/savings", json=body)
    examples.owner.get(f"/v1/programmes/{ids[OWN]}/benefits")


@attempt
def create_baselines_over_hidden_costs(examples: Examples, ids: Ids) -> None:
    for name in ("Open fleet", "Own fleet", "Mate pay"):
        body = {"programme_id": ids[OWN], "system_id": ids[name], "strategy": "rehost"}
        examples.owner.post("/v1/migrations", json=body)
    body = {"programme_id": ids[OWN], "title": "Probe", "financial_years": ["2026-27", "2027-28"]}
    created = examples.owner.post("/v1/baselines", json=body)
    url = f"/v1/baselines/{created.json['id']}"
    examples.owner.post(f"{url}/refresh")
    content = examples.owner.get(url).json["content_hash"]
    approval = {"approved_by": "Us", "content_hash": content}
    examples.owner.post(f"{url}/approval", json=approval)
    for title in (f"{OPEN} case", "Hushed case", "Own case"):
        theirs = f"/v1/baselines/{ids[title]}"
        examples.owner.post(f"{theirs}/refresh")
        examples.owner.post(f"{theirs}/approval", json=approval)


@attempt
def publish_contracts_of_other_agencies(examples: Examples, ids: Ids) -> None:
    for reference in ("OWN/1", "OPEN/1", "OPEN/2", "KENT/1", "LAPSED/1"):
        body = {"kind": "contract_ending", "title": "Probe", "contract_end": "2029-03-31"}
        body |= {"contract_id": ids[reference], "ocid": "ocds-h6vhtk-7"}
        created = examples.owner.post("/v1/pipeline-entries", json=body)
        if created.ok:
            for act in ("publication", "withdrawal", "publication"):
                examples.owner.post(f"/v1/pipeline-entries/{created.json['id']}/{act}")
    for title in ("Open entry", "Open draft entry", "Kent entry", "Own old entry"):
        for act in ("publication", "withdrawal"):
            examples.owner.post(f"/v1/pipeline-entries/{ids[title]}/{act}")
