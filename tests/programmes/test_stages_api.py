"""Every arrow of the state machines over HTTP, and every one that there is not."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from tests.programmes.arrows import GATES, MIGRATION_ARROWS, NEED_REASON, PROGRAMME_ARROWS
from tests.programmes.moving import LEADS, at, enter, faults, go, moved, pass_gate, patch
from tests.rationalisation.scene import BEDS, CAMBS, system

WHY = "The board said so."


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    """Cambridgeshire, which leads the programme."""
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def ledger(session):
    made = system(session, BEDS, "Ledger")
    session.commit()
    return made


def asked(before, after):
    """The gates that lead on from a stage, and to another."""
    following = {b for a, b in MIGRATION_ARROWS if a == before} | {after}
    return [gate for gate in GATES if gate in following]


def held(api, programme, each):
    """A migration that was halted just before its cutover."""
    return enter(api, at(api, programme, each, "in_progress"), "on_hold")


def test_what_is_recorded_on_hold_has_passed_no_gate(api, programme, ledger):
    migration = at(api, programme, ledger, "on_hold")
    for stage in ("in_progress", "ready", "planned"):
        refused = patch(api, migration, stage=stage)
        assert (refused.status_code, faults(refused)) == (409, [("/stage", "transition")])
    assert patch(api, migration, stage="identified").status_code == 200


@pytest.mark.parametrize("before", [*MigrationStage])
def test_arrows_of_a_migration(session, api, programme, before):
    for after in MigrationStage:
        if after == before:
            continue
        each = system(session, BEDS, f"To {after}")
        session.commit()
        migration = (
            held(api, programme, each) if before == "on_hold" else at(api, programme, each, before)
        )
        changes = {"stage": after}
        changes |= {"stage_reason": WHY} if after in NEED_REASON else {}
        changes |= {"actual_date": "2026-10-02"} if after == "early_life_support" else {}
        answer = patch(api, migration, **changes)
        if (before, after) not in MIGRATION_ARROWS:
            assert (answer.status_code, faults(answer)) == (409, [("/stage", "transition")])
            (error,) = answer.json["errors"]
            for a, b in MIGRATION_ARROWS:
                if a == before:
                    assert b in error["detail"]
            for gate in asked(before, after):
                assert f"The gate of {gate} asks for {', '.join(GATES[gate])}." in error["detail"]
        elif after in GATES:
            open_items = [("/stage", "gate_open")] * len(GATES[after])
            assert (answer.status_code, faults(answer)) == (409, open_items)
            for item, error in zip(GATES[after], answer.json["errors"], strict=True):
                assert after in error["detail"]
                assert item in error["detail"]
            pass_gate(api, migration, after)
            assert patch(api, migration, **changes).json["stage"] == after
        else:
            assert answer.status_code == 200, (before, after, answer.json)
            assert answer.json["stage"] == after


@pytest.mark.parametrize("before", [*ProgrammeStatus])
def test_arrows_of_a_programme(api, before):
    for after in ProgrammeStatus:
        if after == before:
            continue
        made = api.post("/v1/programmes", json={"title": "x", "status": before}).json
        path = f"/v1/programmes/{made['id']}"
        etag = api.get(path).headers["ETag"]
        answer = api.patch(path, json={"status": after}, headers={"If-Match": etag})
        if (before, after) in PROGRAMME_ARROWS:
            assert answer.json["status"] == after
            continue
        assert (answer.status_code, faults(answer)) == (409, [("/status", "transition")])
        for a, b in PROGRAMME_ARROWS:
            if a == before:
                assert b in answer.json["detail"]


@pytest.mark.parametrize("stage", ["on_hold", "cancelled"])
def test_a_halt_needs_a_reason(api, programme, ledger, stage):
    migration = moved(api, programme, ledger)
    assert faults(patch(api, migration, stage=stage)) == [("/stage_reason", "unexplained")]
    halted = patch(api, migration, stage=stage, stage_reason=WHY).json
    assert (halted["stage"], halted["stage_reason"]) == (stage, WHY)
    assert faults(patch(api, migration, stage_reason=None)) == [("/stage_reason", "unexplained")]
    assert patch(api, migration, stage_reason="Budget.").json["stage_reason"] == "Budget."


def test_a_rest_leads_past_no_gate(api, programme, ledger):
    migration = at(api, programme, ledger, "assessed")
    enter(api, migration, "on_hold")
    for stage in ("planned", "ready", "in_progress"):
        refused = patch(api, migration, stage=stage)
        assert (refused.status_code, faults(refused)) == (409, [("/stage", "transition")])
    resumed = enter(api, migration, "assessed")
    assert (resumed["stage"], resumed["stage_reason"]) == ("assessed", None)


def test_a_gate_is_asked_again_by_what_was_found_not_to_be_ready(api, programme, ledger):
    migration = go(api, at(api, programme, ledger, "planned"), "ready")
    assert patch(api, migration, stage="planned").status_code == 200
    checks = api.get(f"/v1/migrations/{migration['id']}/checks?item=dpia_approved").json["items"]
    api.post(
        f"/v1/migrations/{migration['id']}/checks/{checks[0]['id']}/withdrawal",
        json={"reason": "It was a draft."},
    )
    refused = patch(api, migration, stage="ready")
    assert faults(refused) == [("/stage", "gate_open")]
    assert "dpia_approved" in refused.json["detail"]


def test_every_entry_into_a_stage_is_kept(api, programme, ledger):
    migration = at(api, programme, ledger, "planned")
    path = f"/v1/migrations/{migration['id']}/stages"
    with clock.freeze(datetime(2026, 11, 22, 12, 5, tzinfo=UTC)):
        patch(api, migration, stage="on_hold", stage_reason=WHY)
        patch(api, migration, stage_reason="Because of the budget.")
        planned, halted = api.get(path).json["items"]
    assert (planned["stage"], planned["planned_date"]) == ("planned", "2026-10-01")
    assert planned["entered_at"].startswith("2026-11-22T12:00:00")
    assert planned["left_at"] == halted["entered_at"]
    assert (halted["reason"], halted["left_at"]) == ("Because of the budget.", None)
    assert (planned["attempt"], planned["ordinal"], halted["ordinal"]) == (1, 1, 2)
    assert len(api.get(f"{path}?stage=on_hold").json["items"]) == 1
