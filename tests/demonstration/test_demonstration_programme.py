"""The demonstration's programme and decisions have valid references and consistent dates."""

import csv
import json
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

DATA = files("catalogue").joinpath("demonstration", "data")
SCENARIO_DAY = date(2026, 11, 22)
STAGES = {
    "identified",
    "assessed",
    "planned",
    "ready",
    "in_progress",
    "cutover",
    "early_life_support",
    "complete",
    "rolled_back",
    "on_hold",
    "cancelled",
}
STRATEGIES = {
    "retain",
    "retire",
    "rehost",
    "relocate",
    "repurchase",
    "replatform",
    "refactor",
}
CUTOVERS = {"phased", "big_bang", "parallel_run", "pilot_then_roll_out"}
MOVED = {"early_life_support", "complete"}
CLOSED = {"complete", "cancelled"}


def load_json(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.fixture(scope="module")
def systems():
    found = {}
    for path in (DATA / "systems").iterdir():
        agency = path.name.removesuffix(".csv")
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found[agency, row["external_id"]] = row
    return found


@pytest.fixture(scope="module")
def agencies():
    codes = {path.name.removesuffix(".csv") for path in (DATA / "systems").iterdir()}
    governors = files("catalogue").joinpath("agencies", "reference", "governors.csv")
    with governors.open(encoding="utf-8", newline="") as lines:
        return codes | {row["code"] for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def programme():
    return load_json("programme.json")


@pytest.fixture(scope="module")
def decisions():
    return load_json("decisions.json")["decisions"]


def key(reference):
    return reference["agency"], reference["external_id"]


def test_programme_names_its_agencies_and_agreement(programme, agencies):
    assert programme["target_agency"] == "bch-shared-services"
    assert programme["lead_agency"] == "cambridgeshire-police"
    assert programme["tags"] == ["illustrative"]
    agreements = load_json("sharing.json")["agreements"]
    assert programme["agreement"] in [agreement["code"] for agreement in agreements]
    for agreement in agreements:
        assert set(agreement["parties"]) <= agencies
        assert agreement["lead_agency"] in agreement["parties"]
        assert agreement["instrument"] in {
            "police_act_1996_s22a",
            "policing_and_crime_act_2017_s1",
        }
        assert agreement["tags"] in (["published"], ["illustrative"])
        assert bool(agreement["decision_notice_url"]) == ("published" in agreement["tags"])


def test_migrations_lead_from_agencies_to_shared_services(programme, systems):
    sources = [key(migration["source"]) for migration in programme["migrations"]]
    assert len(sources) == len(set(sources)) == 30
    for migration in programme["migrations"]:
        assert key(migration["source"]) in systems
        assert key(migration["target"]) in systems
        assert migration["source"]["agency"] != programme["target_agency"]
        assert migration["target"]["agency"] == programme["target_agency"]
        assert migration["tags"] == ["illustrative"]


def test_source_and_target_share_a_capability(programme, systems):
    for migration in programme["migrations"]:
        source, target = (systems[key(migration[end])] for end in ("source", "target"))
        shared = set(source["capabilities"].split(";")) & set(target["capabilities"].split(";"))
        assert shared, migration["source"]


def test_every_stage_occurs(programme):
    stages = Counter(migration["stage"] for migration in programme["migrations"])
    assert set(stages) == STAGES


def test_migration_values_come_from_vocabularies(programme):
    for migration in programme["migrations"]:
        assert migration["strategy"] in STRATEGIES
        assert migration["cutover_style"] in CUTOVERS
        assert migration["rag"] in {"green", "amber", "red", None}
        assert migration["rag_narrative"].endswith(".")
        if migration["rag"] in {"amber", "red"} and migration["stage"] not in CLOSED:
            assert migration["path_to_green"], migration["source"]


def test_migration_dates_fit_the_stage(programme, systems):
    for migration in programme["migrations"]:
        moved = migration["stage"] in MOVED
        assert bool(migration["actual_date"]) == moved, migration["source"]
        if moved:
            assert day(migration["actual_date"]) <= SCENARIO_DAY
            assert systems[key(migration["target"])]["lifecycle"] == "live"
        elif migration["forecast_date"]:
            assert day(migration["forecast_date"]) > SCENARIO_DAY
        assert bool(migration["next_update_due"]) == (migration["stage"] not in CLOSED)
        if migration["stage"] == "complete":
            assert systems[key(migration["source"])]["lifecycle"] == "read_only_archive"


def test_some_migrations_are_late_and_some_overdue_for_an_update(programme):
    still_going = [m for m in programme["migrations"] if m["stage"] not in MOVED | CLOSED]
    late = [m for m in still_going if m["planned_date"] and day(m["planned_date"]) < SCENARIO_DAY]
    update_overdue = [m for m in still_going if day(m["next_update_due"]) < SCENARIO_DAY]
    assert len(late) == 6
    assert len(update_overdue) == 5


def test_migrations_fit_dates_and_capacity_of_their_wave(programme):
    waves = {wave["code"]: wave for wave in programme["waves"]}
    assert [wave["order"] for wave in programme["waves"]] == list(range(1, len(waves) + 1))
    used = Counter(migration["wave"] for migration in programme["migrations"])
    assert set(used) == set(waves)
    for migration in programme["migrations"]:
        wave = waves[migration["wave"]]
        if migration["planned_date"]:
            planned = day(migration["planned_date"])
            assert day(wave["start_date"]) <= planned <= day(wave["end_date"])
    for code, number in used.items():
        assert number <= waves[code]["capacity"], code


def test_decisions_name_staying_and_retiring_systems(decisions, systems):
    assert len({decision["code"] for decision in decisions}) == len(decisions) == 6
    for decision in decisions:
        assert decision["tags"] == ["illustrative"]
        assert len(decision["rationale"]) > 60
        staying = {key(m["system"]) for m in decision["members"] if m["role"] == "stays"}
        assert staying
        for member in decision["members"]:
            assert key(member["system"]) in systems
            assert member["strategy"] in STRATEGIES
            if member["role"] == "stays":
                assert member["successor"] is None
                assert member["disposition"] in {"tolerate", "invest"}
            else:
                assert key(member["successor"]) in staying
                assert member["disposition"] in {"migrate", "eliminate"}


def test_decisions_have_the_signatures_their_status_needs(decisions):
    statuses = Counter(decision["status"] for decision in decisions)
    assert set(statuses) == {"draft", "proposed", "agreed", "refused"}
    for decision in decisions:
        owners = {member["system"]["agency"] for member in decision["members"]}
        signed = {sign_off["agency"]: sign_off["verdict"] for sign_off in decision["sign_offs"]}
        assert set(signed) <= owners
        if decision["status"] == "agreed":
            assert signed == dict.fromkeys(owners, "agreed")
        if decision["status"] == "refused":
            assert "refused" in signed.values()
        if decision["status"] == "draft":
            assert not signed
        if decision["status"] == "proposed":
            assert set(signed) != owners


def test_system_is_in_one_open_decision_at_most(decisions):
    in_open = [
        key(member["system"])
        for decision in decisions
        if decision["status"] in {"draft", "proposed"}
        for member in decision["members"]
    ]
    assert len(in_open) == len(set(in_open))


def test_migrations_follow_agreed_decisions(programme, decisions):
    targets = {key(m["source"]): key(m["target"]) for m in programme["migrations"]}
    for decision in decisions:
        if decision["status"] != "agreed":
            continue
        for member in decision["members"]:
            if member["role"] == "retires":
                assert targets[key(member["system"])] == key(member["successor"])
