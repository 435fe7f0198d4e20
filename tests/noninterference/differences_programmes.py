"""Differences in programmes: hidden migrations of visible, own and hidden programmes."""

from tests.noninterference.declarations import IN_REPORTS, REPORTS, allowed, difference
from tests.noninterference.records import (
    DARK,
    GLIMPSE,
    HIDDEN,
    LAPSED,
    MATE,
    OPEN,
    change,
    interface,
    migrate,
    programme,
    system,
    use,
    wave,
)
from tests.noninterference.records_programmes import (
    alter,
    blocker,
    board,
    check,
    depend,
    move_on,
    notice,
    risk,
    waive,
)
from tests.noninterference.scenario_programmes import (
    BRIEF,
    HIDDEN_AGREEMENT,
    HUSHED,
    OWN,
    SECRET,
    THEIRS,
)
from tests.noninterference.worlds import World


@difference("programmes", HIDDEN_AGREEMENT)
def applied_within_the_scenario(_world: World) -> None:
    pass


# ---- Boards


@difference("boards")
def more_on_the_board_of_hidden_migrations(world: World) -> None:
    board(world, "Aardvark", OPEN, THEIRS, "Open secret")
    risk(world, "Zebra risk", OPEN, THEIRS, "Open secret", probability=5, impact=5)
    blocker(world, "Zebra blocker", OPEN, THEIRS, "Open secret", due="2026-10-02")


@difference("boards")
def a_hidden_board(world: World) -> None:
    board(world, "Zebra hushed", OPEN, HUSHED)
    board(world, "Aardvark hushed", OPEN, HUSHED, "Open pay")


@difference("later changes")
def hidden_records_of_boards_change(world: World) -> None:
    for word in ("Secret", "Hushed"):
        resolved = {"resolved_on": "2026-11-02", "resolution": "Zebras."}
        alter(world, OPEN, "/v1/blockers", f"{word} blocker", **resolved)
        alter(world, OPEN, "/v1/milestones", f"{word} milestone", name="Zebra")
        values = {"status": "decided", "decided_on": "2026-11-02", "outcome": "Zebras."}
        alter(world, OPEN, "/v1/required-decisions", f"{word} question", **values)
        closed = {"status": "closed", "status_reason": "Zebras.", "impact": 1}
        alter(world, OPEN, "/v1/risks", f"{word} risk", **closed)


@difference("later changes")
def hidden_records_of_boards_are_deleted(world: World) -> None:
    for name in ("Secret milestone", "Hushed milestone"):
        world.send(OPEN, "DELETE", f"/v1/milestones/{world.ids[name]}")


# ---- Gates and stages


@difference("later changes")
def a_hidden_migration_goes_through_its_gates(world: World) -> None:
    hidden = f"{HUSHED}: Mate roster"
    move_on(world, hidden, OPEN, "assessed", "planned")
    check(world, hidden, OPEN, "dpia_approved", "notices_planned")
    move_on(world, hidden, OPEN, "ready", "in_progress")
    waive(world, hidden, OPEN, "cutover")
    move_on(world, hidden, OPEN, "cutover", "rolled_back", "planned")
    alter(world, OPEN, "/v1/migrations", SECRET, stage="on_hold", stage_reason="Zebras.")


@difference("gates")
def hidden_checks_and_waivers(world: World) -> None:
    check(world, SECRET, OPEN, "data_migrated", evidence="Zebras.")
    waive(world, SECRET, OPEN, "complete")


# ---- Order


@difference("order")
def dependencies_with_a_hidden_end(world: World) -> None:
    depend(world, OPEN, f"{THEIRS}: Own pay", SECRET)
    depend(world, OPEN, f"{THEIRS}: Open pay", SECRET)


@difference("order")
def hidden_dependencies(world: World) -> None:
    migrate(world, HUSHED, "Open fleet", OPEN)
    depend(world, OPEN, f"{HUSHED}: Open pay", f"{HUSHED}: Open fleet")
    key = f"{THEIRS}: Mate pay after {SECRET}"
    waived = {"waived_by": "Owner", "waived_reason": "Zebras."}
    alter(world, OPEN, "/v1/migration-dependencies", key, **waived)


@difference("migrations")
def hidden_interfaces_of_migrating_systems(world: World) -> None:
    # Through these interfaces, visible migrations would wait for hidden ones, and in a cycle.
    interface(world, "Open secret", "Open pay", OPEN)
    interface(world, "Open pay", "Open secret", OPEN)
    interface(world, "Kent roster", "Open pay", HIDDEN)


# ---- Notices and uses


@difference("notices")
def hidden_notices(world: World) -> None:
    notice(world, "Zebra notice", OPEN, SECRET)
    notice(world, "Zebra hushed notice", OPEN, f"{HUSHED}: Open pay")


@allowed(
    "notices",
    reason="The actor saw these records until their system was closed. The feed withdraws them.",
    operations=("list_changes",),
    once_seen=True,
)
def records_about_a_system_that_is_closed_later(world: World) -> None:
    board(world, "Zebra brief", "member", OWN, "Open brief")
    check(world, BRIEF, "member", "data_migrated", evidence="Zebras.")
    waive(world, BRIEF, "member", "complete")
    depend(world, "member", BRIEF, f"{OWN}: Mate roster")
    interface(world, "Open brief", "Mate roster", MATE)
    notice(world, "Zebra brief notice", "member", BRIEF)


@difference("later changes")
def hidden_notices_change(world: World) -> None:
    sent = {"sent_on": "2026-11-01", "text": "Zebras."}
    alter(world, OPEN, "/v1/migration-notices", "Secret notice", **sent)
    world.send(OPEN, "DELETE", f"/v1/migration-notices/{world.ids['Hushed notice']}")


@difference("migrations")
def hidden_uses_of_migrating_systems(world: World) -> None:
    use(world, "Glimpse roster", GLIMPSE, LAPSED, 7)
    change(world, "Glimpse roster", GLIMPSE, user_count=4321)


@difference("closing")
def a_use_of_a_system_that_was_closed(world: World) -> None:
    # Before that, the actor would have seen the use, and would read of its withdrawal.
    use(world, "Open brief", OPEN, DARK, 7)


# ---- Programmes


@difference("migrations")
def more_in_a_hidden_programme(world: World) -> None:
    frozen = {"freeze_start": "2026-12-01", "freeze_end": "2026-12-02"}
    wave(world, HUSHED, "Zebra wave", OPEN, position=7, **frozen)
    migrate(world, HUSHED, "Open wheels", OPEN)
    system(world, "Kent zebra", HIDDEN)
    programme(world, "Zebra programme", HIDDEN, agreement_id=world.ids["In the dark"])
    wave(world, "Zebra programme", "Wave of zebras", HIDDEN)
    migrate(world, "Zebra programme", "Kent zebra", HIDDEN, wave_id=world.ids["Wave of zebras"])
    board(world, "Wave", HIDDEN, "Zebra programme", "Kent zebra")


@difference("later changes")
def a_hidden_programme_changes(world: World) -> None:
    change(world, "Open brief", OPEN, name="Zebra brief", user_count=99, capabilities=["Q01"])
    url = f"/v1/programmes/{world.ids[HUSHED]}"
    world.send(OPEN, "PATCH", url, {"title": "Zebra", "status": "active"})


@allowed(
    "migrations",
    "withheld",
    *IN_REPORTS,
    reason="The lead of a programme must see that some of its migrations are now hidden.",
    operations=REPORTS,
)
def an_own_migration_of_a_newly_hidden_system(world: World) -> None:
    system(world, "Open short", OPEN, disclosure="all_agencies")
    migrate(world, OWN, "Open short", "member", wave_id=world.ids["Second wave"])
    change(world, "Open short", OPEN, disclosure="owner_only")


@difference("later changes")
def another_hidden_target(world: World) -> None:
    hidden = {"target_system_id": world.ids["Open safe"]}
    alter(world, OPEN, "/v1/migrations", f"{THEIRS}: Mate pay", **hidden)


@difference("later changes")
def another_hidden_agreement(world: World) -> None:
    url = f"/v1/programmes/{world.ids['Agreed programme']}"
    world.send(OPEN, "PATCH", url, {"agreement_id": world.ids["Among others"]})
