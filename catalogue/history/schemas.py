"""Schemas of the change feed and of its query parameters."""

import re
from enum import StrEnum
from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow import fields

from catalogue.core.rest.query import DEFAULT_LIMIT, LARGEST_LIMIT
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    validation_error,
)
from catalogue.core.vocabulary import Vocabulary
from catalogue.history.event_kinds import EVENT_KIND, MOST_EVENT_KINDS, explain_unknown_kind
from catalogue.history.feed_fields import KINDS

LONGEST_WAIT = 30
PRESENT_END = "end"
"""The value of `after` for the present end of the feed."""


class Count(Integer):
    """A whole number in the query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(int(value), attr, data, **kwargs)


@cache
def record_kinds() -> type[StrEnum]:
    """Make the enumeration of the kinds of records in the feed, once all domains are imported."""
    vocabulary: Any = Vocabulary
    meanings = {kind: f"Changes to the {kind.replace('_', ' ')}." for kind in KINDS}
    kinds: type[StrEnum] = vocabulary(
        "RecordKind", {kind.upper(): (kind, meaning) for kind, meaning in meanings.items()}
    )
    kinds.__doc__ = "A kind of record whose changes the feed shows."
    return kinds


class Kind(Choice):
    """A field for a kind of record whose changes the feed shows."""

    def __init__(self, **kwargs: Any) -> None:
        fields.String.__init__(self, **kwargs)

    @property
    def choices(self) -> type[StrEnum]:  # type: ignore[override]
        """The kinds, which are known only after all domains are imported."""
        return record_kinds()


class EventOrder(Vocabulary):
    """The order of the events of a page."""

    OLDEST_FIRST = "at", "Oldest first."
    NEWEST_FIRST = "-at", "Newest first, to read backwards."


class HistoryQuery(ma.Schema):
    """The page of events to return: the event before it, its size and its order."""

    after = fields.String(
        load_default=None,
        metadata={
            "description": "Return the events after this one: the `next_cursor` of a page, or the "
            "id of an event. Without it, the first page is returned."
        },
    )
    limit = Count(
        min=1,
        max=LARGEST_LIMIT,
        load_default=DEFAULT_LIMIT,
        metadata={"description": "The largest number of events on the page."},
    )
    sort = Choice(
        EventOrder,
        load_default=EventOrder.OLDEST_FIRST,
        metadata={
            "description": "The order of the events. With `-at`, `after` continues to older events."
        },
    )


class EventKinds(fields.String):
    """Kinds of events in the query string, separated by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        kinds = frozenset(str(value).split(","))
        if "" in kinds or len(kinds) > MOST_EVENT_KINDS:
            raise validation_error(
                f"{{field}} must list from 1 to {MOST_EVENT_KINDS} kinds of events, such as "
                "`system.deleted`, separated by commas."
            )
        faults = filter(None, map(explain_unknown_kind, sorted(kinds)))
        if fault := next(faults, None):
            raise validation_error(fault)
        return kinds


class ChangesQuery(HistoryQuery):
    """The events to return, and how long to wait for them."""

    after = fields.String(
        load_default=None,
        metadata={
            "description": "Return the events after this one: the `next_cursor` of a page, or the "
            "id of an event. Without it, the first page is returned. The value `end` joins the "
            "feed at its present end: the page is empty, and has a `next_cursor`."
        },
    )
    kind = EventKinds(
        # A function, so that the API document shows no default.
        load_default=frozenset,
        metadata={
            "description": "Only these kinds of events, separated by commas, such as "
            "`system.deleted,system.access_withdrawn`, or `system.*` for all events of systems. "
            "All kinds by default.",
            "example": "system.deleted,system.access_withdrawn",
            "pattern": rf"^{EVENT_KIND}(,{EVENT_KIND})*$",
        },
    )
    resource_id = Uuid(
        load_default=None, metadata={"description": "Only events of the record with this id."}
    )
    resource = Kind(
        load_default=None,
        metadata={"description": "Only events of this kind of record. All kinds by default."},
    )
    wait = Count(
        max=LONGEST_WAIT,
        load_default=0,
        metadata={
            "description": "The number of seconds to wait for an event if there is none yet. "
            "A busy server can respond earlier with an empty page."
        },
    )


class ChangedField(ReadSchema):
    """The values of a field before and after an event."""

    before = fields.Raw(
        allow_none=True,
        metadata={
            "example": "live",
            "description": "The value before the event. Null for a new record, or if you could "
            "not see it.",
        },
    )
    after = fields.Raw(
        allow_none=True,
        metadata={
            "example": "sunsetting",
            "description": "The value after the event. Null for a deleted record.",
        },
    )


class ChangeSchema(ReadSchema):
    """An event: a change to one record, with the fields that you can see."""

    id = Uuid(metadata={"description": "The id of the event. Send it as `after` for later events."})
    at = fields.DateTime(
        metadata={
            "description": "When the change was saved, in UTC. Each event is at or after the one "
            "before it."
        }
    )
    kind = Text(
        metadata={
            "example": "system.updated",
            "description": "The kind of record and what happened to it, such as `system.updated`.",
        }
    )
    resource = Text(metadata={"example": "system", "description": "The kind of record."})
    resource_id = Uuid(metadata={"description": "The id of the record that changed."})
    path = Text(
        allow_none=True,
        metadata={
            "example": "/v1/systems/0193a1b2-0000-7000-8000-000000000000",
            "description": "The address of the record. Null for a deletion, for a read, if your agency "
            "no longer sees the record, or if the API only lists records of this kind.",
        },
    )
    agency = Text(
        allow_none=True,
        metadata={
            "example": "bedfordshire-police",
            "description": "The code of the agency that owns the record. Null for reference data, "
            "for changes of your access, or if you cannot see it.",
        },
    )
    acting_agency = Text(
        allow_none=True,
        metadata={
            "example": "bedfordshire-police",
            "description": "The code of the agency that made the change. Null for an "
            "administrator, or if you cannot see it.",
        },
    )
    client_id = Text(
        allow_none=True,
        metadata={
            "description": "The client that made the change. Null unless you own the record."
        },
    )
    person = Text(
        allow_none=True,
        metadata={
            "description": "The person who made the change. Null if the token named no person, or "
            "if you do not own the record."
        },
    )
    reason = Text(
        allow_none=True,
        metadata={
            "description": "The reason that the client sent in `Change-Reason`. Null if it sent "
            "none, or if you do not own the record."
        },
    )
    import_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the import that made the change, or whose reversal did. Null "
            "for other changes, or if you do not own the record."
        },
    )
    changes = fields.Dict(
        keys=fields.String(),
        values=Nested(ChangedField),
        metadata={
            "description": "The fields that changed, by name. A field that you could not see "
            "before the event appears as new.",
            "example": {"lifecycle": {"before": "live", "after": "sunsetting"}},
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The names of the fields that you cannot see, whether they changed or "
            "not.",
            "example": [],
        },
    )


class FeedPageSchema(ReadSchema):
    """The position of a page in the change feed."""

    next_cursor = fields.String(
        allow_none=True,
        metadata={
            "description": "The `after` of the next request, now or later. Null only if there is "
            "no event yet."
        },
    )
    has_more = Boolean(metadata={"description": "Whether more events can be read now."})


class ChangesSchema(ReadSchema):
    """A page of events in the order of their commits, or in the reverse order."""

    items = ListOf(
        Nested(ChangeSchema),
        max=LARGEST_LIMIT,
        metadata={"description": "The events of the page, in the order of `sort`."},
    )
    page = Nested(FeedPageSchema)
