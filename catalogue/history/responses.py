"""Responses with events: the change feed, and the history of one record."""

import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, request

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import bad_parameter
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.rest.record_operations import name_with_article, noun_of
from catalogue.core.rest.resource import Resource
from catalogue.history.event_query import visible_ids
from catalogue.history.feed import (
    BEGINNING,
    EventPage,
    Feed,
    Position,
    UnknownEvent,
    end_of,
    kinds_for,
)
from catalogue.history.feed_fields import kind_of_resource
from catalogue.history.long_poll import POLL_SECONDS, SLOTS
from catalogue.history.schemas import ChangesSchema, HistoryQuery

NOTHING = EventPage([], False, [])


def history_response(
    context: Context, resource: Resource, identity: UUID, *, after: str | None, limit: int
) -> Response:
    """Respond with the events of one record. Raises NotFound if the actor cannot see the record.

    The owner of a deleted record can still read its events.
    """
    feed = Feed(context, (kind_of_resource(resource),), identity)
    values = rule_parameters(context) | {"ids": [identity]}
    is_seen = context.session.scalar(visible_ids(resource), values)
    if is_seen is None and not feed.page(BEGINNING, 1).items:
        raise resource.absent()
    return _event_response(feed.page(_position(feed, after), limit), after)


def add_history(blueprint: Blueprint, resource: Resource, *, scope: Scope) -> None:
    """Register the operation that lists the changes to one record: `GET …/<id>/history`."""
    noun = noun_of(resource)

    def list_history(context: Context, after: str | None, limit: int, **path: UUID) -> Response:
        (identity,) = path.values()
        return history_response(context, resource, identity, after=after, limit=limit)

    list_history.__name__ = f"list_{noun}_history"
    list_history.__doc__ = (
        f"List the changes to {name_with_article(resource)} that you can see, oldest first."
    )
    rule = f"/<uuid:{noun}_id>/history"
    options: dict[str, Any] = {"query": HistoryQuery, "response": ChangesSchema, "paginated": True}
    blueprint.get(rule, scope=scope, **options)(list_history)


def changes_response(
    context: Context, *, after: str | None, limit: int, resource: str | None, wait: int
) -> Response:
    """Respond with the events after the event `after`.

    If there is none, wait at most `wait` seconds.
    """
    # A response that turns out to be out of date is made again, but without a second wait.
    deadline = context.work.opened_at + wait
    feed = _feed(context, resource)
    head = feed.head()
    position = _position(feed, after)
    # A reader that is up to date gets a response without a query of the events.
    page = feed.page(position, limit) if position < end_of(head) else NOTHING
    if not page.items and time.monotonic() < deadline:
        page = _wait_for_page(context, resource, limit, max(position, end_of(head)), deadline)
    return _event_response(page, after)


def _feed(context: Context, resource: str | None) -> Feed:
    actor = context.actor
    kinds = kinds_for(actor) if resource is None else kinds_for(actor, [resource])
    return Feed(context, kinds)


def _position(feed: Feed, after: str | None) -> Position:
    if after is None:
        return BEGINNING
    try:
        return feed.position_of(UUID(after))
    except (ValueError, UnknownEvent):
        raise bad_parameter(
            "after",
            "unknown",
            "There is no event with the id in `after`, or you can no longer see it. Continue from "
            "an earlier event, or read from the beginning.",
        ) from None


def _wait_for_page(
    context: Context, resource: str | None, limit: int, position: Position, deadline: float
) -> EventPage:
    """Wait for events after a place. Return an empty page if none comes, or if no slot is free."""
    page = NOTHING
    with SLOTS.slot(context.settings.feed_waiters) as has_slot:
        while has_slot and not page.items and not SLOTS.closed:
            wakeups = SLOTS.wakeups
            head = _feed(context, resource).head()
            if end_of(head) > position:
                # The token may have been revoked meanwhile, and the sharing may have changed.
                authorization = request.headers.get("Authorization")
                actor = context.ports.authenticate(context.work, authorization)
                context = context.acting_as(actor)
                context.forget_shared_with()
                page = _feed(context, resource).page(position, limit)
                position = end_of(head)
            remaining = deadline - time.monotonic()
            if page.items or remaining <= 0:
                break
            context.work.release()
            SLOTS.wait(wakeups, min(remaining, POLL_SECONDS))
    return page


def _event_response(page: EventPage, after: str | None) -> Response:
    cursor = str(page.items[-1]["id"]) if page.items else after
    headers = {}
    if page.has_more:
        arguments = request.args.to_dict() | {"after": cursor or ""}
        headers["Link"] = (
            f'<{request.script_root}{request.path}?{urlencode(arguments)}>; rel="next"'
        )
    document: dict[str, Any] = {
        "items": page.items,
        "page": {"next_cursor": cursor, "has_more": page.has_more},
    }
    return json_response(orjson.dumps(document), headers=headers)
