"""Deliveries of webhooks for requests that succeed."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from catalogue.core.application import database, ports
from catalogue.webhooks import dispatch


def many_deliveries(world: Any, number: int) -> list[Any]:
    """Return the deliveries of the owner's webhook. Nothing is sent to its invented address."""
    webhook = world.record("webhook_id")
    for each in range(number):
        world.make("/v1/systems", {"name": f"Delivered {each}", "lifecycle": "live"})
    with patch.object(dispatch, "send_all", return_value={}):
        dispatch.send_events(database(world.app), ports(world.app))
    listed: list[Any] = world.owner.get(f"/v1/webhooks/{webhook}/deliveries").json["items"]
    return listed


WEBHOOK_MAKERS: dict[str, Callable[[Any], str]] = {
    "delivery_id": lambda world: str(many_deliveries(world, 1)[0]["id"]),
}
