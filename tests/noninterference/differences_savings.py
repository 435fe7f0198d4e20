"""What one world has more, or other, of costs that may not be seen: in baselines, in what is claimed
of them, and in what programmes come to. And of what suppliers are not to read yet, or any more."""

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
def hidden_costs_of_what_moves(world: World) -> None:
    # They are of no category that a baseline holds.
    cost(world, "Open pay", OPEN, "77.00", category="dual_running")
    cost(world, "Open secret", OPEN, "777.00", category="exit_cost")
    cost(world, "Glimpse roster", GLIMPSE, "7777.00", category="decommissioning")
    cost(world, "Glimpse roster", GLIMPSE, "7.00", financial_year="2027-28")


@difference("money", HIDDEN_AMOUNTS)
def made_by_the_script_itself(_world: World) -> None:
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
    reason="Who reads what a programme comes to is to know that it is not of the whole.",
    operations=REPORTS,
)
def a_hidden_saving_more(world: World) -> None:
    lost = {"status": "withdrawn", "status_reason": "To be claimed anew."}
    alter(world, OPEN, "/v1/savings", "Hidden saving", **lost)
    claim(world, "Zebra saving", OPEN, f"{CASE}: Open pay recurring_revenue", "7.00")


@allowed(
    "money",
    "claimed_years",
    reason="Who pays a cost, or is shown it in full, is to know that it is claimed already.",
)
def a_claim_by_a_programme_that_may_not_be_seen(world: World) -> None:
    claim(world, "Zebra saving", OPEN, "Hushed case: Mate roster recurring_revenue", "7.00")


# ---- The pipeline


@difference("pipeline")
def hidden_entries_of_the_pipeline(world: World) -> None:
    contract(world, "ZEBRA/9", OPEN, title="Zebra contract")
    entry(world, "Zebra entry", OPEN, contract_id=world.ids["ZEBRA/9"], ocid="ocds-h6vhtk-7")
    entry(world, "Aardvark entry", HIDDEN, "publication", "withdrawal", estimated_value="7.00")
    entry(world, "Zebra of the dark", DARK, supplier="Zebras", supplier_shown=True)


@difference("pipeline")
def what_a_published_entry_does_not_say(world: World) -> None:
    alter(world, OPEN, "/v1/pipeline-entries", "Open entry", supplier="Zebras")
    alter(world, OPEN, "/v1/pipeline-entries", "Open draft entry", title="Zebra draft")


@difference("later changes")
def the_contract_behind_a_published_entry_changes(world: World) -> None:
    url = f"/v1/contracts/{world.ids['KENT/1']}"
    changes = {"title": "Zebra", "end_date": "2031-03-31", "total_value": "7.00"}
    world.send(HIDDEN, "PATCH", url, changes)


@difference("money")
def an_entry_of_the_pipeline_that_was_published_and_removed(world: World) -> None:
    entry(world, "Zebra draft", MATE)
    world.send(MATE, "DELETE", f"/v1/pipeline-entries/{world.ids['Zebra draft']}")
    entry(world, "Zebra twice", MATE, "publication", "withdrawal", "publication", "withdrawal")
