"""Deliveries of webhooks to a real receiver."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from catalogue.access.operations import revoke_client
from catalogue.core import clock
from catalogue.core.actor import Author
from catalogue.webhooks.dispatch import delete_old_deliveries
from catalogue.webhooks.models import Webhook
from tests.api_calls import answer, change, refusals
from tests.factories import BEDS, CAMBS, system
from tests.history.feed import grant
from tests.stores import Store
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Received, Receiver
from tests.webhooks.webhook_calls import deliveries, hours_later, path_of, rename

Fields = dict[str, Any]
Subscribe = Callable[..., Fields]
Deliver = Callable[[], None]
Enter = Callable[..., CheckedClient]


def test_events_arrive_signed_in_the_form_of_standard_webhooks(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    system(beds, "Before")
    hook = subscribe(beds)
    made = system(beds, "Ledger")
    deliver()
    [got] = receiver.accepted
    assert got.data["resource_id"] == made["id"]
    assert got.data["changes"]["name"] == {"before": None, "after": "Ledger"}
    assert got.event["type"] == "system.created"
    assert Verifier(hook["secret"]).verify(got.body, got.headers) == got.event
    with pytest.raises(WebhookVerificationError):
        Verifier(hook["secret"]).verify(got.body + b" ", got.headers)
    [logged] = deliveries(beds, hook)
    assert (logged["status"], logged["response_status"], logged["attempts"]) == (
        "delivered",
        204,
        1,
    )
    assert logged["id"] == got.headers["webhook-id"]
    feed = answer(beds.get("/v1/changes"))["items"]
    assert got.data == next(each for each in feed if each["id"] == logged["event_id"])
    deliver()
    assert len(receiver.attempts) == 1


def test_the_first_event_is_the_creation_of_the_webhook_itself(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    subscribe(beds, event_kinds=[])
    deliver()
    assert receiver.kinds == ["webhook.created"]


def test_only_the_chosen_kinds_of_events_are_sent(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    subscribe(beds, event_kinds=["system.updated", "agency.*"])
    made = system(beds, "Ledger")
    rename(beds, made, "Big ledger")
    deliver()
    assert receiver.kinds == ["system.updated"]


def test_a_webhook_sends_what_its_agency_can_see_at_the_time_of_delivery(
    beds: CheckedClient, enter: Enter, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(enter(CAMBS))
    system(beds, "Hidden", disclosure="owner_only")
    system(beds, "Open", disclosure="all_agencies")
    closing = system(beds, "Closing", disclosure="all_agencies")
    receiver.answer = lambda _received: 503
    deliver()
    receiver.answer = lambda _received: 204
    closed = change(beds, f"/v1/systems/{closing['id']}", disclosure="owner_only")
    assert closed.status_code == 200
    with clock.freeze(clock.now() + timedelta(hours=1)):
        deliver()
        withheld = deliveries(enter(CAMBS), hook, status="withheld")
    made = [each for each in receiver.accepted if each.event["type"] == "system.created"]
    assert [each.data["changes"]["name"]["after"] for each in made] == ["Open"]
    assert set(receiver.kinds) == {"system.created", "system.access_withdrawn"}
    assert "Hidden" not in str([each.event for each in receiver.accepted])
    assert [each["resource_id"] for each in withheld] == [closing["id"]]


def test_access_that_begins_and_ends_is_sent_once_and_shows_nothing_else(
    noon: None,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    subscribe(enter(CAMBS))
    closing = system(beds, "Closing", disclosure="all_agencies")["id"]
    granted = system(beds, "Granted", disclosure="owner_only")["id"]
    deliver()
    closed = change(beds, f"/v1/systems/{closing}", disclosure="owner_only", name="Covert")
    assert closed.status_code == 200
    deliver()
    grant(beds, CAMBS, "standard", hours=2)
    deliver()
    with hours_later(3):
        deliver()
        deliver()
    assert [each.event["type"] for each in receiver.accepted] == [
        "system.created",
        "system.access_withdrawn",
        *["system.access_given"] * 2,
        *["system.access_withdrawn"] * 2,
    ]
    created, *others = receiver.accepted
    assert (created.data["resource_id"], others[0].data["resource_id"]) == (closing, closing)
    for some in (others[1:3], others[3:]):
        assert {each.data["resource_id"] for each in some} == {closing, granted}
    assert all(each.data["changes"] == {} for each in others)
    assert "Covert" not in str([each.event for each in receiver.accepted])


def test_after_a_rotation_both_secrets_sign_for_a_day(
    noon: None,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    rotated = answer(beds.post(f"{path_of(hook)}/secrets"))
    assert rotated["previous_expires_at"] == "2026-11-03T12:00:00+00:00"
    signers = {}
    for hours in (1, 25):
        with hours_later(hours):
            system(enter(BEDS), f"System {hours}")
            deliver()
        signers[hours] = signing([hook["secret"], rotated["secret"]], receiver.accepted[-1])
    assert signers == {1: [0, 1], 25: [1]}


def test_each_secret_signs_for_a_day_however_often_it_is_rotated(
    noon: None,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    path = f"{path_of(hook)}/secrets"
    secrets = [hook["secret"]]
    for hours in range(4):
        with hours_later(hours):
            secrets.append(answer(enter(BEDS).post(path))["secret"])
    with hours_later(4):
        api = enter(BEDS)
        response = api.post(path)
        assert refusals(response, 409) == {("", "too_many")}
        assert "2026-11-03T12:00:00Z" in response.text
        system(api, "First")
        deliver()
    assert signing(secrets, receiver.accepted[-1]) == [0, 1, 2, 3, 4]
    with hours_later(24.5):
        api = enter(BEDS)
        secrets.append(answer(api.post(path))["secret"])
        system(api, "Second")
        deliver()
    assert signing(secrets, receiver.accepted[-1]) == [1, 2, 3, 4, 5]


def signing(secrets: list[str], got: Received) -> list[int]:
    """Return the places of the secrets that sign a request."""
    signatures = got.headers["webhook-signature"].split(" ")
    return [place for place, secret in enumerate(secrets) if _signature(secret, got) in signatures]


def _signature(secret: str, got: Received) -> str:
    at = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    signature: str = Verifier(secret).sign(got.headers["webhook-id"], at, got.body.decode())
    return signature


def test_a_replay_sends_the_events_after_a_place_again(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    for name in ("First", "Second", "Third"):
        system(beds, name)
    deliver()
    sent = {each.data["changes"]["name"]["after"]: each.data["id"] for each in receiver.accepted}
    assert set(sent) == {"First", "Second", "Third"}
    for after, expected in ((sent["First"], ["Second", "Third"]), (None, sorted(sent))):
        receiver.accepted.clear()
        replayed = beds.post(f"{path_of(hook)}/replays", json={"after": after})
        assert replayed.status_code == 200
        deliver()
        assert (
            sorted(each.data["changes"]["name"]["after"] for each in receiver.accepted) == expected
        )


def test_a_replay_replaces_the_deliveries_that_it_covers(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    system(beds, "Ledger")
    receiver.answer = lambda _received: 503
    deliver()
    receiver.answer = lambda _received: 204
    beds.post(f"{path_of(hook)}/replays", json={})
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        deliver()
    assert receiver.kinds == ["system.created"]
    assert [each["status"] for each in deliveries(beds, hook)] == ["replaced", "delivered"]


def test_a_revoked_client_suspends_its_webhooks(
    session: Session,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    client_id = answer(beds.get(path_of(hook)))["client_id"]
    system(enter(BEDS), "Ledger")
    session.info["author"] = Author("test")
    revoke_client(session, client_id=client_id)
    session.commit()
    deliver()
    assert receiver.attempts == []
    shown = answer(enter(BEDS).get(path_of(hook)))
    assert (shown["status"], shown["suspended_because"]) == ("suspended", "client_revoked")


def test_a_client_whose_identity_provider_is_unknown_sends_nothing(
    session: Session,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    stored = session.get_one(Webhook, UUID(hook["id"]))
    # As if a token of a provider that no longer exists had changed the webhook last.
    session.info["author"] = Author("test")
    stored.client_id, stored.subject = "beds-entra:cmdb", "beds-entra:cmdb"
    session.commit()
    system(enter(BEDS), "Ledger")
    deliver()
    assert receiver.attempts == []
    assert answer(enter(BEDS).get(path_of(hook)))["suspended_because"] == "client_revoked"


def test_a_change_by_a_client_with_fewer_scopes_narrows_what_is_sent(
    beds: CheckedClient, enter: Enter, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    narrow = enter(BEDS, "webhooks:write agencies:read")
    change(narrow, path_of(hook), description="Ours")
    system(beds, "Ledger")
    deliver()
    assert receiver.accepted == []


def test_a_paused_webhook_sends_what_it_missed_once_it_is_active(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    change(beds, path_of(hook), status="paused")
    system(beds, "Ledger")
    deliver()
    assert receiver.attempts == []
    change(beds, path_of(hook), status="active")
    deliver()
    assert receiver.kinds == ["system.created"]


def test_old_deliveries_leave_the_log(
    noon: None,
    session: Session,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
) -> None:
    hook = subscribe(beds)
    system(beds, "Ledger")
    deliver()
    with hours_later(31 * 24):
        delete_old_deliveries(session)
        session.commit()
        assert deliveries(enter(BEDS), hook) == []


def test_a_follower_by_webhook_ends_with_what_the_list_shows(
    beds: CheckedClient, store: Store, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    """The receiver fails at random, and applies each accepted event to its copy."""
    random = Random(20261130)
    receiver.answer = lambda _received: random.choice([204, 204, 503])
    subscribe(beds)
    records: list[Fields] = []
    start = clock.now()
    for step in range(60):
        action = random.choice(["create", "rename", "rename", "delete"])
        if action == "create" or not records:
            records.append(system(beds, f"System {step}"))
        elif action == "rename":
            rename(beds, random.choice(records), f"Renamed {step}")
        else:
            gone = records.pop(random.randrange(len(records)))
            path = f"/v1/systems/{gone['id']}"
            etag = beds.get(path).headers["ETag"]
            assert beds.delete(path, headers={"If-Match": etag}).status_code == 204
        if step % 10 == 9:
            deliver()
    for hour in range(1, 60):
        with clock.freeze(start + timedelta(hours=hour)):
            deliver()
    copy: dict[str, str] = {}
    for received in receiver.accepted:
        data = received.data
        if received.event["type"] == "system.deleted":
            copy.pop(data["resource_id"], None)
        elif "name" in data["changes"]:
            copy[data["resource_id"]] = data["changes"]["name"]["after"]
    items = answer(beds.get("/v1/systems?limit=200"))["items"]
    assert copy == {each["id"]: each["name"] for each in items}
