"""Copies kept by webhooks, of receivers that fail at random, end with what fresh lists show."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from catalogue.core import clock
from tests.api_calls import answer
from tests.chance import chance
from tests.contracts.api_contracts import supplier
from tests.history.follower import Follower
from tests.history.random_changes import AGENCIES, SCOPES, RandomChanges
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.default_store("sqlite")

EVENING = datetime(2026, 11, 28, 21, 30, tzinfo=UTC)
CHECKED_EVERY = 500


class WebhookFollower(Follower):
    """A copy of all records of some kinds, to which a receiver applies what it accepts."""

    def __init__(self, api: CheckedClient, receiver: Receiver, chance: Random) -> None:
        super().__init__(api)
        self.receiver, self.applied = receiver, 0
        receiver.answer = lambda _received: chance.choice([204, 204, 503])
        response = api.post("/v1/webhooks", json={"url": receiver.url, "event_kinds": []})
        assert response.status_code == 201, response.text
        self.webhook = answer(response)["id"]

    def waits(self, now: datetime) -> bool:
        """Return whether deliveries still wait for an attempt."""
        with clock.freeze(now):
            path = f"/v1/webhooks/{self.webhook}/deliveries?status=pending&limit=1"
            return bool(answer(self.api.get(path))["items"])

    def _events(self) -> Iterator[dict[str, Any]]:
        arrived = self.receiver.accepted[self.applied :]
        self.applied += len(arrived)
        return iter([each.data for each in arrived])


def follow_random_changes(
    enter: Callable[..., CheckedClient], deliver: Callable[[], None], count: int
) -> None:
    """Let four agencies make random changes, and compare what webhooks brought with lists."""
    now = EVENING

    def sign_in() -> dict[str, CheckedClient]:
        return {code: enter(code, f"{SCOPES} webhooks:write") for code in AGENCIES}

    with ExitStack() as receivers:
        with clock.freeze(now):
            apis = sign_in()
            changes = RandomChanges(apis, supplier(apis[AGENCIES[0]]), chance("webhooks"))
            followers = [
                WebhookFollower(api, receivers.enter_context(Receiver()), chance(code))
                for code, api in apis.items()
            ]
        for i in range(1, count + 1):
            now += timedelta(seconds=10)
            with clock.freeze(now):
                changes.step()
                if i % 10 == 0:
                    deliver()
            if i % CHECKED_EVERY == 0:
                while any(follower.waits(now) for follower in followers):
                    now += timedelta(minutes=20)
                    with clock.freeze(now):
                        deliver()
                        # The retries take longer than a token is valid.
                        changes.apis = sign_in()
                        for follower, api in zip(followers, changes.apis.values(), strict=True):
                            follower.api = api
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
