"""Request and response bodies of the webhook endpoints."""

from typing import Any

from marshmallow import fields

from catalogue.core.outgoing import LONGEST_URL, USABLE_URL
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    ReadSchema,
    Secret,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.history.event_kinds import EVENT_KIND, MOST_EVENT_KINDS
from catalogue.webhooks.vocabulary import (
    DeliveryFailure,
    DeliveryStatus,
    Suspension,
    WebhookStatus,
)

URL = r"^https?://\S+$"

_URL: dict[str, Any] = {
    "description": (
        "The address that receives the events, by POST. It begins with `https://`, and has no "
        "user name and no fragment."
    ),
    "example": "https://cmdb.bedfordshire.example/hooks/catalogue",
}
_DESCRIPTION = {"description": "The purpose of the webhook, or null.", "example": "Our CMDB"}
_EVENT_KINDS: dict[str, Any] = {
    "description": (
        "The kinds of events to send, such as `system.updated`, or `system.*` for all events of "
        "systems. Your client needs the scope to read the records. Empty for every event."
    ),
    "example": ["system.*", "contract.created"],
}
_STATUS = {"description": "Whether the webhook sends events.", "example": "active"}


class WebhookCreate(WriteSchema):
    """A webhook to create."""

    # `url_fault` has a better message for most of what the documented pattern excludes.
    url = Text(max=LONGEST_URL, pattern=URL, required=True, metadata=_URL | {"pattern": USABLE_URL})
    description = Text(max=500, allow_none=True, metadata=_DESCRIPTION)
    event_kinds = ListOf(
        Text(max=80, pattern=rf"^{EVENT_KIND}$"),
        max=MOST_EVENT_KINDS,
        unique=True,
        metadata=_EVENT_KINDS,
    )
    status = Choice(WebhookStatus, metadata=_STATUS)


WebhookPatch = patch_schema_of(WebhookCreate, "WebhookPatch")


class WebhookSchema(ReadSchema):
    """An address of your agency that receives the events of the change feed."""

    id = Uuid(metadata={"description": "The id of the webhook."})
    url = Text(metadata=_URL)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    event_kinds = ListOf(Text(), metadata=_EVENT_KINDS)
    status = Choice(WebhookStatus, metadata=_STATUS)
    suspended_because = Choice(
        Suspension,
        allow_none=True,
        metadata={"description": "Why the service stopped the webhook, or null."},
    )
    client_id = Text(
        metadata={
            "description": (
                "The client that changed the webhook last. The events show what this client can "
                "see at the time of delivery."
            ),
            "example": "bedfordshire-police-4f1c9a7e",
        }
    )
    scopes = ListOf(
        Text(),
        metadata={
            "description": "The scopes of that client's token, which limit the events.",
            "example": ["systems:read", "webhooks:write"],
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WebhookSecretSchema(ReadSchema):
    """The secret that signs a webhook's deliveries. No later response shows the secret."""

    id = Uuid(metadata={"description": "The id of the webhook."})
    secret = Secret(
        metadata={
            "description": "The secret in the form of the Standard Webhooks specification.",
            "example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        }
    )
    previous_expires_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": (
                "The moment until which the previous secret also signs. Null for the first secret."
            )
        },
    )


class WebhookReplay(WriteSchema):
    """The place in the change feed from which to send events again."""

    after = Text(
        max=60,
        allow_none=True,
        load_default=None,
        metadata={
            "description": (
                "The id of the last event that the receiver has. Null to start at the first event "
                "that you can see."
            ),
            "example": None,
        },
    )


class WebhookDeliverySchema(ReadSchema):
    """The delivery of an event to a webhook."""

    id = Uuid(
        metadata={
            "description": (
                "The id of the delivery, which every attempt sends as `webhook-id`. Receivers "
                "recognise repeated deliveries by it."
            )
        }
    )
    webhook_id = Uuid(metadata={"description": "The id of the webhook."})
    event_id = Uuid(metadata={"description": "The id of the event in the change feed."})
    kind = Text(metadata={"description": "The kind of event.", "example": "system.updated"})
    resource = Text(metadata={"description": "The kind of record.", "example": "system"})
    resource_id = Uuid(metadata={"description": "The id of the record that changed."})
    status = Choice(DeliveryStatus)
    attempts = Integer(metadata={"description": "The number of attempts so far.", "example": 1})
    created_at = fields.DateTime()
    attempted_at = fields.DateTime(
        allow_none=True, metadata={"description": "The moment of the last attempt, or null."}
    )
    next_attempt_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The earliest moment of the next attempt. Null if it has ended."},
    )
    finished_at = fields.DateTime(
        allow_none=True, metadata={"description": "The moment when the delivery ended, or null."}
    )
    response_status = Integer(
        allow_none=True,
        metadata={
            "description": "The HTTP status of the last response. Null if there was none.",
            "example": 204,
        },
    )
    failure = Choice(
        DeliveryFailure,
        allow_none=True,
        metadata={"description": "Why the last attempt failed. Null if it succeeded."},
    )
