"""Enumerations of webhooks and their deliveries, and the limits of both."""

from datetime import timedelta

from catalogue.core.vocabulary import Vocabulary

MOST_WEBHOOKS = 20
"""The most webhooks of an agency."""
SECRET_GRACE = timedelta(hours=24)
"""The time for which the previous secret also signs after a rotation."""
MOST_SECRETS = 5
"""The most secrets that sign a delivery: the newest, and previous ones within their time."""


class WebhookStatus(Vocabulary):
    """Whether a webhook sends events."""

    ACTIVE = "active", "The webhook sends events."
    PAUSED = "paused", "Your agency has paused the webhook. Set `active` to send what it missed."
    SUSPENDED = (
        "suspended",
        "The service has stopped the webhook. `suspended_because` has the reason.",
    )


class Suspension(Vocabulary):
    """The reason why the service stopped a webhook."""

    GONE = "gone", "The receiver answered 410, so it wants no more events."
    UNREACHABLE = "unreachable", "The receiver accepted nothing for five days."
    CLIENT_REVOKED = (
        "client_revoked",
        "The client that changed the webhook last can no longer act for your agency.",
    )


class DeliveryStatus(Vocabulary):
    """The state of a delivery."""

    PENDING = "pending", "The delivery has not succeeded yet, and will be tried."
    DELIVERED = "delivered", "The receiver accepted the event."
    FAILED = "failed", "Every attempt failed. Retry the delivery when the receiver works again."
    WITHHELD = "withheld", "Your agency could no longer see the event, so it was not sent."
    REPLACED = "replaced", "A replay of the webhook covers the event, so it was not sent."


class DeliveryFailure(Vocabulary):
    """The reason why the last attempt failed."""

    ERROR_STATUS = "error_status", "The receiver answered with a status other than 2xx."
    TIMEOUT = "timeout", "The receiver did not answer within 10 seconds."
    UNREACHABLE = "unreachable", "The receiver's address could not be found or connected to."
    ADDRESS_NOT_ALLOWED = (
        "address_not_allowed",
        "The host is at a private address, which the operator has not allowed.",
    )
    TLS = "tls", "The receiver's certificate is not valid for its host."
