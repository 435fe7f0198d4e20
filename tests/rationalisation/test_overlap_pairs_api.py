"""Pairs over HTTP: overlaps by similar names, and comparisons within an overlap."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.operations import SystemWriter
from tests.agencies.api_agreements import agree, agreement, grant
from tests.contexts import acting
from tests.factories import (
    BEDS,
    CAMBS,
    HERTS,
    READ_WRITE,
    add_capability,
    add_product,
    add_rosters,
    add_system,
)

READS = f"{READ_WRITE} overlaps:read overlaps:write agencies:read agencies:write"
ONLY_OVERLAPS = "overlaps:read overlaps:write"


def listed(api, query=""):
    answer = api.get(f"/v1/overlaps?total=true{query}")
    assert answer.status_code == 200, answer.json
    assert answer.json["page"]["total"] == len(answer.json["items"])
    return answer.json["items"]


def names_of(overlap):
    return {each["system_name"] for each in overlap["members"]}


def pairs(api, overlap, **query):
    answer = api.get(f"/v1/overlaps/{overlap['id']}/pairs", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def review(api, overlap, status, reason="We looked."):
    path = f"/v1/overlaps/{overlap['id']}"
    etag = api.get(path).headers["ETag"]
    body = {"status": status, "reason": reason}
    return api.patch(path, json=body, headers={"If-Match": etag})


def rename(session, each, **changes: Any):
    SystemWriter(acting(session), each.agency_id).change(each, changes)
    find_overlaps(session)


def test_similar_names_make_an_overlap(sign_in, session):
    api = sign_in(BEDS, READS)
    ours = add_system(session, BEDS, "Zephyrine roster")
    theirs = add_system(session, CAMBS, "Zephyrine duty roster")
    add_system(session, HERTS, "Payments")
    find_overlaps(session)
    (overlap,) = listed(api)
    assert (overlap["kind"], overlap["status"]) == ("same_product", "candidate")
    assert overlap["title"] == "Zephyrine roster / Zephyrine duty roster"
    assert overlap["evidence"] == ['Both names contain "roster" and "zephyrine".']
    assert 0.3 <= overlap["score"] < 1
    assert {each["system_id"] for each in overlap["members"]} == {str(ours.id), str(theirs.id)}
    assert {each["score"] for each in overlap["members"]} == {overlap["score"]}
    assert (overlap["agencies"], overlap["member_count"]) == ([BEDS, CAMBS], 2)
    assert [each["id"] for each in listed(api, "&q=zephyrine")] == [overlap["id"]]
    assert api.get(f"/v1/overlaps/{overlap['id']}").json == overlap
    find_overlaps(session)
    assert listed(api) == [overlap]
    (pair,) = pairs(api, overlap)
    assert (pair["score"], pair["evidence"]) == (overlap["score"], overlap["evidence"])


def test_renaming_a_system_ends_its_pair(sign_in, session):
    api = sign_in(BEDS, READS)
    add_system(session, BEDS, "Zephyrine roster")
    theirs = add_system(session, CAMBS, "Zephyrine duty roster")
    find_overlaps(session)
    (overlap,) = listed(api)
    rename(session, theirs, name="Payments")
    assert listed(api) == []
    assert api.get(f"/v1/overlaps/{overlap['id']}").status_code == 404
    rename(session, theirs, name="Zephyrine duty roster")
    assert [each["id"] for each in listed(api)] == [overlap["id"]]


def test_a_likelier_pair_of_two_agencies_replaces_the_other(sign_in, session):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    add_system(session, BEDS, "Zephyrine roster")
    add_system(session, CAMBS, "Zephyrine archive")
    find_overlaps(session)
    less = listed(beds)
    assert [names_of(each) for each in less] == [{"Zephyrine roster", "Zephyrine archive"}]
    hidden = add_system(session, CAMBS, "Zephyrine duty roster", disclosure=Disclosure.OWNER_ONLY)
    find_overlaps(session)
    assert listed(beds) == less
    (likelier,) = listed(cambs)
    assert names_of(likelier) == {"Zephyrine roster", "Zephyrine duty roster"}
    assert cambs.get(f"/v1/overlaps/{less[0]['id']}").status_code == 404
    rename(session, hidden, disclosure=Disclosure.ALL_AGENCIES)
    assert listed(beds) == listed(cambs) == [likelier]


def test_a_pair_with_a_third_agency_replaces_no_pair(sign_in, session):
    add_system(session, BEDS, "Zephyrine roster")
    add_system(session, CAMBS, "Zephyrine archive")
    add_system(session, HERTS, "Zephyrine roster")
    find_overlaps(session)
    assert len(listed(sign_in(BEDS, READS))) == 3


def test_a_pair_by_alias_is_shown_only_to_agencies_that_see_the_alias(sign_in, session):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    agree(agreement(beds, CAMBS, field_profile="summary"), beds, cambs)
    shared = {"disclosure": Disclosure.AGREEMENT}
    add_system(session, BEDS, "Alpha one", aliases=["Quellenbuch"], **shared)
    theirs = add_system(session, CAMBS, "Quellenbuch", **shared)
    find_overlaps(session)
    (overlap,) = session.scalars(sa.select(Overlap)).all()
    session.commit()
    for api in (beds, cambs):
        assert listed(api) == []
        assert api.get(f"/v1/overlaps/{overlap.id}").status_code == 404
        assert api.get(f"/v1/overlaps/{overlap.id}/pairs").status_code == 404
    # The pair needs the standard profile of both systems. The grant gives it to one agency only.
    grant(cambs, BEDS)
    assert listed(cambs) == []
    (found,) = listed(beds)
    assert found["evidence"] == ['Both names contain "quellenbuch".']
    assert {each["system_id"] for each in found["members"]} >= {str(theirs.id)}
    assert [each["evidence"] for each in pairs(beds, found)] == [found["evidence"]]


def test_a_hidden_likelier_pair_replaces_no_pair(sign_in, session):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    agree(agreement(beds, CAMBS, field_profile="summary"), beds, cambs)
    shared = {"disclosure": Disclosure.AGREEMENT}
    add_system(session, BEDS, "Zephyrine roster", **shared)
    add_system(session, CAMBS, "Zephyrine archive", **shared)
    find_overlaps(session)
    before = listed(beds)
    assert len(before) == 1
    add_system(session, CAMBS, "Alpha one", aliases=["Zephyrine roster"], **shared)
    find_overlaps(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(Overlap)) == 2
    assert listed(beds) == before
    grant(cambs, BEDS)
    assert [names_of(each) for each in listed(beds)] == [{"Zephyrine roster", "Alpha one"}]


def test_a_rejected_pair_becomes_a_candidate_when_either_system_changes(sign_in, session):
    api = sign_in(BEDS, READS)
    add_system(session, BEDS, "Zephyrine roster")
    theirs = add_system(session, CAMBS, "Zephyrine duty roster")
    add_system(session, CAMBS, "Zephyrine archive")
    find_overlaps(session)
    (overlap,) = listed(api)
    assert review(api, overlap, "rejected", "A namesake.").status_code == 200
    find_overlaps(session)
    (still,) = listed(api)
    assert (still["id"], still["status"], still["reason"]) == (
        overlap["id"],
        "rejected",
        "A namesake.",
    )
    rename(session, theirs, supplier_name="Zephyrine Software")
    (again,) = listed(api)
    assert (again["id"], again["status"]) == (overlap["id"], "candidate")
    assert review(api, again, "confirmed").json["status"] == "confirmed"


def test_a_change_outside_the_summary_leaves_a_pair_rejected(sign_in, session):
    api = sign_in(BEDS, READS)
    add_system(session, BEDS, "Zephyrine roster")
    theirs = add_system(session, CAMBS, "Zephyrine duty roster")
    find_overlaps(session)
    assert review(api, listed(api)[0], "rejected").status_code == 200
    rename(session, theirs, description="For all staff.")
    assert listed(api)[0]["status"] == "rejected"


def test_pairs_of_an_overlap_are_sorted_by_score(sign_in, session):
    api = sign_in(BEDS, READS)
    quell = add_product(session, "Quellenbuch", "Korvex").id
    first = add_system(session, BEDS, "Records", product_id=quell)
    add_system(session, BEDS, "Records of the dead", product_id=quell)
    alike = add_system(session, CAMBS, "Records", product_id=quell)
    other = add_system(session, HERTS, "Vetting", product_id=quell)
    find_overlaps(session)
    (overlap,) = listed(api)
    every = pairs(api, overlap)
    assert len(every) == 5
    assert every[0]["system_ids"] == sorted(map(str, (first.id, alike.id)))
    assert sorted(every[0]["agencies"]) == [BEDS, CAMBS]
    assert every[0]["system_names"] == ["Records", "Records"]
    scores = [each["score"] for each in every]
    assert scores == sorted(scores, reverse=True)
    assert all(0.9 <= score <= 1 for score in scores)
    assert {each["kind"] for each in every} == {"same_product"}
    sentence = "Both are the registered product Quellenbuch of Korvex."
    assert all(sentence in each["evidence"] for each in every)
    assert pairs(api, overlap, limit=2) == every[:2]
    of_one = pairs(api, overlap, system_id=str(other.id))
    assert of_one == [each for each in every if str(other.id) in each["system_ids"]]
    assert len(of_one) == 3
    stranger = add_system(session, HERTS, "Elsewhere")
    assert pairs(api, overlap, system_id=str(stranger.id)) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "system_id=x", "colour=red"])
def test_listing_pairs_rejects_invalid_parameters(sign_in, session, query):
    api = sign_in(BEDS, READS)
    add_rosters(session, BEDS, CAMBS)
    find_overlaps(session)
    (overlap,) = listed(api)
    assert api.get(f"/v1/overlaps/{overlap['id']}/pairs?{query}").status_code == 400


def test_hidden_systems_are_not_shown_in_pairs(sign_in, session):
    api = sign_in(BEDS, READS)
    add_rosters(session, BEDS, CAMBS)
    find_overlaps(session)
    (overlap,) = listed(api)
    before = api.get(f"/v1/overlaps/{overlap['id']}/pairs").data
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    find_overlaps(session)
    path = f"/v1/overlaps/{overlap['id']}/pairs"
    assert api.get(path).data == before
    assert pairs(api, overlap, system_id=str(hidden.id)) == []
    assert len(pairs(sign_in(HERTS, READS), overlap)) == 3
    assert sign_in(HERTS, "systems:read").get(path).status_code == 403


def test_pair_evidence_uses_only_visible_fields(sign_in, session):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    agree(agreement(beds, CAMBS, field_profile="summary"), beds, cambs)
    quell = add_product(session, "Quellenbuch", "Korvex").id
    fields = {
        "product_id": quell,
        "product_version": "7.1",
        "disclosure": Disclosure.AGREEMENT,
    }
    add_system(session, BEDS, "Old records", **fields)
    add_system(session, CAMBS, "Records", description="Bedfordshire Police runs it.", **fields)
    find_overlaps(session)
    (overlap,) = [each for each in listed(beds) if each["kind"] == "same_product"]
    (brief,) = pairs(beds, overlap)
    assert brief["kind"] == "same_product"
    assert not any("7.1" in sentence or "description" in sentence for sentence in brief["evidence"])
    grant(cambs, BEDS)
    (whole,) = pairs(beds, overlap)
    assert whole["kind"] == "same_instance"
    assert "Both run version 7.1." in whole["evidence"]
    # Fields beyond the summary need the scope for systems.
    assert pairs(sign_in(BEDS, ONLY_OVERLAPS), overlap) == [brief]
    (owners,) = pairs(cambs, overlap)
    assert owners["kind"] == "same_instance"
    assert not any("version" in sentence for sentence in owners["evidence"])


def test_listing_more_overlaps_takes_no_more_queries(sign_in, session, store):
    add_capability(session)
    api = sign_in(BEDS, READS)
    counted: list[str] = []

    def count(_connection, _cursor, statement, *_rest):
        counted.append(statement)

    def queries(expected):
        counted.clear()
        event.listen(store.database.engine, "before_cursor_execute", count)
        try:
            assert len(listed(api)) == expected
        finally:
            event.remove(store.database.engine, "before_cursor_execute", count)
        return len(counted)

    def add(word):
        add_system(session, BEDS, f"{word} roster")
        add_system(session, CAMBS, f"{word} duty roster")
        find_overlaps(session)
        session.commit()

    add("Zephyrine")
    queries(1)
    few = queries(1)
    for word in ("Quellenbuch", "Korvex", "Vantorel", "Mirabond"):
        add(word)
    assert queries(5) == few
