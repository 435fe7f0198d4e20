"""Systems that resemble each other, groups made by hand, and what is decided on them.

Steps of the scenario of both worlds. The actor sees some of these systems, not all.
"""

from typing import Any

from tests.noninterference.records import (
    ACTOR,
    CENTRE,
    DARK,
    GLIMPSE,
    HIDDEN,
    LAPSED,
    MATE,
    OPEN,
    change,
    contract,
    cost,
    decide,
    group_by_hand,
    interface,
    propose,
    sign,
    system,
    use,
)
from tests.noninterference.worlds import World

HIDDEN_ORIGIN = "a merger has an origin that may not be seen"
OTHER_SUCCESSOR = "another successor that may not be seen"
HIDDEN_CHOICE = "a split takes along what may not be seen"

EVERYONE = {"disclosure": "all_agencies"}
PARTNERS = {"disclosure": "agreement"}


def register(world: World) -> None:
    """What the systems have in common: functions, and products of a maker that was renamed."""
    for code, name in (("Q05", "Custody"), ("Q06", "Exhibits"), ("Q07", "Firearms")):
        body = {"name": name, "code": code, "tier": "enabling", "parent": "Q"}
        world.send("administrator", "POST", "/v1/capabilities", body)
    former = {"former_names": [{"name": "Civigate", "until": 2019}]}
    world.send("administrator", "PATCH", f"/v1/suppliers/{world.ids['Northgate']}", former)
    for name in ("Beacon", "Torch", "Lantern"):
        body = {"name": name, "supplier_id": world.ids["Northgate"]}
        world.ids[name] = world.send("administrator", "POST", "/v1/products", body)["id"]


def systems(world: World) -> None:
    """They are alike by name, by alias, by use, by description, and by what they are for."""

    def beacon(supplier: str, **more: Any) -> dict[str, Any]:
        return {"product_id": world.ids["Beacon"], "supplier_name": supplier} | more

    now, then = "Northgate", "Civigate"
    system(world, "Own beacon", "member", **beacon(now), **EVERYONE)
    system(world, "Open beacon", OPEN, **beacon(now), **EVERYONE)
    system(world, "Central beacon", CENTRE, **beacon(now), **EVERYONE)
    system(world, "Glimpse beacon", GLIMPSE, **beacon(now), **PARTNERS)
    system(world, "Lapsed beacon", LAPSED, **beacon(now), **PARTNERS)
    torch = {"product_id": world.ids["Torch"]}
    system(world, "Own torch", "member", **torch, supplier_name=now, **EVERYONE)
    system(world, "Open torch", OPEN, **torch, supplier_name=then, **EVERYONE)
    for name, by in (("Own lantern", "member"), ("Open lantern", OPEN)):
        system(world, name, by, product_id=world.ids["Lantern"], **EVERYONE)
    # By a name of their own, two records are of one installation.
    for by in ("member", CENTRE):
        system(world, "Night kestrel", by, **beacon(now), **EVERYONE)
    # By name alone: what the actor sees is less like its own than what it does not see.
    system(world, "Zephyrbase custody", "member", capabilities=["Q05"])
    system(world, "Zephyrbase store", OPEN, capabilities=["Q05"], **EVERYONE)
    system(world, "Zephyrbase cells", CENTRE, capabilities=["Q05"], **EVERYONE)
    # By an alias, which the standard profile shows, and the summary does not.
    system(world, "Quorumdesk", "member", capabilities=["Q06"])
    alias = {"capabilities": ["Q06"], "aliases": ["Quorumdesk"]} | PARTNERS
    system(world, "Mate exhibits", MATE, **alias)
    system(world, "Glimpse exhibits", GLIMPSE, **alias)
    # Of each two of these, the actor sees the first.
    system(world, "Xylomark", OPEN, capabilities=["Q07"], **EVERYONE)
    system(world, "Xylomark rifles", LAPSED, **PARTNERS)
    for name in ("Vexilar", "Quillon"):
        system(world, name, OPEN, **EVERYONE)
        system(world, f"{name} prints", LAPSED, **PARTNERS)
    system(world, "Open exhibits", OPEN, capabilities=["Q06"], **EVERYONE)
    system(world, "Open cells", OPEN, capabilities=["Q05"])
    system(world, "Open cage", OPEN, capabilities=["Q05"])
    system(world, "Kent cells", HIDDEN, capabilities=["Q05"])
    system(world, "Sussex cells", DARK, capabilities=["Q05"], **PARTNERS)


def relations(world: World) -> None:
    """Uses, interfaces, contracts and costs of those."""
    use(world, "Open beacon", OPEN, ACTOR)
    use(world, "Glimpse beacon", GLIMPSE, ACTOR)
    change(world, "Central beacon", CENTRE, description="It serves Bedfordshire Police as well.")
    interface(world, "Own torch", "Kent cells", HIDDEN)
    interface(world, "Own torch", "Open torch", "member")
    ids = world.ids
    bound = [ids["Own torch"], ids["Open torch"]]
    contract(world, "CENTRE/1", CENTRE, systems=[ids["Central wheels"]], **EVERYONE)
    contract(world, "OPEN/9", OPEN, systems=bound, **EVERYONE)
    contract(world, "GLIMPSE/2", GLIMPSE, systems=[ids["Glimpse beacon"]], **PARTNERS)
    cost(world, "Own torch", "member", "700.00")


def groups_by_hand(world: World) -> None:
    """Overlaps are split and merged, by who takes part; to some it is not so."""
    ids = world.ids
    chosen = [ids["Zephyrbase store"], ids["Zephyrbase cells"]]
    if HIDDEN_CHOICE in world.has:
        chosen.append(ids["Open cells"])
    group_by_hand(world, "Cells apart", OPEN, "Custody", split=chosen)
    # Untitled, and of several kinds: it is to take its name from what the reader knows of it.
    merged = ["Exhibits", "Lantern"]
    merged += ["Xylomark / Xylomark rifles"] if HIDDEN_ORIGIN in world.has else []
    group_by_hand(world, "", OPEN, *merged, kind="same_function")
    group_by_hand(world, "Beacons apart", "member", "Beacon", split=[ids["Own beacon"]])
    url = f"/v1/overlap-groupings/{ids['grouping Beacons apart']}/withdrawal"
    world.send("member", "POST", url)


def agreed_decisions(world: World) -> None:
    """One is agreed by all whom it concerns; its successor is in another overlap."""
    decide(
        world,
        "Torch",
        OPEN,
        "Open torch",
        "Own torch",
        title="One torch",
        successor="Zephyrbase store",
    )
    sign(world, "One torch", propose(world, "One torch", OPEN), OPEN, "member")
    hidden = "Lapsed beacon" if OTHER_SUCCESSOR in world.has else "Xylomark rifles"
    title = "One beacon"
    # The actor may not see what is to take over.
    decide(world, "Beacon", OPEN, "Central beacon", "Own beacon", title=title, successor=hidden)
    propose(world, title, OPEN)


def edited_proposals(world: World) -> None:
    """A proposal that somebody has signed is changed."""
    url = f"/v1/decisions/{world.ids['Open proposal']}"
    world.send(OPEN, "PATCH", url, {"title": "Open proposal, once more"})
