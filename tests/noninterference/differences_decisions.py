"""Differences in decisions on similar systems."""

from tests.noninterference.declarations import allowed, difference
from tests.noninterference.records import (
    CENTRE,
    LAPSED,
    OPEN,
    change,
    decide,
    propose,
    sign,
    system,
)
from tests.noninterference.worlds import World


@difference("later changes")
def hidden_members_change_after_a_proposal(world: World) -> None:
    change(world, "Open secret", OPEN, description="Zebra.", user_count=2)
    change(world, "Lapsed pay", LAPSED, name="Zebra pay", tags=["zebra"])
    change(world, "Xylomark rifles", LAPSED, lifecycle="sunsetting", name="Zebra rifles")


@difference("agreed decisions")
def a_hidden_signature_that_an_edit_voids(world: World) -> None:
    decision = world.send(OPEN, "GET", f"/v1/decisions/{world.ids['One beacon']}")
    sign(world, "One beacon", decision["content_hash"], LAPSED)


@difference("decisions")
def hidden_decisions_on_similar_systems(world: World) -> None:
    title = "Between others"
    decide(world, "Beacon", CENTRE, "Open beacon", "Central beacon", title=title)
    sign(world, title, propose(world, title, CENTRE), OPEN, CENTRE)


@allowed(
    "agreed decisions",
    "content_hash",
    reason="A sign-off covers the whole proposal, including hidden members: see `withheld_members`.",
)
def another_hidden_successor(_world: World) -> None:
    pass


@allowed(
    "agreed decisions",
    "status",
    "updated_at",
    reason="An agency that agreed to a decision must see that it is superseded.",
    operations=(
        "list_changes",
        "list_decision_history",
        "get_system_readiness",
        "get_group_readiness",
        "list_notice_dates",
    ),
)
def a_hidden_decision_supersedes_another(world: World) -> None:
    torch = {"product_id": world.ids["Torch"], "supplier_name": "Northgate"}
    system(world, "Central torch", CENTRE, **torch)
    world.send(CENTRE, "POST", "/v1/overlaps/runs")
    world.run_jobs()
    title = "Another torch"
    decide(world, "Torch", CENTRE, "Central torch", "Open torch", title=title)
    sign(world, title, propose(world, title, CENTRE), OPEN, CENTRE)


@allowed(
    "edited proposals",
    "content_hash",
    "proposed_at",
    "updated_at",
    "records_as_of",
    "as_proposed",
    "changed_since",
    reason="An agency must see that a proposal has changed, even if the change is hidden.",
    operations=("list_changes", "list_decision_history"),
)
def a_hidden_member_of_a_proposal_changed(world: World) -> None:
    url = f"/v1/decisions/{world.ids['Open proposal']}"
    written = ("system_id", "disposition", "strategy", "successor_id")
    members = [
        {name: member[name] for name in written}
        for member in world.send(OPEN, "GET", url)["members"]
    ]
    for member in members:
        if member["system_id"] == world.ids["Open secret"]:
            member["strategy"] = "rehost"
            member["disposition"] = "migrate"
    world.send(OPEN, "PATCH", url, {"members": members})
