"""The feed omits changes that concern hidden records only."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tests.agencies.api_agreements import agreement
from tests.api.world import World
from tests.api_calls import change, read, refusals
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, HERTS, record, system
from tests.history.feed import FEED, SignIn, events, history_path

SCOPES = "audit:read programmes:read programmes:write systems:read systems:write"


def of(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the events of a kind."""
    return [each for each in found if each["kind"] == kind]


def test_feed_omits_changes_to_hidden_migration_targets(sign_in: SignIn) -> None:
    lead, ours = sign_in(CAMBS, SCOPES), sign_in(BEDS, SCOPES)
    moving = system(ours, name="Ours", disclosure="all_agencies")
    targets = [system(lead, name=name, disclosure="owner_only")["id"] for name in ("T1", "T2")]
    programme = record(lead, "/v1/programmes", title="Together")
    migration = record(
        lead,
        "/v1/migrations",
        programme_id=programme["id"],
        system_id=moving["id"],
        target_system_id=targets[0],
        strategy="repurchase",
    )
    path = f"/v1/migrations/{migration['id']}"
    assert change(lead, path, target_system_id=targets[1]).status_code == 200
    assert change(lead, path, planned_date="2027-04-01").status_code == 200
    created, moved, planned = events(lead, resource="migration")
    assert moved["changes"] == {"target_system_id": {"before": targets[0], "after": targets[1]}}
    found = events(ours, resource="migration")
    assert [each["id"] for each in found] == [created["id"], planned["id"]]
    assert found[0]["changes"]["system_id"]["after"] == moving["id"]
    assert not any(target in str(found) for target in targets)
    refused = ours.get(FEED, query_string={"after": moved["id"]})
    assert refusals(refused, 400) == {("?after", "unknown")}
    for limit in (1, 2):
        assert events(ours, resource="migration", limit=limit) == found
    # Once the target is disclosed to all agencies, the feed shows the move to it.
    assert change(lead, f"/v1/systems/{targets[1]}", disclosure="all_agencies").status_code == 200
    assert of(events(ours, resource="migration"), "migration.updated")[0]["changes"] == {
        "target_system_id": {"before": None, "after": targets[1]}
    }


def test_feed_shows_when_agreement_of_programme_appears_and_disappears(sign_in: SignIn) -> None:
    scopes = f"{SCOPES} agencies:read agencies:write"
    lead, target = sign_in(CAMBS, scopes), sign_in(HERTS, scopes)
    assert sign_in(BEDS, scopes)
    made = agreement(lead, BEDS)
    fields = {"agreement_id": made["id"], "target_agency": HERTS}
    path = f"/v1/programmes/{record(lead, '/v1/programmes', title='Together', **fields)['id']}"
    assert read(target, path)["agreement_id"] is None
    for parties, shown in (([BEDS, HERTS], made["id"]), ([BEDS], None)):
        seen = len(events(target, resource="programme"))
        assert change(lead, f"/v1/agreements/{made['id']}", parties=parties).status_code == 200
        assert read(target, path)["agreement_id"] == shown
        new = events(target, resource="programme")[seen:]
        assert [(each["kind"], each["path"]) for each in new] == [
            ("programme.access_changed", path)
        ]


def test_feed_shows_that_contract_of_pipeline_entry_was_deleted(sign_in: SignIn) -> None:
    owner = sign_in(BEDS, f"{SCOPES} contracts:read contracts:write")
    source = contract(owner, end_date="2029-03-31")
    fields = {"kind": "contract_ending", "contract_id": source["id"]}
    path = f"/v1/pipeline-entries/{record(owner, '/v1/pipeline-entries', **fields)['id']}"
    gone = owner.delete(f"/v1/contracts/{source['id']}", headers={"If-Match": "*"})
    assert gone.status_code == 204, gone.text
    assert read(owner, path)["contract_id"] is None
    assert [each["kind"] for each in events(owner, resource="pipeline_entry")] == [
        "pipeline_entry.created",
        "pipeline_entry.access_changed",
    ]


def test_feed_shows_decision_members_of_visible_systems_only(app: Flask, session: Session) -> None:
    world = World(app, session)
    path = f"/v1/decisions/{world.record('decision_id')}"
    own, partners = world.record("own_member_id"), world.record("partner_member_id")
    members = world.owner.get(path).json["members"]  # type: ignore[index]
    written = ("system_id", "disposition", "strategy", "successor_id")
    redrafted = [{name: member[name] for name in written} for member in members]
    for member in redrafted:
        member["disposition"] = "tolerate" if member["system_id"] == own else "migrate"
    assert change(world.owner, path, members=redrafted).status_code == 200
    assert change(world.owner, path, title="Another title").status_code == 200
    all_told = events(world.owner, resource="decision")
    assert [sorted(each["changes"]) for each in all_told[1:]] == [["members"], ["title"]]
    created, retitled = events(world.partner, resource="decision")
    (member,) = created["changes"]["members"]["after"]
    assert (member["system_id"], member["successor_id"]) == (partners, None)
    assert sorted(retitled["changes"]) == ["title"]
    assert own not in str([created, retitled])
    assert events(world.stranger, resource="decision") == []


def test_feed_shows_agency_codes_instead_of_ids(sign_in: SignIn) -> None:
    api = sign_in(BEDS, f"{SCOPES} agencies:read")
    made = system(api, name="One")
    (created,) = events(api, history_path(made))
    assert created["changes"]["agency"]["after"] == BEDS
    codes = {each["agency"] for each in events(api)}
    assert BEDS in codes
