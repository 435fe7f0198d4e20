"""Receivers that fail, and the fate of their deliveries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.application import database, ports
from catalogue.webhooks.dispatch import send_events
from catalogue.webhooks.sending import DELAYS
from tests.api_calls import answer, change, refusals
from tests.factories import BEDS, signed_in, system
from tests.stores import Store
from tests.unsaved import CheckedClient
from tests.webhooks.conftest import SCOPES
from tests.webhooks.receiver import Received, Receiver
from tests.webhooks.webhook_calls import deliveries, hours_later, path_of, rename

Fields = dict[str, Any]
Subscribe = Callable[..., Fields]
Deliver = Callable[[], None]
Enter = Callable[..., CheckedClient]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings that the deliveries logged."""
    of_webhooks = "catalogue.webhooks.dispatch"
    return [each.getMessage() for each in caplog.records if each.name == of_webhooks]


def test_events_of_a_record_wait_for_its_earlier_event_and_others_do_not(
    noon: None, beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    subscribe(beds)
    first, second = system(beds, "First"), system(beds, "Second")
    rename(beds, first, "First again")

    def reject_first(received: Received) -> int:
        return 500 if received.data["resource_id"] == first["id"] else 204

    receiver.answer = reject_first
    deliver()
    assert [each.data["resource_id"] for each in receiver.accepted] == [second["id"]]
    assert {each.event["type"] for each in receiver.attempts} == {"system.created"}
    receiver.answer = lambda _received: 204
    with hours_later(1):
        deliver()
    of_first = [each for each in receiver.accepted if each.data["resource_id"] == first["id"]]
    assert [each.event["type"] for each in of_first] == ["system.created", "system.updated"]
    ids = [each.headers["webhook-id"] for each in receiver.attempts]
    assert of_first[0].headers["webhook-id"] == ids[0] or of_first[0].headers["webhook-id"] in ids


def test_a_receiver_that_is_down_for_a_day_loses_nothing(
    noon: None, enter: Enter, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(enter(BEDS))
    receiver.answer = lambda _received: 503
    for hour in range(24):
        with hours_later(hour):
            system(enter(BEDS), f"System {hour}")
            deliver()
    # While the receiver fails, single events are tried, so that none uses up its attempts.
    assert len(receiver.attempts) < 60
    receiver.answer = lambda _received: 204
    with hours_later(24.2):
        deliver()
        deliver()
        assert sorted(
            each.data["changes"]["name"]["after"] for each in receiver.accepted
        ) == sorted(f"System {hour}" for hour in range(24))
        assert {each["status"] for each in deliveries(enter(BEDS), hook, limit="200")} == {
            "delivered"
        }


def test_a_delivery_that_always_fails_ends_as_failed_and_can_be_retried(
    noon: None,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hook = subscribe(beds, url=f"{receiver.url}?key=hunter2")
    system(beds, "Ledger")
    receiver.answer = lambda _received: 400
    hours = 0.0
    for delay in (timedelta(), *DELAYS):
        hours += delay.total_seconds() * 1.21 / 3600
        with hours_later(hours):
            deliver()
    with hours_later(hours):
        api = enter(BEDS)
        [failed] = deliveries(api, hook)
        assert (failed["status"], failed["failure"], failed["response_status"]) == (
            "failed",
            "error_status",
            400,
        )
        assert failed["attempts"] == len(DELAYS) + 1 == len(receiver.attempts)
        of = f"The delivery {failed['id']} of the webhook {hook['id']} of {BEDS}"
        assert warnings(caplog) == [f"{of} has failed: error_status, status 400"]
        receiver.answer = lambda _received: 204
        again = api.post(f"{path_of(hook)}/deliveries/{failed['id']}/attempts")
        assert answer(again)["status"] == "pending"
    with hours_later(hours + 0.2):
        deliver()
        assert receiver.kinds == ["system.created"]
        refused = enter(BEDS).post(f"{path_of(hook)}/deliveries/{failed['id']}/attempts")
        assert refused.status_code == 409


def test_delivery_of_a_webhook_that_sends_nothing_cannot_be_retried(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    system(beds, "Ledger")
    receiver.answer = lambda _received: 410
    deliver()
    [pending] = deliveries(beds, hook)
    path = f"{path_of(hook)}/deliveries/{pending['id']}/attempts"
    for status in ("suspended", "paused"):
        if status == "paused":
            assert change(beds, path_of(hook), status="paused").status_code == 200
        refused = beds.post(path)
        assert refusals(refused, 409) == {("", "inactive")}
        assert f"The webhook is {status}" in refused.text
    assert change(beds, path_of(hook), status="active").status_code == 200
    assert beds.post(path).status_code == 200


def test_retry_after_of_the_receiver_is_respected(
    noon: None, beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    subscribe(beds)
    system(beds, "Ledger")
    receiver.answer, receiver.headers = lambda _received: 429, {"Retry-After": "1800"}
    deliver()
    with hours_later(0.4):
        deliver()
    assert len(receiver.attempts) == 1
    with hours_later(0.6):
        deliver()
    assert len(receiver.attempts) == 2


def test_a_receiver_that_is_gone_suspends_its_webhook_until_it_is_activated(
    beds: CheckedClient,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hook = subscribe(beds)
    system(beds, "First")
    receiver.answer = lambda _received: 410
    deliver()
    shown = answer(beds.get(path_of(hook)))
    assert (shown["status"], shown["suspended_because"]) == ("suspended", "gone")
    assert warnings(caplog) == [f"The webhook {hook['id']} of {BEDS} is suspended: gone"]
    system(beds, "Second")
    receiver.answer = lambda _received: 204
    deliver()
    assert receiver.accepted == []
    activated = answer(change(beds, path_of(hook), status="active"))
    assert (activated["status"], activated["suspended_because"]) == ("active", None)
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        deliver()
    names = sorted(each.data["changes"]["name"]["after"] for each in receiver.accepted)
    assert names == ["First", "Second"]


def test_a_receiver_that_accepts_nothing_for_five_days_suspends_its_webhook(
    noon: None,
    beds: CheckedClient,
    enter: Enter,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    receiver.answer = lambda _received: 503
    for day in range(6):
        with hours_later(day * 24.5):
            system(enter(BEDS), f"System {day}")
            deliver()
    with hours_later(6 * 24):
        shown = answer(enter(BEDS).get(path_of(hook)))
    assert (shown["status"], shown["suspended_because"]) == ("suspended", "unreachable")


def test_redirects_are_not_followed(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds)
    receiver.answer, receiver.headers = lambda _received: 307, {"Location": "/elsewhere"}
    system(beds, "Ledger")
    deliver()
    assert [each.path for each in receiver.attempts] == ["/hook"]
    assert deliveries(beds, hook)[0]["failure"] == "error_status"


def test_a_name_that_leads_to_a_private_address_receives_nothing(
    store: Store, session: Session, receiver: Receiver
) -> None:
    app = store.app_with(webhook_private_addresses=False, identity_provider_private_addresses=True)
    beds = signed_in(app, session, BEDS, SCOPES)
    # The resolver reads this as 127.0.0.1.
    url = f"https://0x7f000001:{receiver.port}/hook"
    hook = answer(beds.post("/v1/webhooks", json={"url": url}))
    system(beds, "Ledger")
    while send_events(database(app), ports(app)):
        pass
    assert receiver.attempts == []
    assert deliveries(beds, hook)[0]["failure"] == "address_not_allowed"


def test_setting_of_identity_providers_allows_no_private_receiver(
    store: Store, session: Session
) -> None:
    app = store.app_with(
        public_url="https://catalogue.example.police.uk", identity_provider_private_addresses=True
    )
    beds = signed_in(app, session, BEDS, SCOPES)
    for url in ("http://127.0.0.1:9/hook", "https://localhost/hook", "https://10.0.0.7/hook"):
        refused = beds.post("/v1/webhooks", json={"url": url})
        assert refused.status_code == 422, refused.text
        assert "CATALOGUE_WEBHOOK_PRIVATE_ADDRESSES" in refused.json["errors"][0]["detail"]


def test_a_receiver_without_tls_behind_https_is_reported(
    beds: CheckedClient, subscribe: Subscribe, deliver: Deliver, receiver: Receiver
) -> None:
    hook = subscribe(beds, url=f"https://127.0.0.1:{receiver.port}/hook")
    system(beds, "Ledger")
    deliver()
    assert deliveries(beds, hook)[0]["failure"] == "tls"
