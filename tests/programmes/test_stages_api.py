"""Every transition of the state machines over HTTP, allowed or not."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from catalogue.programmes.gates.checklists import in_words
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from tests.api_calls import change
from tests.factories import BEDS, add_system
from tests.programmes.api_migrations import (
    advance_to,
    change_migration,
    create_migration,
    create_migration_at,
    enter_stage,
    list_errors,
    pass_gate,
)
from tests.programmes.transitions import (
    GATES,
    MIGRATION_TRANSITIONS,
    NEED_REASON,
    PROGRAMME_TRANSITIONS,
)

WHY = "The board decided it."


def list_following_gates(before, after):
    """List the gates of the stages that can follow one stage, and of another stage."""
    following = {b for a, b in MIGRATION_TRANSITIONS if a == before} | {after}
    return [gate for gate in GATES if gate in following]


def create_migration_on_hold(api, programme, each):
    """Create a migration that was halted just before its cutover."""
    return enter_stage(api, create_migration_at(api, programme, each, "in_progress"), "on_hold")


def test_a_migration_created_on_hold_resumes_before_every_gate(api, programme, ledger):
    migration = create_migration_at(api, programme, ledger, "on_hold")
    for stage in ("in_progress", "ready", "planned"):
        refused = change_migration(api, migration, stage=stage)
        assert (refused.status_code, list_errors(refused)) == (409, [("/stage", "transition")])
    assert change_migration(api, migration, stage="identified").status_code == 200


@pytest.mark.parametrize("before", [*MigrationStage])
def test_a_migration_stage_changes_only_by_allowed_transitions(session, api, programme, before):
    for after in MigrationStage:
        if after == before:
            continue
        each = add_system(session, BEDS, f"To {after}")
        session.commit()
        migration = (
            create_migration_on_hold(api, programme, each)
            if before == "on_hold"
            else create_migration_at(api, programme, each, before)
        )
        changes = {"stage": after}
        changes |= {"stage_reason": WHY} if after in NEED_REASON else {}
        changes |= {"actual_date": "2026-10-02"} if after == "early_life_support" else {}
        answer = change_migration(api, migration, **changes)
        if (before, after) not in MIGRATION_TRANSITIONS:
            assert (answer.status_code, list_errors(answer)) == (409, [("/stage", "transition")])
            (error,) = answer.json["errors"]
            for a, b in MIGRATION_TRANSITIONS:
                if a == before:
                    assert b in error["detail"]
            for gate in list_following_gates(before, after):
                items = ", ".join(map(in_words, GATES[gate]))
                assert f"The {in_words(gate)} gate needs: {items}." in error["detail"]
        elif after in GATES:
            outstanding = [("/stage", "gate_open")] * len(GATES[after])
            assert (answer.status_code, list_errors(answer)) == (409, outstanding)
            for item, error in zip(GATES[after], answer.json["errors"], strict=True):
                assert f"The {in_words(after)} gate" in error["detail"]
                assert item in error["detail"]
            pass_gate(api, migration, after)
            assert change_migration(api, migration, **changes).json["stage"] == after
        else:
            assert answer.status_code == 200, (before, after, answer.json)
            assert answer.json["stage"] == after


@pytest.mark.parametrize("before", [*ProgrammeStatus])
def test_a_programme_status_changes_only_by_allowed_transitions(api, before):
    for after in ProgrammeStatus:
        if after == before:
            continue
        created = api.post("/v1/programmes", json={"title": "x", "status": before}).json
        path = f"/v1/programmes/{created['id']}"
        answer = change(api, path, status=after)
        if (before, after) in PROGRAMME_TRANSITIONS:
            assert answer.json["status"] == after
            continue
        assert (answer.status_code, list_errors(answer)) == (409, [("/status", "transition")])
        for a, b in PROGRAMME_TRANSITIONS:
            if a == before:
                assert b in answer.json["detail"]


@pytest.mark.parametrize("stage", ["on_hold", "cancelled"])
def test_holding_or_cancelling_a_migration_needs_a_reason(api, programme, ledger, stage):
    migration = create_migration(api, programme, ledger)
    assert list_errors(change_migration(api, migration, stage=stage)) == [
        ("/stage_reason", "unexplained")
    ]
    halted = change_migration(api, migration, stage=stage, stage_reason=WHY).json
    assert (halted["stage"], halted["stage_reason"]) == (stage, WHY)
    assert list_errors(change_migration(api, migration, stage_reason=None)) == [
        ("/stage_reason", "unexplained")
    ]
    assert (
        change_migration(api, migration, stage_reason="Budget.").json["stage_reason"] == "Budget."
    )


def test_a_migration_on_hold_resumes_no_further_than_where_it_stopped(api, programme, ledger):
    migration = create_migration_at(api, programme, ledger, "assessed")
    enter_stage(api, migration, "on_hold")
    for stage in ("planned", "ready", "in_progress"):
        refused = change_migration(api, migration, stage=stage)
        assert (refused.status_code, list_errors(refused)) == (409, [("/stage", "transition")])
    resumed = enter_stage(api, migration, "assessed")
    assert (resumed["stage"], resumed["stage_reason"]) == ("assessed", None)


def test_a_migration_sent_back_from_ready_must_pass_the_gate_again(api, programme, ledger):
    migration = advance_to(api, create_migration_at(api, programme, ledger, "planned"), "ready")
    assert change_migration(api, migration, stage="planned").status_code == 200
    checks = api.get(f"/v1/migrations/{migration['id']}/checks?item=dpia_approved").json["items"]
    api.post(
        f"/v1/migrations/{migration['id']}/checks/{checks[0]['id']}/withdrawal",
        json={"reason": "It was a draft."},
    )
    refused = change_migration(api, migration, stage="ready")
    assert list_errors(refused) == [("/stage", "gate_open")]
    assert refused.json["detail"] == (
        "The ready gate still needs: DPIA approved. Record the checks, or waive the gate."
    )


def test_a_migration_keeps_every_entry_into_a_stage(api, programme, ledger):
    migration = create_migration_at(api, programme, ledger, "planned")
    path = f"/v1/migrations/{migration['id']}/stages"
    with clock.freeze(datetime(2026, 11, 22, 12, 5, tzinfo=UTC)):
        change_migration(api, migration, stage="on_hold", stage_reason=WHY)
        change_migration(api, migration, stage_reason="Because of the budget.")
        planned, halted = api.get(path).json["items"]
    assert (planned["stage"], planned["planned_date"]) == ("planned", "2026-10-01")
    assert planned["entered_at"].startswith("2026-11-22T12:00:00")
    assert planned["left_at"] == halted["entered_at"]
    assert (halted["reason"], halted["left_at"]) == ("Because of the budget.", None)
    assert (planned["attempt"], planned["ordinal"], halted["ordinal"]) == (1, 1, 2)
    assert len(api.get(f"{path}?stage=on_hold").json["items"]) == 1


def test_event_of_a_stage_has_no_path_because_stages_are_only_listed(api, move, ledger):
    made = move(ledger)
    found = api.get("/v1/changes", query_string={"resource": "migration_stage_entry"}).json["items"]
    assert [each["changes"]["migration_id"]["after"] for each in found] == [made["id"]]
    assert [each["path"] for each in found] == [None]
    assert len(api.get(f"/v1/migrations/{made['id']}/stages").json["items"]) == 1
