"""Leaving a shared system is a migration too, of the agency that leaves."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.systems.vocabulary import Lifecycle
from tests.programmes.moving import LEADS, at, body, enter, faults, moved
from tests.rationalisation.scene import BEDS, CAMBS, CENTRE, HERTS, system
from tests.recording import change, record


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Going apart"}).json


@pytest.fixture
def shared(sign_in, session, make_agency):
    """A system of the centre that two forces use, and a third used."""
    made = system(session, CENTRE, "Shared ledger", lifecycle=Lifecycle.READ_ONLY_ARCHIVE)
    session.commit()
    centre, uses = sign_in(CENTRE, LEADS), f"/v1/systems/{made.id}/uses"
    for code in (BEDS, CAMBS):
        make_agency(code)
        record(centre, uses, agency=code, user_count=20, since="2020-04-01")
    make_agency(HERTS)
    record(centre, uses, agency=HERTS, since="2015-04-01", until="2020-03-31")
    return made


def leaving(code, **fields):
    return {"kind": "separation", "leaving_agency": code} | fields


def test_each_agency_leaves_once_and_the_system_moves_once(api, programme, shared):
    out = moved(api, programme, shared, **leaving(BEDS))
    assert (out["kind"], out["leaving_agency"], out["agency"]) == ("separation", BEDS, CENTRE)
    moved(api, programme, shared, **leaving(CAMBS))
    own = moved(api, programme, shared, **leaving(CENTRE))
    assert own["leaving_agency"] == CENTRE, "its owner may leave it as well"
    whole = moved(api, programme, shared)
    assert (whole["kind"], whole["leaving_agency"]) == ("consolidation", None)
    twice = api.post("/v1/migrations", json=body(programme, shared, **leaving(BEDS)))
    assert (twice.status_code, faults(twice)) == (409, [("/leaving_agency", "taken")])
    again = api.post("/v1/migrations", json=body(programme, shared))
    assert (again.status_code, faults(again)) == (409, [("/system_id", "taken")])
    listed = api.get(f"/v1/migrations?kind=separation&leaving_agency={BEDS}").json["items"]
    assert [each["id"] for each in listed] == [out["id"]]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kind": "separation"}, ("/leaving_agency", "incomplete")),
        ({"leaving_agency": BEDS}, ("/leaving_agency", "unexpected")),
        (leaving("nowhere-police"), ("/leaving_agency", "unknown")),
        (leaving(HERTS), ("/leaving_agency", "no_use")),
    ],
)
def test_who_cannot_leave(api, programme, shared, fields, fault):
    answer = api.post("/v1/migrations", json=body(programme, shared, **fields))
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_a_use_that_one_may_not_see_is_none(sign_in, api, programme, shared):
    hidden = change(
        sign_in(CENTRE, LEADS), f"/v1/systems/{shared.id}", disclosure=Disclosure.AGREEMENT
    )
    assert hidden.status_code == 200
    # By an agreement at the summary profile one sees the system, and not who uses it.
    centre = sign_in(CENTRE, LEADS)
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
        assert party.post(path, json={"content_hash": agreed["content_hash"]}).status_code == 201
    answer = api.post("/v1/migrations", json=body(programme, shared, **leaving(BEDS)))
    assert faults(answer) == [("/leaving_agency", "no_use")]
    moved(api, programme, shared, **leaving(CAMBS))


def test_who_leaves_sees_the_programme(sign_in, api, programme, shared):
    beds, herts = sign_in(BEDS, LEADS), sign_in(HERTS, LEADS)
    path = f"/v1/programmes/{programme['id']}"
    assert beds.get(path).status_code == 404
    out = moved(api, programme, shared, **leaving(BEDS))
    assert beds.get(path).status_code == 200
    assert beds.get(f"/v1/migrations/{out['id']}").json["leaving_agency"] == BEDS
    assert herts.get(path).status_code == 404


def test_a_system_that_somebody_left_goes_on(sign_in, api, programme, shared):
    out = at(api, programme, shared, "early_life_support", **leaving(BEDS))
    enter(api, out, "complete")
    centre, path = sign_in(CENTRE, LEADS), f"/v1/systems/{shared.id}"
    refused = change(centre, path, lifecycle="decommissioned")
    assert (refused.status_code, faults(refused)) == (422, [("/lifecycle", "blocked")])


def test_what_it_is_does_not_change(api, programme, shared):
    out = moved(api, programme, shared, **leaving(BEDS))
    for field in ({"kind": "consolidation"}, {"leaving_agency": CAMBS}):
        answer = change(api, f"/v1/migrations/{out['id']}", **field)
        assert answer.status_code == 422
