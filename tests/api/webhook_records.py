"""Deliveries of webhooks for requests that succeed."""

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Flask

from catalogue.core.application import database, ports
from catalogue.webhooks import dispatch
from catalogue.webhooks.models import Webhook


def queue_deliveries(app: Flask, webhook_id: str) -> None:
    """Queue the events of one webhook, even if others wait longer. Nothing is sent to its address."""
    waiting = dispatch._waiting().where(Webhook.id == UUID(webhook_id))
    with (
        patch.object(dispatch, "_waiting", return_value=waiting),
        patch.object(dispatch, "send_all", return_value={}),
    ):
        dispatch.send_events(database(app), ports(app))


def many_deliveries(world: Any, number: int) -> list[Any]:
    """Return the deliveries of the owner's webhook."""
    webhook = world.record("webhook_id")
    for each in range(number):
        world.make("/v1/systems", {"name": f"Delivered {each}", "lifecycle": "live"})
    world.run_in_app(partial(queue_deliveries, webhook_id=webhook))
    listed: list[Any] = world.owner.get(f"/v1/webhooks/{webhook}/deliveries").json["items"]
    return listed


WEBHOOK_MAKERS: dict[str, Callable[[Any], str]] = {
    "delivery_id": lambda world: str(many_deliveries(world, 1)[0]["id"]),
}
