"""Gates, checks, waivers and roll-backs of migrations over HTTP."""

import pytest

from tests.factories import BEDS, HERTS, add_system
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    advance_to,
    change_migration,
    create_migration_at,
    enter_stage,
    list_errors,
    pass_gate,
    record_check,
)
from tests.programmes.transitions import GATES

WAIVER = {"gate": "ready", "name": "Senior responsible owner", "reason": "Support ends Friday."}


@pytest.fixture
def migration(session, api):
    programme = api.post("/v1/programmes", json={"title": "Shared back office"}).json
    ledger = add_system(session, BEDS, "Ledger")
    session.commit()
    return create_migration_at(api, programme, ledger, "planned")


@pytest.fixture
def path(migration):
    return f"/v1/migrations/{migration['id']}"


def gate(api, path, name):
    (match,) = (each for each in api.get(f"{path}/gates").json["gates"] if each["gate"] == name)
    return match


def test_a_gate_is_passed_once_every_item_is_checked(api, migration, path):
    response = api.get(f"{path}/gates").json
    assert (response["migration_id"], response["attempt"], response["stage"]) == (
        migration["id"],
        1,
        "planned",
    )
    listed = {g["gate"]: [each["item"] for each in g["items"]] for g in response["gates"]}
    assert listed == GATES
    assert not any(each["passed"] for each in response["gates"])
    check = record_check(
        api, migration, "dpia_approved", evidence="DPIA-7", note="Without conditions."
    )
    assert check.headers["Location"].endswith(f"{path}/checks/{check.json['id']}")
    assert api.get(f"{path}/checks/{check.json['id']}").json == check.json
    ready = gate(api, path, "ready")
    assert (ready["passed"], ready["entered_at"]) == (False, None)
    assert ready["items"][0] == {"item": "dpia_approved", "outstanding": False, "check": check.json}
    assert list_errors(change_migration(api, migration, stage="ready")) == [("/stage", "gate_open")]
    none = record_check(
        api, migration, "notices_planned", state="not_applicable", evidence=None, note="No users."
    )
    assert none.json["state"] == "not_applicable"
    assert gate(api, path, "ready")["passed"] is True
    assert change_migration(api, migration, stage="ready").status_code == 200
    assert gate(api, path, "ready")["entered_at"].startswith("2026-11-22")


def test_a_check_needs_evidence_or_a_note(api, migration):
    bare = record_check(api, migration, "dpia_approved", evidence=None)
    assert (bare.status_code, list_errors(bare)) == (422, [("/evidence", "incomplete")])
    why = record_check(api, migration, "dpia_approved", state="not_applicable")
    assert (why.status_code, list_errors(why)) == (422, [("/note", "incomplete")])
    assert list_errors(record_check(api, migration, "tea_made"))[0][0] == "/item"
    assert (
        record_check(api, migration, "dpia_approved", evidence=None, note="Seen.").status_code
        == 201
    )
    again = record_check(api, migration, "dpia_approved")
    assert (again.status_code, list_errors(again)) == (409, [("/item", "taken")])


def test_a_withdrawn_check_stays_on_record_and_makes_its_item_outstanding_again(
    api, migration, path
):
    check = record_check(api, migration, "dpia_approved").json
    url = f"{path}/checks/{check['id']}/withdrawal"
    assert list_errors(api.post(url, json={})) == [("/reason", "required")]
    back = api.post(url, json={"reason": "Another system's."})
    assert (back.status_code, back.json["withdrawal_reason"]) == (200, "Another system's.")
    assert gate(api, path, "ready")["items"][0]["outstanding"] is True
    assert api.post(url, json={"reason": "Again."}).status_code == 409
    assert record_check(api, migration, "dpia_approved").status_code == 201
    listed = api.get(f"{path}/checks?item=dpia_approved").json["items"]
    assert [each["withdrawn_at"] is None for each in listed] == [False, True]


def test_a_named_waiver_lets_a_migration_pass_one_gate(api, migration, path):
    for lacks in ("gate", "name", "reason"):
        body = {name: value for name, value in WAIVER.items() if name != lacks}
        assert list_errors(api.post(f"{path}/waivers", json=body)) == [(f"/{lacks}", "required")]
    assert api.post(f"{path}/waivers", json=WAIVER | {"gate": "planned"}).status_code == 422
    created = api.post(f"{path}/waivers", json=WAIVER)
    assert created.status_code == 201
    assert api.get(f"{path}/waivers/{created.json['id']}").json == created.json
    twice = api.post(f"{path}/waivers", json=WAIVER)
    assert (twice.status_code, list_errors(twice)) == (409, [("/gate", "taken")])
    ready = gate(api, path, "ready")
    assert (ready["passed"], ready["waiver"]) == (True, created.json)
    assert all(item["outstanding"] for item in ready["items"])
    assert change_migration(api, migration, stage="ready").json["stage"] == "ready"
    enter_stage(api, migration, "in_progress")
    refused = change_migration(api, migration, stage="cutover")
    assert list_errors(refused) == [("/stage", "gate_open")] * 4, "a waiver covers one gate only"


def test_a_roll_back_starts_a_second_attempt_and_keeps_the_first(api, migration, path):
    advance_to(api, migration, "early_life_support")
    bare = change_migration(api, migration, stage="rolled_back")
    assert (bare.status_code, list_errors(bare)) == (422, [("/stage_reason", "unexplained")])
    back = change_migration(
        api, migration, stage="rolled_back", stage_reason="Balances differ."
    ).json
    assert (back["stage"], back["actual_date"], back["attempt"]) == ("rolled_back", None, 2)
    assert (back["planned_date"], back["stage_reason"]) == ("2026-10-01", "Balances differ.")
    assert not any(each["passed"] for each in api.get(f"{path}/gates").json["gates"])
    again = change_migration(api, migration, stage="planned", planned_date="2027-02-01")
    assert list_errors(again) == [("/rebaseline_reason", "unexplained")]
    why = "After the roll-back."
    enter_stage(api, migration, "planned", planned_date="2027-02-01", rebaseline_reason=why)
    assert (
        list_errors(change_migration(api, migration, stage="ready"))
        == [("/stage", "gate_open")] * 2
    )
    advance_to(api, migration, "cutover")
    first, second = api.get(f"{path}/attempts").json["attempts"]
    assert (first["attempt"], first["planned_date"], first["actual_date"]) == (
        1,
        "2026-10-01",
        "2026-10-02",
    )
    assert first["reason"] == "Balances differ."
    assert first["cutover_at"] <= first["rolled_back_at"]
    assert (second["attempt"], second["planned_date"], second["rolled_back_at"]) == (
        2,
        "2027-02-01",
        None,
    )
    assert second["cutover_at"]
    stages = [(each["attempt"], each["stage"]) for each in api.get(f"{path}/stages").json["items"]]
    assert (1, "rolled_back") in stages
    assert stages[-1] == (2, "cutover")
    checks = api.get(f"{path}/checks?attempt=1&limit=200").json["items"]
    assert len(checks) == 8, "nothing of the first attempt is gone"


def test_participants_read_gates_and_only_the_lead_writes_them(sign_in, api, migration, path):
    check = record_check(api, migration, "dpia_approved").json
    waived = api.post(f"{path}/waivers", json=WAIVER).json
    reads = [f"{path}/{name}" for name in ("gates", "attempts", "stages", "checks", "waivers")]
    reads += [f"{path}/checks/{check['id']}", f"{path}/waivers/{waived['id']}"]
    beds, herts = sign_in(BEDS, LEAD_SCOPES), sign_in(HERTS, LEAD_SCOPES)
    assert {beds.get(url).status_code for url in reads} == {200}
    assert {herts.get(url).status_code for url in reads} == {404}
    writes = [
        (f"{path}/checks", {"item": "dpia_approved", "state": "done", "name": "x", "note": "x"}),
        (f"{path}/checks/{check['id']}/withdrawal", {"reason": "x"}),
        (f"{path}/waivers", WAIVER),
    ]
    for url, body in writes:
        assert beds.post(url, json=body).status_code == 403, url
        assert herts.post(url, json=body).status_code == 404, url


def test_a_check_does_not_count_for_another_migration(session, api, migration, path):
    programme = {"id": migration["programme_id"]}
    other = add_system(session, BEDS, "Payroll")
    session.commit()
    second = create_migration_at(api, programme, other, "planned")
    check = record_check(api, second, "dpia_approved").json
    assert api.get(f"{path}/checks/{check['id']}").status_code == 404
    url = f"{path}/checks/{check['id']}/withdrawal"
    assert api.post(url, json={"reason": "x"}).status_code == 404
    pass_gate(api, migration, "ready")
    assert change_migration(api, second, stage="ready").status_code == 409
