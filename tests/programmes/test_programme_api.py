"""Programmes, waves and their summary over HTTP."""

import pytest

from catalogue.agencies.visibility import Disclosure
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, CENTRE, HERTS, add_rosters, add_system
from tests.programmes.api_migrations import create_migration
from tests.sums import sum_of

LEADS = "programmes:read programmes:write"


@pytest.fixture
def programme(sign_in, make_agency):
    """A programme that Cambridgeshire leads, to the shared services centre."""
    make_agency(CENTRE)
    fields = {
        "title": "Shared back office",
        "status": "active",
        "target_agency": CENTRE,
        "start_date": "2026-01-05",
    }
    answer = sign_in(CAMBS, LEADS).post("/v1/programmes", json=fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_programme_is_created_and_listed(sign_in, programme):
    api = sign_in(CAMBS, LEADS)
    assert (programme["lead_agency"], programme["target_agency"]) == (CAMBS, CENTRE)
    assert (programme["status"], programme["end_date"]) == ("active", None)
    assert api.get(f"/v1/programmes/{programme['id']}").json == programme
    listed = api.get("/v1/programmes?q=back&status=active&target_agency=" + CENTRE).json["items"]
    assert listed == [programme]


def test_only_participants_see_a_programme(sign_in, session, programme):
    path = f"/v1/programmes/{programme['id']}"
    assert sign_in(CENTRE, LEADS).get(path).status_code == 200
    beds = sign_in(BEDS, LEADS)
    assert beds.get(path).status_code == 404
    assert beds.get("/v1/programmes?total=true").json["page"]["total"] == 0
    (ours,) = add_rosters(session, BEDS)
    session.commit()
    create_migration(sign_in(CAMBS, LEADS), programme, ours)
    assert beds.get(path).status_code == 200
    assert sign_in(HERTS, LEADS).get(path).status_code == 404
    assert sign_in(HERTS, LEADS).get(f"{path}/summary").status_code == 404


def test_only_the_lead_agency_changes_a_programme(sign_in, session, programme):
    (ours,) = add_rosters(session, BEDS)
    session.commit()
    migration = create_migration(sign_in(CAMBS, LEADS), programme, ours)
    wave = sign_in(CAMBS, LEADS).post(
        "/v1/waves", json={"programme_id": programme["id"], "name": "One", "position": 1}
    )
    beds = sign_in(BEDS, LEADS)
    for path, body in (
        (f"/v1/programmes/{programme['id']}", {"title": "Mine"}),
        (f"/v1/migrations/{migration['id']}", {"stage": "assessed"}),
        (f"/v1/waves/{wave.json['id']}", {"name": "Mine"}),
    ):
        etag = beds.get(path).headers["ETag"]
        assert beds.patch(path, json=body, headers={"If-Match": etag}).status_code == 403, path
    wave = {"programme_id": programme["id"], "name": "Two", "position": 2}
    assert beds.post("/v1/waves", json=wave).status_code == 403
    herts = sign_in(HERTS, LEADS)
    answer = herts.post("/v1/waves", json=wave)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/programme_id")
    nobody = sign_in(None, f"admin {LEADS}")
    assert nobody.post("/v1/programmes", json={"title": "x"}).status_code == 403


def test_a_programme_changes_until_it_is_closed(sign_in, programme):
    api, path = sign_in(CAMBS, LEADS), f"/v1/programmes/{programme['id']}"

    changed = change(
        api, path, summary="Finance first.", target_agency=None, end_date="2027-12-17"
    ).json
    assert (changed["summary"], changed["target_agency"]) == ("Finance first.", None)
    assert change(api, path, status="planned").status_code == 409
    assert change(api, path, status="closed").json["status"] == "closed"
    refused = change(api, path, status="active")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (409, "/status")
    assert change(api, path, status=None).status_code == 422
    assert api.patch(path, json={"title": "x"}).status_code == 428


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({}, "/title", id="no_title"),
        pytest.param(
            {"title": "x", "target_agency": "nowhere"}, "/target_agency", id="unknown_agency"
        ),
        pytest.param(
            {"title": "x", "start_date": "2026-02-01", "end_date": "2026-01-01"},
            "/end_date",
            id="end_before_start",
        ),
        pytest.param({"title": "x", "start_date": "soon"}, "/start_date", id="no_date"),
        pytest.param({"title": "x", "status": "going"}, "/status", id="unknown_status"),
        pytest.param({"title": "x", "lead_agency": CAMBS}, "/lead_agency", id="lead_agency_given"),
    ],
)
def test_creating_a_programme_rejects_invalid_fields(sign_in, body, pointer):
    answer = sign_in(CAMBS, LEADS).post("/v1/programmes", json=body)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_waves_are_listed_by_position_and_reject_repeated_names(sign_in, programme):
    api = sign_in(CAMBS, LEADS)
    wave = {"programme_id": programme["id"], "name": "Finance", "position": 2, "capacity": 6}
    created = api.post("/v1/waves", json=wave)
    assert created.status_code == 201
    assert created.json | wave == created.json
    api.post("/v1/waves", json=wave | {"name": "First", "position": 1})
    listed = api.get(f"/v1/waves?programme_id={programme['id']}").json["items"]
    assert [each["name"] for each in listed] == ["First", "Finance"]
    taken = api.post("/v1/waves", json=wave | {"name": "FINANCE"})
    assert (taken.status_code, taken.json["errors"][0]["pointer"]) == (409, "/name")
    path = f"/v1/waves/{created.json['id']}"
    etag = api.get(path).headers["ETag"]
    dates = {"start_date": "2026-05-01", "end_date": "2026-04-01"}
    answer = api.patch(path, json=dates, headers={"If-Match": etag})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/end_date")
    answer = api.patch(path, json={"position": 3}, headers={"If-Match": etag})
    assert answer.json["position"] == 3
    assert sign_in(HERTS, LEADS).get(path).status_code == 404
    assert sign_in(HERTS, LEADS).get("/v1/waves").json["items"] == []


def test_the_summary_counts_only_visible_migrations(sign_in, session, programme):
    api = sign_in(CAMBS, LEADS)
    ours = [add_system(session, CAMBS, f"Ours {i}") for i in range(3)]
    theirs = [add_system(session, BEDS, f"Theirs {i}") for i in range(2)]
    (hidden,) = add_rosters(session, CAMBS, disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    create_migration(api, programme, ours[0], planned_date="2026-11-21")
    create_migration(
        api, programme, ours[1], planned_date="2026-11-22", next_update_due="2026-11-21"
    )
    create_migration(api, programme, ours[2], stage="complete", actual_date="2026-10-01")
    create_migration(api, programme, theirs[0], stage="planned", planned_date="2026-11-22")
    create_migration(api, programme, theirs[1], stage="cancelled", planned_date="2020-01-01")
    create_migration(api, programme, hidden, planned_date="2026-01-01")
    path = f"/v1/programmes/{programme['id']}/summary"
    lead_summary = api.get(path).json
    assert lead_summary["total"] == sum_of(6)
    summary = sign_in(BEDS, LEADS).get(path)
    assert summary.status_code == 200
    summary = summary.json
    assert summary["total"] == sum_of(5, withheld=1)
    assert summary["programme_id"] == programme["id"]
    stages = {each["stage"]: each["count"]["value"] for each in summary["by_stage"]}
    assert len(stages) == 11
    assert {stage: n for stage, n in stages.items() if n} == {
        "identified": 2,
        "complete": 1,
        "planned": 1,
        "cancelled": 1,
    }
    assert summary["by_agency"] == [
        {"agency": BEDS, "count": sum_of(2)},
        {"agency": CAMBS, "count": sum_of(3, withheld=1)},
    ]
    assert summary["by_lateness"] == [
        {"lateness": "on_time", "count": sum_of(1, withheld=1)},
        {"lateness": "update_overdue", "count": sum_of(1, withheld=1)},
        {"lateness": "late", "count": sum_of(1, withheld=1)},
        {"lateness": "complete", "count": sum_of(1, withheld=1)},
        {"lateness": "cancelled", "count": sum_of(1, withheld=1)},
    ]


def test_reading_and_writing_programmes_need_their_scopes(sign_in, programme):
    reader = sign_in(CAMBS, "programmes:read")
    path = f"/v1/programmes/{programme['id']}"
    assert reader.get(path).status_code == 200
    assert reader.get(f"{path}/summary").status_code == 200
    assert reader.post("/v1/programmes", json={"title": "x"}).status_code == 403
    assert sign_in(CAMBS, "systems:read").get(path).status_code == 403
