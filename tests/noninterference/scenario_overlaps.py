"""Steps of the scenario for similar systems, manual groups and the decisions on them.

The actor sees some of these systems, but not all.
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
    create_manual_group,
    decide,
    interface,
    propose,
    sign,
    system,
    use,
)
from tests.noninterference.worlds import World

HIDDEN_ORIGIN = "a merger has a hidden origin"
OTHER_SUCCESSOR = "another hidden successor"
HIDDEN_CHOICE = "a split includes a hidden system"

EVERYONE = {"disclosure": "all_agencies"}
PARTNERS = {"disclosure": "agreement"}


def register(world: World) -> None:
    """Add the capabilities and the products of a renamed supplier that the systems share."""
    for code, name in (("Q05", "Custody"), ("Q06", "Exhibits"), ("Q07", "Firearms")):
        body = {"name": name, "code": code, "tier": "enabling", "parent": "Q"}
        world.send("administrator", "POST", "/v1/capabilities", body)
    former = {"former_names": [{"name": "Civigate", "until": 2019}]}
    world.send("administrator", "PATCH", f"/v1/suppliers/{world.ids['Northgate']}", former)
    for name in ("Beacon", "Torch", "Lantern"):
        body = {"name": name, "supplier_id": world.ids["Northgate"]}
        world.ids[name] = world.send("administrator", "POST", "/v1/products", body)["id"]


def systems(world: World) -> None:
    """Add systems that are alike by name, alias, use, description or capability."""

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
    # These two records have a distinctive name, so they are one installation.
    for by in ("member", CENTRE):
        system(world, "Night kestrel", by, **beacon(now), **EVERYONE)
    # These match by name only. A hidden system is more similar to the actor's than a visible one.
    system(world, "Zephyrbase custody", "member", capabilities=["Q05"])
    system(world, "Zephyrbase store", OPEN, capabilities=["Q05"], **EVERYONE)
    system(world, "Zephyrbase cells", CENTRE, capabilities=["Q05"], **EVERYONE)
    # These match by an alias, which the standard profile shows but the summary does not.
    system(world, "Quorumdesk", "member", capabilities=["Q06"])
    alias = {"capabilities": ["Q06"], "aliases": ["Quorumdesk"]} | PARTNERS
    system(world, "Mate exhibits", MATE, **alias)
    system(world, "Glimpse exhibits", GLIMPSE, **alias)
    # The actor sees only the first system of each of these pairs.
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
    """Add uses, interfaces, contracts and costs of the similar systems."""
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


def manual_groups(world: World) -> None:
    """Split and merge overlaps into manual groups, which only some agencies see."""
    ids = world.ids
    chosen = [ids["Zephyrbase store"], ids["Zephyrbase cells"]]
    if HIDDEN_CHOICE in world.has:
        chosen.append(ids["Open cells"])
    create_manual_group(world, "Cells apart", OPEN, "Custody", split=chosen)
    # Without a title, the group takes its name from the systems that the reader can see.
    merged = ["Exhibits", "Lantern"]
    merged += ["Xylomark / Xylomark rifles"] if HIDDEN_ORIGIN in world.has else []
    create_manual_group(world, "", OPEN, *merged, kind="same_function")
    create_manual_group(world, "Beacons apart", "member", "Beacon", split=[ids["Own beacon"]])
    url = f"/v1/overlap-groupings/{ids['grouping Beacons apart']}/withdrawal"
    world.send("member", "POST", url)


def agreed_decisions(world: World) -> None:
    """Agree a decision whose successor is in another overlap, and propose another decision."""
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
    # The actor cannot see the successor.
    decide(world, "Beacon", OPEN, "Central beacon", "Own beacon", title=title, successor=hidden)
    propose(world, title, OPEN)


def edited_proposals(world: World) -> None:
    """Change a proposal that an agency has already signed."""
    url = f"/v1/decisions/{world.ids['Open proposal']}"
    world.send(OPEN, "PATCH", url, {"title": "Open proposal, once more"})
