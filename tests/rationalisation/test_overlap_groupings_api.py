"""Groups that people make: overlaps split and merged by hand, and put back."""

from typing import Any
from uuid import UUID

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.runs import find_overlaps
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle
from tests.rationalisation.deciding import drafted, refused
from tests.rationalisation.regrouping import (
    GROUPINGS,
    READS,
    ids,
    made,
    merge,
    overlaps_of,
    split,
    withdraw,
)
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, overlap_of, product, rosters, system

UNKNOWN = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
KENT = "kent-police"


def answers(*apis):
    """All that clients are told of overlaps and of groups, as it was sent."""
    return [api.get(path).data for api in apis for path in ("/v1/overlaps", GROUPINGS)]


@pytest.fixture
def beds(sign_in) -> Any:
    return sign_in(BEDS, READS)


@pytest.fixture
def four(session):
    """Four forces' rosters, and their overlap."""
    systems = rosters(session, BEDS, CAMBS, HERTS, KENT)
    return overlap_of(session, *systems), systems


@pytest.fixture
def two(session):
    """The overlap of two forces' rosters, and that of the product of two others."""
    quell = product(session, "Quellenbuch", "Korvex").id
    alike = rosters(session, BEDS, CAMBS)
    others = [
        system(session, code, name, product_id=quell)
        for code, name in ((BEDS, "Vantorel"), (HERTS, "Mirabond"))
    ]
    overlap_of(session, *alike)
    return [overlap_of(session, *alike), overlap_of(session, *others)], alike + others


def test_systems_that_are_split_off_leave_the_rest(session, beds, four):
    overlap, (a, b, c, d) = four
    grouping = made(split(beds, overlap, c, d, title="By shift"))
    assert grouping == beds.get(f"{GROUPINGS}/{grouping['id']}").json
    assert (grouping["making"], grouping["agency"]) == ("split", BEDS)
    assert (grouping["title"], grouping["withdrawn_at"]) == ("By shift", None)
    assert set(grouping["system_ids"]) == ids(c, d)
    parted = {str(overlap.id): ids(a, b), grouping["overlap_id"]: ids(c, d)}
    assert overlaps_of(beds) == parted
    one = beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json
    assert (one["kind"], one["status"], one["agencies"]) == (
        "same_function",
        "candidate",
        [HERTS, KENT],
    )
    find_overlaps(session)
    assert overlaps_of(beds) == parted
    (listed,) = beds.get(GROUPINGS).json["items"]
    assert listed == grouping


def test_one_system_that_is_split_off_is_in_no_overlap(session, beds, four):
    overlap, (a, b, c, d) = four
    grouping = made(split(beds, overlap, d))
    assert overlaps_of(beds) == {str(overlap.id): ids(a, b, c)}
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").status_code == 404
    find_overlaps(session)
    assert overlaps_of(beds) == {str(overlap.id): ids(a, b, c)}


def test_a_split_overlap_takes_in_who_joins_later(session, beds, four):
    overlap, (a, b, c, d) = four
    made(split(beds, overlap, c, d))
    (late,) = rosters(session, "essex-police")
    find_overlaps(session)
    assert overlaps_of(beds)[str(overlap.id)] == ids(a, b, late)


def test_merged_overlaps_are_one(session, beds, two):
    (function, one_product), systems = two
    grouping = made(merge(beds, function, one_product, kind="same_function", title="Rosters"))
    assert overlaps_of(beds) == {grouping["overlap_id"]: ids(*systems)}
    one = beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json
    assert (one["kind"], one["title"]) == ("same_function", "Rosters")
    assert one["agencies"] == [BEDS, CAMBS, HERTS]
    assert [each["id"] for each in beds.get("/v1/overlaps?q=rosters").json["items"]] == [one["id"]]
    find_overlaps(session)
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json == one
    (late,) = rosters(session, KENT)
    find_overlaps(session)
    assert overlaps_of(beds) == {grouping["overlap_id"]: ids(*systems, late)}
    late.lifecycle = Lifecycle.DECOMMISSIONED
    SystemWriter(session, systems[3].agency_id).change(systems[3], {"product_id": None})
    find_overlaps(session)
    # What is left of two origins is one: that is the overlap that there was before.
    assert overlaps_of(beds) == {str(function.id): ids(*systems[:2])}


def test_what_overlaps_of_several_kinds_have_in_common_is_to_be_said(beds, two):
    assert refused(merge(beds, *two[0]), 422) == [("/kind", "ambiguous")]


@pytest.mark.parametrize("making", ["split", "merge"])
def test_what_is_withdrawn_is_as_it_was(session, sign_in, beds, two, making):
    (function, one_product), (a, *_) = two
    cambs = sign_in(CAMBS, READS)
    before = [api.get("/v1/overlaps").data for api in (beds, cambs)]
    if making == "merge":
        grouping = made(merge(beds, function, one_product, kind="same_function"))
    else:
        grouping = made(split(beds, function, a))
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] != before
    assert withdraw(cambs, grouping).status_code == 403
    back = withdraw(beds, grouping)
    assert back.status_code == 200
    assert back.json["withdrawn_at"]
    assert back.json["system_ids"] == []
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] == before
    find_overlaps(session)
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] == before
    assert refused(withdraw(beds, grouping), 409) == [("", "withdrawn")]
    # It is a memory of who made it; for others nothing is as it was not before.
    assert [each["id"] for each in beds.get(GROUPINGS).json["items"]] == [grouping["id"]]
    assert cambs.get(GROUPINGS).json["items"] == []


def test_what_does_not_fit_is_refused(session, beds, four):
    overlap, systems = four
    stranger = system(session, BEDS, "Elsewhere")
    every = [
        (split(beds, overlap), "/system_ids", "too_few"),
        (split(beds, overlap, *systems), "/system_ids", "all"),
        (split(beds, overlap, systems[0], stranger), "/system_ids/1", "unknown"),
        (split(beds, overlap, systems[0], overlap_ids=[UNKNOWN]), "/overlap_ids/0", "unknown"),
        (merge(beds, overlap), "/overlap_ids", "too_few"),
        (merge(beds, overlap, overlap_ids=[str(overlap.id), UNKNOWN]), "/overlap_ids/1", "unknown"),
    ]
    for answer, pointer, code in every:
        assert refused(answer, 422) == [(pointer, code)]
    for fields, pointer in (
        ({"making": "shuffle"}, "/making"),
        ({"reason": " "}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"overlap_ids": ["x"]}, "/overlap_ids/0"),
        ({"overlap_ids": [str(overlap.id)] * 2}, "/overlap_ids"),
        ({"colour": "red"}, "/colour"),
    ):
        refusals = refused(split(beds, overlap, systems[0], **fields), 422)
        assert any(said.startswith(pointer) for said, _ in refusals), refusals


def test_one_overlap_is_split_and_no_system_is_merged(beds, two):
    both, (a, *_) = two
    every = [str(each.id) for each in both]
    assert refused(split(beds, both[0], a, overlap_ids=every), 422) == [("/overlap_ids", "not_one")]
    assert refused(merge(beds, *both, system_ids=[str(a.id)]), 422) == [
        ("/system_ids", "unexpected")
    ]


def test_only_who_takes_part_groups(session, sign_in):
    systems = rosters(session, BEDS, CAMBS)
    overlap = overlap_of(session, *systems)
    assert split(sign_in(HERTS, READS), overlap, systems[0]).status_code == 403
    reader = sign_in(BEDS, "overlaps:read systems:read")
    assert split(reader, overlap, systems[0]).status_code == 403
    assert sign_in(BEDS, "systems:read").get(GROUPINGS).status_code == 403
    assert sign_in(BEDS, READS).get(f"{GROUPINGS}/{UNKNOWN}").status_code == 404
    assert sign_in(BEDS, READS).post(f"{GROUPINGS}/{UNKNOWN}/withdrawal").status_code == 404


def test_what_is_hidden_is_as_good_as_absent(session, sign_in):
    hidden = rosters(session, CAMBS, HERTS, disclosure=Disclosure.OWNER_ONLY)
    ours = rosters(session, BEDS)
    overlap = overlap_of(session, *ours, *hidden)
    beds = sign_in(BEDS, READS)
    refusals = [("/overlap_ids/0", "unknown")]
    assert refused(split(beds, overlap, ours[0]), 422) == refusals
    seen = rosters(session, KENT)
    find_overlaps(session)
    assert refused(split(beds, overlap, hidden[0]), 422) == [("/system_ids/0", "unknown")]
    assert refused(split(beds, overlap, ours[0], *seen), 422) == [("/system_ids", "all")]


def test_who_does_not_see_the_makers_systems_is_told_nothing(session, sign_in):
    seen = rosters(session, BEDS, CAMBS, KENT)
    hidden = rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = overlap_of(session, *seen, *hidden)
    beds, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    before = answers(beds)
    grouping = made(split(herts, overlap, seen[2], *hidden))
    assert answers(beds) == before
    assert beds.get(f"{GROUPINGS}/{grouping['id']}").status_code == 404
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").status_code == 404
    assert withdraw(beds, grouping).status_code == 404
    find_overlaps(session)
    assert answers(beds) == before
    assert len(overlaps_of(herts)) == 2
    SystemWriter(session, hidden[0].agency_id).change(
        hidden[0], {"disclosure": Disclosure.ALL_AGENCIES}
    )
    session.commit()
    assert answers(beds) == answers(herts)


def test_who_sees_one_side_of_it_is_told_nothing(session, sign_in):
    apart = rosters(session, BEDS, CAMBS, HERTS)
    hidden = system(session, BEDS, "Night", capabilities=["E04"], disclosure=Disclosure.OWNER_ONLY)
    overlap = overlap_of(session, *apart, hidden)
    cambs, beds = sign_in(CAMBS, READS), sign_in(BEDS, READS)
    before = answers(cambs)
    made(split(beds, overlap, hidden))
    assert answers(cambs) == before
    find_overlaps(session)
    assert answers(cambs) == before
    assert overlaps_of(beds) == {str(overlap.id): ids(*apart)}


def test_who_sees_one_of_what_is_merged_is_told_nothing(session, sign_in, beds):
    quell = product(session, "Quellenbuch", "Korvex").id
    alike = rosters(session, BEDS, CAMBS)
    others = [
        system(session, code, f"Shift {code}", product_id=quell, disclosure=Disclosure.OWNER_ONLY)
        for code in (HERTS, KENT)
    ]
    SystemWriter(session, others[0].agency_id).change(
        others[0], {"disclosure": Disclosure.ALL_AGENCIES}
    )
    both = [overlap_of(session, *alike), overlap_of(session, *others)]
    (late,) = rosters(session, KENT)
    find_overlaps(session)
    kent = sign_in(KENT, READS)
    before = answers(beds)
    assert len(overlaps_of(beds)) == 1
    grouping = made(merge(kent, *both, kind="same_function"))
    assert answers(beds) == before
    find_overlaps(session)
    assert answers(beds) == before
    assert overlaps_of(kent) == {grouping["overlap_id"]: ids(*alike, *others, late)}


def test_a_group_made_by_hand_is_reviewed_and_decided(session, sign_in, beds, four):
    overlap, (_, _, c, d) = four
    grouping = made(split(beds, overlap, c, d))
    herts = sign_in(HERTS, READS)
    path = f"/v1/overlaps/{grouping['overlap_id']}"
    body = {"status": "confirmed", "reason": "They do the same."}

    def review(api, **fields):
        etag = api.get(path).headers["ETag"]
        return api.patch(path, json=body | fields, headers={"If-Match": etag})

    assert review(beds).status_code == 403
    answer = review(herts)
    assert (answer.status_code, answer.json["status"]) == (200, "confirmed")
    group = session.get_one(Overlap, UUID(grouping["overlap_id"]))
    decision = drafted(herts, group, c, d)
    assert decision["overlap_id"] == grouping["overlap_id"]
    find_overlaps(session)
    assert herts.get(path).json["status"] == "confirmed"
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 200
    withdraw(beds, grouping)
    assert herts.get(path).status_code == 404
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 200


def test_a_rejected_group_is_proposed_again_when_a_member_changed(session, sign_in, beds, four):
    overlap, (_, _, c, d) = four
    grouping = made(split(beds, overlap, c, d))
    herts = sign_in(HERTS, READS)
    path = f"/v1/overlaps/{grouping['overlap_id']}"
    etag = herts.get(path).headers["ETag"]
    body = {"status": "rejected", "reason": "No."}
    assert herts.patch(path, json=body, headers={"If-Match": etag}).json["status"] == "rejected"
    find_overlaps(session)
    assert herts.get(path).json["status"] == "rejected"
    SystemWriter(session, d.agency_id).change(d, {"name": "Duty roster"})
    find_overlaps(session)
    assert herts.get(path).json["status"] == "candidate"


def test_no_group_is_made_of_one_made_by_hand(session, beds, four):
    overlap, (_, b, c, d) = four
    made(split(beds, overlap, c, d))
    again = made(split(beds, overlap, b))
    assert list(overlaps_of(beds).values()) == [ids(c, d)]
    withdraw(beds, again)
    group = overlaps_of(beds)
    (split_off,) = [UUID(each) for each, systems in group.items() if systems == ids(c, d)]
    answer = merge(beds, overlap, session.get_one(Overlap, split_off))
    assert refused(answer, 409) == [("/overlap_ids", "made_by_hand")]
    assert overlaps_of(beds) == group
