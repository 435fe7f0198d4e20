"""Interfaces between systems, perhaps of two agencies, of which each may see its own end only."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.agencies.agreeing import SCOPES, agree, agreement, grant
from tests.recording import BEDS, CAMBS, READ_WRITE, answer, change, read, record, refusals, system
from tests.stores import Store
from tests.unsaved import CheckedClient

PATH = "/v1/interfaces"
KENT = "kent-police"
HIDDEN = {"disclosure": "owner_only"}
SHOWN = {"disclosure": "all_agencies"}

Fields = dict[str, Any]


@pytest.fixture
def third(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client of an agency that owns neither end."""
    return sign_in(KENT, READ_WRITE)


def joined(api: CheckedClient, source: Fields, target: Fields, **fields: Any) -> Fields:
    """An interface between two systems."""
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "rest"}
    return record(api, PATH, **ends | fields)


def found(api: CheckedClient, **parameters: Any) -> list[str]:
    """The ids of the interfaces that a list shows."""
    response = api.get(PATH, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["id"] for item in answer(response)["items"]]


def test_what_is_written_is_read(api: CheckedClient) -> None:
    source, target = system(api, name="Command and control"), system(api, name="Crime")
    body = {
        "direction": "both",
        "standard": "mait",
        "data_categories": ["incidents", "locations"],
        "criticality": "mission_critical",
        "fallback": "By telephone.",
        "description": "Incidents become crimes.",
    }
    made = joined(api, source, target, **body)
    assert made | body == made
    ends = ("from_system_name", "from_agency", "to_system_name", "to_agency", "agency")
    assert [made[name] for name in ends] == ["Command and control", BEDS, "Crime", BEDS, BEDS]
    assert made["system_ids"] == sorted([source["id"], target["id"]])
    assert made["withheld"] == []
    assert read(api, f"{PATH}/{made['id']}") == made
    assert read(api, PATH)["items"] == [made]
    plain = joined(api, target, source)
    assert (plain["direction"], plain["data_categories"]) == ("from_to", [])


def test_its_fields_can_be_changed_and_its_ends_not(api: CheckedClient) -> None:
    source, target = system(api, name="A"), system(api, name="B")
    made = joined(api, source, target)
    path = f"{PATH}/{made['id']}"
    changes = {"standard": "manual_rekey", "data_categories": ["custody"], "direction": "both"}
    changes |= {"criticality": "administrative", "fallback": "Paper."}
    after = answer(change(api, path, **changes))
    assert after == made | changes | {"updated_at": after["updated_at"]}
    for name in ("from_system_id", "to_system_id", "agency", "withheld"):
        assert refusals(change(api, path, **{name: made[name]})) == {(f"/{name}", "unknown_field")}
    tag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": tag}).status_code == 204
    assert found(api) == []


def test_a_system_has_no_interface_with_itself(api: CheckedClient) -> None:
    own = system(api)
    body = {"from_system_id": own["id"], "to_system_id": own["id"], "standard": "etl"}
    assert refusals(api.post(PATH, json=body)) == {("/to_system_id", "circular")}


def test_the_same_twice_is_refused(api: CheckedClient, stranger: CheckedClient) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    joined(api, own, other)
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(api.post(PATH, json=body), 409) == {("/standard", "taken")}
    second = joined(api, own, other, standard="sftp")
    refused = change(api, f"{PATH}/{second['id']}", standard="rest")
    assert refusals(refused, 409) == {("/standard", "taken")}
    # What the other agency recorded is no conflict: it would tell of what one may not see.
    assert joined(stranger, own, other)["agency"] == CAMBS


def test_an_end_that_is_hidden_is_like_none(api: CheckedClient, stranger: CheckedClient) -> None:
    own, hidden = system(api, name="A"), system(stranger, name="B", **HIDDEN)
    problems = []
    for nothing in (hidden["id"], str(uuid4())):
        for ends in ((own["id"], nothing), (nothing, own["id"]), (nothing, nothing)):
            body = dict(zip(("from_system_id", "to_system_id"), ends, strict=True))
            response = api.post(PATH, json=body | {"standard": "rest"})
            assert all(code == "unknown" for _, code in refusals(response))
            problems.append(answer(response))
    assert problems[:3] == problems[3:]
    assert found(api) == found(stranger) == []


def test_who_records_it_owns_an_end(
    api: CheckedClient, stranger: CheckedClient, third: CheckedClient
) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(third.post(PATH, json=body), 403) == set()
    assert stranger.post(PATH, json=body).status_code == 201


def test_an_administrator_of_no_agency_records_none(
    api: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    own, other = system(api, name="A", **SHOWN), system(api, name="B", **SHOWN)
    admin = sign_in(None, f"admin {READ_WRITE}")
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(admin.post(PATH, json=body), 403) == set()


def test_whose_system_it_ends_at_knows_of_it_and_does_not_write_it(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    own, other = system(api, name="A", **HIDDEN), system(stranger, name="B", **SHOWN)
    made = joined(api, own, other, fallback="By telephone.")
    path = f"{PATH}/{made['id']}"
    hidden = ["agency", "from_system_id", "from_system_name", "from_agency"]
    seen = made | dict.fromkeys(hidden) | {"withheld": hidden, "system_ids": [other["id"]]}
    assert read(stranger, path) == seen
    assert read(stranger, PATH)["items"] == [seen]
    assert refusals(change(stranger, path, fallback="None."), 403) == set()
    headers = {"If-Match": stranger.get(path).headers["ETag"]}
    assert refusals(stranger.delete(path, headers=headers), 403) == set()
    assert read(api, path) == made


def test_no_filter_search_or_sort_finds_a_hidden_end(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    own, other = system(api, name="A", **HIDDEN), system(stranger, name="B", **SHOWN)
    made = joined(api, own, other)
    told = {
        "from_system_id": own["id"],
        "system_ids": own["id"],
        "from_system_name": "A",
        "from_agency": BEDS,
        "agency": BEDS,
    }
    for name, value in told.items():
        assert found(api, **{name: value}) == [made["id"]], name
        assert found(stranger, **{name: value}) == [], name
        if name != "system_ids":
            assert found(stranger, **{f"{name}__in": f"{value},{uuid4()}"[:80]}) == [], name
            assert found(stranger, **{f"{name}__isnull": "true"}) == [made["id"]], name
    for name in ("to_system_id", "system_ids"):
        assert found(stranger, **{name: other["id"]}) == [made["id"]]
        assert found(stranger, **{name: other["id"].upper()}) == [made["id"]]
    for text in ("nonsense", other["id"].replace("-", ""), "x" * 36):
        assert found(stranger, system_ids=text) == []
    for number, name in enumerate("CXB"):
        joined(api, system(api, name=name, **HIDDEN), other, fallback=str(number))
    # In an order by what is hidden they stand by their ids alone.
    assert found(stranger, sort="from_system_name,id") == sorted(found(stranger))
    assert found(api, sort="from_system_name") != found(api, sort="id")


def test_the_feed_does_not_tell_whose_a_hidden_end_is(
    sign_in: Callable[..., CheckedClient],
) -> None:
    api, other = (sign_in(code, f"{READ_WRITE} audit:read") for code in (BEDS, CAMBS))
    own, theirs = system(api, name="A", **HIDDEN), system(other, name="B", **SHOWN)
    made = joined(api, own, theirs)
    change(api, f"{PATH}/{made['id']}", fallback="Paper.")
    told = [read(each, "/v1/changes?resource=interface")["items"] for each in (api, other)]
    assert [event["kind"] for event in told[0]] == ["interface.created", "interface.updated"]
    assert told[1] == []


def test_both_ends_must_be_seen_by_who_owns_neither(
    api: CheckedClient, stranger: CheckedClient, third: CheckedClient
) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    made = joined(api, own, other)
    path = f"{PATH}/{made['id']}"
    assert read(third, path) == made
    change(stranger, f"/v1/systems/{other['id']}", disclosure="owner_only")
    assert refusals(third.get(path), 404) == set()
    assert (found(third), read(third, f"{PATH}?total=true")["page"]["total"]) == ([], 0)
    # Who recorded it still has it, and what it may no longer see is withheld.
    kept = read(api, path)
    assert (kept["to_system_id"], kept["to_system_name"], kept["to_agency"]) == (None, None, None)
    assert kept["withheld"] == ["to_system_id", "to_system_name", "to_agency"]
    assert answer(change(api, path, fallback="Paper."))["fallback"] == "Paper."


def test_a_summary_of_both_ends_is_not_enough(
    api: CheckedClient, stranger: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    source, target = system(api, name="A", **HIDDEN), system(api, name="B", **HIDDEN)
    own = system(stranger, name="Ours", **HIDDEN)
    made = joined(api, source, target)
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    assert found(stranger) == []
    assert refusals(stranger.get(f"{PATH}/{made['id']}"), 404) == set()
    # To name an end, a summary does.
    assert joined(stranger, own, target)["to_system_name"] == "B"
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert read(stranger, f"{PATH}/{made['id']}") == made


def test_lists_can_be_narrowed(api: CheckedClient) -> None:
    a, b, c = (system(api, name=name) for name in "ABC")
    first = joined(api, a, b, standard="mait", data_categories=["incidents"])
    second = joined(api, b, c, standard="sftp", criticality="administrative")
    assert found(api, system_ids=b["id"]) == [first["id"], second["id"]]
    assert found(api, system_ids=c["id"]) == [second["id"]]
    assert found(api, from_system_id=a["id"]) == [first["id"]]
    assert found(api, standard="sftp") == [second["id"]]
    assert found(api, data_categories="incidents") == [first["id"]]
    assert found(api, criticality__isnull="true") == [first["id"]]
    assert found(api, sort="-from_system_name") == [second["id"], first["id"]]


def test_partners_see_interfaces_between_what_they_share(
    sign_in: Callable[..., CheckedClient], third: CheckedClient
) -> None:
    api, partner = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
    shared = {"disclosure": "agreement"}
    source, target = system(api, name="A", **shared), system(api, name="B", **shared)
    covert, own = system(api, name="C", **HIDDEN), system(partner, name="D", **shared)
    between, beyond = joined(api, source, target), joined(api, source, covert)
    assert found(partner) == []
    body = {"from_system_id": own["id"], "to_system_id": target["id"], "standard": "rest"}
    assert refusals(partner.post(PATH, json=body)) == {("/to_system_id", "unknown")}
    agree(agreement(api, CAMBS), api, partner)
    assert found(partner) == [between["id"]]
    assert refusals(partner.get(f"{PATH}/{beyond['id']}"), 404) == set()
    made = joined(partner, own, target)
    assert read(api, f"{PATH}/{made['id']}")["from_agency"] == CAMBS
    assert found(third) == []


@pytest.mark.only_on("sqlite")
def test_a_list_asks_once_however_long_it_is(api: CheckedClient, store: Store) -> None:
    asked: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    target, counts = system(api, name="B"), []
    found(api)  # what is remembered between requests is looked up once
    for number in range(3):
        joined(api, system(api, name=f"A {number}"), target)
        asked.clear()
        assert len(found(api)) == number + 1
        counts.append(len(asked))
    assert len(set(counts)) == 1
