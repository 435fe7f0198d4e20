"""What one world has more, or other, of systems that are alike: pairs, groups by hand, what is said
of them and what could become of them."""

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
    group_by_hand,
    interface,
    review,
    system,
    use,
)
from tests.noninterference.scenario_overlaps import HIDDEN_CHOICE, HIDDEN_ORIGIN, PARTNERS
from tests.noninterference.worlds import World


@difference("systems that are alike", HIDDEN_ORIGIN)
@difference("systems that are alike", HIDDEN_CHOICE)
def made_by_the_script_itself(_world: World) -> None:
    pass


# ---- Pairs


@difference("systems that are alike")
def a_hidden_and_likelier_partner(world: World) -> None:
    # Of the same agencies as the pairs that the actor sees.
    for by in (OPEN, CENTRE):
        system(world, "Zephyrbase custody", by, capabilities=["Q05"])


@difference("systems that are alike")
def hidden_systems_of_the_same_names(world: World) -> None:
    for by in (HIDDEN, DARK):
        system(world, "Zephyrbase custody", by, capabilities=["Q05"])
        system(world, "Quorumdesk", by, capabilities=["Q06"])
        kestrel = {"product_id": world.ids["Beacon"], "supplier_name": "Civigate"}
        system(world, "Night kestrel", by, **kestrel)


@difference("systems that are alike")
def a_hidden_partner_of_what_is_disclosed(world: World) -> None:
    # Two that the actor sees are each half of a pair that it does not.
    system(world, "Xylomark", DARK, **PARTNERS)
    system(world, "Central wheels", HIDDEN, product_name="Wheelhouse")


@difference("systems that are alike")
def other_aliases_than_a_summary_shows(world: World) -> None:
    change(world, "Glimpse exhibits", GLIMPSE, aliases=["Zephyrbase custody", "Zebra"])


@difference("relations of those")
def what_makes_one_installation_and_is_not_shown(world: World) -> None:
    said = "Shared with Bedfordshire Police and Cambridgeshire Police."
    change(world, "Glimpse beacon", GLIMPSE, description=said, product_version="7.1")
    use(world, "Glimpse beacon", GLIMPSE, OPEN)
    use(world, "Glimpse beacon", GLIMPSE, CENTRE)


@difference("relations of those")
def hidden_uses_of_the_same_product(world: World) -> None:
    use(world, "Lapsed beacon", LAPSED, OPEN)
    change(world, "Lapsed beacon", LAPSED, description="It serves Bedfordshire Police.")


# ---- What is said of a group


@difference("systems that are alike")
def a_hidden_member_with_another_supplier_s_name(world: World) -> None:
    beacon = {"product_id": world.ids["Beacon"], "supplier_name": "Civigate"}
    system(world, "Kent beacon", HIDDEN, **beacon)
    change(world, "Lapsed beacon", LAPSED, **beacon)


@difference("reviews")
def hidden_reviews_of_pairs(world: World) -> None:
    review(world, "Xylomark / Xylomark rifles", LAPSED)


@difference("overlaps found")
def hidden_reviews_by_hidden_members(world: World) -> None:
    review(world, "Custody", DARK, "rejected")


# ---- Groups by hand


@difference("reviews")
def hidden_agencies_split_and_merge(world: World) -> None:
    ids = world.ids
    group_by_hand(world, "In the dark", DARK, "Custody", split=[ids["Sussex cells"]])
    more = [ids["Zephyrbase store"], ids["Kent cells"]]
    group_by_hand(world, "At night", HIDDEN, "Custody", split=more)


@difference("later changes")
def an_agency_that_is_seen_no_more_merges(world: World) -> None:
    # The actor sees what this unites, and is not to know who did so.
    said = {"kind": "same_function"}
    group_by_hand(world, "Zebra", LAPSED, "Dutyplan", "Rostering", **said)


@difference("overlaps found")
def hidden_groups_are_withdrawn_again(world: World) -> None:
    split = [world.ids["Zephyrbase store"]]
    group_by_hand(world, "For a day", DARK, "Custody", split=split)
    url = f"/v1/overlap-groupings/{world.ids['grouping For a day']}/withdrawal"
    world.send(DARK, "POST", url)


@difference("groups by hand")
def a_split_of_hidden_members(world: World) -> None:
    # By an agency that the actor knows to take part.
    group_by_hand(world, "Under cover", OPEN, "Custody", split=[world.ids["Open cage"]])


@difference("later changes")
def a_merger_of_which_one_origin_is_seen(world: World) -> None:
    said = {"kind": "same_function"}
    group_by_hand(world, "Half known", OPEN, "Stores", "Vexilar / Vexilar prints", **said)


@difference("groups by hand")
def a_hidden_member_of_what_was_merged(world: World) -> None:
    system(world, "Lapsed lantern", LAPSED, product_id=world.ids["Lantern"], **PARTNERS)
    system(world, "Lapsed exhibits", LAPSED, capabilities=["Q06"], **PARTNERS)
    system(world, "Kent exhibits", HIDDEN, capabilities=["Q06"])
    world.send(LAPSED, "POST", "/v1/overlaps/runs")
    world.run_jobs()
    world.ids["overlap merged"] = world.ids["overlap of "]
    review(world, "merged", LAPSED, "rejected")


# ---- What could become of a group, and what stands in the way


@difference("relations of those")
def hidden_dependants_contracts_and_costs(world: World) -> None:
    ids = world.ids
    interface(world, "Open torch", "Open cells", OPEN)
    bound = [ids["Open torch"], ids["Own torch"], ids["Zephyrbase store"]]
    contract(world, "ZEBRA/1", OPEN, systems=bound, end_date="2027-01-31", notice_period_days=30)
    contract(world, "ZEBRA/2", CENTRE, systems=[ids["Central beacon"]])
    for what, by in (("Open torch", OPEN), ("Zephyrbase store", OPEN), ("Central beacon", CENTRE)):
        cost(world, what, by, "4321.00")


@difference("later changes")
def what_relies_on_the_actor_s_system_runs_no_longer(world: World) -> None:
    for step in ("sunsetting", "read_only_archive"):
        change(world, "Kent cells", HIDDEN, lifecycle=step)


@difference("later changes")
def what_options_and_readiness_ask_of_a_summary(world: World) -> None:
    asked = {"user_count": 5, "retention_hold": True, "hosting": "national_system"}
    asked |= {"personal_data": "criminal_offence", "dpia_status": "draft", "functional_fit": 4}
    change(world, "Glimpse beacon", GLIMPSE, **asked)
    change(world, "Glimpse exhibits", GLIMPSE, **asked)


@difference("later changes")
def notice_that_can_be_given_no_more(world: World) -> None:
    url = f"/v1/contracts/{world.ids['GLIMPSE/2']}"
    world.send(GLIMPSE, "PATCH", url, {"notice_period_days": 1000})


@difference("later changes")
def a_hidden_run_after_changes_that_are_hidden(world: World) -> None:
    change(world, "Lapsed beacon", LAPSED, name="Zephyrbase beacon")
    change(world, "Quillon prints", LAPSED, name="Zebra prints")
    change(world, "Kent cells", HIDDEN, name="Xylomark cells", aliases=["Quorumdesk"])
    world.send(HIDDEN, "POST", "/v1/overlaps/runs")
