"""Deliveries of webhooks for requests that succeed."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from catalogue.core.application import database, ports
from catalogue.webhooks import dispatch


def _delivery(world: Any) -> str:
    """Return the first delivery of the owner's webhook. Nothing is sent to its invented address."""
    webhook = world.record("webhook_id")
    world.make("/v1/systems", {"name": "Delivered", "lifecycle": "live"})
    with patch.object(dispatch, "send_all", return_value={}):
        dispatch.send_events(database(world.app), ports(world.app))
    listed = world.owner.get(f"/v1/webhooks/{webhook}/deliveries").json
    return str(listed["items"][0]["id"])


WEBHOOK_MAKERS: dict[str, Callable[[Any], str]] = {"delivery_id": _delivery}
