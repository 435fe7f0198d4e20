"""The summary of a programme: records that need attention, and progress."""

from datetime import UTC, datetime

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, HERTS, add_capability, add_system
from tests.sums import sum_of

YEAR = "2026-27"
COSTS = "costs:read systems:read systems:write contracts:write programmes:read programmes:write"


@pytest.fixture
def summary(api, programme):
    """Read the summary as the lead, or as another client."""

    def read(client=api, **query):
        path = f"/v1/programmes/{programme['id']}/summary"
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    return read


def share_costs(owner):
    """Grant the programme's lead the costs of an owner, and return the grant."""
    granted = owner.post(
        "/v1/access-grants",
        json={
            "grantee": CAMBS,
            "resource_types": ["costs"],
            "field_profile": "full",
            "purpose": "To plan.",
            "expires_at": "2027-11-01T00:00:00Z",
        },
    )
    assert granted.status_code == 201, granted.text
    return granted.json


def without_withheld(value):
    """Leave out the numbers of withheld parts."""
    if isinstance(value, dict):
        return {name: without_withheld(each) for name, each in value.items() if name != "withheld"}
    return [without_withheld(each) for each in value] if isinstance(value, list) else value


def names(listed):
    return [each["system_name"] for each in listed]


def test_the_summary_of_an_empty_programme_is_all_zero(summary, programme):
    response = summary()
    assert (response["programme_id"], response["total"]) == (programme["id"], sum_of(0))
    assert all(each in (0, sum_of(0)) for each in response["attention"].values())
    assert response["progress"]["total"]["cost"] == sum_of("0.00")
    assert response["progress"]["cost_year"] is None
    assert response["progress"]["by_wave"] == response["progress"]["by_agency"] == []


def test_the_summary_lists_late_blocked_overdue_and_at_risk_migrations(summary, session, move, add):
    each = {n: add_system(session, BEDS, n) for n in ("Blocked", "Fine", "Late", "Later", "Risky")}
    each["Overdue"] = add_system(session, CAMBS, "Overdue")
    session.commit()
    blocked = move(each["Blocked"], planned_date="2027-02-01")
    fine = move(each["Fine"], planned_date="2026-11-22")
    move(each["Late"], planned_date="2026-11-21", forecast_date="2027-01-01")
    move(each["Later"], planned_date="2026-10-01", forecast_date="2026-11-01")
    risky = {"planned_date": "2026-12-01", "forecast_date": "2026-12-24"}
    move(each["Risky"], **risky)
    move(each["Overdue"], next_update_due="2026-11-20")
    blocker = add("blockers", title="No data", migration_id=blocked["id"])
    assert blocker["open"] is True
    response = summary()
    assert response["attention"] == {
        "late": sum_of(2),
        "blocked": sum_of(1),
        "update_overdue": sum_of(1),
        "at_risk": sum_of(1),
        "overdue_milestones": 0,
        "open_red_risks": 0,
        "open_decisions": 0,
    }
    assert names(response["late"]) == ["Later", "Late"]
    assert [late["days_late"] for late in response["late"]] == [52, 1]
    assert (names(response["blocked"]), names(response["update_overdue"])) == (
        ["Blocked"],
        ["Overdue"],
    )
    assert names(response["at_risk"]) == ["Risky"]
    assert names(response["next_cutovers"]) == ["Fine", "Risky", "Late", "Blocked"]
    assert response["next_cutovers"][0] == {
        "migration_id": fine["id"],
        "system_id": str(each["Fine"].id),
        "system_name": "Fine",
        "agency": BEDS,
        "wave": None,
        "stage": "identified",
        "planned_date": "2026-11-22",
        "forecast_date": None,
        "days_late": 0,
        "next_update_due": None,
        "rag": None,
    }


def test_the_summary_lists_ten_late_migrations_and_counts_all(summary, session, move):
    for number in range(12):
        move(add_system(session, BEDS, f"System {number:02}"), planned_date="2026-11-01")
    response = summary()
    assert (response["attention"]["late"], len(response["late"])) == (sum_of(12), 10)
    assert names(response["late"])[:2] == ["System 00", "System 01"]


def test_the_summary_shows_overdue_milestones_red_risks_and_open_decisions(
    summary, move, ledger, add
):
    migration = move(ledger)
    milestone = add("milestones", name="Trial", planned_date="2026-11-01", owner="Head of digital")
    add("milestones", name="Later", planned_date="2027-11-01")
    add("risks", title="Load", probability=5, impact=3)
    add("risks", title="Small", probability=1, impact=3)
    closed = {"status": "closed", "status_reason": "Done."}
    add("risks", title="Past", probability=5, impact=5, **closed)
    add("required-decisions", question="Somewhen?")
    urgent = add(
        "required-decisions",
        question="Extend?",
        needed_by="2026-11-01",
        migration_id=migration["id"],
    )
    add("required-decisions", question="Moot?", status="withdrawn", outcome="Moot.")
    response = summary()
    attention = response["attention"]
    assert (attention["overdue_milestones"], attention["open_red_risks"]) == (1, 1)
    assert response["overdue_milestones"] == [
        {
            "milestone_id": milestone["id"],
            "migration_id": None,
            "name": "Trial",
            "planned_date": "2026-11-01",
            "forecast_date": None,
            "owner": "Head of digital",
            "rag": None,
        }
    ]
    assert attention["open_decisions"] == 2
    first, second = response["open_decisions"]
    assert (first["required_decision_id"], first["overdue"]) == (urgent["id"], True)
    assert first["migration_id"] == migration["id"]
    assert (second["question"], second["overdue"]) == ("Somewhen?", False)


def test_progress_is_measured_by_migrations_users_and_cost(sign_in, summary, session, move, add):
    served = add_capability(session, "F01")
    old = add_system(session, CAMBS, "Old", user_count=300, capabilities=[served.code])
    new = add_system(session, CAMBS, "New", user_count=100)
    unknown = add_system(session, BEDS, "Unknown")
    gone = add_system(session, BEDS, "Gone", user_count=7)
    session.commit()
    owner = sign_in(CAMBS, COSTS)
    for each, amount in ((old, "1000.10"), (new, "500.05")):
        for year, factor in ((YEAR, ""), ("2025-26", "9"), ("2027-28", "8")):
            line = {"financial_year": year, "category": "recurring_revenue"}
            body = line | {"amount": factor + amount}
            created = owner.post(f"/v1/systems/{each.id}/costs", json=body)
            assert created.status_code == 201, created.text
    wave = add("waves", name="First", position=1)
    add("waves", name="Second", position=2)
    move(old, wave_id=wave["id"], stage="early_life_support", actual_date="2026-11-01")
    move(new, wave_id=wave["id"])
    move(unknown)
    move(gone, stage="cancelled")
    progress = summary(owner)["progress"]
    assert progress["cost_year"] == YEAR
    assert progress["total"] == {
        "migrations": sum_of(3),
        "moved": sum_of(1),
        "complete": sum_of(0),
        "users": sum_of(400, unknown=1),
        "users_moved": sum_of(300),
        "cost": sum_of("1500.15", withheld=1),
        "cost_moved": sum_of("1000.10"),
    }
    first, second, none = progress["by_wave"]
    assert (first["name"], first["migrations"], first["users"]) == ("First", sum_of(2), sum_of(400))
    assert (second["name"], second["migrations"]) == ("Second", sum_of(0))
    assert (none["wave_id"], none["migrations"]) == (None, sum_of(1))
    assert none["cost"] == sum_of(None, withheld=1)
    assert none["users"] == sum_of(None, unknown=1)
    by_agency = {each["agency"]: each["migrations"]["value"] for each in progress["by_agency"]}
    assert by_agency == {BEDS: 1, CAMBS: 2}
    by_capability = {each["capability"]: each["users"] for each in progress["by_capability"]}
    assert by_capability == {"F01": sum_of(300), None: sum_of(100, unknown=1)}
    without = summary()["progress"]
    assert without["cost_year"] is None
    assert without["total"]["cost"] == sum_of(None, withheld=3)
    assert without["total"]["cost_moved"] == sum_of(None, withheld=1)


def test_a_hidden_migration_counts_as_withheld_in_each_sum_that_it_can_belong_to(
    sign_in, summary, session, move, add, ledger
):
    hidden = add_system(session, CAMBS, "Hidden", disclosure=Disclosure.OWNER_ONLY, user_count=9)
    session.commit()
    move(ledger)
    reader = sign_in(BEDS, COSTS)
    before = summary(reader)
    late = {"planned_date": "2026-11-01", "next_update_due": "2026-11-01"}
    migration = move(hidden, **late)
    about = {"migration_id": migration["id"]}
    add("blockers", title="No data", **about)
    add("risks", title="Load", probability=5, impact=5, **about)
    add("milestones", name="Trial", planned_date="2026-11-01", **about)
    add("required-decisions", question="Extend?", **about)
    after = summary(reader)
    assert before["total"] == sum_of(1)
    assert after["total"] == sum_of(1, withheld=1)
    assert after["attention"]["late"] == sum_of(0, withheld=1)
    total, (beds,) = after["progress"]["total"], after["progress"]["by_agency"]
    assert total["moved"] == sum_of(0, withheld=1)
    assert total["users"] == sum_of(None, unknown=1, withheld=1)
    assert beds["users"] == sum_of(None, unknown=1), "an agency sees all of its own systems"
    assert without_withheld(after) == without_withheld(before)
    assert summary()["attention"]["open_red_risks"] == 1


def test_reading_another_agencys_costs_in_the_summary_is_recorded(
    sign_in, summary, session, move, ledger
):
    owner = sign_in(BEDS, f"{COSTS} audit:read agencies:read agencies:write")
    line = {"financial_year": YEAR, "category": "recurring_revenue", "amount": "12.00"}
    created = owner.post(f"/v1/systems/{ledger.id}/costs", json=line).json
    move(ledger)
    reader = sign_in(CAMBS, COSTS)
    assert summary(reader)["progress"]["total"]["cost"] == sum_of(None, withheld=1)
    share_costs(owner)
    for _ in range(2):
        assert summary(reader)["progress"]["total"]["cost"] == sum_of("12.00")
    events = owner.get("/v1/changes?resource=cost").json["items"]
    read = [each for each in events if each["kind"] == "cost.read"]
    assert [(each["resource_id"], each["acting_agency"]) for each in read] == [
        (created["id"], CAMBS)
    ]


def test_the_summary_as_of_a_past_moment_shows_that_moment(
    sign_in, summary, session, move, add, patch, ledger
):
    owner = sign_in(BEDS, COSTS)
    line = {"financial_year": YEAR, "category": "recurring_revenue", "amount": "12.00"}
    assert owner.post(f"/v1/systems/{ledger.id}/costs", json=line).status_code == 201
    migration = move(ledger, planned_date="2026-11-20")
    blocker = add("blockers", title="No data", migration_id=migration["id"])
    add("milestones", name="Trial", planned_date="2026-11-01")
    add("risks", title="Load", probability=5, impact=5)
    add("required-decisions", question="Extend?")
    add("waves", name="First", position=1)
    past = {"as_of": "2026-11-22T12:01:00Z"}
    with clock.freeze(datetime(2026, 11, 22, 12, 2, tzinfo=UTC)):
        assert summary(**past) == summary()
        assert summary(owner, **past) == (before := summary(owner))
        assert before["progress"]["total"]["cost"] == sum_of("12.00")
        patch("blockers", blocker, resolved_on="2026-11-22", resolution="Copied.")
        add("risks", title="Leak", probability=5, impact=5)
        now = summary(owner)
        assert (now["attention"]["blocked"], now["attention"]["open_red_risks"]) == (sum_of(0), 2)
        assert summary(owner, **past) == before
    assert (
        sign_in(HERTS, COSTS)
        .get(f"/v1/programmes/{migration['programme_id']}/summary")
        .json["status"]
        == 404
    )


def test_the_past_summary_leaves_out_what_is_hidden_today(sign_in, summary, move, add, ledger):
    owner = sign_in(BEDS, f"{COSTS} agencies:read agencies:write")
    line = {"financial_year": YEAR, "category": "recurring_revenue", "amount": "12.00"}
    assert owner.post(f"/v1/systems/{ledger.id}/costs", json=line).status_code == 201
    about = {"migration_id": move(ledger, planned_date="2026-11-20")["id"]}
    add("milestones", name="Trial", planned_date="2026-11-01", **about)
    add("risks", title="Load", probability=5, impact=5, **about)
    add("required-decisions", question="Extend?", **about)
    grant = share_costs(owner)
    past = {"as_of": "2026-11-22T12:01:00Z"}
    with clock.freeze(datetime(2026, 11, 22, 12, 2, tzinfo=UTC)):
        reader = sign_in(CAMBS, COSTS)
        assert summary(reader, **past)["progress"]["total"]["cost"] == sum_of("12.00")
        revoked = owner.post(
            f"/v1/access-grants/{grant['id']}/revocation", json={"reason": "Ended."}
        )
        assert revoked.status_code < 300, revoked.text
        assert summary(reader, **past)["progress"]["total"]["cost"] == sum_of(None, withheld=1)
        change(owner, f"/v1/systems/{ledger.id}", disclosure="owner_only")
        now = summary(reader, **past)
        assert now["total"] == sum_of(None, withheld=1)
        assert now["attention"]["open_decisions"] == now["attention"]["overdue_milestones"] == 0
