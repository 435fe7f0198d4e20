"""Differences in systems, contracts, sharing, overlaps and programmes."""

from tests.api.surface import ALL_SCOPES
from tests.noninterference.declarations import IN_REPORTS, REPORTS, allowed, difference
from tests.noninterference.records import (
    CENTRE,
    DARK,
    GLIMPSE,
    GRANTOR,
    HIDDEN,
    LAPSED,
    MATE,
    OPEN,
    agreement,
    attest,
    change,
    contract,
    cost,
    decide,
    full,
    grant,
    interface,
    keep_mapping,
    merge,
    migrate,
    programme,
    propose,
    review,
    sign,
    system,
    upload,
    use,
    wave,
)
from tests.noninterference.scenario import (
    HIDDEN_DUPLICATE,
    HIDDEN_TARGET,
    MORE_CHANGES,
    OTHER_CLIENT,
    OTHER_END,
    OTHER_REASON,
)
from tests.noninterference.worlds import Client, World


@difference("programmes", HIDDEN_TARGET)
@difference("programmes", OTHER_END)
@difference("later changes", OTHER_REASON)
@difference("later changes", MORE_CHANGES)
@difference("mergers", HIDDEN_DUPLICATE)
def applied_within_the_scenario(_world: World) -> None:
    pass


@difference("agencies", OTHER_CLIENT)
def another_client(world: World) -> None:
    world.admit(Client(name=f"{OPEN}-spare", agency=OPEN, scopes=ALL_SCOPES))


@allowed(
    "programmes",
    "withheld",
    *IN_REPORTS,
    reason="An agency in a programme must know that its figures are incomplete.",
    operations=REPORTS,
)
def an_additional_hidden_migration(world: World) -> None:
    migrate(world, "Open programme", "Open safe", OPEN)


@allowed(
    "decisions",
    "withheld_members",
    "content_hash",
    reason="An agency that signs a decision signs all of it, and sees how much is withheld.",
)
def an_additional_hidden_member(_world: World) -> None:
    pass


# ---- Systems


@difference("own systems")
def an_additional_hidden_system(world: World) -> None:
    twin = full(1) | {"aliases": ["Own roster", "zebra"], "tags": ["zebra"]}
    product = {"product_id": world.ids["Dutyplan"], "capabilities": ["Q01", "Q02"]}
    system(world, "Aardvark zebra", HIDDEN, **twin | product)


@difference("hidden systems")
def a_hidden_system_of_the_same_name(world: World) -> None:
    system(world, "Own pay", DARK, product_id=world.ids["Paymaster"], **full(5))


@difference("own systems")
def a_hidden_system_that_an_import_will_name(world: World) -> None:
    system(world, "Imported 0", HIDDEN, **full(11))


@difference("later changes")
def a_hidden_record_changed(world: World) -> None:
    changes = {"name": "Renamed", "product_id": world.ids["Wheels"], "capabilities": ["Q03"]}
    world.send(HIDDEN, "PATCH", f"/v1/systems/{world.ids['Kent roster']}", changes)


@difference("later changes")
def an_undisclosed_record_of_a_discloser_changed(world: World) -> None:
    changes = {"name": "Aaa secret", "capabilities": ["Q01", "Q03"], "user_count": 1}
    world.send(OPEN, "PATCH", f"/v1/systems/{world.ids['Open secret']}", changes)


@difference("later changes")
def withheld_figures_of_a_disclosed_record(world: World) -> None:
    change(world, "Open roster", OPEN, legacy_risk=29, rto_hours=1, rpo_hours=900)
    change(world, "Open pay", OPEN, legacy_risk=None, rto_hours=None, rpo_hours=None)


@difference("jobs and imports")
def withheld_figures_of_a_partner_s_record(world: World) -> None:
    # This comes after the partner's attestation, and before its visible change.
    change(world, "Mate roster", MATE, legacy_risk=28, rto_hours=2, rpo_hours=None)


@difference("later changes")
def fields_outside_the_summary(world: World) -> None:
    changes = full(20) | {"product_version": "zebra", "retention_hold": True}
    change(world, "Glimpse roster", GLIMPSE, **changes)


@difference("systems of partners")
def an_undisclosed_record_of_a_partner(world: World) -> None:
    dutyplan = {"product_id": world.ids["Dutyplan"], "capabilities": ["Q01"]}
    system(world, "Aardvark mate", MATE, **full(1) | dutyplan)
    change(world, "Glimpse secret", GLIMPSE, name="Aaa glimpse", capabilities=["Q01", "Q04"])


@difference("later changes")
def records_behind_an_expired_grant(world: World) -> None:
    change(world, "Lapsed roster", LAPSED, name="Zebra", legacy_risk=30)
    system(world, "Lapsed zebra", LAPSED, capabilities=["Q01", "Q03"])


@difference("systems of partners")
def changes_before_a_system_was_disclosed(world: World) -> None:
    change(world, "Open late", OPEN, name="Zebra", user_count=1, tags=["zebra"])
    change(world, "Open late", OPEN, name="Open late", user_count=1200, tags=["tag-0"])


# ---- Uses, interfaces and attestations


@difference("uses interfaces and attestations")
def hidden_uses(world: World) -> None:
    use(world, "Kent roster", HIDDEN, DARK)
    use(world, "Open secret", OPEN, DARK)
    use(world, "Glimpse roster", GLIMPSE, HIDDEN)


@difference("uses interfaces and attestations")
def hidden_interfaces(world: World) -> None:
    interface(world, "Open secret", "Open roster", OPEN)
    interface(world, "Kent roster", "Open roster", HIDDEN)
    interface(world, "Kent ledger", "Kent roster", HIDDEN)
    # This system relies on one of the actor's, and is no longer in use.
    for step in ("sunsetting", "read_only_archive"):
        change(world, "Kent roster", HIDDEN, lifecycle=step)


@difference("uses interfaces and attestations")
def a_merger_of_the_hidden_end_of_an_interface(world: World) -> None:
    system(world, "Kent heir", HIDDEN, disclosure="owner_only")
    merge(world, "Kent heir", "Kent feeder", HIDDEN)


@difference("uses interfaces and attestations")
def hidden_attestations(world: World) -> None:
    attest(world, "Kent roster", HIDDEN, "not_ours")
    attest(world, "Open secret", OPEN)
    attest(world, "Glimpse roster", GLIMPSE)


# ---- Contracts and costs


@difference("contracts and costs")
def hidden_contracts(world: World) -> None:
    contract(world, "OWN/1", HIDDEN, systems=[world.ids["Kent roster"], world.ids["Open roster"]])
    contract(world, "OPEN/3", OPEN, parties=[CENTRE, DARK], systems=[world.ids["Open roster"]])
    contract(world, "MATE/2", MATE, systems=[world.ids["Mate roster"]])


@difference("later changes")
def withheld_values_of_a_contract(world: World) -> None:
    values = {"annual_value": "7.00", "total_value": "77.00", "exit_cost": "777.00"}
    for reference, by in (("OPEN/1", OPEN), ("MATE/1", MATE)):
        world.send(by, "PATCH", f"/v1/contracts/{world.ids[reference]}", values)
    left_out = values | {"reference": "ZEBRA", "start_date": "2020-01-01", "notice_period_days": 9}
    left_out |= {
        "renewal": "automatic",
        "renewal_period_months": 6,
        "notice_given_on": "2026-10-01",
    }
    world.send(GLIMPSE, "PATCH", f"/v1/contracts/{world.ids['GLIMPSE/1']}", left_out)


@difference("contracts and costs")
def contracts_behind_an_expired_grant(world: World) -> None:
    url = f"/v1/contracts/{world.ids['LAPSED/1']}"
    world.send(LAPSED, "PATCH", url, {"title": "Zebra", "systems": []})


@difference("contracts and costs")
def an_attestation_behind_an_expired_grant(world: World) -> None:
    # Before its end, the actor would have seen the attestation, and would read of its withdrawal.
    attest(world, "Lapsed roster", LAPSED, "not_ours")


@difference("contracts and costs")
def a_hidden_system_of_a_contract(world: World) -> None:
    for reference in ("OPEN/1", "OPEN/2"):
        url = f"/v1/contracts/{world.ids[reference]}"
        world.send(OPEN, "PATCH", url, {"systems": [world.ids["Open roster"]]})


@difference("contracts and costs")
def hidden_costs(world: World) -> None:
    for what, by in (("Open roster", OPEN), ("Kent roster", HIDDEN), ("Glimpse roster", GLIMPSE)):
        cost(world, what, by, "99.00", description="Zebra")
    cost(world, "Granted roster", GRANTOR, "98.00", description="Zebra")
    cost(world, "Lapsed roster", LAPSED, "97.00")


# ---- Agreements and grants


@difference("agreements and grants")
def hidden_agreements(world: World) -> None:
    agreement(world, "With a mate", OPEN, HIDDEN, profile="full")
    agreement(world, "Zebra", DARK, MATE, CENTRE, profile="summary")
    url = f"/v1/agreements/{world.ids['With a mate']}/withdrawal"
    world.send(HIDDEN, "POST", url, {"reason": "Zebras."})


@difference("agreements and grants")
def hidden_grants(world: World) -> None:
    far = "2027-03-31T23:00:00Z"
    grant(world, OPEN, HIDDEN, "systems", "contracts", "costs", profile="full", until=far)
    grant(world, GRANTOR, DARK, "systems", profile="summary", until=far)
    # Others read sensitive fields through these grants, which the access log records.
    world.send(DARK, "GET", "/v1/systems?limit=200")


@difference("later changes")
def hidden_sensitive_reads(world: World) -> None:
    far = "2027-03-31T23:00:00Z"
    grant(world, OPEN, DARK, "systems", "contracts", profile="full", until=far)
    world.send(DARK, "GET", "/v1/systems?limit=200")
    world.send(DARK, "GET", "/v1/contracts?limit=200")


# ---- Overlaps


@difference("own systems")
def an_overlap_that_began_with_hidden_members(world: World) -> None:
    wheels = world.ids["Wheels"]
    for by in (HIDDEN, DARK):
        system(world, f"Early wheels {by}", by, product_id=wheels, capabilities=["Q02", "Q03"])
    world.send(HIDDEN, "POST", "/v1/overlaps/runs")
    world.run_jobs()


@difference("overlaps detected")
def a_hidden_review(world: World) -> None:
    review(world, "Dutyplan", HIDDEN)


@difference("reviews")
def a_hidden_rejection(world: World) -> None:
    system(world, "Sussex pay", DARK, product_id=world.ids["Paymaster"])
    world.send(DARK, "POST", "/v1/overlaps/runs")
    world.run_jobs()
    review(world, "Paymaster", DARK, "rejected")


@difference("reviews")
def a_hidden_run(world: World) -> None:
    system(world, "Sussex scribble", DARK, product_name="Scribble 4", capabilities=["Q01"])
    for by in (HIDDEN, DARK):
        system(world, f"{by} quill", by, product_name="Quill 1", disclosure="agreement")
    world.send(DARK, "POST", "/v1/overlaps/runs")
    world.run_jobs()


# ---- Decisions


@difference("reviews")
def a_hidden_decision_on_disclosed_systems(world: World) -> None:
    title = "The open wheels"
    decide(world, "Wheels", OPEN, "Open wheels", "Central wheels", title=title)
    sign(world, title, propose(world, title, OPEN), OPEN, CENTRE)


@difference("decisions")
def a_hidden_signature(world: World) -> None:
    # Other owners must still sign, because the last sign-off visibly makes the decision agreed.
    decision = world.send(OPEN, "GET", f"/v1/decisions/{world.ids['Open proposal']}")
    sign(world, "Open proposal", decision["content_hash"], LAPSED)


@difference("reviews")
def a_hidden_draft_of_a_system_s_owner(world: World) -> None:
    # The tests later let the actor decide on the same system.
    decide(world, "Rostering", CENTRE, "Central roster", title="Own draft")


@difference("reviews")
def a_hidden_proposal_that_names_another_s_system(world: World) -> None:
    # The actor sees that system, and the tests later let it decide on it too.
    title = "The centre on the open fleet"
    decide(world, "Fleet", CENTRE, "Central fleet", "Open fleet", title=title)
    propose(world, title, CENTRE)


@difference("reviews")
def a_hidden_decision_that_was_agreed(world: World) -> None:
    review(world, "Ledger", HIDDEN)
    decide(world, "Ledger", HIDDEN, "Kent ledger", "Sussex ledger", title="Own draft")
    sign(world, "Own draft", propose(world, "Own draft", HIDDEN), HIDDEN, DARK)


# ---- Programmes


@difference("programmes")
def a_hidden_programme(world: World) -> None:
    title = "Aardvark programme"
    programme(world, title, OPEN, summary="zebra")
    wave(world, title, "First wave", OPEN)
    migrate(world, title, "Open roster", OPEN, wave_id=world.ids["First wave"])
    migrate(world, title, "Open secret", OPEN, target_system_id=world.ids["Open roster"])


@difference("programmes")
def a_hidden_programme_of_the_same_title(world: World) -> None:
    programme(world, "Own programme", HIDDEN, target_agency=DARK)
    migrate(world, "Own programme", "Kent roster", HIDDEN)


@difference("programmes")
def a_hidden_migration_changes_stage(world: World) -> None:
    url = f"/v1/migrations/{world.ids['Open programme: Open secret']}"
    world.send(OPEN, "PATCH", url, {"stage": "assessed"})


# ---- Jobs, imports, idempotency keys and clients


@difference("own systems")
def a_hidden_import(world: World) -> None:
    upload(world, HIDDEN, "Imported 1")


@difference("jobs and imports")
def a_hidden_mapping_of_an_import(world: World) -> None:
    keep_mapping(world, HIDDEN, "List 1")


@difference("jobs and imports")
def a_hidden_waiting_job(world: World) -> None:
    world.send(DARK, "POST", "/v1/overlaps/runs")


@difference("jobs and imports")
def a_hidden_idempotency_key(world: World) -> None:
    body = {"name": "Once only", "lifecycle": "live", "disclosure": "owner_only"}
    world.send(DARK, "POST", "/v1/systems", body, **{"Idempotency-Key": "key-1"})


@difference("agencies")
def a_hidden_client(world: World) -> None:
    world.admit(Client(name="kent-spare", agency=HIDDEN, scopes="systems:read"))
