"""Operations on webhooks: create, change, rotate the secret, replay, and retry a delivery."""

import base64
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, conflict, invalid
from catalogue.core.outgoing import WEBHOOK_SETTING, Reach, url_fault
from catalogue.history.audience.settlement import note_reader
from catalogue.history.audit_log import record_event
from catalogue.history.event_kinds import explain_unknown_kind, record_of
from catalogue.history.feed import BEGINNING, Feed, Position, UnknownEvent, kinds_for
from catalogue.history.feed_fields import feed_spec
from catalogue.webhooks.models import Webhook, WebhookDelivery, WebhookProgress, WebhookSecret
from catalogue.webhooks.vocabulary import (
    MOST_SECRETS,
    MOST_WEBHOOKS,
    SECRET_GRACE,
    DeliveryStatus,
    WebhookStatus,
)

_SECRET_BYTES = 32


def create_webhook(context: Context, fields: dict[str, Any]) -> tuple[Webhook, str]:
    """Create a webhook that sends the events from now on, and return it with its secret."""
    agency_id = context.require_agency("A webhook belongs to an agency")
    session = context.session
    of_agency = sa.select(sa.func.count()).where(Webhook.agency_id == agency_id)
    if (session.scalar(of_agency) or 0) >= MOST_WEBHOOKS:
        detail = f"Your agency has {MOST_WEBHOOKS} webhooks already. Delete one first."
        raise conflict("", "too_many", detail)
    webhook = Webhook(agency_id=agency_id, **{"event_kinds": []} | fields)
    _require_valid(context, webhook, fields)
    _act_as_client(context, webhook)
    session.add(webhook)
    session.flush()
    note_reader(session, agency_id)
    place = Feed(context, ()).end()
    session.add(
        WebhookProgress(
            webhook_id=webhook.id,
            number=place.number,
            ordinal=place.ordinal,
            provider_token=context.actor.provider_token,
        )
    )
    return webhook, _add_secret(context, webhook)


def update_webhook(context: Context, webhook: Webhook, changes: dict[str, Any]) -> None:
    """Change a webhook. The caller has locked it.

    From then on the events show what the actor can see. A client with fewer scopes could otherwise
    send another client's view to an address of its own.
    """
    for name, value in changes.items():
        setattr(webhook, name, value)
    _require_valid(context, webhook, changes)
    _act_as_client(context, webhook)
    if webhook.status is not WebhookStatus.SUSPENDED:
        webhook.suspended_because = None
    context.session.execute(
        sa.update(WebhookProgress)
        .where(WebhookProgress.webhook_id == webhook.id)
        .values(
            failures=0,
            failing_since=None,
            resume_at=None,
            provider_token=context.actor.provider_token,
        )
    )


def rotate_secret(context: Context, webhook: Webhook) -> tuple[str, datetime]:
    """Add a secret, and return it with the moment until which the previous one also signs.

    Each earlier secret signs until its own end, so that a repeated rotation breaks no receiver.
    Raises Conflict if too many secrets sign already.
    """
    session, now = context.session, clock.now()
    previous: list[datetime] = []
    for each in session.scalars(
        sa.select(WebhookSecret).where(WebhookSecret.webhook_id == webhook.id)
    ):
        each.expires_at = each.expires_at or now + SECRET_GRACE
        if each.expires_at <= now:
            session.delete(each)
        else:
            previous.append(each.expires_at)
    if len(previous) >= MOST_SECRETS:
        until = min(previous).isoformat(timespec="seconds").replace("+00:00", "Z")
        detail = (
            f"{MOST_SECRETS} secrets of the webhook sign its deliveries already. Rotate the secret "
            f"again after {until}, when the oldest ends."
        )
        raise conflict("", "too_many", detail)
    record_event(session, webhook, verb="secret_rotated")
    return _add_secret(context, webhook), now + SECRET_GRACE


def replay(context: Context, webhook: Webhook, *, after: str | None) -> None:
    """Send the events that follow one event again, or all that the actor can see.

    Deliveries that still wait are replaced if the replay covers their events. Raises Unprocessable
    for an event that the actor cannot see.
    """
    place = BEGINNING if after is None else _find_place(context, after)
    session = context.session
    progress = session.get_one(WebhookProgress, webhook.id, with_for_update=True)
    progress.number, progress.ordinal = place.number, place.ordinal
    later = sa.tuple_(WebhookDelivery.number, WebhookDelivery.ordinal) > sa.tuple_(
        sa.literal(place.number), sa.literal(place.ordinal)
    )
    session.execute(
        sa.update(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook.id,
            WebhookDelivery.status == DeliveryStatus.PENDING,
            later,
        )
        .values(status=DeliveryStatus.REPLACED, finished_at=clock.now(), next_attempt_at=None)
    )
    record_event(session, webhook, verb="replayed")


def retry_delivery(webhook: Webhook, delivery: WebhookDelivery) -> None:
    """Try a delivery again as soon as possible.

    Raises Conflict if the webhook is not active, or if the delivery succeeded or was replaced.
    """
    if webhook.status is not WebhookStatus.ACTIVE:
        detail = (
            f"The webhook is {webhook.status.value}, so it sends nothing. Set its `status` to "
            "`active`, then retry the delivery."
        )
        raise conflict("", "inactive", detail)
    if delivery.status not in {DeliveryStatus.PENDING, DeliveryStatus.FAILED}:
        detail = (
            f"The status of the delivery is {delivery.status.value}, so it cannot be retried. "
            "Replay the webhook to send the event again."
        )
        raise conflict("", "finished", detail)
    delivery.status, delivery.attempts = DeliveryStatus.PENDING, 0
    delivery.next_attempt_at, delivery.finished_at = clock.now(), None


def _act_as_client(context: Context, webhook: Webhook) -> None:
    webhook.client_id, webhook.subject = context.actor.client_id, context.actor.subject
    webhook.scopes = sorted(context.actor.scopes)


def _require_valid(context: Context, webhook: Webhook, fields: dict[str, Any]) -> None:
    errors = list(_find_errors(context, webhook, fields))
    if errors:
        raise Unprocessable(
            "Some values of the webhook are invalid. Correct those that `errors` lists.",
            errors=errors,
        )


def _find_errors(
    context: Context, webhook: Webhook, fields: dict[str, Any]
) -> Iterator[FieldError]:
    if fields.get("status") is WebhookStatus.SUSPENDED:
        detail = "Only the service suspends a webhook. Set `paused` to stop the deliveries."
        yield FieldError("/status", "unexpected", detail)
    if "url" in fields:
        fault = url_fault(webhook.url, Reach.of_webhooks(context.settings), setting=WEBHOOK_SETTING)
        if fault:
            yield FieldError("/url", "invalid", fault)
    for index, kind in enumerate(fields.get("event_kinds", ())):
        if unknown := explain_unknown_kind(kind):
            yield FieldError(f"/event_kinds/{index}", "unknown", unknown)
            continue
        needed = feed_spec(record_of(kind)).scope
        if not context.actor.has(needed):
            detail = (
                f"Your client cannot see events of the kind `{kind}`, so none would be sent. Request "
                f"a token with the scope `{needed.value}`, or leave the kind out."
            )
            yield FieldError(f"/event_kinds/{index}", "out_of_scope", detail)


def _find_place(context: Context, event: str) -> Position:
    try:
        return Feed(context, kinds_for(context.actor)).position_of(UUID(event))
    except (UnknownEvent, ValueError):
        detail = "You can see no event with this id. Use the id of an event in `GET /v1/changes`."
        raise invalid("/after", "unknown", detail) from None


def _add_secret(context: Context, webhook: Webhook) -> str:
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    context.session.add(WebhookSecret(webhook_id=webhook.id, secret=secret))
    context.session.flush()
    return secret
