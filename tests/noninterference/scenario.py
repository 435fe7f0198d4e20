"""The scenario of both worlds: the actor's records, and others' with every kind of disclosure.

Some of these records are hidden from the actor, so that differences can change them.
"""

from datetime import timedelta
from typing import Any

from tests.noninterference import scenario_overlaps, scenario_programmes
from tests.noninterference.records import (
    ACTOR,
    ACTORS,
    AGENCIES,
    CENTRE,
    DARK,
    GLIMPSE,
    GRANTOR,
    HELPERS,
    HIDDEN,
    LAPSED,
    MATE,
    OPEN,
    OTHERS,
    VISITOR,
    agreement,
    attest,
    change,
    contract,
    cost,
    decide,
    declare,
    disclosed,
    full,
    grant,
    interface,
    keep_mapping,
    merge,
    migrate,
    programme,
    propose,
    queue_deliveries,
    review,
    sign,
    subscribe,
    system,
    upload,
    use,
    wave,
)
from tests.noninterference.worlds import BEGINNING, Step, World

SCENARIO: dict[str, Step] = {}

HIDDEN_TARGET = "a hidden target"
OTHER_REASON = "another reason for a change"
OTHER_CLIENT = "another client makes a change"
OTHER_END = "another hidden end"
HIDDEN_MEMBER = "an additional hidden member"
HIDDEN_DUPLICATE = "a hidden duplicate of a system that its owner then discloses"
MORE_CHANGES = "withheld figures change together with others"


def step(function: Step) -> Step:
    """Append a step to the scenario."""
    SCENARIO[function.__name__.replace("_", " ")] = function
    return function


@step
def agencies(world: World) -> None:
    for code in AGENCIES:
        world.agency(code)
    for client in (*ACTORS, *OTHERS, *HELPERS):
        world.admit(client)
    world.sign_in(VISITOR)


@step
def reference_data(world: World) -> None:
    def create(path: str, name: str, **fields: Any) -> str:
        record = world.send("administrator", "POST", path, {"name": name} | fields)
        world.ids[name] = record["id"]
        return world.ids[name]

    create("/v1/capabilities", "Enabling", code="Q", tier="enabling")
    for code, name in (
        ("Q01", "Rostering"),
        ("Q02", "Payroll"),
        ("Q03", "Fleet"),
        ("Q04", "Stores"),
    ):
        create("/v1/capabilities", name, code=code, tier="enabling", parent="Q")
    maker = create("/v1/suppliers", "Northgate")
    for name in ("Dutyplan", "Paymaster", "Wheels", "Ledger"):
        create("/v1/products", name, supplier_id=maker)
    issuer = {"key": "quarry", "issuer": "https://sso.quarry.example", "audiences": ["quarry"]}
    create("/v1/identity-providers", "Quarry", **issuer, agencies=[ACTOR])


@step
def more_reference_data(world: World) -> None:
    scenario_overlaps.register(world)


@step
def systems_before_any_agreement(world: World) -> None:
    # Equal to the name of a hidden duplicate, so that its merger changes no alias.
    system(world, "Mate early", MATE, disclosure="agreement", aliases=["Mate twin"])


@step
def agreements_and_grants(world: World) -> None:
    agreement(world, "With a mate", "member", MATE, profile="standard")
    agreement(world, "At a glimpse", GLIMPSE, ACTOR, profile="summary")
    agreement(world, "In the dark", HIDDEN, DARK, profile="full")
    agreement(world, "Among others", OPEN, LAPSED, profile="standard")
    # The grant expires before overlaps are detected, so no run includes systems seen earlier.
    near = (BEGINNING + timedelta(minutes=9, seconds=30)).isoformat()
    far = "2027-03-31T23:00:00Z"
    grant(world, GRANTOR, ACTOR, "systems", "contracts", profile="full", until=far)
    grant(world, LAPSED, ACTOR, "systems", "contracts", "costs", profile="full", until=near)
    grant(world, "member", OPEN, "systems", profile="standard", until=far)


@step
def own_systems(world: World) -> None:
    ids = world.ids
    dutyplan = {"product_id": ids["Dutyplan"], "capabilities": ["Q01"]}
    system(world, "Own roster", "member", **full(1) | dutyplan)
    paymaster = {"product_id": ids["Paymaster"], "capabilities": ["Q02"]}
    system(world, "Own pay", "member", **disclosed("all_agencies", 5) | paymaster)
    system(world, "Own fleet", "member", capabilities=["Q03"], disclosure="all_agencies")
    system(world, "Own stores", "member", capabilities=["Q04"])
    system(world, "Own notes", "member", product_name="Scribble 3", disclosure="agreement")


@step
def systems_of_the_open(world: World) -> None:
    ids, everyone = world.ids, {"disclosure": "all_agencies"}
    dutyplan = {"product_id": ids["Dutyplan"], "capabilities": ["Q01"]}
    system(world, "Open roster", OPEN, **disclosed("all_agencies", 2) | dutyplan)
    paymaster = {"product_id": ids["Paymaster"], "capabilities": ["Q02"]}
    system(world, "Open pay", OPEN, **disclosed("all_agencies", 3) | paymaster)
    system(world, "Open fleet", OPEN, **disclosed("all_agencies", 4) | {"capabilities": ["Q03"]})
    system(world, "Open stores", OPEN, capabilities=["Q04"], **everyone)
    system(world, "Open wheels", OPEN, product_id=ids["Wheels"], **everyone)
    system(world, "Open secret", OPEN, **full(6) | dutyplan | {"capabilities": ["Q02"]})
    system(world, "Open safe", OPEN, capabilities=["Q02"])
    system(world, "Open late", OPEN, **full(12))
    system(
        world, "Central roster", CENTRE, **disclosed("all_agencies", 7) | {"capabilities": ["Q01"]}
    )
    system(world, "Central fleet", CENTRE, capabilities=["Q03"], **everyone)
    system(world, "Central wheels", CENTRE, product_id=ids["Wheels"], **everyone)


@step
def systems_of_partners(world: World) -> None:
    dutyplan = {"product_id": world.ids["Dutyplan"], "capabilities": ["Q01"]}
    shared = "agreement"
    for place, (word, by) in enumerate((("Mate", MATE), ("Glimpse", GLIMPSE)), 13):
        system(world, f"{word} roster", by, **disclosed(shared, place) | dutyplan)
        system(world, f"{word} secret", by, **full(place + 4) | dutyplan)
    system(world, "Lapsed pay", LAPSED, capabilities=["Q02"], disclosure=shared)
    system(world, "Mate pay", MATE, capabilities=["Q02"], disclosure="all_agencies")
    system(world, "Granted roster", GRANTOR, **full(15) | dutyplan)
    system(world, "Lapsed roster", LAPSED, **full(16) | dutyplan)


@step
def hidden_systems(world: World) -> None:
    dutyplan, ledger = ({"product_id": world.ids[name]} for name in ("Dutyplan", "Ledger"))
    system(world, "Kent roster", HIDDEN, **full(8) | dutyplan)
    system(world, "Kent ledger", HIDDEN, **disclosed("agreement", 9) | ledger)
    system(world, "Sussex ledger", DARK, **disclosed("agreement", 10) | ledger)
    system(world, "Kent feeder", HIDDEN, disclosure="owner_only")


@step
def uses_interfaces_and_attestations(world: World) -> None:
    use(world, "Own roster", "member", CENTRE)
    use(world, "Open roster", OPEN, ACTOR)
    use(world, "Open roster", OPEN, CENTRE)
    use(world, "Glimpse roster", GLIMPSE, ACTOR)
    interface(world, "Own roster", "Own pay", "member")
    interface(world, "Open roster", "Open pay", OPEN)
    hidden_end = "Kent ledger" if OTHER_END in world.has else "Kent roster"
    interface(world, hidden_end, "Own pay", HIDDEN)
    interface(world, "Own pay", "Kent roster", HIDDEN)
    interface(world, "Kent feeder", "Own pay", HIDDEN)
    attest(world, "Own roster", "member")
    attest(world, "Mate roster", MATE)
    attest(world, "Open roster", f"{OPEN}-spare" if OTHER_CLIENT in world.has else OPEN)


@step
def contracts_and_costs(world: World) -> None:
    ids = world.ids
    renews = {"end_date": "2025-03-31", "renewal": "automatic", "renewal_period_months": 24}
    in_months = {"notice_period_days": None, "notice_period_months": 3}
    contract(world, "OWN/1", "member", systems=[ids["Own roster"], ids["Open roster"]], **renews)
    open_systems = [ids["Open roster"], ids["Open secret"]]
    contract(world, "OPEN/1", OPEN, disclosure="all_agencies", systems=open_systems)
    contract(
        world, "OPEN/2", OPEN, parties=[ACTOR, CENTRE], systems=open_systems, **renews, **in_months
    )
    contract(world, "MATE/1", MATE, disclosure="agreement", systems=[ids["Mate roster"]])
    contract(world, "GLIMPSE/1", GLIMPSE, disclosure="agreement", systems=[ids["Glimpse roster"]])
    contract(world, "GRANT/1", GRANTOR, systems=[ids["Granted roster"]])
    contract(world, "LAPSED/1", LAPSED, systems=[ids["Lapsed roster"]])
    contract(world, "KENT/1", HIDDEN, disclosure="agreement", systems=[ids["Kent ledger"]])
    cost(world, "Own roster", "member")
    cost(world, "Open roster", OPEN)
    cost(world, "Granted roster", GRANTOR)
    cost(world, "Kent ledger", HIDDEN)


@step
def similar_systems(world: World) -> None:
    scenario_overlaps.systems(world)


@step
def relations_of_similar_systems(world: World) -> None:
    scenario_overlaps.relations(world)


@step
def overlaps_detected(world: World) -> None:
    world.send("member", "POST", "/v1/overlaps/runs")
    world.run_jobs()
    for client in ("member", HIDDEN, OPEN):
        for overlap in world.send(client, "GET", "/v1/overlaps?limit=200")["items"]:
            world.ids[f"overlap {overlap['title']}"] = overlap["id"]


@step
def reviews(world: World) -> None:
    review(world, "Rostering", OPEN)
    review(world, "Dutyplan", "member")
    review(world, "Payroll", OPEN)
    review(world, "Fleet", OPEN)
    review(world, "Paymaster", "member", "rejected")
    for each in ("Wheels", "Torch", "Beacon"):
        review(world, each, OPEN)


@step
def manual_groups(world: World) -> None:
    scenario_overlaps.manual_groups(world)


@step
def decisions(world: World) -> None:
    decide(world, "Rostering", "member", "Own roster", "Open roster", title="Own draft")
    members = ["Open pay", "Own pay", "Lapsed pay", "Mate pay", "Open secret"]
    members += ["Open safe"] if HIDDEN_MEMBER in world.has else []
    decide(world, "Payroll", OPEN, *members, title="Open proposal")
    sign(world, "Open proposal", propose(world, "Open proposal", OPEN), OPEN)


@step
def agreed_decisions(world: World) -> None:
    scenario_overlaps.agreed_decisions(world)


@step
def programmes(world: World) -> None:
    programme(world, "Own programme", "member", target_agency=CENTRE)
    wave(world, "Own programme", "First wave", "member")
    migrate(world, "Own programme", "Own roster", "member", wave_id=world.ids["First wave"])
    migrate(world, "Own programme", "Open roster", "member")
    programme(world, "Open programme", OPEN)
    wave(world, "Open programme", "Open wave", OPEN)
    # A hidden target and no target must look the same.
    hidden = {"target_system_id": world.ids["Open secret"]} if HIDDEN_TARGET in world.has else {}
    migrate(world, "Open programme", "Own pay", OPEN, **hidden)
    migrate(world, "Open programme", "Open pay", OPEN, planned_date="2027-01-01")
    migrate(world, "Open programme", "Open secret", OPEN)


for _step in (
    scenario_programmes.migrations,
    scenario_programmes.boards,
    scenario_programmes.gates,
    scenario_programmes.order,
    scenario_programmes.notices,
    scenario_programmes.money,
    scenario_programmes.drafts,
    scenario_programmes.pipeline,
    scenario_programmes.closing,
    scenario_programmes.reports,
):
    step(_step)


@step
def jobs_and_imports(world: World) -> None:
    for number in range(2):
        upload(world, "member", f"Imported {number}")
        keep_mapping(world, "member", f"List {number}")
    world.send("member", "POST", "/v1/overlaps/runs")


@step
def later_changes(world: World) -> None:
    reason = "Zebras." if OTHER_REASON in world.has else "They grew."
    url = f"/v1/systems/{world.ids['Open fleet']}"
    who = f"{OPEN}-spare" if OTHER_CLIENT in world.has else OPEN
    more = {"legacy_risk": 30, "rpo_hours": 7} if MORE_CHANGES in world.has else {}
    world.send(who, "PATCH", url, {"user_count": 77} | more, **{"Change-Reason": reason})
    change(world, "Own fleet", "member", description="Changed.")
    change(world, "Mate roster", MATE, user_count=78)
    change(world, "Open late", OPEN, disclosure="all_agencies")
    change(world, "Glimpse roster", GLIMPSE, lifecycle="sunsetting")


@step
def mergers(world: World) -> None:
    for name, by in (("Own notes", "member"), ("Open roster", OPEN), ("Kent roster", HIDDEN)):
        disclosure = "owner_only" if by == HIDDEN else "all_agencies"
        system(world, f"{name} twin", by, disclosure=disclosure)
        merge(world, name, f"{name} twin", by)
    system(world, "Own passing", "member", disclosure="all_agencies")
    # Equal to the name of a hidden duplicate, so that its merger changes no alias.
    system(world, "Open veiled", OPEN, disclosure="owner_only", aliases=["Secret twin"])
    if HIDDEN_DUPLICATE in world.has:
        dutyplan = {"product_id": world.ids["Dutyplan"]}
        system(world, "Secret twin", OPEN, disclosure="owner_only", **dutyplan)


@step
def edited_proposals(world: World) -> None:
    scenario_overlaps.edited_proposals(world)


@step
def overlaps_detected_again(world: World) -> None:
    world.send("member", "POST", "/v1/overlaps/runs")
    world.run_jobs()
    if HIDDEN_DUPLICATE in world.has:
        merge(world, "Open veiled", "Secret twin", OPEN)


@step
def survivors_disclosed(world: World) -> None:
    # The overlaps of a hidden duplicate must not appear with the system that stays.
    change(world, "Open veiled", OPEN, disclosure="all_agencies")


@step
def webhooks(world: World) -> None:
    subscribe(world, "member")
    subscribe(world, OPEN, status="paused")


@step
def custom_fields(world: World) -> None:
    # Every system of `full` has a cost centre, also the hidden ones and those that withhold it.
    declare(world, "cost_centre", "member")
    declare(world, "floor", OPEN, type="integer")
    declare(world, "desk", HIDDEN, type="choice", choices=["Zebra", "Aardvark"])
    declare(world, "asset_tag", "administrator", for_all_agencies=True)
    # Equal values keep the type of the shared field from changing in both worlds.
    change(world, "Own roster", "member", attributes={"asset_tag": "A7"})
    change(world, "Open roster", OPEN, attributes={"asset_tag": "A8", "floor": 3})


@step
def webhook_deliveries(world: World) -> None:
    queue_deliveries(world)
