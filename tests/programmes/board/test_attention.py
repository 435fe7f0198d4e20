"""Blocked and at-risk migrations, derived from blockers, risks, ratings and dates."""

import pytest


def read(api, migration):
    return api.get(f"/v1/migrations/{migration['id']}").json


def test_a_migration_is_blocked_while_one_of_its_blockers_is_open(api, ledger, move, add, patch):
    migration = move(ledger)
    add("blockers", title="Of the programme as a whole")
    assert read(api, migration)["blocked"] is False
    blocker = add("blockers", title="No data", migration_id=migration["id"])
    assert read(api, migration)["blocked"] is True
    assert len(api.get("/v1/migrations?blocked=true").json["items"]) == 1
    assert api.get("/v1/migrations?blocked=false").json["items"] == []
    patch("blockers", blocker, resolved_on="2026-11-22", resolution="Copied.")
    assert read(api, migration)["blocked"] is False


@pytest.mark.parametrize(
    ("fields", "at_risk"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param(
            {"planned_date": "2027-01-01", "forecast_date": "2027-01-02"},
            True,
            id="forecast_after_plan",
        ),
        pytest.param(
            {"planned_date": "2027-01-02", "forecast_date": "2027-01-01"},
            False,
            id="forecast_before_plan",
        ),
        pytest.param({"forecast_date": "2027-01-01"}, False, id="forecast_alone"),
        pytest.param({"rag": "green", "rag_narrative": "Fine."}, False, id="green"),
        pytest.param(
            {"rag": "amber", "rag_narrative": "Hm.", "path_to_green": "Work."}, True, id="amber"
        ),
        pytest.param(
            {"rag": "red", "rag_narrative": "No.", "path_to_green": "Work."}, True, id="red"
        ),
        pytest.param(
            {"planned_date": "2026-11-01", "forecast_date": "2027-01-02"}, False, id="late_already"
        ),
    ],
)
def test_dates_and_rating_put_a_migration_at_risk(api, ledger, move, fields, at_risk):
    assert move(ledger, **fields)["at_risk"] is at_risk
    listed = api.get(f"/v1/migrations?at_risk={str(at_risk).lower()}").json["items"]
    assert len(listed) == 1


def test_a_migration_is_at_risk_until_its_red_risk_is_closed(api, ledger, move, add, patch):
    migration = move(ledger)
    add("risks", title="Of the programme", probability=5, impact=5)
    risk = add("risks", title="Load", probability=4, impact=3, migration_id=migration["id"])
    assert read(api, migration)["at_risk"] is False
    patch("risks", risk, probability=5)
    assert read(api, migration)["at_risk"] is True
    patch("risks", risk, status="accepted", status_reason="It is worth it.")
    assert read(api, migration)["at_risk"] is True
    patch("risks", risk, status="closed", status_reason="Loaded.")
    assert read(api, migration)["at_risk"] is False


def test_a_low_scoring_risk_rated_red_puts_its_migration_at_risk(api, ledger, move, add):
    migration = move(ledger)
    rating = {"rag": "red", "rag_narrative": "Nobody looks.", "path_to_green": "Name someone."}
    body = {"title": "Leak", "probability": 1, "impact": 5}
    add("risks", **body, **rating, migration_id=migration["id"])
    assert read(api, migration)["at_risk"] is True


def test_a_cancelled_migration_is_not_at_risk(api, ledger, move):
    rating = {"rag": "red", "rag_narrative": "No.", "path_to_green": "Work."}
    assert move(ledger, stage="cancelled", **rating)["at_risk"] is False
