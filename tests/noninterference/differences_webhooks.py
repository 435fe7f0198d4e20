"""Differences in webhooks: those of other agencies."""

from tests.noninterference.declarations import difference
from tests.noninterference.records import HIDDEN, queue_deliveries, subscribe
from tests.noninterference.worlds import World


@difference("webhooks")
def additional_hidden_webhooks(world: World) -> None:
    subscribe(world, HIDDEN, status="paused", event_kinds=["system.*"])


@difference("webhook deliveries")
def hidden_deliveries(world: World) -> None:
    subscribe(world, HIDDEN, description="Zebra")
    queue_deliveries(world)
