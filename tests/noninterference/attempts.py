"""Attempts: sequences of requests by the actor that come close to hidden records."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.factories import SIGNATORY
from tests.noninterference.examples import Examples
from tests.noninterference.records import ACTOR

Attempt = Callable[[Examples, Mapping[str, str]], None]
ATTEMPTS: list[Attempt] = []


def attempt(function: Attempt) -> Attempt:
    """Declare an attempt, which is named for its purpose."""
    ATTEMPTS.append(function)
    return function


def draft(examples: Examples, ids: Mapping[str, str], overlap: str, stays: str, *goes: str) -> Any:
    """Draft a decision."""
    keep = {"system_id": ids[stays], "disposition": "tolerate", "strategy": "retain"}
    go = {"disposition": "eliminate", "strategy": "retire", "successor_id": ids[stays]}
    members = [keep | {"successor_id": None}, *[go | {"system_id": ids[name]} for name in goes]]
    body = {
        "overlap_id": ids[f"overlap {overlap}"],
        "title": "Probe",
        "rationale": "To see.",
        "members": members,
    }
    answer = examples.owner.post("/v1/decisions", json=body)
    if answer.ok:
        examples.owner.post(f"/v1/decisions/{answer.json['id']}/proposal")
    return answer


@attempt
def decide_on_a_system_that_its_owner_decides_on(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    draft(examples, ids, "Rostering", "Central roster")


@attempt
def decide_on_a_system_that_another_agency_decides_on(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    draft(examples, ids, "Fleet", "Own fleet", "Open fleet")


@attempt
def withdraw_and_decide_again(examples: Examples, ids: Mapping[str, str]) -> None:
    url = f"/v1/decisions/{ids['Own draft']}/withdrawal"
    examples.owner.post(url, json={"reason": "To decide again."})
    draft(examples, ids, "Rostering", "Own roster", "Central roster", "Open roster")


@attempt
def take_names_and_ids_that_hidden_systems_have(
    examples: Examples, _ids: Mapping[str, str]
) -> None:
    names = ["Aardvark zebra", "Kent roster", "Own pay", "Imported 0", "Renamed", "Aaa secret"]
    items = [{"name": name, "lifecycle": "live"} for name in names]
    items += [
        {"name": f"New {i}", "lifecycle": "live", "external_ids": [{"source": "cmdb", "id": i}]}
        for i in ("CI0008", "CI0001", "CI0011")
    ]
    for mode in ("partial", "atomic"):
        for dry_run in ("true", "false"):
            query = {"mode": mode, "dry_run": dry_run}
            examples.owner.post("/v1/systems/bulk", json={"items": items}, query_string=query)
    for i in ("CI0008", "CI0001", "CI0011"):
        url = f"/v1/agencies/{ACTOR}/systems/cmdb/{i}"
        examples.owner.open(url, method="PUT", json={"name": f"Fed {i}", "lifecycle": "live"})


@attempt
def become_like_hidden_systems(examples: Examples, ids: Mapping[str, str]) -> None:
    # Overlaps form with hidden systems, and the actor must not see these overlaps.
    for name, product in (("Ours a", "Ledger"), ("Ours b", "Wheels")):
        body = {"name": name, "lifecycle": "live", "product_id": ids[product]}
        examples.owner.post("/v1/systems", json=body)
    body = {"name": "Ours c", "lifecycle": "live", "product_name": "Scribble"}
    examples.owner.post("/v1/systems", json=body)
    examples.owner.post("/v1/overlaps/runs")


@attempt
def change_a_group_s_member_after_its_review(examples: Examples, ids: Mapping[str, str]) -> None:
    url = f"/v1/systems/{ids['Own pay']}"
    etag = examples.owner.get(url).headers["ETag"]
    examples.owner.patch(url, json={"name": "Pay"}, headers={"If-Match": etag})
    examples.owner.post("/v1/overlaps/runs")


@attempt
def migrate_a_system_that_another_programme_migrates(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    for target in ("Open roster", "Open secret", "Central roster", "Kent roster"):
        body = {
            "programme_id": ids["Own programme"],
            "system_id": ids["Open fleet"],
            "target_system_id": ids[target],
            "strategy": "repurchase",
        }
        examples.owner.post("/v1/migrations", json=body)
    for name in ("First wave", "Open wave"):
        body = {"programme_id": ids["Own programme"], "name": name, "position": 2}
        examples.owner.post("/v1/waves", json=body)


@attempt
def sign_a_proposal_with_hidden_members(examples: Examples, ids: Mapping[str, str]) -> None:
    url = f"/v1/decisions/{ids['Open proposal']}"
    content = examples.owner.get(url).json["content_hash"]
    body = SIGNATORY | {"verdict": "agreed", "content_hash": content}
    examples.owner.post(f"{url}/sign-offs", json=body)
    etag = examples.owner.get(f"/v1/systems/{ids['Own pay']}").headers["ETag"]
    for lifecycle in ("sunsetting", "decommissioned"):
        examples.owner.patch(
            f"/v1/systems/{ids['Own pay']}",
            json={"lifecycle": lifecycle},
            headers={"If-Match": etag},
        )
        etag = examples.owner.get(f"/v1/systems/{ids['Own pay']}").headers["ETag"]


@attempt
def repeat_the_idempotency_key_of_another_agency(
    examples: Examples, _ids: Mapping[str, str]
) -> None:
    body = {"name": "Once only", "lifecycle": "live"}
    for _ in range(2):
        examples.owner.post("/v1/systems", json=body, headers={"Idempotency-Key": "key-1"})


@attempt
def group_hidden_systems(examples: Examples, ids: Mapping[str, str]) -> None:
    overlaps = ["Beacon", "Custody", "Torch", "Vexilar / Vexilar prints", "Ledger", "Fleet"]
    overlaps.append("Quillon / Quillon prints")
    known = [ids[f"overlap {each}"] for each in overlaps] + [ids["overlap of "]]
    hidden = ["Lapsed beacon", "Open cells", "Kent cells", "Open secret", "Glimpse beacon"]
    fields = {"reason": "To see.", "kind": "same_product"}
    for overlap in known:
        for name in hidden:
            body = {"action": "split", "overlap_ids": [overlap], "system_ids": [ids[name]]}
            created = examples.owner.post("/v1/overlap-groupings", json=body | fields)
            if created.ok:
                url = f"/v1/overlap-groupings/{created.json['id']}/withdrawal"
                examples.owner.post(url)
        body = {"action": "merge", "overlap_ids": [ids["overlap Stores"], overlap]}
        created = examples.owner.post("/v1/overlap-groupings", json=body | fields)
        examples.owner.post("/v1/overlaps/runs")
        examples.run_jobs()
        if created.ok:
            examples.owner.get(f"/v1/overlaps/{created.json['overlap_id']}")
            url = f"/v1/overlap-groupings/{created.json['id']}/withdrawal"
            examples.owner.post(url)


@attempt
def review_overlaps_with_hidden_members(examples: Examples, ids: Mapping[str, str]) -> None:
    for name in ("Beacon", "Custody", "of ", "of Cells apart", "Own beacon / Open beacon"):
        url = f"/v1/overlaps/{ids[f'overlap {name}']}"
        read = examples.owner.get(url)
        for status in ("confirmed", "rejected"):
            examples.owner.patch(
                url,
                json={"status": status, "reason": "To see."},
                headers={"If-Match": read.headers.get("ETag", '"none"')},
            )


@attempt
def name_hidden_successors(examples: Examples, ids: Mapping[str, str]) -> None:
    keep = {"system_id": ids["Own stores"], "disposition": "tolerate", "strategy": "retain"}
    go = {"system_id": ids["Open stores"], "disposition": "migrate", "strategy": "repurchase"}
    confirmed = examples.owner.get(f"/v1/overlaps/{ids['overlap Stores']}")
    examples.owner.patch(
        f"/v1/overlaps/{ids['overlap Stores']}",
        json={"status": "confirmed", "reason": "To see."},
        headers={"If-Match": confirmed.headers["ETag"]},
    )
    fields = {"overlap_id": ids["overlap Stores"], "title": "Probe", "rationale": "To see."}
    # Some of these systems exist in one of the worlds only.
    named = {**examples.pair.having.ids, **ids}
    hidden = ["Xylomark rifles", "Open cells", "an additional hidden system: Aardvark zebra"]
    for name in (*hidden, "Zephyrbase store"):
        members = [keep, go | {"successor_id": named[name]}]
        examples.owner.post("/v1/decisions", json=fields | {"members": members})
    url = f"/v1/overlaps/{ids['overlap of ']}"
    examples.owner.patch(
        url,
        json={"status": "confirmed", "reason": "To see."},
        headers={"If-Match": examples.owner.get(url).headers["ETag"]},
    )
    keep |= {"system_id": ids["Own lantern"]}
    go |= {"successor_id": ids["Own lantern"]}
    for name in ("Lapsed beacon", "a hidden member of a merger: Lapsed lantern"):
        members = [keep, go | {"system_id": named[name]}]
        body = fields | {"overlap_id": ids["overlap of "], "members": members}
        examples.owner.post("/v1/decisions", json=body)


@attempt
def change_a_proposal_with_hidden_members(examples: Examples, ids: Mapping[str, str]) -> None:
    for title in ("One beacon", "Open proposal"):
        url = f"/v1/decisions/{ids[title]}"
        read = examples.owner.get(url)
        for changes in ({"title": "Ours"}, {"working_days_to_sign": 3}):
            examples.owner.patch(url, json=changes, headers={"If-Match": read.headers["ETag"]})
        content = read.json["content_hash"]
        body = SIGNATORY | {"verdict": "refused", "comment": "No.", "content_hash": content}
        examples.owner.post(f"{url}/sign-offs", json=body)
        examples.owner.get(f"{url}/briefing")


@attempt
def search_for_systems_like_hidden_ones(examples: Examples, ids: Mapping[str, str]) -> None:
    for name in ("Zephyrbase", "Zephyrbase custody", "Quorumdesk", "Night kestrel", "Xylomark"):
        for more in (
            {},
            {"product_id": ids["Beacon"]},
            {"capabilities": ["Q05", "Q06"]},
            {"aliases": ["Zebra", "Vexilar"], "description": "For Cambridgeshire Police."},
        ):
            for limit in ("1", "20"):
                body = {"name": name} | more
                query = {"limit": limit}
                examples.owner.post("/v1/systems/similar", json=body, query_string=query)


@attempt
def retire_a_system_that_hidden_ones_rely_on(examples: Examples, ids: Mapping[str, str]) -> None:
    url = f"/v1/systems/{ids['Own torch']}"
    for lifecycle in ("sunsetting", "read_only_archive", "decommissioned"):
        etag = examples.owner.get(url).headers["ETag"]
        examples.owner.patch(url, json={"lifecycle": lifecycle}, headers={"If-Match": etag})
        examples.owner.get(f"{url}/retirement-readiness")
