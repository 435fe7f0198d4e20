"""The resources of webhooks and deliveries: an agency sees its own."""

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.history.feed_fields import expose, same_names
from catalogue.webhooks.models import Webhook, WebhookDelivery
from catalogue.webhooks.schemas import WebhookDeliverySchema, WebhookSchema

_SHOWN = ("url", "description", "event_kinds", "status", "suspended_because", "client_id", "scopes")

WEBHOOKS = Resource(
    name="webhook",
    path="/v1/webhooks",
    model=Webhook,
    schema=WebhookSchema,
    columns={
        "id": Webhook.id,
        **{name: getattr(Webhook, name) for name in _SHOWN},
        "created_at": Webhook.created_at,
        "updated_at": Webhook.updated_at,
    },
    not_filters=frozenset({"description", "url"}),
    visible=Webhook.agency_id == ACTOR_AGENCY,
    default_sort="created_at",
    owner="agency_id",
)

_of = sa.orm.aliased(Webhook, name="delivering")

DELIVERIES = Resource(
    name="webhook_delivery",
    path="/v1/webhooks/{webhook_id}/deliveries",
    model=WebhookDelivery,
    schema=WebhookDeliverySchema,
    columns={
        name: getattr(WebhookDelivery, name)
        for name in (
            "id",
            "webhook_id",
            "event_id",
            "kind",
            "resource",
            "resource_id",
            "status",
            "attempts",
            "created_at",
            "attempted_at",
            "next_attempt_at",
            "finished_at",
            "response_status",
            "failure",
        )
    },
    visible=sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_of.id == WebhookDelivery.webhook_id, _of.agency_id == ACTOR_AGENCY)
        .correlate(WebhookDelivery)
    ),
    default_sort="-created_at",
)

expose(
    WEBHOOKS,
    scope=Scope.WEBHOOKS_WRITE,
    fields=same_names(*_SHOWN),
    verbs=("secret_rotated", "replayed"),
)
