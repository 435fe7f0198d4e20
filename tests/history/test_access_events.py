"""The feed tells each agency what it begins and ceases to see, and who saw a deletion."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import agree, agreement, terminate
from tests.api_calls import answer, change, refusals
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, record, system
from tests.history.feed import FEED, KENT, events, grant, page, patch_system, revoke
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]
SCOPES = (
    "audit:read agencies:read agencies:write systems:read systems:write contracts:read "
    "contracts:write costs:read risks:read programmes:read"
)
WITH_PROGRAMMES = f"{SCOPES} programmes:write"
BARE = ("agency", "acting_agency", "client_id", "person", "reason", "import_id")


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of the agency whose records they are."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def reader(sign_in: SignIn) -> CheckedClient:
    """A client of the agency that follows the feed."""
    return sign_in(CAMBS, SCOPES)


def end(api: CheckedClient) -> str | None:
    """Join the feed at its present end."""
    joined = page(api, after="end")
    assert joined["items"] == []
    cursor: str | None = joined["page"]["next_cursor"]
    return cursor


def news(api: CheckedClient, after: str | None) -> list[tuple[str, str]]:
    """Return the kind and record of each event after a cursor."""
    query = {"after": after} if after else {}
    return [(each["kind"], each["resource_id"]) for each in events(api, **query)]


def delete(api: CheckedClient, path: str) -> None:
    """Delete a record."""
    response = api.delete(path, headers={"If-Match": api.get(path).headers["ETag"]})
    assert response.status_code == 204, response.text


def test_closed_system_is_withdrawn_with_its_parts_and_shows_nothing_else(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = system(owner, name="Open", disclosure="all_agencies")
    use = record(owner, f"/v1/systems/{made['id']}/uses", agency=BEDS, user_count=5)
    cursor = end(reader)
    patch_system(owner, made, disclosure="owner_only", name="Covert")
    found = events(reader, after=cursor)
    assert {(each["kind"], each["resource_id"]) for each in found} == {
        ("system.access_withdrawn", made["id"]),
        ("system_use.access_withdrawn", use["id"]),
    }
    for event in found:
        assert (event["path"], event["changes"], event["withheld"]) == (None, {}, [])
        assert [event[name] for name in BARE] == [None] * len(BARE)
    patch_system(owner, made, user_count=7)
    assert events(reader, after=found[-1]["id"]) == []


def test_record_that_was_never_seen_has_no_withdrawal(
    owner: CheckedClient, reader: CheckedClient, sign_in: SignIn
) -> None:
    stranger = sign_in(KENT, SCOPES)
    grant(owner, CAMBS, "standard")
    made = system(owner, disclosure="owner_only")
    cursor = end(stranger)
    patch_system(owner, made, disclosure="agreement")
    delete(owner, f"/v1/systems/{made['id']}")
    assert news(stranger, cursor) == []
    assert news(reader, None)[-1] == ("system.deleted", made["id"])


def test_revoked_grant_and_ended_agreement_withdraw_every_record(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = system(owner, disclosure="agreement")
    given = grant(owner, CAMBS, "standard")
    assert ("system.access_given", made["id"]) in news(reader, None)
    cursor = end(reader)
    revoke(owner, given)
    assert ("system.access_withdrawn", made["id"]) in news(reader, cursor)
    shared = agreement(owner, CAMBS, field_profile="summary")
    agree(shared, owner, reader)
    cursor = end(reader)
    assert events(reader, kind="system.access_given")[-1]["path"] == f"/v1/systems/{made['id']}"
    assert terminate(owner, shared).status_code == 200
    assert ("system.access_withdrawn", made["id"]) in news(reader, cursor)


def test_larger_grant_tells_the_reader_to_read_the_record_again(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    grant(owner, CAMBS, "summary")
    made = system(owner, disclosure="owner_only", user_count=5)
    cursor = end(reader)
    more = grant(owner, CAMBS, "standard")
    assert ("system.access_changed", made["id"]) in news(reader, cursor)
    cursor = end(reader)
    revoke(owner, more)
    assert ("system.access_changed", made["id"]) in news(reader, cursor)


def test_event_that_shows_too_much_by_now_is_still_a_cursor(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    grant(owner, CAMBS, "summary")
    more = grant(owner, CAMBS, "standard")
    made = system(owner, disclosure="owner_only", user_count=5)
    patch_system(owner, made, user_count=7)
    seen = events(reader)[-1]
    assert (seen["kind"], seen["resource_id"]) == ("system.updated", made["id"])
    revoke(owner, more)
    assert seen["id"] not in {each["id"] for each in events(reader)}
    assert ("system.access_changed", made["id"]) in news(reader, seen["id"])


def test_grant_that_expires_withdraws_at_its_moment(sign_in: SignIn) -> None:
    began = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with clock.freeze(began):
        owner, reader = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        made = system(owner, disclosure="owner_only")
        record(
            owner,
            "/v1/access-grants",
            grantee=CAMBS,
            resource_types=["systems"],
            field_profile="standard",
            purpose="To plan.",
            expires_at="2026-11-20T10:00:00Z",
        )
        cursor = end(reader)
    with clock.freeze(began + timedelta(hours=3)):
        (withdrawn,) = events(reader, after=cursor)
    assert (withdrawn["kind"], withdrawn["resource_id"]) == ("system.access_withdrawn", made["id"])
    assert withdrawn["at"].startswith("2026-11-20T10:00:00")
    with clock.freeze(began + timedelta(hours=4)):
        system(owner, name="Another", disclosure="owner_only")
        assert events(reader, after=cursor) == [withdrawn]


def test_deleted_contract_reaches_the_agency_that_it_names(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = contract(owner, title="Named", parties=[CAMBS], disclosure="owner_only")
    cursor = end(reader)
    delete(owner, f"/v1/contracts/{made['id']}")
    (event,) = events(reader, after=cursor)
    assert (event["kind"], event["resource_id"]) == ("contract.deleted", made["id"])
    assert (event["changes"], event["path"]) == ({}, None)


def test_contract_that_no_longer_names_an_agency_is_withdrawn(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = contract(owner, title="Named", parties=[CAMBS], disclosure="owner_only")
    cursor = end(reader)
    assert change(owner, f"/v1/contracts/{made['id']}", parties=[]).status_code == 200
    assert news(reader, cursor) == [("contract.access_withdrawn", made["id"])]


def test_deleted_use_reaches_the_agency_that_used_the_system(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = system(owner, disclosure="all_agencies")
    use = record(owner, f"/v1/systems/{made['id']}/uses", agency=CAMBS, user_count=5)
    assert ("system_use.created", use["id"]) in news(reader, None)
    delete(owner, f"/v1/systems/{made['id']}/uses/{use['id']}")
    assert news(reader, None)[-1] == ("system_use.deleted", use["id"])


def test_owner_of_an_end_sees_the_whole_life_of_an_interface(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    start = system(owner, name="Start", disclosure="all_agencies")
    theirs = system(reader, name="Theirs", disclosure="all_agencies")
    cursor = end(reader)
    ends = {"from_system_id": start["id"], "to_system_id": theirs["id"]}
    made = record(owner, "/v1/interfaces", **ends, standard="rest")
    path = f"/v1/interfaces/{made['id']}"
    assert change(owner, path, description="Nightly").status_code == 200
    created, updated = events(reader, after=cursor)
    assert created["changes"]["to_system_id"]["after"] == theirs["id"]
    assert updated["changes"] == {"description": {"before": None, "after": "Nightly"}}
    assert created["path"] == path
    for api in (owner, reader):
        kinds = [each["kind"] for each in events(api, f"{path}/history")]
        assert kinds == ["interface.created", "interface.updated"]
    delete(owner, path)
    assert news(reader, cursor)[-1] == ("interface.deleted", made["id"])
    assert reader.get(f"{path}/history").status_code == 404
    assert events(owner, f"{path}/history")[-1]["kind"] == "interface.deleted"


def test_feed_is_read_backwards_and_by_kinds(owner: CheckedClient, reader: CheckedClient) -> None:
    first = system(owner, name="First", disclosure="all_agencies")
    second = system(owner, name="Second", disclosure="all_agencies")
    patch_system(owner, first, name="Renamed")
    patch_system(owner, second, disclosure="owner_only")
    forwards = events(reader)
    newest, query = [], {"sort": "-at", "limit": 2}
    while True:
        read: dict[str, Any] = page(reader, **query)
        newest += read["items"]
        if not read["page"]["has_more"]:
            break
        query["after"] = read["page"]["next_cursor"]
    assert newest == forwards[::-1]
    assert end(reader) == forwards[-1]["id"]
    kinds = "system.updated,system.access_withdrawn"
    chosen = [(each["kind"], each["resource_id"]) for each in events(reader, kind=kinds, limit=1)]
    assert chosen == [
        ("system.updated", first["id"]),
        ("system.access_withdrawn", second["id"]),
    ]
    of_first = events(reader, resource_id=first["id"])
    assert [each["kind"] for each in of_first] == ["system.created", "system.updated"]
    # A cursor is good for every choice of filters.
    last = forwards[0]["id"]
    assert len(events(reader, resource="system", after=last)) == len(
        events(reader, resource="system")
    )
    every = events(reader, kind="system.*,agency.updated")
    assert every == events(reader, resource="system") != []
    for kind in ("nonsense.deleted", "nonsense.*", "system.updatd", "system.", "system,"):
        wrong = reader.get(FEED, query_string={"kind": f"system.deleted,{kind}"})
        assert refusals(wrong, 400) == {("?kind", "invalid")}, kind
        assert kind != "system.updatd" or "Did you mean `system.updated`" in wrong.text


def test_agency_joins_an_empty_feed_at_its_end(sign_in: SignIn) -> None:
    api = sign_in(KENT, "audit:read programmes:read")
    assert answer(api.get(FEED, query_string={"after": "end"})) == {
        "items": [],
        "page": {"next_cursor": None, "has_more": False},
    }


def test_change_of_what_stays_hidden_shows_nothing(sign_in: SignIn) -> None:
    lead, mover = sign_in(BEDS, WITH_PROGRAMMES), sign_in(CAMBS, WITH_PROGRAMMES)
    moving = system(mover, name="Moving", disclosure="all_agencies")
    hidden = [system(lead, name=name, disclosure="owner_only")["id"] for name in ("One", "Two")]
    programme = record(lead, "/v1/programmes", title="Merger", target_agency=BEDS)["id"]
    migration = record(
        lead,
        "/v1/migrations",
        programme_id=programme,
        system_id=moving["id"],
        strategy="repurchase",
        target_system_id=hidden[0],
    )["id"]
    belongs = {"programme_id": programme, "migration_id": migration}
    record(lead, "/v1/risks", title="Risk", probability=2, impact=2, **belongs)
    record(lead, "/v1/blockers", title="Blocker", **belongs)
    record(lead, "/v1/milestones", name="Milestone", planned_date="2027-01-01", **belongs)
    cursor = end(mover)
    path = f"/v1/migrations/{migration}"
    before = mover.get(path)
    assert change(lead, path, target_system_id=hidden[1]).status_code == 200
    after = mover.get(path)
    assert (after.headers["ETag"], answer(after)) == (before.headers["ETag"], answer(before))
    assert news(mover, cursor) == []


def test_event_that_names_a_closed_system_is_still_a_cursor(
    owner: CheckedClient, reader: CheckedClient
) -> None:
    made = system(owner, disclosure="all_agencies")
    shared = contract(owner, parties=[CAMBS], systems=[])
    path = f"/v1/contracts/{shared['id']}"
    assert change(owner, path, systems=[made["id"]]).status_code == 200
    seen = events(reader)[-1]
    assert (seen["kind"], seen["resource_id"]) == ("contract.updated", shared["id"])
    patch_system(owner, made, disclosure="owner_only")
    assert ("system.access_withdrawn", made["id"]) in news(reader, seen["id"])
