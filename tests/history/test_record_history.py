"""The history of one record, with the reads of its sensitive fields."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.systems.models import System
from tests.api_calls import answer, refusals
from tests.factories import BEDS, CAMBS, system
from tests.history.feed import (
    SCOPES,
    WITH_RISKS,
    SignIn,
    events,
    grant,
    history_path,
    page,
    patch_system,
    revoke,
    summarise,
    system_events,
)
from tests.unsaved import CheckedClient

RISKS = {"legacy_risk": 20, "rto_hours": 4}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, because a read is recorded once a day."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


def list_reads(api: CheckedClient, record: dict[str, Any]) -> list[dict[str, Any]]:
    """List the reads of the sensitive fields of a record that a client sees."""
    return [e for e in events(api, history_path(record)) if e["kind"] == "system.read"]


def test_history_returns_the_feed_of_one_record(owner: CheckedClient) -> None:
    one, two = system(owner, name="One"), system(owner, name="Two")
    for number in range(3):
        patch_system(owner, one, user_count=number)
        patch_system(owner, two, user_count=number)
    whole = events(owner, history_path(one))
    assert whole == [each for each in system_events(owner) if each["resource_id"] == one["id"]]
    assert len(whole) == 4
    assert events(owner, history_path(one), limit=1) == whole
    first = page(owner, history_path(one), limit=1)
    assert first["page"] == {"next_cursor": whole[0]["id"], "has_more": True}
    assert page(owner, history_path(one), after=whole[-1]["id"])["items"] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_history_is_read_newest_first(owner: CheckedClient, limit: int) -> None:
    one, two = system(owner, name="One"), system(owner, name="Two")
    for number in range(3):
        patch_system(owner, one, user_count=number)
        patch_system(owner, two, user_count=number)
    whole = events(owner, history_path(one))
    newest = events(owner, history_path(one), sort="-at", limit=limit)
    assert newest == whole[::-1]
    # A cursor is a place, from which both directions go on.
    second = whole[1]["id"]
    assert events(owner, history_path(one), sort="-at", after=second, limit=limit) == whole[:1]
    assert events(owner, history_path(one), sort="at", after=second, limit=limit) == whole[2:]
    assert page(owner, history_path(one), sort="-at", after=whole[0]["id"])["items"] == []
    refused = owner.get(history_path(one), query_string={"sort": "name"})
    assert refusals(refused, 400) == {("?sort", "invalid")}


def test_owner_reads_the_history_of_a_deleted_record_newest_first(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = system(owner, disclosure="all_agencies")
    etag = owner.get(f"/v1/systems/{made['id']}").headers["ETag"]
    assert owner.delete(f"/v1/systems/{made['id']}", headers={"If-Match": etag}).status_code == 204
    shown = events(owner, history_path(made), sort="-at")
    assert [each["kind"] for each in shown] == ["system.deleted", "system.created"]
    assert partner.get(f"{history_path(made)}?sort=-at").status_code == 404


def test_history_rejects_cursors_of_other_records(owner: CheckedClient) -> None:
    one, two = system(owner, name="One"), system(owner, name="Two")
    (other,) = events(owner, history_path(two))
    for cursor in (other["id"], str(uuid4()), "nonsense"):
        response = owner.get(history_path(one), query_string={"after": cursor})
        assert refusals(response, 400) == {("?after", "unknown")}
    for name in ("wait", "resource", "cursor"):
        assert owner.get(history_path(one), query_string={name: "1"}).status_code == 400


def test_history_returns_404_when_record_is_hidden(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, disclosure="owner_only")
    given = grant(owner, CAMBS, "standard")
    assert len(events(partner, history_path(made))) == 1
    revoke(owner, given)
    nothing = stranger.get(history_path({"id": uuid4()}))
    for client in (partner, stranger):
        refused = client.get(history_path(made))
        assert refused.status_code == nothing.status_code == 404
        assert answer(refused) | {"instance": ""} == answer(nothing) | {"instance": ""}


def test_history_shows_fields_of_the_profile_only(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    grant(owner, CAMBS, "summary")
    made = system(owner, name="One", disclosure="owner_only", user_count=1, **RISKS)
    patch_system(owner, made, user_count=2)
    patch_system(owner, made, legacy_risk=2)
    patch_system(owner, made, name="Two")
    created, renamed = events(partner, history_path(made))
    assert {"agency", "name", "lifecycle"} <= set(created["changes"])
    assert not {"user_count", "disclosure", *RISKS} & set(created["changes"])
    assert renamed["changes"] == {"name": {"before": "One", "after": "Two"}}
    assert [renamed[n] for n in ("client_id", "person", "reason")] == [None] * 3


def test_history_of_deleted_record_is_visible_to_its_owner_only(
    owner: CheckedClient, partner: CheckedClient, session: Session
) -> None:
    grant(owner, CAMBS, "standard")
    made = system(owner, disclosure="all_agencies")
    (entity,) = session.query(System)
    session.delete(entity)
    session.commit()
    assert [kind for kind, _ in summarise(events(owner, history_path(made)))] == [
        "system.created",
        "system.deleted",
    ]
    assert partner.get(history_path(made)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/v1/systems/{id}", id="record"),
        pytest.param("/v1/systems", id="list"),
        pytest.param("/v1/systems?format=xlsx", id="file"),
        pytest.param("/v1/systems?legacy_risk__gte=1&fields=name", id="filtered-list"),
    ],
)
def test_read_of_another_agencys_sensitive_fields_is_recorded(
    owner: CheckedClient, partner: CheckedClient, path: str
) -> None:
    made = system(owner, name="Read", disclosure="owner_only", **RISKS)
    given = grant(owner, CAMBS, "full")
    assert list_reads(owner, made) == []
    response = partner.get(path.format(**made))
    assert response.status_code == 200, response.text
    (read,) = list_reads(owner, made)
    assert (read["agency"], read["acting_agency"]) == (BEDS, CAMBS)
    assert read["client_id"]
    assert read["changes"] == {}
    assert read["withheld"] == []
    assert "system.read" not in [each["kind"] for each in system_events(partner)]
    assert "system.read" not in [each["kind"] for each in events(partner, history_path(made))]
    # Both responses showed the sensitive fields too, but a read of that day was already recorded.
    assert len(list_reads(owner, made)) == 1
    revoke(owner, given)
    (withdrawn,) = system_events(partner)
    assert withdrawn["kind"] == "system.access_withdrawn"


def test_reads_are_recorded_per_client_and_day(sign_in: SignIn) -> None:
    # Five minutes before midnight in the United Kingdom. In UTC the day ends an hour later.
    evening = datetime(2026, 6, 15, 22, 55, tzinfo=UTC)
    with clock.freeze(evening):
        owner, partner, other = (sign_in(code, WITH_RISKS) for code in (BEDS, CAMBS, CAMBS))
        made = system(owner, name="Read", disclosure="owner_only", **RISKS)
        grant(owner, CAMBS, "full")
    for client, minutes, kept in ((partner, 0, 1), (partner, 4, 1), (other, 4, 2), (partner, 6, 3)):
        with clock.freeze(evening + timedelta(minutes=minutes)):
            assert client.get(f"/v1/systems/{made['id']}").status_code == 200
            assert len(list_reads(owner, made)) == kept


def test_other_reads_are_not_recorded(
    owner: CheckedClient, partner: CheckedClient, sign_in: SignIn
) -> None:
    made = system(owner, name="Read", disclosure="all_agencies", **RISKS)
    path = f"/v1/systems/{made['id']}"
    given = grant(owner, CAMBS, "standard")
    for client in (owner, partner):
        client.get(path)
        events(client, history_path(made))
    revoke(owner, given)
    grant(owner, CAMBS, "full")
    sign_in(CAMBS, SCOPES).get(path)
    partner.get("/v1/systems?fields=name")
    assert list_reads(owner, made) == []


def test_sensitive_fields_are_not_returned_when_read_cannot_be_recorded(
    app: Flask, owner: CheckedClient, partner: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = system(owner, name="Read", disclosure="owner_only", **RISKS)
    grant(owner, CAMBS, "full")

    def fail(*_arguments: Any) -> None:
        raise OSError("The disc is full.")

    monkeypatch.setattr("catalogue.history.access_log.record_reads", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    for path in (
        f"/v1/systems/{made['id']}",
        "/v1/systems",
        "/v1/systems?format=csv",
        history_path(made),
        "/v1/changes",
    ):
        response = partner.get(path)
        assert response.status_code == 500, path
        assert "legacy_risk" not in response.text
    assert owner.get(f"/v1/systems/{made['id']}").status_code == 200
