"""Overlap groupings over HTTP: splits, mergers and their withdrawal."""

from typing import Any
from uuid import UUID

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, HERTS, add_product, add_rosters, add_system, find_overlap
from tests.rationalisation.api_decisions import draft_decision, list_refusals
from tests.rationalisation.api_overlap_groupings import (
    GROUPING_SCOPES,
    GROUPINGS,
    ids_of,
    merge_overlaps,
    read_created,
    split_overlap,
    systems_by_overlap,
    withdraw_grouping,
)

UNKNOWN = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
KENT = "kent-police"


def answers(*apis):
    """Return the full responses to clients that list overlaps and groupings."""
    return [api.get(path).data for api in apis for path in ("/v1/overlaps", GROUPINGS)]


@pytest.fixture
def beds(sign_in) -> Any:
    return sign_in(BEDS, GROUPING_SCOPES)


@pytest.fixture
def four(session):
    """Add the rosters of four forces, and return their overlap and the systems."""
    systems = add_rosters(session, BEDS, CAMBS, HERTS, KENT)
    return find_overlap(session, *systems), systems


@pytest.fixture
def two(session):
    """Add two overlaps: by the function of two rosters, and by the product of two systems."""
    quell = add_product(session, "Quellenbuch", "Korvex").id
    alike = add_rosters(session, BEDS, CAMBS)
    others = [
        add_system(session, code, name, product_id=quell)
        for code, name in ((BEDS, "Vantorel"), (HERTS, "Mirabond"))
    ]
    find_overlap(session, *alike)
    return [find_overlap(session, *alike), find_overlap(session, *others)], alike + others


def test_splitting_an_overlap_leaves_the_other_systems(session, beds, four):
    overlap, (a, b, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, c, d, title="By shift"))
    assert grouping == beds.get(f"{GROUPINGS}/{grouping['id']}").json
    assert (grouping["action"], grouping["agency"]) == ("split", BEDS)
    assert (grouping["title"], grouping["withdrawn_at"]) == ("By shift", None)
    assert set(grouping["system_ids"]) == ids_of(c, d)
    parted = {str(overlap.id): ids_of(a, b), grouping["overlap_id"]: ids_of(c, d)}
    assert systems_by_overlap(beds) == parted
    one = beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json
    assert (one["kind"], one["status"], one["agencies"]) == (
        "same_function",
        "candidate",
        [HERTS, KENT],
    )
    find_overlaps(session)
    assert systems_by_overlap(beds) == parted
    (listed,) = beds.get(GROUPINGS).json["items"]
    assert listed == grouping


def test_a_single_split_off_system_is_in_no_overlap(session, beds, four):
    overlap, (a, b, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, d))
    assert systems_by_overlap(beds) == {str(overlap.id): ids_of(a, b, c)}
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").status_code == 404
    find_overlaps(session)
    assert systems_by_overlap(beds) == {str(overlap.id): ids_of(a, b, c)}


def test_a_split_overlap_admits_later_systems(session, beds, four):
    overlap, (a, b, c, d) = four
    read_created(split_overlap(beds, overlap, c, d))
    (late,) = add_rosters(session, "essex-police")
    find_overlaps(session)
    assert systems_by_overlap(beds)[str(overlap.id)] == ids_of(a, b, late)


def test_merging_overlaps_makes_one(session, beds, two):
    (function, one_product), systems = two
    grouping = read_created(
        merge_overlaps(beds, function, one_product, kind="same_function", title="Rosters")
    )
    assert systems_by_overlap(beds) == {grouping["overlap_id"]: ids_of(*systems)}
    one = beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json
    assert (one["kind"], one["title"]) == ("same_function", "Rosters")
    assert one["agencies"] == [BEDS, CAMBS, HERTS]
    assert [each["id"] for each in beds.get("/v1/overlaps?q=rosters").json["items"]] == [one["id"]]
    find_overlaps(session)
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").json == one
    (late,) = add_rosters(session, KENT)
    find_overlaps(session)
    assert systems_by_overlap(beds) == {grouping["overlap_id"]: ids_of(*systems, late)}
    late.lifecycle = Lifecycle.DECOMMISSIONED
    SystemWriter(acting(session), systems[3].agency_id).change(systems[3], {"product_id": None})
    find_overlaps(session)
    # Only one origin is still an overlap, so the merger is no longer in effect.
    assert systems_by_overlap(beds) == {str(function.id): ids_of(*systems[:2])}


def test_merging_overlaps_of_several_kinds_needs_a_kind(beds, two):
    assert list_refusals(merge_overlaps(beds, *two[0]), 422) == [("/kind", "ambiguous")]


@pytest.mark.parametrize("action", ["split", "merge"])
def test_withdrawing_a_grouping_restores_the_overlaps(session, sign_in, beds, two, action):
    (function, one_product), (a, *_) = two
    cambs = sign_in(CAMBS, GROUPING_SCOPES)
    before = [api.get("/v1/overlaps").data for api in (beds, cambs)]
    if action == "merge":
        grouping = read_created(merge_overlaps(beds, function, one_product, kind="same_function"))
    else:
        grouping = read_created(split_overlap(beds, function, a))
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] != before
    assert withdraw_grouping(cambs, grouping).status_code == 403
    back = withdraw_grouping(beds, grouping)
    assert back.status_code == 200
    assert back.json["withdrawn_at"]
    assert back.json["system_ids"] == []
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] == before
    find_overlaps(session)
    assert [api.get("/v1/overlaps").data for api in (beds, cambs)] == before
    assert list_refusals(withdraw_grouping(beds, grouping), 409) == [("", "withdrawn")]
    # Only the agency that made the grouping still sees it, and nothing changes for others.
    assert [each["id"] for each in beds.get(GROUPINGS).json["items"]] == [grouping["id"]]
    assert cambs.get(GROUPINGS).json["items"] == []


def test_a_grouping_rejects_invalid_fields(session, beds, four):
    overlap, systems = four
    stranger = add_system(session, BEDS, "Elsewhere")
    every = [
        (split_overlap(beds, overlap), "/system_ids", "too_few"),
        (split_overlap(beds, overlap, *systems), "/system_ids", "all"),
        (split_overlap(beds, overlap, systems[0], stranger), "/system_ids/1", "unknown"),
        (
            split_overlap(beds, overlap, systems[0], overlap_ids=[UNKNOWN]),
            "/overlap_ids/0",
            "unknown",
        ),
        (merge_overlaps(beds, overlap), "/overlap_ids", "too_few"),
        (
            merge_overlaps(beds, overlap, overlap_ids=[str(overlap.id), UNKNOWN]),
            "/overlap_ids/1",
            "unknown",
        ),
    ]
    for answer, pointer, code in every:
        assert list_refusals(answer, 422) == [(pointer, code)]
    for fields, pointer in (
        ({"action": "shuffle"}, "/action"),
        ({"reason": " "}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"overlap_ids": ["x"]}, "/overlap_ids/0"),
        ({"overlap_ids": [str(overlap.id)] * 2}, "/overlap_ids"),
        ({"colour": "red"}, "/colour"),
    ):
        refusals = list_refusals(split_overlap(beds, overlap, systems[0], **fields), 422)
        assert any(refused.startswith(pointer) for refused, _ in refusals), refusals


def test_a_split_takes_one_overlap_and_a_merge_takes_no_systems(beds, two):
    both, (a, *_) = two
    every = [str(each.id) for each in both]
    assert list_refusals(split_overlap(beds, both[0], a, overlap_ids=every), 422) == [
        ("/overlap_ids", "not_one")
    ]
    assert list_refusals(merge_overlaps(beds, *both, system_ids=[str(a.id)]), 422) == [
        ("/system_ids", "unexpected")
    ]


def test_only_a_member_agency_groups_overlaps(session, sign_in):
    systems = add_rosters(session, BEDS, CAMBS)
    overlap = find_overlap(session, *systems)
    assert split_overlap(sign_in(HERTS, GROUPING_SCOPES), overlap, systems[0]).status_code == 403
    reader = sign_in(BEDS, "overlaps:read systems:read")
    assert split_overlap(reader, overlap, systems[0]).status_code == 403
    assert sign_in(BEDS, "systems:read").get(GROUPINGS).status_code == 403
    assert sign_in(BEDS, GROUPING_SCOPES).get(f"{GROUPINGS}/{UNKNOWN}").status_code == 404
    assert (
        sign_in(BEDS, GROUPING_SCOPES).post(f"{GROUPINGS}/{UNKNOWN}/withdrawal").status_code == 404
    )


def test_a_grouping_treats_hidden_records_as_unknown(session, sign_in):
    hidden = add_rosters(session, CAMBS, HERTS, disclosure=Disclosure.OWNER_ONLY)
    ours = add_rosters(session, BEDS)
    overlap = find_overlap(session, *ours, *hidden)
    beds = sign_in(BEDS, GROUPING_SCOPES)
    refusals = [("/overlap_ids/0", "unknown")]
    assert list_refusals(split_overlap(beds, overlap, ours[0]), 422) == refusals
    seen = add_rosters(session, KENT)
    find_overlaps(session)
    assert list_refusals(split_overlap(beds, overlap, hidden[0]), 422) == [
        ("/system_ids/0", "unknown")
    ]
    assert list_refusals(split_overlap(beds, overlap, ours[0], *seen), 422) == [
        ("/system_ids", "all")
    ]


def test_a_grouping_by_a_hidden_agency_changes_nothing_for_others(session, sign_in):
    seen = add_rosters(session, BEDS, CAMBS, KENT)
    hidden = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    overlap = find_overlap(session, *seen, *hidden)
    beds, herts = sign_in(BEDS, GROUPING_SCOPES), sign_in(HERTS, GROUPING_SCOPES)
    before = answers(beds)
    grouping = read_created(split_overlap(herts, overlap, seen[2], *hidden))
    assert answers(beds) == before
    assert beds.get(f"{GROUPINGS}/{grouping['id']}").status_code == 404
    assert beds.get(f"/v1/overlaps/{grouping['overlap_id']}").status_code == 404
    assert withdraw_grouping(beds, grouping).status_code == 404
    find_overlaps(session)
    assert answers(beds) == before
    assert len(systems_by_overlap(herts)) == 2
    SystemWriter(acting(session), hidden[0].agency_id).change(
        hidden[0], {"disclosure": Disclosure.ALL_AGENCIES}
    )
    session.commit()
    assert answers(beds) == answers(herts)


def test_splitting_off_a_hidden_system_changes_nothing_for_others(session, sign_in):
    apart = add_rosters(session, BEDS, CAMBS, HERTS)
    hidden = add_system(
        session, BEDS, "Night", capabilities=["E04"], disclosure=Disclosure.OWNER_ONLY
    )
    overlap = find_overlap(session, *apart, hidden)
    cambs, beds = sign_in(CAMBS, GROUPING_SCOPES), sign_in(BEDS, GROUPING_SCOPES)
    before = answers(cambs)
    read_created(split_overlap(beds, overlap, hidden))
    assert answers(cambs) == before
    find_overlaps(session)
    assert answers(cambs) == before
    assert systems_by_overlap(beds) == {str(overlap.id): ids_of(*apart)}


def test_merging_with_a_hidden_overlap_changes_nothing_for_others(session, sign_in, beds):
    quell = add_product(session, "Quellenbuch", "Korvex").id
    alike = add_rosters(session, BEDS, CAMBS)
    others = [
        add_system(
            session, code, f"Shift {code}", product_id=quell, disclosure=Disclosure.OWNER_ONLY
        )
        for code in (HERTS, KENT)
    ]
    SystemWriter(acting(session), others[0].agency_id).change(
        others[0], {"disclosure": Disclosure.ALL_AGENCIES}
    )
    both = [find_overlap(session, *alike), find_overlap(session, *others)]
    (late,) = add_rosters(session, KENT)
    find_overlaps(session)
    kent = sign_in(KENT, GROUPING_SCOPES)
    before = answers(beds)
    assert len(systems_by_overlap(beds)) == 1
    grouping = read_created(merge_overlaps(kent, *both, kind="same_function"))
    assert answers(beds) == before
    find_overlaps(session)
    assert answers(beds) == before
    assert systems_by_overlap(kent) == {grouping["overlap_id"]: ids_of(*alike, *others, late)}


def test_a_manual_group_can_be_reviewed_and_decided(session, sign_in, beds, four):
    overlap, (_, _, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, c, d))
    herts = sign_in(HERTS, GROUPING_SCOPES)
    path = f"/v1/overlaps/{grouping['overlap_id']}"
    body = {"status": "confirmed", "reason": "They do the same."}

    def review(api, **fields):
        etag = api.get(path).headers["ETag"]
        return api.patch(path, json=body | fields, headers={"If-Match": etag})

    assert review(beds).status_code == 403
    answer = review(herts)
    assert (answer.status_code, answer.json["status"]) == (200, "confirmed")
    group = session.get_one(Overlap, UUID(grouping["overlap_id"]))
    decision = draft_decision(herts, group, c, d)
    assert decision["overlap_id"] == grouping["overlap_id"]
    find_overlaps(session)
    assert herts.get(path).json["status"] == "confirmed"
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 200
    withdraw_grouping(beds, grouping)
    assert herts.get(path).status_code == 404
    assert herts.get(f"/v1/decisions/{decision['id']}").status_code == 200


def test_a_rejected_manual_group_becomes_a_candidate_when_a_member_changes(
    session, sign_in, beds, four
):
    overlap, (_, _, c, d) = four
    grouping = read_created(split_overlap(beds, overlap, c, d))
    herts = sign_in(HERTS, GROUPING_SCOPES)
    path = f"/v1/overlaps/{grouping['overlap_id']}"
    etag = herts.get(path).headers["ETag"]
    body = {"status": "rejected", "reason": "No."}
    assert herts.patch(path, json=body, headers={"If-Match": etag}).json["status"] == "rejected"
    find_overlaps(session)
    assert herts.get(path).json["status"] == "rejected"
    SystemWriter(acting(session), d.agency_id).change(d, {"name": "Duty roster"})
    find_overlaps(session)
    assert herts.get(path).json["status"] == "candidate"


def test_a_manual_group_cannot_be_merged_again(session, beds, four):
    overlap, (_, b, c, d) = four
    read_created(split_overlap(beds, overlap, c, d))
    again = read_created(split_overlap(beds, overlap, b))
    assert list(systems_by_overlap(beds).values()) == [ids_of(c, d)]
    withdraw_grouping(beds, again)
    group = systems_by_overlap(beds)
    (split_off,) = [UUID(each) for each, systems in group.items() if systems == ids_of(c, d)]
    answer = merge_overlaps(beds, overlap, session.get_one(Overlap, split_off))
    assert list_refusals(answer, 409) == [("/overlap_ids", "made_by_hand")]
    assert systems_by_overlap(beds) == group
