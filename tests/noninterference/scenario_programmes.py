"""Steps of the scenario for programmes: boards, gates, dependencies, notices, money, pipeline.

The actor leads one programme, has a system in another, and cannot see the third.
"""

from tests.noninterference.records import (
    ACTOR,
    COLLEAGUE,
    FINANCE,
    GLIMPSE,
    HIDDEN,
    MATE,
    OPEN,
    change,
    cost,
    grant,
    interface,
    migrate,
    programme,
    system,
    wave,
)
from tests.noninterference.records_programmes import (
    baseline,
    board,
    check,
    claim,
    depend,
    entry,
    move_on,
    notice,
    realise,
    report,
    validate,
    waive,
)
from tests.noninterference.worlds import World

HIDDEN_AGREEMENT = "a hidden agreement behind a programme"
HIDDEN_AMOUNTS = "hidden lines have other amounts"
OWN, THEIRS, HUSHED = "Own programme", "Open programme", "Hushed programme"
BRIEF = f"{OWN}: Open brief"
SECRET = f"{THEIRS}: Open secret"
RED = {"rag_narrative": "Bad.", "path_to_green": "More of it."}
FAR = "2027-03-31T23:00:00Z"


def migrations(world: World) -> None:
    """Add migrations and waves, one of them for a system that the actor sees only for a while."""
    grant(world, MATE, ACTOR, "costs", profile="full", until=FAR)
    grant(world, MATE, OPEN, "systems", "costs", profile="full", until=FAR)
    everyone = {"disclosure": "all_agencies"}
    system(world, "Open brief", OPEN, **everyone, capabilities=["Q03"], user_count=9)
    interface(world, "Open brief", "Open fleet", OPEN)
    wave(world, OWN, "Second wave", "member", position=2, capacity=2)
    second = {"wave_id": world.ids["Second wave"], "planned_date": "2027-02-01"}
    migrate(world, OWN, "Own pay", "member", **second, forecast_date="2027-05-01")
    migrate(world, OWN, "Open brief", "member", wave_id=world.ids["First wave"])
    migrate(world, OWN, "Mate roster", "member", rag="red", **RED)
    migrate(world, OWN, "Glimpse roster", "member", next_update_due="2026-10-10")
    last = {"wave_id": world.ids["Open wave"], "planned_date": "2026-12-24"}
    frozen = {"freeze_start": "2026-12-20", "freeze_end": "2027-01-04"}
    wave(world, THEIRS, "Open late wave", OPEN, position=2, **frozen)
    migrate(world, THEIRS, "Mate pay", OPEN, **last)
    left = {"kind": "separation", "leaving_agency": ACTOR}
    migrate(world, THEIRS, "Open beacon", OPEN, **left, change_for_users="They log on elsewhere.")
    under = {"agreement_id": world.ids["Among others"]}
    title = "Agreed programme"
    programme(world, title, OPEN, **(under if HIDDEN_AGREEMENT in world.has else {}))
    migrate(world, title, "Own fleet", OPEN)
    migrate(world, title, "Open secret", OPEN)
    # A programme that the actor cannot see, with systems that it can see.
    programme(world, HUSHED, OPEN)
    wave(world, HUSHED, "Hushed wave", OPEN)
    migrate(world, HUSHED, "Mate roster", OPEN, wave_id=world.ids["Hushed wave"])
    migrate(world, HUSHED, "Open pay", OPEN)


def boards(world: World) -> None:
    """Add records to the boards of all three programmes."""
    board(world, "Own", "member", OWN)
    board(world, "Own pay", "member", OWN, "Own pay")
    board(world, "Brief", "member", OWN, "Open brief")
    board(world, "Open", OPEN, THEIRS)
    board(world, "Open pay", OPEN, THEIRS, "Open pay")
    board(world, "Secret", OPEN, THEIRS, "Open secret")
    board(world, "Hushed", OPEN, HUSHED, "Mate roster")


def gates(world: World) -> None:
    """Take a visible and a hidden migration through all gates and back."""
    ready = ("dpia_approved", "notices_planned")
    done = ("data_migrated", "users_trained", "fallback_tested", "go_no_go_signed")
    for migration, by in ((f"{THEIRS}: Open pay", OPEN), (f"{HUSHED}: Open pay", OPEN)):
        move_on(world, migration, by, "assessed", "planned", planned_date="2026-12-01")
        check(world, migration, by, *ready)
        move_on(world, migration, by, "ready", "in_progress")
        check(world, migration, by, *done)
        move_on(world, migration, by, "cutover", "rolled_back", forecast_date="2027-01-31")
    check(world, SECRET, OPEN, *ready, evidence="Hidden.")
    waive(world, SECRET, OPEN, "ready")
    for migration in (f"{OWN}: Own pay", BRIEF):
        check(world, migration, "member", *ready)
        waive(world, migration, "member", "cutover")
    withdrawn = f"/v1/migrations/{world.ids[BRIEF]}/checks/{world.ids[f'{BRIEF} {ready[0]}']}"
    world.send("member", "POST", f"{withdrawn}/withdrawal", {"reason": "It was another's."})


def order(world: World) -> None:
    """Add dependencies between migrations."""
    depend(world, "member", f"{OWN}: Own roster", BRIEF)
    depend(world, "member", f"{OWN}: Own pay", f"{OWN}: Own roster")
    depend(world, OPEN, f"{THEIRS}: Own pay", f"{THEIRS}: Open pay")
    depend(world, OPEN, f"{THEIRS}: Mate pay", SECRET)
    depend(world, OPEN, f"{HUSHED}: Mate roster", f"{HUSHED}: Open pay")


def notices(world: World) -> None:
    """Plan notices to people."""
    notice(world, "Own notice", "member", f"{OWN}: Own pay", sent_on="2026-10-20")
    notice(world, "Brief notice", "member", BRIEF)
    for_one = {"audience": "agency", "agency": ACTOR}
    notice(world, "Open notice", OPEN, f"{THEIRS}: Open pay", **for_one)
    notice(world, "Secret notice", OPEN, SECRET, **for_one)
    notice(world, "Hushed notice", OPEN, f"{HUSHED}: Mate roster", **for_one)


def money(world: World) -> None:
    """Add baselines over visible and hidden costs, and claim savings against them."""
    cost(world, "Mate roster", MATE, "8000.00")
    cost(world, "Mate pay", MATE, "9000.00")
    cost(world, "Mate pay", MATE, "70.00", category="dual_running")
    others = HIDDEN_AMOUNTS in world.has
    cost(world, "Open pay", OPEN, "6666.00" if others else "6000.00")
    cost(world, "Open secret", OPEN, "5555.00" if others else "5000.00")
    cost(world, "Glimpse roster", GLIMPSE, "4000.00")
    own, theirs = "recurring_revenue", f"{OPEN} case"
    baseline(world, "Own case", "member", OWN)
    baseline(world, "Own draft case", "member", OWN, approved=False)
    baseline(world, theirs, OPEN, THEIRS)
    baseline(world, "Hushed case", OPEN, HUSHED)
    recurring = {"recurring": True}
    shared = [{"agency": ACTOR, "percent": "30.00"}, {"agency": MATE, "percent": "70.00"}]
    claim(world, "Own saving", COLLEAGUE.name, f"Own case: Own roster {own}", "300.00")
    claim(world, "Open saving", OPEN, f"{theirs}: Mate pay {own}", "333.00", shares=shared)
    claim(world, "Secret saving", OPEN, f"{theirs}: Open secret {own}", "444.00", **recurring)
    claim(world, "Hidden saving", OPEN, f"{theirs}: Open pay {own}", "555.00")
    validate(world, "Own saving", "member")
    realise(world, "Own saving", COLLEAGUE.name, "20.00")
    validate(world, "Open saving", FINANCE.name)
    realise(world, "Open saving", OPEN, "30.00")


def drafts(world: World) -> None:
    """Draft a baseline, not yet approved, over hidden costs."""
    baseline(world, "Agreed draft case", OPEN, "Agreed programme", approved=False)


def pipeline(world: World) -> None:
    """Add pipeline entries: published, draft and withdrawn."""
    from_contract = {"contract_id": world.ids["OWN/1"]}
    entry(world, "Own entry", "member", "publication", **from_contract)
    entry(world, "Own draft entry", "member", **from_contract)
    entry(world, "Own old entry", "member", "publication", "withdrawal")
    entry(world, "Open entry", OPEN, "publication", contract_id=world.ids["OPEN/2"])
    entry(world, "Open draft entry", OPEN, supplier="Northgate", supplier_shown=True)
    entry(world, "Kent entry", HIDDEN, "publication", contract_id=world.ids["KENT/1"])


def closing(world: World) -> None:
    """Hide a system that the actor saw before, and that its programme migrates."""
    change(world, "Open brief", OPEN, disclosure="owner_only")


def reports(world: World) -> None:
    """Add highlight reports for the end of a month."""
    report(world, "Own report", "member", OWN, [OPEN])
    report(world, "Own draft report", "member", OWN, [], approved=False)
    report(world, "First report", OPEN, THEIRS, [ACTOR])
    report(world, "Report among others", OPEN, THEIRS, [MATE])
    report(world, "Open report", OPEN, THEIRS, [ACTOR, MATE])
    report(world, "Open draft report", OPEN, THEIRS, [ACTOR], approved=False)
    report(world, "Hushed report", OPEN, HUSHED, [MATE])
