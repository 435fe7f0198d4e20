"""Responses with events: the change feed, and the history of one record."""

import time
from dataclasses import dataclass, replace
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
from catalogue.history.audience.settlement import settle_for_reader
from catalogue.history.event_kinds import record_of
from catalogue.history.event_query import visible_ids
from catalogue.history.feed import (
    BEGINNING,
    END,
    EventPage,
    Feed,
    Position,
    UnknownEvent,
    kinds_for,
)
from catalogue.history.feed_fields import KINDS, kind_of_resource
from catalogue.history.long_poll import POLL_SECONDS, SLOTS
from catalogue.history.schemas import PRESENT_END, ChangesSchema, EventOrder, HistoryQuery

NOTHING = EventPage([], False, [])


def history_response(
    context: Context,
    resource: Resource,
    identity: UUID,
    *,
    after: str | None,
    limit: int,
    sort: EventOrder,
) -> Response:
    """Respond with the events of one record. Raises NotFound if the actor cannot see the record.

    The owner of a deleted record can still read its events.
    """
    newest_first = sort is EventOrder.NEWEST_FIRST
    feed = Feed(context, (kind_of_resource(resource),), identity, newest_first=newest_first)
    values = rule_parameters(context) | {"ids": [identity]}
    is_seen = context.session.scalar(visible_ids(resource), values)
    if is_seen is None and not feed.page(_position(feed, None), 1).items:
        raise resource.absent()
    return _event_response(feed.page(_position(feed, after), limit), after)


def add_history(blueprint: Blueprint, resource: Resource, *, scope: Scope) -> None:
    """Register the operation that lists the changes to one record: `GET …/<id>/history`."""
    noun = noun_of(resource)

    def list_history(
        context: Context, after: str | None, limit: int, sort: EventOrder, **path: UUID
    ) -> Response:
        (identity,) = path.values()
        return history_response(context, resource, identity, after=after, limit=limit, sort=sort)

    list_history.__name__ = f"list_{noun}_history"
    list_history.__doc__ = (
        f"List the changes to {name_with_article(resource)} that you can see.\n\n"
        "The oldest comes first. `sort=-at` begins with the newest."
    )
    rule = f"/<uuid:{noun}_id>/history"
    options: dict[str, Any] = {"query": HistoryQuery, "response": ChangesSchema, "paginated": True}
    blueprint.get(rule, scope=scope, **options)(list_history)


@dataclass(frozen=True)
class ChangesRequest:
    """The parameters of a request for the change feed."""

    after: str | None
    limit: int
    resource: str | None
    resource_id: UUID | None
    kind: frozenset[str]
    sort: EventOrder
    wait: int

    @property
    def newest_first(self) -> bool:
        """Whether the feed is read backwards."""
        return self.sort is EventOrder.NEWEST_FIRST

    def feed(self, context: Context) -> Feed:
        """Return the feed of the context's actor, with the filters of the request."""
        kinds = kinds_for(context.actor, KINDS if self.resource is None else [self.resource])
        if self.kind:
            wanted = {record_of(each) for each in self.kind}
            kinds = tuple(kind for kind in kinds if kind in wanted)
        return Feed(
            context,
            kinds,
            resource_id=self.resource_id,
            event_kinds=self.kind,
            newest_first=self.newest_first,
        )


def changes_response(context: Context, asked: ChangesRequest) -> Response:
    """Respond with the events after the event `after`.

    If there is none, wait at most `wait` seconds.
    """
    # A response that turns out to be out of date is made again, but without a second wait.
    deadline = context.work.opened_at + asked.wait
    settle_for_reader(context)
    # A cursor is good for every choice of filters.
    all_events = Feed(context, kinds_for(context.actor), newest_first=asked.newest_first)
    cursor = asked.after
    if cursor == PRESENT_END:
        cursor = None if asked.newest_first else _last_event(all_events)
    if asked.newest_first:
        start = _position(all_events, cursor)
        return _event_response(asked.feed(context).page(start, asked.limit), cursor)
    position = _position(all_events, cursor)
    page = NOTHING
    can_wait = time.monotonic() < deadline
    # Read before the page, so that no event comes between the two.
    end = all_events.end() if can_wait else position
    if asked.after != PRESENT_END:
        page = asked.feed(context).page(position, asked.limit)
    if not page.items and can_wait:
        page = _wait_for_page(context, asked, max(position, end), deadline)
    return _event_response(page, cursor)


def _last_event(feed: Feed) -> str | None:
    newest = replace(feed, newest_first=True).page(END, 1).items
    return str(newest[0]["id"]) if newest else None


def _position(feed: Feed, after: str | None) -> Position:
    if after is None:
        return END if feed.newest_first else BEGINNING
    try:
        return feed.position_of(UUID(after))
    except (ValueError, UnknownEvent):
        raise bad_parameter(
            "after",
            "unknown",
            "There is no event with the id in `after`, or you never saw it. Continue from an "
            "earlier event, or read from the beginning.",
        ) from None


def _wait_for_page(
    context: Context, asked: ChangesRequest, position: Position, deadline: float
) -> EventPage:
    """Wait for events after a place. Return an empty page if none comes, or if no slot is free."""
    page = NOTHING
    with SLOTS.slot(context.settings.feed_waiters, context.actor.agency_id) as has_slot:
        while has_slot and not page.items and not SLOTS.closed:
            wakeups = SLOTS.wakeups
            end = asked.feed(context).end()
            if end > position:
                # The token may have been revoked meanwhile, and the sharing may have changed.
                authorization = request.headers.get("Authorization")
                actor = context.ports.authenticate(context.work, authorization)
                context = context.acting_as(actor)
                context.forget_shared_with()
                page = asked.feed(context).page(position, asked.limit)
                position = end
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
