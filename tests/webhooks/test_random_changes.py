"""Copies kept by webhooks, of receivers that fail at random, end with what fresh lists show."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from catalogue.core import clock
from tests.chance import chance
from tests.contracts.api_contracts import supplier
from tests.history.follower import Follower
from tests.history.random_changes import AGENCIES, SCOPES, RandomChanges
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.default_store("sqlite")

EVENING = datetime(2026, 11, 28, 21, 30, tzinfo=UTC)
CHECKED_EVERY = 500
LONGEST_OUTAGE = timedelta(hours=1)


class WebhookFollower(Follower):
    """A copy of all records of some kinds, to which a receiver applies what it accepts."""

    def __init__(self, api: CheckedClient, receiver: Receiver, chance: Random) -> None:
        super().__init__(api)
        self.receiver, self.applied = receiver, 0
        receiver.answer = lambda _received: chance.choice([204, 204, 503])
        response = api.post("/v1/webhooks", json={"url": receiver.url, "event_kinds": []})
        assert response.status_code == 201, response.text

    def _events(self) -> Iterator[dict[str, Any]]:
        arrived = self.receiver.accepted[self.applied :]
        self.applied += len(arrived)
        return iter([each.data for each in arrived])


def follow_random_changes(
    enter: Callable[..., CheckedClient], deliver: Callable[[], None], count: int
) -> None:
    """Let four agencies make random changes, and compare what webhooks brought with lists."""
    now = EVENING
    with ExitStack() as receivers:
        with clock.freeze(now):
            apis = {code: enter(code, f"{SCOPES} webhooks:write") for code in AGENCIES}
            changes = RandomChanges(apis, supplier(apis[AGENCIES[0]]), chance("webhooks"))
            followers = [
                WebhookFollower(api, receivers.enter_context(Receiver()), chance(code))
                for code, api in apis.items()
            ]
        for i in range(1, count + 1):
            now += timedelta(seconds=4)
            with clock.freeze(now):
                changes.step()
            if i % 10 == 0:
                with clock.freeze(now):
                    deliver()
            if i % CHECKED_EVERY == 0:
                until = now + LONGEST_OUTAGE
                while now < until:
                    now += timedelta(minutes=5)
                    with clock.freeze(now):
                        deliver()
                with clock.freeze(now):
                    for follower in followers:
                        follower.follow()
                        differences = follower.differences()
                        assert differences == [], f"after {i}:\n" + "\n".join(differences)
    assert all(len(each.receiver.attempts) > len(each.receiver.accepted) for each in followers)


@pytest.mark.exhaustive
def test_copy_kept_by_webhook_is_what_lists_show_after_5000_changes(
    enter: Callable[..., CheckedClient], deliver: Callable[[], None]
) -> None:
    follow_random_changes(enter, deliver, 5000)
