"""Overlaps over HTTP: runs that find them, what each agency sees, and reviews."""

import pytest
import sqlalchemy as sa

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember, OverlapReview
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle
from tests.agencies.api_agreements import agreement
from tests.contexts import acting
from tests.factories import (
    BEDS,
    CAMBS,
    HERTS,
    add_capability,
    add_product,
    add_rosters,
    add_system,
    find_overlap,
)

READS = "overlaps:read overlaps:write systems:read"


def listed(api, query=""):
    answer = api.get(f"/v1/overlaps?total=true{query}")
    assert answer.status_code == 200, answer.json
    assert answer.json["page"]["total"] == len(answer.json["items"])
    return answer.json["items"]


def patch(api, identity, status, reason="One and the same."):
    etag = api.get(f"/v1/overlaps/{identity}").headers["ETag"]
    return api.patch(
        f"/v1/overlaps/{identity}",
        json={"status": status, "reason": reason},
        headers={"If-Match": etag},
    )


def test_an_overlap_run_finds_systems_of_one_product(sign_in, session, run_jobs):
    api = sign_in(BEDS, READS)
    dms = add_product(session, "NEC Duty Management System", "NEC", "Northgate DMS")
    ours = add_system(
        session, BEDS, "Duties", product_name="Northgate DMS", supplier_name="NEC Limited"
    )
    theirs = add_system(session, CAMBS, "Roster", product_id=dms.id)
    add_system(session, HERTS, "Something else", product_name="Bespoke")
    response = api.post("/v1/overlaps/runs")
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/jobs/{response.json['id']}"
    assert listed(api) == []
    run_jobs()
    job = api.get(response.headers["Location"]).json
    assert (job["status"], job["progress_done"], job["progress_total"]) == ("succeeded", 4, 4)
    assert job["result"] == {"overlaps": 1, "by_kind": {"same_product": 1}}
    (overlap,) = listed(api)
    assert overlap["kind"] == "same_product"
    assert overlap["title"] == "NEC Duty Management System"
    assert overlap["product_id"] == str(dms.id)
    assert (overlap["status"], overlap["capability"], overlap["reviewed_at"]) == (
        "candidate",
        None,
        None,
    )
    assert overlap["agencies"] == [BEDS, CAMBS]
    assert overlap["member_count"] == 2
    assert overlap["score"] == 0.95
    registered = "the registered product NEC Duty Management System of NEC."
    assert overlap["members"] == [
        {
            "system_id": str(ours.id),
            "system_name": "Duties",
            "agency": BEDS,
            "lifecycle": "live",
            "score": 1.0,
            "evidence": [
                f'The product "Northgate DMS" is {registered}',
                'The supplier "NEC Limited" is registered as NEC.',
            ],
        },
        {
            "system_id": str(theirs.id),
            "system_name": "Roster",
            "agency": CAMBS,
            "lifecycle": "live",
            "score": 0.9,
            "evidence": [f"The record names {registered}"],
        },
    ]
    one = api.get(f"/v1/overlaps/{overlap['id']}")
    assert one.json == overlap


def test_overlaps_are_filtered_sorted_and_searched(sign_in, session):
    api = sign_in(BEDS, READS)
    add_capability(session, "E01", "Finance")
    add_capability(session, "E02", "Human resources")
    for code in (BEDS, CAMBS):
        add_system(session, code, "Ledger", capabilities=["E01"], product_name="Agresso")
    for code in (BEDS, CAMBS, HERTS):
        add_system(session, code, "Staff record", capabilities=["E02"])
    find_overlaps(session)
    assert {each["title"] for each in listed(api)} == {"Finance", "Human resources", "agresso"}
    assert [e["member_count"] for e in listed(api, "&sort=-member_count")] == [3, 2, 2]
    assert listed(api, "&sort=score,title")[0]["title"] == "agresso"
    assert [e["capability"] for e in listed(api, "&capability=E02")] == ["E02"]
    assert [e["title"] for e in listed(api, "&kind=same_product")] == ["agresso"]
    assert len(listed(api, "&status=candidate")) == 3
    assert listed(api, "&status=confirmed") == []
    assert [e["capability"] for e in listed(api, f"&agencies={HERTS}")] == ["E02"]
    assert [e["title"] for e in listed(api, "&q=human")] == ["Human resources"]
    assert [e["member_count"] for e in listed(api, "&member_count__gte=3")] == [3]
    first = api.get("/v1/overlaps?limit=1&sort=-score,-member_count").json
    rest = api.get(
        f"/v1/overlaps?sort=-score,-member_count&cursor={first['page']['next_cursor']}"
    ).json
    assert len(rest["items"]) == 2
    assert first["items"][0]["id"] not in {each["id"] for each in rest["items"]}


def test_overlaps_of_a_system_are_those_that_show_it_as_a_member(sign_in, session):
    rosters = add_rosters(session, BEDS, CAMBS)
    hidden = add_system(
        session,
        HERTS,
        "Hidden roster",
        capabilities=["E04"],
        disclosure=Disclosure.OWNER_ONLY,
    )
    for code in (BEDS, CAMBS):
        add_system(session, code, "Control room", product_name="Vision")
    overlap = find_overlap(session, *rosters, hidden)
    beds, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    assert len(listed(beds)) == 2
    (shown,) = listed(beds, f"&system_id={rosters[0].id}")
    assert shown["id"] == str(overlap.id)
    both = f"&system_id={rosters[0].id}&system_id={rosters[1].id}"
    assert [each["id"] for each in listed(beds, both)] == [str(overlap.id)]
    assert listed(beds, f"&system_id={hidden.id}") == []
    assert [each["id"] for each in listed(herts, f"&system_id={hidden.id}")] == [str(overlap.id)]


def test_overlaps_are_narrowed_to_your_agency_and_to_an_agreement(sign_in, session):
    rosters = add_rosters(session, BEDS, CAMBS, HERTS)
    for code, disclosure in ((CAMBS, Disclosure.OWNER_ONLY), (BEDS, None), (HERTS, None)):
        visible = {"disclosure": disclosure} if disclosure else {}
        add_system(session, code, "Control room", product_name="Vision", **visible)
    find_overlap(session, *rosters)
    beds, cambs, herts = (sign_in(code, f"{READS} agencies:write") for code in (BEDS, CAMBS, HERTS))
    made = agreement(beds, CAMBS)

    def titles(api, query):
        return sorted(each["title"] for each in listed(api, query))

    function, product = "Rostering", "vision"
    assert titles(beds, "&of_your_agency=true") == [function, product]
    assert titles(beds, f"&of_your_agency=true&agencies={CAMBS}") == [function]
    assert titles(beds, "&of_your_agency=false") == []
    # Cambridgeshire's second system is hidden, so the product is between no two parties.
    assert titles(beds, f"&agreement_id={made['id']}") == [function]
    assert titles(cambs, f"&agreement_id={made['id']}") == [function, product]
    assert titles(herts, f"&agreement_id={made['id']}") == []
    assert titles(beds, f"&agreement_id={rosters[0].id}") == []


def test_listing_overlaps_rejects_invalid_parameters(sign_in):
    api = sign_in(BEDS, READS)
    for query in ("status=perhaps", "score=1", "colour=red", "sort=members", "member_count=many"):
        assert api.get(f"/v1/overlaps?{query}").status_code == 400, query


def test_hidden_members_of_an_overlap_are_not_shown(sign_in, session):
    seen = add_rosters(session, BEDS, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = find_overlap(session, *seen, hidden)
    (mine,) = listed(sign_in(BEDS, READS))
    assert {each["system_id"] for each in mine["members"]} == {str(each.id) for each in seen}
    assert (mine["member_count"], mine["agencies"]) == (2, [BEDS, CAMBS])
    assert listed(sign_in(BEDS, READS), f"&agencies={HERTS}") == []
    (owners,) = listed(sign_in(HERTS, READS))
    assert (owners["id"], owners["member_count"]) == (str(overlap.id), 3)


def test_an_overlap_with_one_visible_agency_is_not_shown(sign_in, session, run_jobs):
    add_system(session, BEDS, "Second roster", capabilities=[add_capability(session).code])
    ours = add_rosters(session, BEDS)
    (hidden,) = add_rosters(session, CAMBS, disclosure=Disclosure.OWNER_ONLY)
    api, owner = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    job = api.post("/v1/overlaps/runs").json["id"]
    run_jobs()
    assert api.get(f"/v1/jobs/{job}").json["result"] == {"overlaps": 0, "by_kind": {}}
    overlap = session.scalars(sa.select(Overlap)).one()
    assert len(overlap.members) == len([*ours, hidden]) + 1
    assert listed(api) == []
    answer = api.get(f"/v1/overlaps/{overlap.id}")
    assert answer.status_code == 404
    refused = api.patch(
        f"/v1/overlaps/{overlap.id}",
        json={"status": "confirmed", "reason": "x"},
        headers={"If-Match": '"x"'},
    )
    assert refused.status_code == 404
    assert len(listed(owner)) == 1


def test_a_run_keeps_overlap_ids_and_removes_ended_overlaps(sign_in, session):
    one, other = add_rosters(session, BEDS, CAMBS)
    before = find_overlap(session, one, other).id
    assert find_overlap(session, one, other).id == before
    assert session.scalar(sa.select(sa.func.count()).select_from(OverlapMember)) == 2
    other.lifecycle = Lifecycle.DECOMMISSIONED
    session.flush()
    find_overlaps(session)
    assert session.scalars(sa.select(Overlap)).all() == []
    assert session.scalars(sa.select(OverlapMember)).all() == []


def test_a_reviewed_overlap_returns_with_its_members(sign_in, session):
    one, other = add_rosters(session, BEDS, CAMBS)
    identity = find_overlap(session, one, other).id
    api = sign_in(BEDS, READS)
    assert patch(api, identity, "confirmed").status_code == 200
    writer = SystemWriter(acting(session), other.agency_id)
    writer.change(other, {"capabilities": []})
    find_overlaps(session)
    assert api.get(f"/v1/overlaps/{identity}").status_code == 404
    writer.change(other, {"capabilities": ["E04"]})
    assert find_overlap(session, one, other).id == identity
    assert api.get(f"/v1/overlaps/{identity}").json["status"] == "confirmed"


def test_a_member_agency_confirms_an_overlap_once(sign_in, session):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    answer = patch(sign_in(CAMBS, READS), overlap.id, "confirmed", "Both roster officers.")
    assert answer.status_code == 200
    assert answer.json["status"] == "confirmed"
    assert answer.json["reason"] == "Both roster officers."
    assert answer.json["reviewed_by"] == CAMBS
    assert answer.json["reviewed_at"]
    again = patch(sign_in(BEDS, READS), overlap.id, "rejected")
    assert again.status_code == 409
    assert again.json["errors"][0]["pointer"] == "/status"


def test_only_a_member_agency_reviews_an_overlap(sign_in, session):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    assert patch(sign_in(HERTS, READS), overlap.id, "confirmed").status_code == 403
    assert session.scalars(sa.select(OverlapReview)).all() == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({"status": "decided", "reason": "x"}, "/status", id="decided"),
        pytest.param({"status": "candidate", "reason": "x"}, "/status", id="candidate"),
        pytest.param({"reason": "x"}, "/status", id="no_status"),
        pytest.param({"status": "rejected"}, "/reason", id="no_reason"),
        pytest.param({"status": "rejected", "reason": "  "}, "/reason", id="blank_reason"),
        pytest.param({"status": "rejected", "reason": None}, "/reason", id="null_reason"),
        pytest.param({"status": "rejected", "reason": "x", "score": 1}, "/score", id="score_given"),
    ],
)
def test_reviewing_an_overlap_rejects_invalid_fields(sign_in, session, body, pointer):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    api = sign_in(BEDS, READS)
    etag = api.get(f"/v1/overlaps/{overlap.id}").headers["ETag"]
    answer = api.patch(f"/v1/overlaps/{overlap.id}", json=body, headers={"If-Match": etag})
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_reviewing_an_overlap_needs_the_current_etag(sign_in, session):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    api, body = sign_in(BEDS, READS), {"status": "confirmed", "reason": "x"}
    path = f"/v1/overlaps/{overlap.id}"
    assert api.patch(path, json=body).status_code == 428
    assert api.patch(path, json=body, headers={"If-Match": '"old"'}).status_code == 412


def test_a_rejected_overlap_becomes_a_candidate_when_a_member_changes(sign_in, session):
    one, other = add_rosters(session, BEDS, CAMBS)
    overlap = find_overlap(session, one, other)
    api = sign_in(BEDS, READS)
    assert patch(api, overlap.id, "rejected", "Fire crews, not officers.").status_code == 200
    find_overlaps(session)
    path = f"/v1/overlaps/{overlap.id}"
    assert api.get(path).json["status"] == "rejected"
    assert patch(api, overlap.id, "rejected").status_code == 409
    SystemWriter(acting(session), other.agency_id).change(other, {"name": "Duty roster"})
    find_overlaps(session)
    back = api.get(path).json
    assert (back["status"], back["reason"]) == ("candidate", "Fire crews, not officers.")
    assert len(listed(api, "&status=candidate")) == 1
    assert patch(api, overlap.id, "confirmed").json["status"] == "confirmed"


def test_a_rejected_overlap_can_be_confirmed(sign_in, session):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    assert patch(sign_in(BEDS, READS), overlap.id, "rejected").status_code == 200
    confirmed = patch(sign_in(CAMBS, READS), overlap.id, "confirmed", "The same rota after all.")
    assert (confirmed.json["status"], confirmed.json["reviewed_by"]) == ("confirmed", CAMBS)


def test_a_review_by_a_hidden_agency_is_not_shown(sign_in, session):
    seen = add_rosters(session, BEDS, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = find_overlap(session, *seen, hidden)
    api, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    before = api.get(f"/v1/overlaps/{overlap.id}")
    assert patch(herts, overlap.id, "rejected").json["reviewed_by"] == HERTS
    after = api.get(f"/v1/overlaps/{overlap.id}")
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])
    assert patch(api, overlap.id, "rejected").status_code == 200
    SystemWriter(acting(session), hidden.agency_id).change(hidden, {"name": "Hidden roster"})
    find_overlaps(session)
    assert api.get(f"/v1/overlaps/{overlap.id}").json["status"] == "rejected"
    assert herts.get(f"/v1/overlaps/{overlap.id}").json["status"] == "candidate"


def test_an_administrator_cannot_start_an_overlap_run(sign_in):
    assert sign_in(None, f"admin {READS}").post("/v1/overlaps/runs").status_code == 403


def test_reading_running_and_reviewing_overlaps_need_their_scopes(sign_in, session):
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS))
    reader = sign_in(BEDS, "overlaps:read")
    assert reader.get("/v1/overlaps").status_code == 200
    assert reader.post("/v1/overlaps/runs").status_code == 403
    assert patch(reader, overlap.id, "confirmed").status_code == 403
    assert sign_in(BEDS, "systems:read").get("/v1/overlaps").status_code == 403
