"""Differences in webhooks: those of other agencies."""

from tests.noninterference.declarations import difference
from tests.noninterference.records import HIDDEN, subscribe
from tests.noninterference.worlds import World


@difference("webhooks")
def additional_hidden_webhooks(world: World) -> None:
    subscribe(world, HIDDEN, status="paused", event_kinds=["system.*"])
