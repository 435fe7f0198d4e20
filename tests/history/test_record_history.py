"""The history of one record, and the readings that are written into it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.systems.models import System
from tests.history.following import (
    SCOPES,
    WITH_RISKS,
    SignIn,
    events,
    grant,
    history,
    of_systems,
    page,
    patched,
    revoke,
    told,
)
from tests.recording import BEDS, CAMBS, answer, refusals, system
from tests.unsaved import CheckedClient

RISKS = {"legacy_risk": 20, "rto_hours": 4}


def readings(api: CheckedClient, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Who read the sensitive fields of a record, as its owner is told."""
    return [e for e in events(api, history(record)) if e["kind"] == "system.read"]


def test_a_history_is_the_feed_of_one_record(owner: CheckedClient) -> None:
    one, two = system(owner, name="One"), system(owner, name="Two")
    for number in range(3):
        patched(owner, one, user_count=number)
        patched(owner, two, user_count=number)
    whole = events(owner, history(one))
    assert whole == [each for each in of_systems(owner) if each["resource_id"] == one["id"]]
    assert len(whole) == 4
    assert events(owner, history(one), limit=1) == whole
    first = page(owner, history(one), limit=1)
    assert first["page"] == {"next_cursor": whole[0]["id"], "has_more": True}
    assert page(owner, history(one), after=whole[-1]["id"])["items"] == []


def test_a_history_goes_on_from_its_own_events_only(owner: CheckedClient) -> None:
    one, two = system(owner, name="One"), system(owner, name="Two")
    (other,) = events(owner, history(two))
    for cursor in (other["id"], str(uuid4()), "nonsense"):
        response = owner.get(history(one), query_string={"after": cursor})
        assert refusals(response, 400) == {("?after", "unknown")}
    for name in ("wait", "resource", "cursor"):
        assert owner.get(history(one), query_string={name: "1"}).status_code == 400


def test_it_is_absent_with_its_record(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient
) -> None:
    made = system(owner, disclosure="owner_only")
    given = grant(owner, CAMBS, "standard")
    assert len(events(partner, history(made))) == 1
    revoke(owner, given)
    nothing = stranger.get(history({"id": uuid4()}))
    for client in (partner, stranger):
        refused = client.get(history(made))
        assert refused.status_code == nothing.status_code == 404
        assert answer(refused) | {"instance": ""} == answer(nothing) | {"instance": ""}


def test_it_shows_what_the_profile_shows(owner: CheckedClient, partner: CheckedClient) -> None:
    grant(owner, CAMBS, "summary")
    made = system(owner, name="One", disclosure="owner_only", user_count=1, **RISKS)
    patched(owner, made, user_count=2)
    patched(owner, made, legacy_risk=2)
    patched(owner, made, name="Two")
    created, renamed = events(partner, history(made))
    assert {"agency", "name", "lifecycle"} <= set(created["changes"])
    assert not {"user_count", "disclosure", *RISKS} & set(created["changes"])
    assert renamed["changes"] == {"name": {"before": "One", "after": "Two"}}
    assert [renamed[n] for n in ("client_id", "person", "reason")] == [None] * 3


def test_a_deleted_records_history_is_left_to_its_owner(
    owner: CheckedClient, partner: CheckedClient, session: Session
) -> None:
    grant(owner, CAMBS, "standard")
    made = system(owner, disclosure="all_agencies")
    (entity,) = session.query(System)
    session.delete(entity)
    session.commit()
    assert [kind for kind, _ in told(events(owner, history(made)))] == [
        "system.created",
        "system.deleted",
    ]
    assert partner.get(history(made)).status_code == 404


@pytest.mark.parametrize(
    "asked", ["/v1/systems/{id}", "/v1/systems", "/v1/systems?legacy_risk__gte=1&fields=name"]
)
def test_who_reads_anothers_sensitive_fields_is_written_down(
    owner: CheckedClient, partner: CheckedClient, asked: str
) -> None:
    made = system(owner, name="Read", disclosure="owner_only", **RISKS)
    given = grant(owner, CAMBS, "full")
    assert readings(owner, made) == []
    response = partner.get(asked.format(**made))
    assert response.status_code == 200, response.text
    (reading,) = readings(owner, made)
    assert (reading["agency"], reading["acting_agency"]) == (BEDS, CAMBS)
    assert reading["client_id"]
    assert reading["changes"] == {}
    assert reading["withheld"] == []
    assert "system.read" not in [each["kind"] for each in of_systems(partner)]
    assert "system.read" not in [each["kind"] for each in events(partner, history(made))]
    # Those two showed the record's sensitive fields as well, but it is on record for the day.
    assert len(readings(owner, made)) == 1
    revoke(owner, given)
    assert of_systems(partner) == []


def test_each_client_and_each_day_has_its_reading(sign_in: SignIn) -> None:
    # Ten minutes before a midnight of summer time, when it is still today in UTC thereafter.
    evening = datetime(2026, 6, 15, 22, 55, tzinfo=UTC)
    with clock.freeze(evening):
        owner, partner, other = (sign_in(code, WITH_RISKS) for code in (BEDS, CAMBS, CAMBS))
        made = system(owner, name="Read", disclosure="owner_only", **RISKS)
        grant(owner, CAMBS, "full")
    for client, minutes, kept in ((partner, 0, 1), (partner, 4, 1), (other, 4, 2), (partner, 6, 3)):
        with clock.freeze(evening + timedelta(minutes=minutes)):
            assert client.get(f"/v1/systems/{made['id']}").status_code == 200
            assert len(readings(owner, made)) == kept


def test_no_other_reading_is_written_down(
    owner: CheckedClient, partner: CheckedClient, sign_in: SignIn
) -> None:
    made = system(owner, name="Read", disclosure="all_agencies", **RISKS)
    path = f"/v1/systems/{made['id']}"
    given = grant(owner, CAMBS, "standard")
    for client in (owner, partner):
        client.get(path)
        events(client, history(made))
    revoke(owner, given)
    grant(owner, CAMBS, "full")
    sign_in(CAMBS, SCOPES).get(path)
    partner.get("/v1/systems?fields=name")
    assert readings(owner, made) == []


def test_a_reading_that_cannot_be_written_down_is_not_answered(
    app: Flask, owner: CheckedClient, partner: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = system(owner, name="Read", disclosure="owner_only", **RISKS)
    grant(owner, CAMBS, "full")

    def fail(*_arguments: Any) -> None:
        raise OSError("The disc is full.")

    monkeypatch.setattr("catalogue.history.reads.record_reading", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    for path in (f"/v1/systems/{made['id']}", "/v1/systems", history(made), "/v1/changes"):
        response = partner.get(path)
        assert response.status_code == 500, path
        assert "legacy_risk" not in response.text
    assert owner.get(f"/v1/systems/{made['id']}").status_code == 200
