"""The planned date as a baseline, apart from the forecast and actual dates."""

from tests.programmes.api_migrations import (
    change_migration,
    create_migration,
    create_migration_at,
    enter_stage,
    list_errors,
)


def test_the_planned_date_changes_freely_until_the_migration_is_planned(api, programme, ledger):
    migration = create_migration(
        api, programme, ledger, stage="assessed", planned_date="2027-01-01"
    )
    assert migration["first_planned_date"] is None
    freely = change_migration(api, migration, planned_date="2027-02-01").json
    assert (freely["planned_date"], freely["rebaselined_at"]) == ("2027-02-01", None)
    agreed = enter_stage(api, migration, "planned")
    assert agreed["first_planned_date"] == "2027-02-01"
    refused = change_migration(api, migration, planned_date="2027-03-01")
    assert (refused.status_code, list_errors(refused)) == (
        422,
        [("/rebaseline_reason", "unexplained")],
    )
    gone = change_migration(api, migration, planned_date=None, rebaseline_reason="No idea.")
    assert list_errors(gone) == [("/planned_date", "incomplete")]
    expected = change_migration(api, migration, forecast_date="2027-03-01").json
    assert (expected["planned_date"], expected["forecast_date"]) == ("2027-02-01", "2027-03-01")


def test_a_new_planned_date_needs_a_reason(api, programme, ledger):
    migration = create_migration_at(api, programme, ledger, "ready")
    idle = change_migration(api, migration, rebaseline_reason="Just so.")
    assert (idle.status_code, list_errors(idle)) == (422, [("/rebaseline_reason", "unexpected")])
    why = "The board agreed it with the county."
    changed = change_migration(
        api, migration, planned_date="2027-03-01", rebaseline_reason=why
    ).json
    assert (changed["planned_date"], changed["first_planned_date"]) == ("2027-03-01", "2026-10-01")
    assert changed["rebaseline_reason"] == why
    assert changed["rebaselined_at"].startswith("2026-11-22T12:00:00")
    assert change_migration(api, migration, planned_date="2027-03-01").status_code == 200
    assert change_migration(api, migration, rebaseline_reason=why).status_code == 200
    assert list_errors(change_migration(api, migration, planned_date="2027-04-01")) == [
        ("/rebaseline_reason", "unexplained")
    ]


def test_the_first_planned_date_of_a_migration_under_way_becomes_its_baseline(
    api, programme, ledger
):
    migration = create_migration(api, programme, ledger, stage="in_progress")
    assert migration["first_planned_date"] is None
    first = change_migration(api, migration, planned_date="2027-01-01").json
    assert first["first_planned_date"] == "2027-01-01"
    assert change_migration(api, migration, planned_date="2027-02-01").status_code == 422


def test_a_baseline_survives_a_hold(api, programme, ledger):
    migration = create_migration_at(api, programme, ledger, "planned")
    enter_stage(api, migration, "on_hold")
    enter_stage(api, migration, "assessed")
    assert change_migration(api, migration, planned_date="2027-01-01").status_code == 422


def test_a_migration_keeps_its_texts_for_users_and_the_public(api, programme, ledger):
    texts = {
        "change_for_users": "A new address.",
        "change_for_public": "Nothing.",
        "public_statement": "Three forces share one ledger.",
    }
    migration = create_migration(api, programme, ledger, **texts)
    assert migration | texts == migration
    assert (
        change_migration(api, migration, change_for_public=None).json["change_for_public"] is None
    )
