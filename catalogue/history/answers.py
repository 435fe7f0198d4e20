"""Answering with events: the feed, and the history of one record."""

import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, current_app, g, request

from catalogue.core.actor import current_actor
from catalogue.core.config import settings
from catalogue.core.database import work
from catalogue.core.errors import bad_parameter
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.resource import Resource, actor_parameters
from catalogue.history.feed import BEGINNING, Feed, Page, Place, UnknownEvent, end_of, kinds_for
from catalogue.history.selection import visible_ids
from catalogue.history.telling import kind_of_resource
from catalogue.history.waiting import GLANCE_SECONDS, ROOM

NOTHING = Page([], False)


def history_of(resource: Resource, identity: UUID, *, after: str | None, limit: int) -> Response:
    """Answer with the events of one record; NotFound when it may not be seen.

    Of a record that is gone, its owner is answered with the events.
    """
    feed = Feed(work(), current_actor(), (kind_of_resource(resource),), identity)
    values = actor_parameters(current_actor()) | {"ids": [identity]}
    is_seen = work().session.scalar(visible_ids(resource), values)
    if is_seen is None and not feed.page(BEGINNING, 1).items:
        raise resource.absent()
    return _answer(feed.page(_place(feed, after), limit), after)


def changes(*, after: str | None, limit: int, resource: str | None, wait: int) -> Response:
    """Answer with the events after another; wait for one if there is none."""
    # An answer that turns out to be out of date is made once more, but is not waited for again.
    deadline = g.setdefault("feed_deadline", time.monotonic() + wait)
    feed = _feed(resource)
    head = feed.head()
    place = _place(feed, after)
    # Whoever has kept up until now is answered without a look at the events.
    page = feed.page(place, limit) if place < end_of(head) else NOTHING
    if not page.items and time.monotonic() < deadline:
        page = _waited_for(resource, limit, max(place, end_of(head)), deadline)
    return _answer(page, after)


def _feed(resource: str | None) -> Feed:
    actor = current_actor()
    kinds = kinds_for(actor) if resource is None else kinds_for(actor, [resource])
    return Feed(work(), actor, kinds)


def _place(feed: Feed, after: str | None) -> Place:
    if after is None:
        return BEGINNING
    try:
        return feed.place_of(UUID(after))
    except (ValueError, UnknownEvent):
        raise bad_parameter(
            "after",
            "unknown",
            "There is no such event, or no longer one that you may see. Go on from an earlier "
            "one that you kept, or read from the beginning.",
        ) from None


def _waited_for(resource: str | None, limit: int, place: Place, deadline: float) -> Page:
    """The first events after a place, or none when the time is up or there is nowhere to wait."""
    page = NOTHING
    with ROOM.seat(settings().feed_waiters) as seated:
        while seated and not page.items and not ROOM.closed:
            calls = ROOM.calls
            feed = _feed(resource)
            head = feed.head()
            if end_of(head) > place:
                # Much may have been taken back meanwhile: the token, and what others share.
                g.actor = current_app.extensions["authenticate"](
                    request._get_current_object()  # type: ignore[attr-defined]
                )
                work().reaches.clear()
                page = _feed(resource).page(place, limit)
                place = end_of(head)
            remaining = deadline - time.monotonic()
            if page.items or remaining <= 0:
                break
            work().let_go()
            ROOM.wait(calls, min(remaining, GLANCE_SECONDS))
    return page


def _answer(page: Page, after: str | None) -> Response:
    cursor = str(page.items[-1]["id"]) if page.items else after
    headers = {}
    if page.has_more:
        arguments = request.args.to_dict() | {"after": cursor or ""}
        headers["Link"] = f'<{request.path}?{urlencode(arguments)}>; rel="next"'
    document: dict[str, Any] = {
        "items": page.items,
        "page": {"next_cursor": cursor, "has_more": page.has_more},
    }
    return json_response(orjson.dumps(document), headers=headers)
