"""Endpoints for your agency's webhooks and their deliveries."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_record, require_visible
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
from catalogue.webhooks import operations
from catalogue.webhooks.resources import DELIVERIES, WEBHOOKS
from catalogue.webhooks.schemas import (
    WebhookCreate,
    WebhookDeliverySchema,
    WebhookPatch,
    WebhookReplay,
    WebhookSchema,
    WebhookSecretSchema,
)

webhooks = Blueprint(
    "webhooks",
    __name__,
    url_prefix="/v1/webhooks",
    description=(
        "Addresses that receive the events of the change feed, in the form of the Standard Webhooks "
        "specification."
    ),
)

_SCOPE = Scope.WEBHOOKS_WRITE
_ONE = "/<uuid:webhook_id>"


@webhooks.get("", scope=_SCOPE, list_of=WEBHOOKS)
def list_webhooks(context: Context) -> Response:
    """List your agency's webhooks."""
    return list_response(context, WEBHOOKS)


@webhooks.post("", scope=_SCOPE, body=WebhookCreate, response=WebhookSecretSchema)
def create_webhook(context: Context, fields: dict[str, Any]) -> Response:
    """Create a webhook, which sends the events from now on.

    The response holds the secret that signs the deliveries. No later response shows it. The first
    event is the creation of the webhook itself. Events of one record arrive in their order, and
    each event arrives at least once.
    """
    webhook, secret = operations.create_webhook(context, fields)
    created = {"id": webhook.id, "secret": secret, "previous_expires_at": None}
    location = {"Location": f"{WEBHOOKS.path}/{webhook.id}"}
    return json_response(orjson.dumps(created), status=201, headers=location)


add_get(webhooks, WEBHOOKS, scope=_SCOPE)
add_history(webhooks, WEBHOOKS, scope=_SCOPE)


@webhooks.patch(_ONE, scope=_SCOPE, body=WebhookPatch, response=WebhookSchema)
def update_webhook(context: Context, changes: dict[str, Any], webhook_id: UUID) -> Response:
    """Change, pause or activate a webhook.

    From then on, the events show what your client can see. A webhook that is activated sends every
    event that it missed.
    """
    webhook = lock_for_update(context, WEBHOOKS, webhook_id)
    operations.update_webhook(context, webhook, changes)
    return record_response(context, WEBHOOKS, webhook_id)


@webhooks.delete(_ONE, scope=_SCOPE)
def delete_webhook(context: Context, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and its deliveries."""
    context.session.delete(lock_for_update(context, WEBHOOKS, webhook_id))


@webhooks.post(f"{_ONE}/secrets", scope=_SCOPE, response=WebhookSecretSchema, status=200)
def rotate_webhook_secret(context: Context, webhook_id: UUID) -> Any:
    """Give a webhook a new secret.

    For the next 24 hours, both the previous secret and the new one sign every delivery. Secrets of
    earlier rotations also sign until their own 24 hours end. At most five secrets sign.
    The response to a further rotation is 409 until the oldest secret ends.
    """
    webhook = get_record(context, WEBHOOKS, webhook_id, lock=True)
    secret, expires_at = operations.rotate_secret(context, webhook)
    return {"id": webhook_id, "secret": secret, "previous_expires_at": expires_at}


@webhooks.post(
    f"{_ONE}/replays", scope=_SCOPE, body=WebhookReplay, response=WebhookSchema, status=200
)
def replay_webhook(context: Context, fields: dict[str, Any], webhook_id: UUID) -> Response:
    """Send the events that follow an event again.

    Deliveries that still wait are replaced if the replay covers their events.
    """
    webhook = get_record(context, WEBHOOKS, webhook_id, lock=True)
    operations.replay(context, webhook, **fields)
    return record_response(context, WEBHOOKS, webhook_id)


@webhooks.get(f"{_ONE}/deliveries", scope=_SCOPE, list_of=DELIVERIES)
def list_webhook_deliveries(context: Context, webhook_id: UUID) -> Response:
    """List the deliveries of a webhook, newest first.

    Deliveries that ended more than 30 days ago are deleted.
    """
    require_visible(context, WEBHOOKS, webhook_id)
    return list_response(context, DELIVERIES, webhook_id=webhook_id)


@webhooks.get(f"{_ONE}/deliveries/<uuid:delivery_id>", scope=_SCOPE, response=WebhookDeliverySchema)
def get_webhook_delivery(context: Context, webhook_id: UUID, delivery_id: UUID) -> Response:
    """Get a delivery of a webhook."""
    return record_response(context, DELIVERIES, delivery_id, webhook_id=webhook_id)


@webhooks.post(
    f"{_ONE}/deliveries/<uuid:delivery_id>/attempts",
    scope=_SCOPE,
    response=WebhookDeliverySchema,
    status=200,
)
def retry_webhook_delivery(context: Context, webhook_id: UUID, delivery_id: UUID) -> Response:
    """Try a delivery again as soon as possible.

    The response is 409 for a delivery that succeeded, and while the webhook is paused or suspended.
    """
    webhook = get_record(context, WEBHOOKS, webhook_id, lock=True)
    delivery = get_record(context, DELIVERIES, delivery_id, lock=True, webhook_id=webhook_id)
    operations.retry_delivery(webhook, delivery)
    return record_response(context, DELIVERIES, delivery_id, webhook_id=webhook_id)
