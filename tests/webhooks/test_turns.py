"""Turns of webhooks: a slow receiver does not hold up the deliveries of other agencies."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from catalogue.core import clock
from catalogue.core.application import database, ports
from catalogue.webhooks.dispatch import LEASE, send_events
from catalogue.webhooks.sending import ROUND_SECONDS, TIMEOUT_SECONDS
from tests.factories import BEDS, CAMBS, system
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Received, Receiver
from tests.webhooks.webhook_calls import deliveries, rename

Fields = dict[str, Any]
SECONDS_OF_A_RESPONSE = 9
RENAMED = 5
CHANGES = RENAMED + 1


def test_a_slow_receiver_does_not_hold_up_the_webhook_of_another_agency(
    hooked: Flask,
    enter: Callable[..., CheckedClient],
    subscribe: Callable[..., Fields],
    deliver: Callable[[], None],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: passed[0])

    def answer_slowly(_received: Received) -> int:
        passed[0] += SECONDS_OF_A_RESPONSE
        return 204

    receiver.answer = answer_slowly
    slow = subscribe(enter(BEDS))
    with Receiver() as fast:
        subscribe(enter(CAMBS), url=fast.url)
        made = system(enter(BEDS), "Ledger", disclosure="all_agencies")
        for number in range(RENAMED):
            rename(enter(BEDS), made, f"Ledger {number}")
        send_events(database(hooked), ports(hooked))
        assert len(receiver.attempts) == 3
        statuses = [each["status"] for each in deliveries(enter(BEDS), slow)]
        assert statuses == ["delivered"] * 3 + ["pending"] * 3
        assert [each["attempts"] for each in deliveries(enter(BEDS), slow)][3:] == [0, 0, 0]
        send_events(database(hooked), ports(hooked))
        assert len(fast.accepted) == CHANGES
        assert len(receiver.attempts) == 3
        deliver()
    names = [each.data["changes"]["name"]["after"] for each in receiver.accepted]
    assert names == ["Ledger", *(f"Ledger {number}" for number in range(RENAMED))]
    assert len(receiver.attempts) == len(fast.attempts) == CHANGES


def test_an_agency_with_many_webhooks_takes_no_more_turns_than_another(
    hooked: Flask,
    enter: Callable[..., CheckedClient],
    subscribe: Callable[..., Fields],
    receiver: Receiver,
) -> None:
    for _ in range(3):
        subscribe(enter(BEDS))
    with Receiver() as other:
        subscribe(enter(CAMBS), url=other.url)
        made = system(enter(BEDS), "Ledger", disclosure="all_agencies")
        for number in range(RENAMED):
            for _ in range(2):
                send_events(database(hooked), ports(hooked))
            assert len(other.accepted) == number + 1
            rename(enter(BEDS), made, f"Ledger {number}")
    # The webhooks take the turns of their agency one after another, and send what has gathered.
    assert len(receiver.accepted) == 1 + 2 + 3 + 3 + 3


def test_a_round_ends_long_before_another_worker_can_take_the_webhook() -> None:
    assert LEASE.total_seconds() / 2 > ROUND_SECONDS + TIMEOUT_SECONDS
