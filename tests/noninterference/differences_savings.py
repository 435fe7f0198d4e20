"""Differences in hidden costs, baselines, savings and benefits, and in unpublished entries."""

from tests.noninterference.declarations import IN_REPORTS, REPORTS, allowed, difference
from tests.noninterference.records import (
    DARK,
    FINANCE,
    GLIMPSE,
    HIDDEN,
    MATE,
    OPEN,
    contract,
    cost,
)
from tests.noninterference.records_programmes import (
    alter,
    baseline,
    claim,
    entry,
    realise,
    validate,
)
from tests.noninterference.scenario_programmes import HIDDEN_AMOUNTS, HUSHED
from tests.noninterference.worlds import World

CASE = f"{OPEN} case"


# ---- Baselines


@difference("migrations")
def hidden_costs_of_migrating_systems(world: World) -> None:
    # Baselines hold no costs of these categories.
    cost(world, "Open pay", OPEN, "77.00", category="dual_running")
    cost(world, "Open secret", OPEN, "777.00", category="exit_cost")
    cost(world, "Glimpse roster", GLIMPSE, "7777.00", category="decommissioning")
    cost(world, "Glimpse roster", GLIMPSE, "7.00", financial_year="2027-28")


@difference("money", HIDDEN_AMOUNTS)
def applied_within_the_scenario(_world: World) -> None:
    pass


@difference("money")
def hidden_baselines(world: World) -> None:
    baseline(world, "Zebra case", OPEN, HUSHED)


@difference("money")
def a_hidden_line_of_a_draft(world: World) -> None:
    cost(world, "Open secret", OPEN, "7.00", financial_year="2027-28")


# ---- Savings


@difference("later changes")
def hidden_savings_change(world: World) -> None:
    alter(world, OPEN, "/v1/savings", "Secret saving", title="Zebra", cost_to_achieve="7.00")
    validate(world, "Hidden saving", FINANCE.name)
    realise(world, "Hidden saving", OPEN, "7.00")


@allowed(
    "money",
    "withheld",
    *IN_REPORTS,
    reason="A reader of benefits must see that the totals are incomplete.",
    operations=REPORTS,
)
def an_additional_hidden_saving(world: World) -> None:
    lost = {"status": "withdrawn", "status_reason": "To be claimed again."}
    alter(world, OPEN, "/v1/savings", "Hidden saving", **lost)
    claim(world, "Zebra saving", OPEN, f"{CASE}: Open pay recurring_revenue", "7.00")


@allowed(
    "money",
    "claimed_years",
    reason="An agency that sees a cost in full must see that it is already claimed.",
)
def a_claim_by_a_hidden_programme(world: World) -> None:
    claim(world, "Zebra saving", OPEN, "Hushed case: Mate roster recurring_revenue", "7.00")


# ---- The pipeline


@difference("pipeline")
def hidden_pipeline_entries(world: World) -> None:
    contract(world, "ZEBRA/9", OPEN, title="Zebra contract")
    entry(world, "Zebra entry", OPEN, contract_id=world.ids["ZEBRA/9"], ocid="ocds-h6vhtk-7")
    entry(world, "Aardvark entry", HIDDEN, "publication", "withdrawal", estimated_value="7.00")
    entry(world, "Zebra of the dark", DARK, supplier="Zebras", supplier_shown=True)


@difference("pipeline")
def fields_that_an_entry_does_not_publish(world: World) -> None:
    alter(world, OPEN, "/v1/pipeline-entries", "Open entry", supplier="Zebras")
    alter(world, OPEN, "/v1/pipeline-entries", "Open draft entry", title="Zebra draft")


@difference("later changes")
def the_contract_behind_a_published_entry_changes(world: World) -> None:
    url = f"/v1/contracts/{world.ids['KENT/1']}"
    changes = {"title": "Zebra", "end_date": "2031-03-31", "total_value": "7.00"}
    world.send(HIDDEN, "PATCH", url, changes)


@difference("money")
def a_pipeline_entry_that_was_published_and_withdrawn(world: World) -> None:
    entry(world, "Zebra draft", MATE)
    world.send(MATE, "DELETE", f"/v1/pipeline-entries/{world.ids['Zebra draft']}")
    entry(world, "Zebra twice", MATE, "publication", "withdrawal", "publication", "withdrawal")
