"""Interfaces between systems. An agency can be limited to its own end."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.agencies.api_agreements import SCOPES, agree, agreement, grant
from tests.api_calls import answer, change, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, record, system
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


def join(api: CheckedClient, source: Fields, target: Fields, **fields: Any) -> Fields:
    """Create an interface between two systems."""
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "rest"}
    return record(api, PATH, **ends | fields)


def list_ids(api: CheckedClient, **parameters: Any) -> list[str]:
    """List the ids of interfaces."""
    response = api.get(PATH, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["id"] for item in answer(response)["items"]]


def test_created_interface_is_read_back(api: CheckedClient) -> None:
    source, target = system(api, name="Command and control"), system(api, name="Crime")
    body = {
        "direction": "both",
        "standard": "mait",
        "data_categories": ["incidents", "locations"],
        "criticality": "mission_critical",
        "fallback": "By telephone.",
        "description": "Incidents become crimes.",
    }
    interface = join(api, source, target, **body)
    assert interface | body == interface
    ends = ("from_system_name", "from_agency", "to_system_name", "to_agency", "agency")
    assert [interface[name] for name in ends] == ["Command and control", BEDS, "Crime", BEDS, BEDS]
    assert interface["system_ids"] == sorted([source["id"], target["id"]])
    assert interface["withheld"] == []
    assert read(api, f"{PATH}/{interface['id']}") == interface
    assert read(api, PATH)["items"] == [interface]
    plain = join(api, target, source)
    assert (plain["direction"], plain["data_categories"]) == ("from_to", [])


def test_interface_fields_can_be_changed_but_not_its_ends(api: CheckedClient) -> None:
    source, target = system(api, name="A"), system(api, name="B")
    interface = join(api, source, target)
    path = f"{PATH}/{interface['id']}"
    changes = {"standard": "manual_rekey", "data_categories": ["custody"], "direction": "both"}
    changes |= {"criticality": "administrative", "fallback": "Paper."}
    after = answer(change(api, path, **changes))
    assert after == interface | changes | {"updated_at": after["updated_at"]}
    for name in ("from_system_id", "to_system_id", "agency", "withheld"):
        assert refusals(change(api, path, **{name: interface[name]})) == {
            (f"/{name}", "unknown_field")
        }
    tag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": tag}).status_code == 204
    assert list_ids(api) == []


def test_interface_of_a_system_with_itself_is_rejected(api: CheckedClient) -> None:
    own = system(api)
    body = {"from_system_id": own["id"], "to_system_id": own["id"], "standard": "etl"}
    assert refusals(api.post(PATH, json=body)) == {("/to_system_id", "circular")}


def test_duplicate_interface_is_rejected(api: CheckedClient, stranger: CheckedClient) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    join(api, own, other)
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(api.post(PATH, json=body), 409) == {("/standard", "taken")}
    second = join(api, own, other, standard="sftp")
    refused = change(api, f"{PATH}/{second['id']}", standard="rest")
    assert refusals(refused, 409) == {("/standard", "taken")}
    # Another agency's record causes no conflict, which would reveal a hidden record.
    assert join(stranger, own, other)["agency"] == CAMBS


def test_interface_to_hidden_system_is_refused_like_an_unknown_one(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    own, hidden = system(api, name="A"), system(stranger, name="B", **HIDDEN)
    problems = []
    for nothing in (hidden["id"], str(uuid4())):
        for ends in ((own["id"], nothing), (nothing, own["id"]), (nothing, nothing)):
            body = dict(zip(("from_system_id", "to_system_id"), ends, strict=True))
            response = api.post(PATH, json=body | {"standard": "rest"})
            assert all(code == "unknown" for _, code in refusals(response))
            problems.append(answer(response))
    assert problems[:3] == problems[3:]
    assert list_ids(api) == list_ids(stranger) == []


def test_only_owner_of_an_end_creates_an_interface(
    api: CheckedClient, stranger: CheckedClient, third: CheckedClient
) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(third.post(PATH, json=body), 403) == set()
    assert stranger.post(PATH, json=body).status_code == 201


def test_administrator_without_agency_cannot_create_an_interface(
    api: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    own, other = system(api, name="A", **SHOWN), system(api, name="B", **SHOWN)
    admin = sign_in(None, f"admin {READ_WRITE}")
    body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
    assert refusals(admin.post(PATH, json=body), 403) == set()


def test_owner_of_other_end_reads_interface_but_cannot_write_it(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    own, other = system(api, name="A", **HIDDEN), system(stranger, name="B", **SHOWN)
    interface = join(api, own, other, fallback="By telephone.")
    path = f"{PATH}/{interface['id']}"
    hidden = ["agency", "from_system_id", "from_system_name", "from_agency"]
    seen = interface | dict.fromkeys(hidden) | {"withheld": hidden, "system_ids": [other["id"]]}
    assert read(stranger, path) == seen
    assert read(stranger, PATH)["items"] == [seen]
    assert refusals(change(stranger, path, fallback="None."), 403) == set()
    headers = {"If-Match": stranger.get(path).headers["ETag"]}
    assert refusals(stranger.delete(path, headers=headers), 403) == set()
    assert read(api, path) == interface


def test_hidden_end_is_not_found_by_filtering_or_sorting(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    own, other = system(api, name="A", **HIDDEN), system(stranger, name="B", **SHOWN)
    interface = join(api, own, other)
    seen_of_ends = {
        "from_system_id": own["id"],
        "system_ids": own["id"],
        "from_system_name": "A",
        "from_agency": BEDS,
        "agency": BEDS,
    }
    for name, value in seen_of_ends.items():
        assert list_ids(api, **{name: value}) == [interface["id"]], name
        assert list_ids(stranger, **{name: value}) == [], name
        if name != "system_ids":
            # A filter on an unknown agency is refused, so the second value is a known agency.
            other_value = CAMBS if name.endswith("agency") else uuid4()
            assert list_ids(stranger, **{f"{name}__in": f"{value},{other_value}"}) == [], name
            assert list_ids(stranger, **{f"{name}__isnull": "true"}) == [interface["id"]], name
    for name in ("to_system_id", "system_ids"):
        assert list_ids(stranger, **{name: other["id"]}) == [interface["id"]]
        assert list_ids(stranger, **{name: other["id"].upper()}) == [interface["id"]]
    for text in ("nonsense", other["id"].replace("-", ""), "x" * 36):
        assert list_ids(stranger, system_ids=text) == []
    for number, name in enumerate("CXB"):
        join(api, system(api, name=name, **HIDDEN), other, fallback=str(number))
    # Hidden values sort as null, so the ids decide.
    assert list_ids(stranger, sort="from_system_name,id") == sorted(list_ids(stranger))
    assert list_ids(api, sort="from_system_name") != list_ids(api, sort="id")


def test_feed_shows_interface_to_owners_of_both_ends_without_a_hidden_end(
    sign_in: Callable[..., CheckedClient],
) -> None:
    api, other = (sign_in(code, f"{READ_WRITE} audit:read") for code in (BEDS, CAMBS))
    own, theirs = system(api, name="A", **HIDDEN), system(other, name="B", **SHOWN)
    interface = join(api, own, theirs)
    change(api, f"{PATH}/{interface['id']}", fallback="Paper.")
    seen_of_ends = [read(each, "/v1/changes?resource=interface")["items"] for each in (api, other)]
    for seen in seen_of_ends:
        assert [event["kind"] for event in seen] == ["interface.created", "interface.updated"]
    assert own["id"] in str(seen_of_ends[0])
    assert own["id"] not in str(seen_of_ends[1])
    assert BEDS not in str(seen_of_ends[1])


def test_third_agency_sees_interface_only_when_it_sees_both_ends(
    api: CheckedClient, stranger: CheckedClient, third: CheckedClient
) -> None:
    own, other = system(api, name="A", **SHOWN), system(stranger, name="B", **SHOWN)
    interface = join(api, own, other)
    path = f"{PATH}/{interface['id']}"
    assert read(third, path) == interface
    change(stranger, f"/v1/systems/{other['id']}", disclosure="owner_only")
    assert refusals(third.get(path), 404) == set()
    assert (list_ids(third), read(third, f"{PATH}?total=true")["page"]["total"]) == ([], 0)
    # The recorder still sees the interface, with the hidden end withheld.
    kept = read(api, path)
    assert (kept["to_system_id"], kept["to_system_name"], kept["to_agency"]) == (None, None, None)
    assert kept["withheld"] == ["to_system_id", "to_system_name", "to_agency"]
    assert answer(change(api, path, fallback="Paper."))["fallback"] == "Paper."


def test_summary_of_both_ends_does_not_show_the_interface(
    api: CheckedClient, stranger: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    source, target = system(api, name="A", **HIDDEN), system(api, name="B", **HIDDEN)
    own = system(stranger, name="Ours", **HIDDEN)
    interface = join(api, source, target)
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    assert list_ids(stranger) == []
    assert refusals(stranger.get(f"{PATH}/{interface['id']}"), 404) == set()
    # The summary profile is enough to name an end.
    assert join(stranger, own, target)["to_system_name"] == "B"
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert read(stranger, f"{PATH}/{interface['id']}") == interface


def test_interface_list_can_be_filtered_and_sorted(api: CheckedClient) -> None:
    a, b, c = (system(api, name=name) for name in "ABC")
    first = join(api, a, b, standard="mait", data_categories=["incidents"])
    second = join(api, b, c, standard="sftp", criticality="administrative")
    assert list_ids(api, system_ids=b["id"]) == [first["id"], second["id"]]
    assert list_ids(api, system_ids=c["id"]) == [second["id"]]
    assert list_ids(api, from_system_id=a["id"]) == [first["id"]]
    assert list_ids(api, standard="sftp") == [second["id"]]
    assert list_ids(api, data_categories="incidents") == [first["id"]]
    assert list_ids(api, criticality__isnull="true") == [first["id"]]
    assert list_ids(api, sort="-from_system_name") == [second["id"], first["id"]]


def test_partners_see_interfaces_between_shared_systems(
    sign_in: Callable[..., CheckedClient], third: CheckedClient
) -> None:
    api, partner = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
    shared = {"disclosure": "agreement"}
    source, target = system(api, name="A", **shared), system(api, name="B", **shared)
    covert, own = system(api, name="C", **HIDDEN), system(partner, name="D", **shared)
    between, beyond = join(api, source, target), join(api, source, covert)
    assert list_ids(partner) == []
    body = {"from_system_id": own["id"], "to_system_id": target["id"], "standard": "rest"}
    assert refusals(partner.post(PATH, json=body)) == {("/to_system_id", "unknown")}
    agree(agreement(api, CAMBS), api, partner)
    assert list_ids(partner) == [between["id"]]
    assert refusals(partner.get(f"{PATH}/{beyond['id']}"), 404) == set()
    interface = join(partner, own, target)
    assert read(api, f"{PATH}/{interface['id']}")["from_agency"] == CAMBS
    assert list_ids(third) == []


@pytest.mark.only_on("sqlite")
def test_interface_list_takes_the_same_number_of_queries_at_any_length(
    api: CheckedClient, store: Store
) -> None:
    statements: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    target, counts = system(api, name="B"), []
    list_ids(api)  # fill the caches first
    for number in range(3):
        join(api, system(api, name=f"A {number}"), target)
        statements.clear()
        assert len(list_ids(api)) == number + 1
        counts.append(len(statements))
    assert len(set(counts)) == 1


def test_merger_of_hidden_end_does_not_change_the_interface_that_another_agency_sees(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    shown = system(stranger, name="Shown", **SHOWN)
    kept, left = (system(api, name=name, **HIDDEN) for name in ("Kept", "Left"))
    path = f"{PATH}/{join(api, left, shown)['id']}"
    before = stranger.get(path)
    merged = api.post(f"/v1/systems/{kept['id']}/merge", json={"duplicate_id": left["id"]})
    assert merged.status_code == 200, merged.text
    assert read(api, path)["from_system_id"] == kept["id"]
    after = stranger.get(path)
    assert answer(after) == answer(before)
    assert after.headers["ETag"] == before.headers["ETag"]
