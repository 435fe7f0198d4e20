"""What is asked for at a gate, who said so, and what a roll-back leaves behind."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.programmes.arrows import GATES
from tests.programmes.moving import LEADS, at, check, enter, faults, go, pass_gate, patch
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, system

WAIVER = {"gate": "ready", "name": "Senior responsible owner", "reason": "Support ends Friday."}


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    """Cambridgeshire, which leads the programme."""
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def migration(session, api):
    programme = api.post("/v1/programmes", json={"title": "Shared back office"}).json
    ledger = system(session, BEDS, "Ledger")
    session.commit()
    return at(api, programme, ledger, "planned")


@pytest.fixture
def path(migration):
    return f"/v1/migrations/{migration['id']}"


def gate(api, path, name):
    (found,) = (each for each in api.get(f"{path}/gates").json["gates"] if each["gate"] == name)
    return found


def test_the_gates_say_what_is_open(api, migration, path):
    shown = api.get(f"{path}/gates").json
    assert (shown["migration_id"], shown["attempt"], shown["stage"]) == (
        migration["id"],
        1,
        "planned",
    )
    listed = {g["gate"]: [each["item"] for each in g["items"]] for g in shown["gates"]}
    assert listed == GATES
    assert all(g["open"] for g in shown["gates"])
    said = check(api, migration, "dpia_approved", evidence="DPIA-7", note="Without conditions.")
    assert said.headers["Location"].endswith(f"{path}/checks/{said.json['id']}")
    assert api.get(f"{path}/checks/{said.json['id']}").json == said.json
    ready = gate(api, path, "ready")
    assert (ready["open"], ready["entered_at"]) == (True, None)
    assert ready["items"][0] == {"item": "dpia_approved", "open": False, "check": said.json}
    assert faults(patch(api, migration, stage="ready")) == [("/stage", "gate_open")]
    none = check(
        api, migration, "notices_planned", state="not_applicable", evidence=None, note="No users."
    )
    assert none.json["state"] == "not_applicable"
    assert gate(api, path, "ready")["open"] is False
    assert patch(api, migration, stage="ready").status_code == 200
    assert gate(api, path, "ready")["entered_at"].startswith("2026-11-22")


def test_what_is_said_is_shown_by_something(api, migration):
    bare = check(api, migration, "dpia_approved", evidence=None)
    assert (bare.status_code, faults(bare)) == (422, [("/evidence", "incomplete")])
    why = check(api, migration, "dpia_approved", state="not_applicable")
    assert (why.status_code, faults(why)) == (422, [("/note", "incomplete")])
    assert faults(check(api, migration, "tea_made"))[0][0] == "/item"
    assert check(api, migration, "dpia_approved", evidence=None, note="Seen.").status_code == 201
    again = check(api, migration, "dpia_approved")
    assert (again.status_code, faults(again)) == (409, [("/item", "taken")])


def test_a_mistake_is_withdrawn_and_stays_on_record(api, migration, path):
    said = check(api, migration, "dpia_approved").json
    url = f"{path}/checks/{said['id']}/withdrawal"
    assert faults(api.post(url, json={})) == [("/reason", "required")]
    back = api.post(url, json={"reason": "Another system's."})
    assert (back.status_code, back.json["withdrawal_reason"]) == (200, "Another system's.")
    assert gate(api, path, "ready")["items"][0]["open"] is True
    assert api.post(url, json={"reason": "Again."}).status_code == 409
    assert check(api, migration, "dpia_approved").status_code == 201
    listed = api.get(f"{path}/checks?item=dpia_approved").json["items"]
    assert [each["withdrawn_at"] is None for each in listed] == [False, True]


def test_a_waiver_lets_pass_by_name(api, migration, path):
    for lacks in ("gate", "name", "reason"):
        body = {name: value for name, value in WAIVER.items() if name != lacks}
        assert faults(api.post(f"{path}/waivers", json=body)) == [(f"/{lacks}", "required")]
    assert api.post(f"{path}/waivers", json=WAIVER | {"gate": "planned"}).status_code == 422
    made = api.post(f"{path}/waivers", json=WAIVER)
    assert made.status_code == 201
    assert api.get(f"{path}/waivers/{made.json['id']}").json == made.json
    twice = api.post(f"{path}/waivers", json=WAIVER)
    assert (twice.status_code, faults(twice)) == (409, [("/gate", "taken")])
    ready = gate(api, path, "ready")
    assert (ready["open"], ready["waiver"]) == (False, made.json)
    assert all(item["open"] for item in ready["items"])
    assert patch(api, migration, stage="ready").json["stage"] == "ready"
    enter(api, migration, "in_progress")
    refused = patch(api, migration, stage="cutover")
    assert faults(refused) == [("/stage", "gate_open")] * 4, "it is of the one gate"


def test_a_roll_back_keeps_its_history(api, migration, path):
    go(api, migration, "early_life_support")
    bare = patch(api, migration, stage="rolled_back")
    assert (bare.status_code, faults(bare)) == (422, [("/stage_reason", "unexplained")])
    back = patch(api, migration, stage="rolled_back", stage_reason="Balances differ.").json
    assert (back["stage"], back["actual_date"], back["attempt"]) == ("rolled_back", None, 2)
    assert (back["planned_date"], back["stage_reason"]) == ("2026-10-01", "Balances differ.")
    assert all(each["open"] for each in api.get(f"{path}/gates").json["gates"])
    again = patch(api, migration, stage="planned", planned_date="2027-02-01")
    assert faults(again) == [("/rebaseline_reason", "unexplained")]
    why = "After the roll-back."
    enter(api, migration, "planned", planned_date="2027-02-01", rebaseline_reason=why)
    assert faults(patch(api, migration, stage="ready")) == [("/stage", "gate_open")] * 2
    go(api, migration, "cutover")
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


def test_who_reads_and_who_writes(sign_in, api, migration, path):
    said = check(api, migration, "dpia_approved").json
    waived = api.post(f"{path}/waivers", json=WAIVER).json
    reads = [f"{path}/{name}" for name in ("gates", "attempts", "stages", "checks", "waivers")]
    reads += [f"{path}/checks/{said['id']}", f"{path}/waivers/{waived['id']}"]
    beds, herts = sign_in(BEDS, LEADS), sign_in(HERTS, LEADS)
    assert {beds.get(url).status_code for url in reads} == {200}
    assert {herts.get(url).status_code for url in reads} == {404}
    writes = [
        (f"{path}/checks", {"item": "dpia_approved", "state": "done", "name": "x", "note": "x"}),
        (f"{path}/checks/{said['id']}/withdrawal", {"reason": "x"}),
        (f"{path}/waivers", WAIVER),
    ]
    for url, body in writes:
        assert beds.post(url, json=body).status_code == 403, url
        assert herts.post(url, json=body).status_code == 404, url


def test_a_check_is_of_its_migration(session, api, migration, path):
    programme = {"id": migration["programme_id"]}
    other = system(session, BEDS, "Payroll")
    session.commit()
    second = at(api, programme, other, "planned")
    said = check(api, second, "dpia_approved").json
    assert api.get(f"{path}/checks/{said['id']}").status_code == 404
    url = f"{path}/checks/{said['id']}/withdrawal"
    assert api.post(url, json={"reason": "x"}).status_code == 404
    pass_gate(api, migration, "ready")
    assert patch(api, second, stage="ready").status_code == 409
