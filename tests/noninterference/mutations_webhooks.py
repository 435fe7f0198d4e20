"""Mutations of the rules for webhooks and their deliveries."""

from typing import Any

import sqlalchemy as sa

from catalogue.webhooks import views
from catalogue.webhooks.resources import DELIVERIES
from tests.noninterference.broken_rules import changed
from tests.noninterference.mutations import both, breaks, patched


@breaks("every agency sees the deliveries of a webhook", "list_webhook_deliveries")
def _deliveries() -> Any:
    def allow(*_a: Any, **_k: Any) -> None:
        return None

    return both(patched(views, "require_visible", allow), changed(DELIVERIES, visible=sa.true()))
