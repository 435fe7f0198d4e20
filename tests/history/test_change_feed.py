"""The change feed shows each agency what it can see, and no more."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from werkzeug.http import parse_options_header

from catalogue.core import clock
from catalogue.systems.models import System
from tests.agencies.api_agreements import agree, agreement, terminate
from tests.api_calls import answer, change, refusals
from tests.factories import BEDS, CAMBS, system
from tests.history.feed import (
    FEED,
    SCOPES,
    SignIn,
    events,
    grant,
    page,
    patch_system,
    revoke,
    summarise,
    system_events,
)
from tests.unsaved import CheckedClient

RISKS = {"legacy_risk": 20, "rto_hours": 4, "rpo_hours": 1}


def delete_system(api: CheckedClient, made: dict[str, Any]) -> None:
    path = f"/v1/systems/{made['id']}"
    etag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": etag}).status_code == 204


def assert_author_hidden(found: list[dict[str, Any]]) -> None:
    for each in found:
        assert [each[n] for n in ("client_id", "person", "reason")] == [None] * 3


def test_feed_shows_owner_the_values_author_and_reason(owner: CheckedClient) -> None:
    made = system(owner, name="One", legacy_risk=3, capabilities=[])
    patch_system(owner, made, name="Two", legacy_risk=4)
    created, updated = system_events(owner)
    assert created["kind"] == "system.created"
    assert created["changes"]["name"] == {"before": None, "after": "One"}
    assert created["changes"]["agency"] == {"before": None, "after": BEDS}
    assert "description" not in created["changes"]
    assert updated["kind"] == "system.updated"
    assert updated["changes"] == {
        "name": {"before": "One", "after": "Two"},
        "legacy_risk": {"before": 3, "after": 4},
    }
    assert updated["client_id"]
    assert (updated["reason"], updated["person"]) == ("Because.", None)
    for each in (created, updated):
        assert (each["resource"], each["resource_id"]) == ("system", made["id"])
        assert each["agency"] == each["acting_agency"] == BEDS
        assert each["withheld"] == []


@pytest.mark.parametrize("disclosure", ["owner_only", "agreement"])
def test_feed_omits_systems_hidden_from_the_agency(
    owner: CheckedClient, stranger: CheckedClient, disclosure: str
) -> None:
    patch_system(owner, system(owner, disclosure=disclosure), name="Two")
    assert page(stranger, resource="system") == {
        "items": [],
        "page": {"next_cursor": None, "has_more": False},
    }


def test_feed_shows_open_systems_to_strangers_without_author(
    owner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, name="Open", disclosure="all_agencies", **RISKS)
    patch_system(owner, made, name="Opener", legacy_risk=21)
    created, updated = found = system_events(stranger)
    assert_author_hidden(found)
    assert not set(RISKS) & set(created["changes"])
    assert updated["changes"] == {"name": {"before": "Open", "after": "Opener"}}
    assert updated["acting_agency"] == BEDS
    assert set(RISKS) == set(created["withheld"]) == set(updated["withheld"])


@pytest.mark.parametrize("profile", [None, "summary", "standard"])
def test_feed_omits_changes_of_withheld_fields(
    owner: CheckedClient, partner: CheckedClient, profile: str | None
) -> None:
    """The event lists the same fields as withheld, whether they changed or not."""
    if profile:
        grant(owner, CAMBS, profile)
    disclosure = "owner_only" if profile else "all_agencies"
    quiet, busy = (system(owner, name=n, disclosure=disclosure, **RISKS) for n in "QB")
    patch_system(owner, busy, legacy_risk=21)
    patch_system(owner, busy, rto_hours=5, legacy_risk=0)
    if profile == "summary":
        patch_system(owner, busy, user_count=9)
    for each in (quiet, busy):
        patch_system(owner, each, lifecycle="sunsetting")
    found = [e for e in system_events(partner) if e["kind"] == "system.updated"]
    assert [(e["resource_id"], e["changes"]) for e in found] == [
        (each["id"], {"lifecycle": {"before": "live", "after": "sunsetting"}})
        for each in (quiet, busy)
    ]
    assert found[0]["withheld"] == found[1]["withheld"]
    assert ("user_count" in found[0]["withheld"]) == (profile == "summary")
    assert len(system_events(owner)) == (7 if profile == "summary" else 6)


def test_feed_shows_sensitive_fields_with_full_profile_and_scope_only(
    owner: CheckedClient, partner: CheckedClient, sign_in: SignIn
) -> None:
    grant(owner, CAMBS, "full")
    made = system(owner, disclosure="owner_only", **RISKS)
    patch_system(owner, made, legacy_risk=21)
    assert summarise(system_events(partner))[1] == ("system.updated", {"legacy_risk": 21})
    for agency in (CAMBS, BEDS):
        without = system_events(sign_in(agency, SCOPES))
        kinds = [each["kind"] for each in without]
        assert kinds[:1] == ["system.created"]
        assert set(kinds[1:]) == ({"system.read"} if agency == BEDS else set())
        assert set(RISKS) <= set(without[0]["withheld"])


def test_revoked_grant_hides_events_but_a_reader_can_continue_from_them(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    given = grant(owner, CAMBS, "standard")
    system(owner, disclosure="owner_only")
    (seen,) = system_events(partner)
    assert page(partner, after=seen["id"], resource="system")["items"] == []
    revoke(owner, given)
    (withdrawn,) = system_events(partner)
    assert withdrawn["kind"] == "system.access_withdrawn"
    assert system_events(partner, after=seen["id"]) == [withdrawn]


def test_feed_shows_agreement_partners_what_is_disclosed_to_them(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient
) -> None:
    shared = system(owner, name="Shared", disclosure="agreement", **RISKS)
    kept = system(owner, name="Kept", disclosure="owner_only")
    made = agreement(owner, CAMBS, field_profile="standard")
    agree(made, owner, partner)
    patch_system(owner, shared, user_count=7)
    patch_system(owner, kept, user_count=7)
    patch_system(owner, shared, legacy_risk=1)
    found = system_events(partner)
    assert [each["resource_id"] for each in found] == [shared["id"]] * 3
    assert summarise(found)[1:] == [
        ("system.access_given", {}),
        ("system.updated", {"user_count": 7}),
    ]
    assert system_events(stranger) == []
    assert events(stranger, resource="agreement") == []
    terminate(owner, made)
    assert [each["kind"] for each in system_events(partner)] == ["system.access_withdrawn"]
    # Both parties see the termination, but only the lead agency sees its author.
    last = [events(each, resource="agreement")[-1] for each in (owner, partner)]
    assert [each["changes"] for each in last] == [last[0]["changes"]] * 2
    assert last[0]["client_id"]
    assert_author_hidden(last[1:])


def test_cursor_of_hidden_event_is_refused_like_an_unknown_one(
    owner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, disclosure="owner_only")
    system(owner, name="Open", disclosure="all_agencies", **RISKS)
    patch_system(owner, made, name="Two")
    patch_system(owner, system(owner, name="Risky", disclosure="all_agencies"), legacy_risk=1)
    seen = {each["id"] for each in system_events(stranger)}
    hidden = [each["id"] for each in system_events(owner) if each["id"] not in seen]
    assert len(hidden) == 3
    said = []
    for cursor in [*hidden, str(uuid4()), made["id"], "nonsense", "", "\x00", "1"]:
        response = stranger.get(FEED, query_string={"after": cursor})
        assert refusals(response, 400) == {("?after", "unknown")}, cursor
        said.append(answer(response))
    assert all(each == said[0] for each in said)


def test_opened_system_appears_whole_without_its_past(
    owner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, name="Secret", disclosure="owner_only", user_count=5, **RISKS)
    patch_system(owner, made, user_count=6)
    patch_system(owner, made, name="Public", disclosure="all_agencies")
    (opened,) = system_events(stranger)
    assert opened["kind"] == "system.updated"
    assert {each["before"] for each in opened["changes"].values()} == {None}
    shown = {name: each["after"] for name, each in opened["changes"].items()}
    # The name changed with the disclosure and the user count earlier, but both appear as new.
    assert (shown["name"], shown["user_count"], shown["lifecycle"]) == ("Public", 6, "live")
    assert not set(RISKS) & set(shown)


def test_reopened_system_does_not_show_events_of_the_closed_time(
    owner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, name="First", disclosure="all_agencies")
    patch_system(owner, made, disclosure="owner_only")
    assert summarise(system_events(stranger)) == [("system.access_withdrawn", {})]
    patch_system(owner, made, name="Secret")
    patch_system(owner, made, name="Last", disclosure="all_agencies")
    first, withdrawn, last = system_events(stranger)
    assert withdrawn["kind"] == "system.access_withdrawn"
    found = [first, last]
    names = [each["changes"]["name"] for each in found]
    assert names == [{"before": None, "after": "First"}, {"before": None, "after": "Last"}]
    assert len(system_events(owner)) == 4


def test_feed_shows_more_fields_when_a_system_is_opened_further(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    grant(owner, CAMBS, "summary")
    made = system(owner, name="One", disclosure="owner_only", user_count=5)
    patch_system(owner, made, name="Two", user_count=6)
    patch_system(owner, made, disclosure="all_agencies", name="Three")
    _, second, third = system_events(partner)
    assert second["changes"] == {"name": {"before": "One", "after": "Two"}}
    assert "user_count" in second["withheld"]
    assert "user_count" not in third["withheld"]
    assert third["changes"]["name"] == {"before": "Two", "after": "Three"}
    assert third["changes"]["user_count"] == {"before": None, "after": 6}


def test_feed_shows_deletion_of_system_to_agencies_that_could_see_it(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient, session: Session
) -> None:
    grant(owner, CAMBS, "standard")
    made = system(owner, name="Gone", disclosure="all_agencies")
    system(owner, name="Stays", disclosure="all_agencies")
    system(owner, name="Secret", disclosure="owner_only")
    for entity in session.query(System).filter(System.name.in_(["Gone", "Secret"])):
        session.delete(entity)
    session.commit()
    stays, gone, secret = sorted(
        system_events(partner), key=lambda each: len(each["changes"]), reverse=True
    )
    # The grant opened the secret system, whose deletion shows the id alone.
    assert (secret["kind"], secret["changes"], secret["agency"]) == ("system.deleted", {}, None)
    assert stays["changes"]["name"]["after"] == "Stays"
    assert gone["kind"] == "system.deleted"
    assert gone["changes"]["lifecycle"] == {"before": "live", "after": None}
    assert not {"user_count", "disclosure"} & set(gone["changes"])
    assert [gone[name] for name in ("client_id", "person", "reason")] == [None] * 3
    stays, gone = system_events(stranger)
    assert (gone["kind"], gone["resource_id"]) == ("system.deleted", made["id"])
    assert gone["changes"]["name"] == {"before": "Gone", "after": None}
    created, deleted = (e for e in system_events(owner) if e["resource_id"] == made["id"])
    assert created["kind"] == "system.created"
    assert deleted["kind"] == "system.deleted"
    assert deleted["changes"]["name"] == {"before": "Gone", "after": None}


@pytest.mark.parametrize("basis", ["grant", "agreement"])
def test_feed_shows_no_deletion_from_before_an_agency_gained_access(
    owner: CheckedClient, partner: CheckedClient, basis: str
) -> None:
    def share() -> None:
        if basis == "grant":
            grant(owner, CAMBS, "summary")
        else:
            # An agreement that starts in the past opens no past deletion either.
            start = str(clock.today() - timedelta(days=30))
            agree(agreement(owner, start_date=start), owner, partner)

    for disclosure in ("owner_only", "agreement", "all_agencies"):
        delete_system(owner, system(owner, name=f"Early {disclosure}", disclosure=disclosure))
    share()
    for disclosure in ("owner_only", "agreement", "all_agencies"):
        delete_system(owner, system(owner, name=f"Late {disclosure}", disclosure=disclosure))
    closed = system(owner, name="Closed first", disclosure="agreement")
    patch_system(owner, closed, disclosure="owner_only")
    delete_system(owner, closed)
    found = system_events(partner)
    # The grant opened closed systems too, whose deletion shows the id alone.
    bare = [each["kind"] for each in found if not each["changes"]]
    assert bare == (["system.deleted"] * 2 if basis == "grant" else ["system.access_withdrawn"])
    named = [each["changes"]["name"]["before"] for each in found if each["changes"]]
    assert named == ["Early all_agencies", "Late agreement", "Late all_agencies"]
    hidden = next(each for each in system_events(owner) if each["kind"] == "system.deleted")
    refused = partner.get(f"{FEED}?after={hidden['id']}")
    assert refusals(refused, 400) == {("?after", "unknown")}


def test_grant_of_other_records_shows_no_deletion_before_it_includes_systems(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    address = grant(owner, CAMBS, "summary")
    assert change(owner, address, resource_types=["contracts"]).status_code == 200
    delete_system(owner, system(owner, name="Between", disclosure="agreement"))
    assert change(owner, address, resource_types=["systems"]).status_code == 200
    assert system_events(partner) == []
    delete_system(owner, system(owner, name="After", disclosure="agreement"))
    (event,) = system_events(partner)
    assert event["changes"]["name"]["before"] == "After"


def test_feed_shows_only_records_within_the_tokens_scopes(
    owner: CheckedClient, sign_in: SignIn
) -> None:
    made = system(owner, name="One")
    without = sign_in(BEDS, "audit:read agencies:read")
    assert {each["resource"] for each in events(without)} == {"agency"}
    assert page(without, resource="system")["items"] == []
    (event,) = system_events(owner)
    assert refusals(without.get(f"{FEED}?after={event['id']}"), 400) == {("?after", "unknown")}
    assert sign_in(BEDS, "systems:read").get(FEED).status_code == 403
    assert event["resource_id"] == made["id"]


def test_feed_pages_follow_each_other_and_last_cursor_finds_new_events(
    owner: CheckedClient,
) -> None:
    for number in range(5):
        system(owner, name=f"System {number}")
    whole = system_events(owner)
    found: list[dict[str, Any]] = []
    address = f"{FEED}?resource=system&limit=2"
    while True:
        response = owner.get(address)
        said = answer(response)
        found += said["items"]
        assert said["page"]["has_more"] == ("Link" in response.headers)
        assert said["page"]["next_cursor"] == said["items"][-1]["id"]
        if not said["page"]["has_more"]:
            break
        link, options = parse_options_header(response.headers["Link"])
        assert options == {"rel": "next"}
        address = link.strip("<>")
    assert found == whole
    assert [len(page(owner, resource="system", limit=n)["items"]) for n in (4, 5, 6)] == [4, 5, 5]
    cursor = whole[-1]["id"]
    for _ in range(2):
        idle = page(owner, resource="system", after=cursor)
        assert idle == {"items": [], "page": {"next_cursor": cursor, "has_more": False}}
    system(owner, name="News")
    (news,) = page(owner, resource="system", after=cursor)["items"]
    assert news["changes"]["name"]["after"] == "News"


def test_feed_rejects_unknown_or_out_of_range_parameters(owner: CheckedClient) -> None:
    wrong = [("limit", text) for text in ("0", "201", "-1", "1.5", "", "1e2", "\u0661")]
    wrong += [("wait", text) for text in ("31", "-1", "", "x")]
    wrong += [("resource", text) for text in ("", "nonsense", "client", "system,agency")]
    wrong += [
        ("cursor", "x"),
        ("sort", "name"),
        ("kind", "system"),
        ("kind", ""),
        ("fields", "id"),
        ("number", "1"),
    ]
    for name, text in wrong:
        refused = refusals(owner.get(FEED, query_string={name: text}), 400)
        assert [pointer for pointer, _ in refused] == [f"?{name}"], (name, text)


def test_feed_treats_administrator_without_agency_as_stranger(
    owner: CheckedClient, sign_in: SignIn
) -> None:
    system(owner, name="Covert", disclosure="owner_only")
    system(owner, name="Open", disclosure="all_agencies", legacy_risk=1)
    (seen,) = system_events(sign_in(None, "admin audit:read systems:read risks:read"))
    assert seen["changes"]["name"]["after"] == "Open"
    assert "legacy_risk" in seen["withheld"]
    assert_author_hidden([seen])
