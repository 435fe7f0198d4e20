"""The rounds in which a worker reads the change feed for webhooks and sends their events.

A worker holds a webhook by a lease while it sends. No transaction is open meanwhile. A worker that
dies after sending repeats the events with the same ids, so every event arrives at least once.

A record's events arrive in their order: an event waits while an earlier one of its record does.
When a receiver fails, the webhook sends single events, further and further apart, until one
arrives. So a receiver that is down for a day loses nothing, and uses up few attempts.

Agencies take turns, and so do the webhooks of each agency. However slowly a receiver responds, its round starts no request after some
seconds. The webhook sends the remaining events in its next turn.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.client_standing import find_standing
from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import Actor, Author
from catalogue.core.context import Context, Ports
from catalogue.core.database import Database, UnitOfWork, open_session
from catalogue.core.ids import new_id
from catalogue.core.jobs.operations import chore
from catalogue.core.jobs.worker import side_task
from catalogue.core.outgoing import Reach
from catalogue.history.audience.models import AccessEvent
from catalogue.history.audience.settlement import AFTER_EVENTS, settle
from catalogue.history.event_kinds import is_wanted
from catalogue.history.feed import HEAD, Feed, Position, kinds_for
from catalogue.history.registry import code_of
from catalogue.webhooks.models import (
    Webhook,
    WebhookDelivery,
    WebhookProgress,
    WebhookSecret,
)
from catalogue.webhooks.sending import (
    DELAYS,
    Attempt,
    Message,
    Receiver,
    delay_after,
    send_all,
)
from catalogue.webhooks.vocabulary import DeliveryStatus, Suspension, WebhookStatus

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""Much longer than a round can take: ROUND_SECONDS, and the last request's TIMEOUT_SECONDS."""
BATCH = 40
MOST_PENDING = 1_000
"""The most deliveries that wait. Further events stay in the feed until some have arrived."""
LONGEST_PAUSE = timedelta(minutes=5)
GIVES_UP_AFTER = timedelta(days=5)
KEPT_FOR = timedelta(days=30)

_random = SystemRandom()
_GONE = 410
_OUTAGE = 3
"""The number of failed rounds after which the receiver itself, and not an event, is the cause."""


@dataclass(frozen=True)
class _Claimed:
    """A webhook that this worker holds."""

    webhook_id: UUID
    lease: UUID
    actor: Actor
    event_kinds: tuple[str, ...]
    receiver: Receiver
    failing: bool


@side_task
def send_events(database: Database, ports: Ports) -> bool:
    """Serve the webhook whose turn it is. Return False if there was nothing to do."""
    settle(database)
    claimed = _claim(database)
    if claimed is None:
        return False
    with _released(database, claimed):
        has_read = _queue_events(database, ports, claimed)
        chains = _read_due(database, ports, claimed)
        if chains:
            outcomes = send_all(claimed.receiver, chains, clock.now())
            _record(database, claimed, outcomes)
    return has_read or bool(chains)


def _claim(database: Database) -> _Claimed | None:
    """Take a webhook with events to send, and suspend those that may send no more."""
    with open_session(database, read_only=True) as session:
        if session.scalar(_waiting().limit(1)) is None:
            return None
    with open_session(database, read_only=False) as session:
        session.info["author"] = Author("catalogue")
        webhook = session.scalar(_waiting().limit(1).with_for_update(skip_locked=True))
        if webhook is None:
            return None
        progress = session.get_one(WebhookProgress, webhook.id)
        actor = find_standing(
            session,
            client_id=webhook.client_id,
            subject=webhook.subject,
            agency_id=webhook.agency_id,
            scopes=frozenset(webhook.scopes),
            provider_token=progress.provider_token,
        )
        if actor is None:
            suspend(session, webhook, Suspension.CLIENT_REVOKED)
            session.commit()
            return _claim(database)
        progress.lease, progress.lease_until = new_id(), clock.now() + LEASE
        secrets = session.scalars(
            sa.select(WebhookSecret.secret)
            .where(
                WebhookSecret.webhook_id == webhook.id,
                sa.or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > clock.now()),
            )
            .order_by(WebhookSecret.created_at.desc())
        )
        claimed = _Claimed(
            webhook.id,
            progress.lease,
            actor,
            tuple(webhook.event_kinds),
            Receiver(webhook.url, tuple(secrets), Reach.of_webhooks(database.settings)),
            failing=progress.failures > 0,
        )
        session.commit()
    return claimed


def _waiting() -> sa.Select[Any]:
    """Select the webhooks that no worker holds and that have events to read or send.

    The agency whose webhooks have all waited longest comes first.
    """
    now = clock.now()
    progress = WebhookProgress
    due = sa.exists().where(WebhookDelivery.webhook_id == Webhook.id, _is_due())
    head = HEAD.scalar_subquery()
    # An end by its date adds rows after a change set that was read already.
    unread = sa.or_(
        progress.number < head,
        sa.and_(progress.number == head, progress.ordinal < AFTER_EVENTS),
        sa.exists().where(
            AccessEvent.agency_id == Webhook.agency_id,
            AccessEvent.number == progress.number,
            AccessEvent.ordinal > progress.ordinal,
        ),
    )
    turn = progress.lease_until
    theirs, of_agency = sa.orm.aliased(Webhook), sa.orm.aliased(progress)
    last_turn = (
        sa.select(sa.func.max(of_agency.lease_until))
        .join(theirs, theirs.id == of_agency.webhook_id)
        .where(theirs.agency_id == Webhook.agency_id)
        .scalar_subquery()
    )
    return (
        sa.select(Webhook)
        .join(progress, progress.webhook_id == Webhook.id)
        .where(
            Webhook.status == WebhookStatus.ACTIVE,
            sa.or_(progress.lease_until.is_(None), progress.lease_until <= now),
            sa.or_(progress.resume_at.is_(None), progress.resume_at <= now),
            sa.or_(due, unread),
        )
        .order_by(last_turn.is_not(None), last_turn, turn.is_not(None), turn, Webhook.id)
    )


def suspend(session: Session, webhook: Webhook, reason: Suspension) -> None:
    """Stop a webhook for a reason that its agency can read, and warn the operator."""
    webhook.status, webhook.suspended_because = WebhookStatus.SUSPENDED, reason
    owner = code_of(session, Agency, webhook.agency_id)
    log.warning("The webhook %s of %s is suspended: %s", webhook.id, owner, reason.value)


@contextmanager
def _released(database: Database, claimed: _Claimed) -> Iterator[None]:
    """Give the webhook back after the round, whatever happens in it."""
    try:
        yield
    finally:
        with open_session(database, read_only=False) as session:
            # The past moment keeps the order in which webhooks take turns.
            session.execute(_update(claimed).values(lease=None, lease_until=clock.now()))
            session.commit()


def _update(claimed: _Claimed) -> sa.Update:
    return sa.update(WebhookProgress).where(
        WebhookProgress.webhook_id == claimed.webhook_id, WebhookProgress.lease == claimed.lease
    )


def _queue_events(database: Database, ports: Ports, claimed: _Claimed) -> bool:
    """Add deliveries for the events that follow in the feed, and move the place forward.

    Return False if there was none, or if too many deliveries wait already.
    """
    with UnitOfWork(database, read_only=False) as work:
        session = work.session
        pending = session.scalar(
            sa.select(sa.func.count())
            .select_from(WebhookDelivery)
            .where(
                WebhookDelivery.webhook_id == claimed.webhook_id,
                WebhookDelivery.status == DeliveryStatus.PENDING,
            )
        )
        progress = session.scalar(
            sa.select(WebhookProgress)
            .where(
                WebhookProgress.webhook_id == claimed.webhook_id,
                WebhookProgress.lease == claimed.lease,
            )
            .with_for_update()
        )
        if progress is None or (pending or 0) >= MOST_PENDING:
            return False
        feed = _feed(Context(work, claimed.actor, ports))
        end = feed.end()
        page = feed.page(Position(progress.number, progress.ordinal), BATCH)
        now = clock.now()
        for item, place in zip(page.items, page.positions, strict=True):
            if is_wanted(item["kind"], claimed.event_kinds):
                session.add(
                    WebhookDelivery(
                        webhook_id=claimed.webhook_id,
                        number=place.number,
                        ordinal=place.ordinal,
                        event_id=item["id"],
                        kind=item["kind"],
                        resource=item["resource"],
                        resource_id=item["resource_id"],
                        next_attempt_at=now,
                    )
                )
        reached = page.positions[-1] if page.has_more else max([end, *page.positions])
        has_moved = reached > Position(progress.number, progress.ordinal)
        if has_moved:
            progress.number, progress.ordinal = reached.number, reached.ordinal
        session.commit()
    return has_moved


def _feed(context: Context) -> Feed:
    return Feed(context, kinds_for(context.actor))


def _read_due(database: Database, ports: Ports, claimed: _Claimed) -> list[list[Message]]:
    """Read the events that are due, each as the actor sees it now: a list for each record.

    Reads of other agencies' sensitive fields go into the access log before the events are sent.
    """
    chains: dict[UUID, list[Message]] = {}
    with UnitOfWork(database, read_only=False) as work:
        context = Context(work, claimed.actor, ports)
        context.write_as(Author.of(claimed.actor, reason="webhook"))
        feed = _feed(context)
        for delivery in work.session.scalars(_due(claimed)).all():
            item = feed.find(delivery.event_id)
            if item is None:
                finish(delivery, DeliveryStatus.WITHHELD)
            else:
                chain = chains.setdefault(delivery.resource_id, [])
                chain.append(Message(str(delivery.id), _body(item)))
        ports.log_reads(context)
        work.session.commit()
    return list(chains.values())


def _due(claimed: _Claimed) -> sa.Select[Any]:
    """Select the deliveries to try now, in the order of the feed. While the receiver fails, one."""
    delivery = WebhookDelivery
    return (
        sa.select(delivery)
        .where(delivery.webhook_id == claimed.webhook_id, _is_due())
        .order_by(delivery.number, delivery.ordinal)
        .limit(1 if claimed.failing else BATCH)
    )


def _is_due() -> sa.ColumnElement[bool]:
    """Match deliveries to try now: their time has come, also for earlier ones of their record."""
    delivery, earlier, now = WebhookDelivery, sa.orm.aliased(WebhookDelivery), clock.now()
    waits = sa.exists().where(
        earlier.webhook_id == delivery.webhook_id,
        earlier.resource_id == delivery.resource_id,
        earlier.status == DeliveryStatus.PENDING,
        earlier.next_attempt_at > now,
        sa.tuple_(earlier.number, earlier.ordinal) < sa.tuple_(delivery.number, delivery.ordinal),
    )
    return sa.and_(
        delivery.status == DeliveryStatus.PENDING, delivery.next_attempt_at <= now, ~waits
    )


def _body(item: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": item["kind"], "timestamp": item["at"], "data": item})


def finish(delivery: WebhookDelivery, status: DeliveryStatus) -> None:
    """End a delivery, which is then not tried again."""
    delivery.status, delivery.finished_at = status, clock.now()
    delivery.next_attempt_at = None


def _record(database: Database, claimed: _Claimed, outcomes: dict[str, Attempt]) -> None:
    """Record the outcome of each attempt, and when the webhook sends again."""
    with open_session(database, read_only=False) as session:
        session.info["author"] = Author("catalogue")
        webhook = session.get(Webhook, claimed.webhook_id, with_for_update=True)
        if webhook is None:
            # The agency deleted the webhook while its events were sent.
            return
        ids = [UUID(each) for each in outcomes]
        found = sa.select(WebhookDelivery).where(WebhookDelivery.id.in_(ids))
        for delivery in session.scalars(found):
            outcome = outcomes[str(delivery.id)]
            _record_attempt(delivery, outcome)
            if delivery.status is DeliveryStatus.FAILED and outcome.failure is not None:
                # The address of the receiver can hold a secret, so the log does not show it.
                log.warning(
                    "The delivery %s of the webhook %s of %s has failed: %s, status %s",
                    delivery.id,
                    webhook.id,
                    code_of(session, Agency, webhook.agency_id),
                    outcome.failure.value,
                    outcome.status or "none",
                )
        _record_progress(session, webhook, list(outcomes.values()))
        session.commit()


def _record_attempt(delivery: WebhookDelivery, outcome: Attempt) -> None:
    delivery.attempts += 1
    delivery.attempted_at = clock.now()
    delivery.response_status, delivery.failure = outcome.status, outcome.failure
    if outcome.succeeded:
        finish(delivery, DeliveryStatus.DELIVERED)
        return
    delay = delay_after(delivery.attempts, _random)
    if delay is None:
        finish(delivery, DeliveryStatus.FAILED)
    elif delivery.status is DeliveryStatus.PENDING:
        delivery.next_attempt_at = clock.now() + max(delay, outcome.retry_after or delay)


def _record_progress(session: Session, webhook: Webhook, outcomes: list[Attempt]) -> None:
    progress = session.get_one(WebhookProgress, webhook.id)
    now = clock.now()
    if any(each.succeeded for each in outcomes):
        if progress.failures >= _OUTAGE:
            # The receiver works again, so nothing has to wait any longer.
            session.execute(
                sa.update(WebhookDelivery)
                .where(
                    WebhookDelivery.webhook_id == webhook.id,
                    WebhookDelivery.status == DeliveryStatus.PENDING,
                )
                .values(next_attempt_at=now)
            )
        progress.failures, progress.failing_since, progress.resume_at = 0, None, None
        return
    if not outcomes:
        return
    progress.failures += 1
    progress.failing_since = progress.failing_since or now
    pause = min(DELAYS[min(progress.failures, len(DELAYS)) - 1], LONGEST_PAUSE)
    progress.resume_at = now + max([pause, *(each.retry_after or pause for each in outcomes)])
    if any(each.status == _GONE for each in outcomes):
        suspend(session, webhook, Suspension.GONE)
    elif now - progress.failing_since >= GIVES_UP_AFTER:
        suspend(session, webhook, Suspension.UNREACHABLE)


@chore
def delete_old_deliveries(session: Session) -> None:
    """Delete deliveries from the log that ended more than 30 days ago."""
    before = clock.now() - KEPT_FOR
    session.execute(sa.delete(WebhookDelivery).where(WebhookDelivery.finished_at < before))
