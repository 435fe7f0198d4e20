"""The planned day is a baseline; what is expected, and what was, are kept apart from it."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.programmes.moving import LEADS, at, enter, faults, moved, patch
from tests.rationalisation.scene import BEDS, CAMBS, system


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def ledger(session):
    made = system(session, BEDS, "Ledger")
    session.commit()
    return made


def test_it_is_free_until_it_is_agreed(api, programme, ledger):
    migration = moved(api, programme, ledger, stage="assessed", planned_date="2027-01-01")
    assert migration["first_planned_date"] is None
    freely = patch(api, migration, planned_date="2027-02-01").json
    assert (freely["planned_date"], freely["rebaselined_at"]) == ("2027-02-01", None)
    agreed = enter(api, migration, "planned")
    assert agreed["first_planned_date"] == "2027-02-01"
    refused = patch(api, migration, planned_date="2027-03-01")
    assert (refused.status_code, faults(refused)) == (422, [("/rebaseline_reason", "unexplained")])
    gone = patch(api, migration, planned_date=None, rebaseline_reason="No idea.")
    assert faults(gone) == [("/planned_date", "incomplete")]
    expected = patch(api, migration, forecast_date="2027-03-01").json
    assert (expected["planned_date"], expected["forecast_date"]) == ("2027-02-01", "2027-03-01")


def test_a_new_baseline_has_a_reason(api, programme, ledger):
    migration = at(api, programme, ledger, "ready")
    idle = patch(api, migration, rebaseline_reason="Just so.")
    assert (idle.status_code, faults(idle)) == (422, [("/rebaseline_reason", "unexpected")])
    why = "The board agreed it with the county."
    anew = patch(api, migration, planned_date="2027-03-01", rebaseline_reason=why).json
    assert (anew["planned_date"], anew["first_planned_date"]) == ("2027-03-01", "2026-10-01")
    assert anew["rebaseline_reason"] == why
    assert anew["rebaselined_at"].startswith("2026-11-22T12:00:00")
    assert patch(api, migration, planned_date="2027-03-01").status_code == 200
    assert patch(api, migration, rebaseline_reason=why).status_code == 200
    assert faults(patch(api, migration, planned_date="2027-04-01")) == [
        ("/rebaseline_reason", "unexplained")
    ]


def test_what_was_under_way_already_gets_its_baseline_when_it_is_known(api, programme, ledger):
    migration = moved(api, programme, ledger, stage="in_progress")
    assert migration["first_planned_date"] is None
    first = patch(api, migration, planned_date="2027-01-01").json
    assert first["first_planned_date"] == "2027-01-01"
    assert patch(api, migration, planned_date="2027-02-01").status_code == 422


def test_it_stays_agreed_through_a_rest(api, programme, ledger):
    migration = at(api, programme, ledger, "planned")
    enter(api, migration, "on_hold")
    enter(api, migration, "assessed")
    assert patch(api, migration, planned_date="2027-01-01").status_code == 422


def test_what_people_are_told(api, programme, ledger):
    said = {
        "change_for_users": "A new address.",
        "change_for_public": "Nothing.",
        "public_statement": "Three forces share one ledger.",
    }
    migration = moved(api, programme, ledger, **said)
    assert migration | said == migration
    assert patch(api, migration, change_for_public=None).json["change_for_public"] is None
