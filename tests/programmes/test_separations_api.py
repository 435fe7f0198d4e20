"""Separations: migrations in which one agency leaves a shared system."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.systems.vocabulary import Lifecycle
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, CENTRE, HERTS, SIGNATORY, add_system, record
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    build_migration,
    create_migration,
    create_migration_at,
    enter_stage,
    list_errors,
)


@pytest.fixture
def shared(sign_in, session, make_agency):
    """A system of the centre that two forces use, and a third used."""
    created = add_system(session, CENTRE, "Shared ledger", lifecycle=Lifecycle.READ_ONLY_ARCHIVE)
    session.commit()
    centre, uses = sign_in(CENTRE, LEAD_SCOPES), f"/v1/systems/{created.id}/uses"
    for code in (BEDS, CAMBS):
        make_agency(code)
        record(centre, uses, agency=code, user_count=20, since="2020-04-01")
    make_agency(HERTS)
    record(centre, uses, agency=HERTS, since="2015-04-01", until="2020-03-31")
    return created


def build_separation(code, **fields):
    return {"kind": "separation", "leaving_agency": code} | fields


def test_a_system_has_one_separation_per_agency_and_one_consolidation(api, programme, shared):
    out = create_migration(api, programme, shared, **build_separation(BEDS))
    assert (out["kind"], out["leaving_agency"], out["agency"]) == ("separation", BEDS, CENTRE)
    create_migration(api, programme, shared, **build_separation(CAMBS))
    own = create_migration(api, programme, shared, **build_separation(CENTRE))
    assert own["leaving_agency"] == CENTRE, "the owner of the system can leave it as well"
    consolidation = create_migration(api, programme, shared)
    assert (consolidation["kind"], consolidation["leaving_agency"]) == ("consolidation", None)
    twice = api.post(
        "/v1/migrations", json=build_migration(programme, shared, **build_separation(BEDS))
    )
    assert (twice.status_code, list_errors(twice)) == (409, [("/leaving_agency", "taken")])
    again = api.post("/v1/migrations", json=build_migration(programme, shared))
    assert (again.status_code, list_errors(again)) == (409, [("/system_id", "taken")])
    listed = api.get(f"/v1/migrations?kind=separation&leaving_agency={BEDS}").json["items"]
    assert [each["id"] for each in listed] == [out["id"]]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param({"kind": "separation"}, ("/leaving_agency", "incomplete"), id="no_agency"),
        pytest.param(
            {"leaving_agency": BEDS}, ("/leaving_agency", "unexpected"), id="no_separation"
        ),
        pytest.param(
            build_separation("nowhere-police"), ("/leaving_agency", "unknown"), id="unknown_agency"
        ),
        pytest.param(build_separation(HERTS), ("/leaving_agency", "no_use"), id="no_current_use"),
    ],
)
def test_a_separation_rejects_an_agency_that_cannot_leave(api, programme, shared, fields, fault):
    answer = api.post("/v1/migrations", json=build_migration(programme, shared, **fields))
    assert (answer.status_code, list_errors(answer)) == (422, [fault])


def test_a_separation_rejects_an_agency_whose_use_is_hidden(sign_in, api, programme, shared):
    hidden = change(
        sign_in(CENTRE, LEAD_SCOPES), f"/v1/systems/{shared.id}", disclosure=Disclosure.AGREEMENT
    )
    assert hidden.status_code == 200
    # An agreement at the summary profile shows the system, but not its uses.
    centre = sign_in(CENTRE, LEAD_SCOPES)
    agreed = record(
        centre,
        "/v1/agreements",
        title="Summary",
        instrument="police_act_1996_s22a",
        parties=[CAMBS],
        start_date="2020-01-01",
        field_profile="summary",
    )
    for party in (centre, api):
        path = f"/v1/agreements/{agreed['id']}/acceptances"
        accepted = SIGNATORY | {"content_hash": agreed["content_hash"]}
        assert party.post(path, json=accepted).status_code == 201
    answer = api.post(
        "/v1/migrations", json=build_migration(programme, shared, **build_separation(BEDS))
    )
    assert list_errors(answer) == [("/leaving_agency", "no_use")]
    create_migration(api, programme, shared, **build_separation(CAMBS))


def test_a_leaving_agency_sees_the_programme(sign_in, api, programme, shared):
    beds, herts = sign_in(BEDS, LEAD_SCOPES), sign_in(HERTS, LEAD_SCOPES)
    path = f"/v1/programmes/{programme['id']}"
    assert beds.get(path).status_code == 404
    out = create_migration(api, programme, shared, **build_separation(BEDS))
    assert beds.get(path).status_code == 200
    assert beds.get(f"/v1/migrations/{out['id']}").json["leaving_agency"] == BEDS
    assert herts.get(path).status_code == 404


def test_a_completed_separation_does_not_allow_decommissioning(sign_in, api, programme, shared):
    out = create_migration_at(
        api, programme, shared, "early_life_support", **build_separation(BEDS)
    )
    enter_stage(api, out, "complete")
    centre, path = sign_in(CENTRE, LEAD_SCOPES), f"/v1/systems/{shared.id}"
    refused = change(centre, path, lifecycle="decommissioned")
    assert (refused.status_code, list_errors(refused)) == (422, [("/lifecycle", "blocked")])


def test_the_kind_and_leaving_agency_of_a_migration_cannot_change(api, programme, shared):
    out = create_migration(api, programme, shared, **build_separation(BEDS))
    for field in ({"kind": "consolidation"}, {"leaving_agency": CAMBS}):
        answer = change(api, f"/v1/migrations/{out['id']}", **field)
        assert answer.status_code == 422
