"""Differences in similar systems: pairs, manual groups, options and readiness."""

from tests.noninterference.declarations import difference
from tests.noninterference.records import (
    CENTRE,
    DARK,
    GLIMPSE,
    HIDDEN,
    LAPSED,
    OPEN,
    change,
    contract,
    cost,
    create_manual_group,
    interface,
    review,
    system,
    use,
)
from tests.noninterference.scenario_overlaps import HIDDEN_CHOICE, HIDDEN_ORIGIN, PARTNERS
from tests.noninterference.worlds import World


@difference("similar systems", HIDDEN_ORIGIN)
@difference("similar systems", HIDDEN_CHOICE)
def applied_within_the_scenario(_world: World) -> None:
    pass


# ---- Pairs


@difference("similar systems")
def a_hidden_system_that_matches_better(world: World) -> None:
    # These belong to the same agencies as the pairs that the actor sees.
    for by in (OPEN, CENTRE):
        system(world, "Zephyrbase custody", by, capabilities=["Q05"])


@difference("similar systems")
def hidden_systems_of_the_same_names(world: World) -> None:
    for by in (HIDDEN, DARK):
        system(world, "Zephyrbase custody", by, capabilities=["Q05"])
        system(world, "Quorumdesk", by, capabilities=["Q06"])
        kestrel = {"product_id": world.ids["Beacon"], "supplier_name": "Civigate"}
        system(world, "Night kestrel", by, **kestrel)


@difference("similar systems")
def a_hidden_partner_of_disclosed_systems(world: World) -> None:
    # Each of two visible systems forms a pair with a hidden system.
    system(world, "Xylomark", DARK, **PARTNERS)
    system(world, "Central wheels", HIDDEN, product_name="Wheelhouse")


@difference("similar systems")
def other_aliases_than_a_summary_shows(world: World) -> None:
    change(world, "Glimpse exhibits", GLIMPSE, aliases=["Zephyrbase custody", "Zebra"])


@difference("relations of similar systems")
def withheld_signs_of_one_installation(world: World) -> None:
    fields = "Shared with Bedfordshire Police and Cambridgeshire Police."
    change(world, "Glimpse beacon", GLIMPSE, description=fields, product_version="7.1")
    use(world, "Glimpse beacon", GLIMPSE, OPEN)
    use(world, "Glimpse beacon", GLIMPSE, CENTRE)


@difference("relations of similar systems")
def hidden_uses_of_the_same_product(world: World) -> None:
    use(world, "Lapsed beacon", LAPSED, OPEN)
    change(world, "Lapsed beacon", LAPSED, description="It serves Bedfordshire Police.")


# ---- Descriptions and reviews of groups


@difference("similar systems")
def a_hidden_member_with_another_supplier_s_name(world: World) -> None:
    beacon = {"product_id": world.ids["Beacon"], "supplier_name": "Civigate"}
    system(world, "Kent beacon", HIDDEN, **beacon)
    change(world, "Lapsed beacon", LAPSED, **beacon)


@difference("reviews")
def hidden_reviews_of_pairs(world: World) -> None:
    review(world, "Xylomark / Xylomark rifles", LAPSED)


@difference("overlaps detected")
def hidden_reviews_by_hidden_members(world: World) -> None:
    review(world, "Custody", DARK, "rejected")


# ---- Manual groups


@difference("reviews")
def hidden_agencies_split_and_merge(world: World) -> None:
    ids = world.ids
    create_manual_group(world, "In the dark", DARK, "Custody", split=[ids["Sussex cells"]])
    more = [ids["Zephyrbase store"], ids["Kent cells"]]
    create_manual_group(world, "At night", HIDDEN, "Custody", split=more)


@difference("later changes")
def an_agency_that_became_hidden_merges(world: World) -> None:
    # The actor sees the merged overlaps, but must not see which agency merged them.
    fields = {"kind": "same_function"}
    create_manual_group(world, "Zebra", LAPSED, "Dutyplan", "Rostering", **fields)


@difference("overlaps detected")
def hidden_groups_are_withdrawn(world: World) -> None:
    split = [world.ids["Zephyrbase store"]]
    create_manual_group(world, "For a day", DARK, "Custody", split=split)
    url = f"/v1/overlap-groupings/{world.ids['grouping For a day']}/withdrawal"
    world.send(DARK, "POST", url)


@difference("manual groups")
def a_split_of_hidden_members(world: World) -> None:
    # The actor sees that this agency takes part in the overlap.
    create_manual_group(world, "Under cover", OPEN, "Custody", split=[world.ids["Open cage"]])


@difference("later changes")
def a_merger_with_one_visible_origin(world: World) -> None:
    fields = {"kind": "same_function"}
    create_manual_group(world, "Half known", OPEN, "Stores", "Vexilar / Vexilar prints", **fields)


@difference("manual groups")
def a_hidden_member_of_a_merger(world: World) -> None:
    system(world, "Lapsed lantern", LAPSED, product_id=world.ids["Lantern"], **PARTNERS)
    system(world, "Lapsed exhibits", LAPSED, capabilities=["Q06"], **PARTNERS)
    system(world, "Kent exhibits", HIDDEN, capabilities=["Q06"])
    world.send(LAPSED, "POST", "/v1/overlaps/runs")
    world.run_jobs()
    world.ids["overlap merged"] = world.ids["overlap of "]
    review(world, "merged", LAPSED, "rejected")


# ---- Options and readiness


@difference("relations of similar systems")
def hidden_dependants_contracts_and_costs(world: World) -> None:
    ids = world.ids
    interface(world, "Open torch", "Open cells", OPEN)
    bound = [ids["Open torch"], ids["Own torch"], ids["Zephyrbase store"]]
    contract(world, "ZEBRA/1", OPEN, systems=bound, end_date="2027-01-31", notice_period_days=30)
    contract(world, "ZEBRA/2", CENTRE, systems=[ids["Central beacon"]])
    for what, by in (("Open torch", OPEN), ("Zephyrbase store", OPEN), ("Central beacon", CENTRE)):
        cost(world, what, by, "4321.00")


@difference("later changes")
def a_hidden_dependant_goes_out_of_use(world: World) -> None:
    for step in ("sunsetting", "read_only_archive"):
        change(world, "Kent cells", HIDDEN, lifecycle=step)


@difference("later changes")
def fields_of_options_outside_the_summary(world: World) -> None:
    values = {"user_count": 5, "retention_hold": True, "hosting": "national_system"}
    values |= {"personal_data": "criminal_offence", "dpia_status": "draft", "functional_fit": 4}
    change(world, "Glimpse beacon", GLIMPSE, **values)
    change(world, "Glimpse exhibits", GLIMPSE, **values)


@difference("later changes")
def a_missed_notice_that_is_withheld(world: World) -> None:
    url = f"/v1/contracts/{world.ids['GLIMPSE/2']}"
    world.send(GLIMPSE, "PATCH", url, {"notice_period_days": 1000})


@difference("later changes")
def a_hidden_run_after_changes_that_are_hidden(world: World) -> None:
    change(world, "Lapsed beacon", LAPSED, name="Zephyrbase beacon")
    change(world, "Quillon prints", LAPSED, name="Zebra prints")
    change(world, "Kent cells", HIDDEN, name="Xylomark cells", aliases=["Quorumdesk"])
    world.send(HIDDEN, "POST", "/v1/overlaps/runs")
