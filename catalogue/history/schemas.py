"""What the feed of changes looks like, and how it is asked for."""

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
)
from catalogue.history.feed_fields import KINDS

LONGEST_WAIT = 30


class Count(Integer):
    """A whole number in the address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(int(value), attr, data, **kwargs)


@cache
def record_kinds() -> type[StrEnum]:
    """The kinds of records whose history is told. To be asked when all domains have declared it."""
    made: Any = StrEnum
    kinds: type[StrEnum] = made("RecordKind", {kind.upper(): kind for kind in KINDS})
    kinds.__doc__ = "A kind of record whose history is told."
    return kinds


class Kind(Choice):
    """One of the kinds of records."""

    def __init__(self, **kwargs: Any) -> None:
        fields.String.__init__(self, **kwargs)

    @property
    def choices(self) -> type[StrEnum]:  # type: ignore[override]
        """Known only when the API is put together."""
        return record_kinds()


class HistoryQuery(ma.Schema):
    """Which page of events is asked for."""

    after = fields.String(
        load_default=None,
        metadata={"description": "The `next_cursor` of a page, or the id of an event."},
    )
    limit = Count(
        min=1,
        max=LARGEST_LIMIT,
        load_default=DEFAULT_LIMIT,
        metadata={"description": "How many events at most."},
    )


class ChangesQuery(HistoryQuery):
    """Which events are asked for, and whether to wait for them."""

    resource = Kind(
        load_default=None, metadata={"description": "Only events of this kind of record."}
    )
    wait = Count(
        max=LONGEST_WAIT,
        load_default=0,
        metadata={
            "description": "For how many seconds to wait for an event, if there is none yet. "
            "A busy server may answer earlier."
        },
    )


class ChangedField(ReadSchema):
    """What a field was, and what it is since the event."""

    before = fields.Raw(allow_none=True, metadata={"example": "live"})
    after = fields.Raw(allow_none=True, metadata={"example": "sunsetting"})


class ChangeSchema(ReadSchema):
    """What became of one record, as far as one may see it."""

    id = Uuid()
    at = fields.DateTime(metadata={"description": "When; never before the event in front of it."})
    kind = Text(metadata={"example": "system.updated", "description": "What sort of event it is."})
    resource = Text(metadata={"example": "system", "description": "The kind of record."})
    resource_id = Uuid(metadata={"description": "The id of the record."})
    agency = Text(
        allow_none=True,
        metadata={"example": "bedfordshire-police", "description": "Who owns the record."},
    )
    acting_agency = Text(
        allow_none=True,
        metadata={"example": "bedfordshire-police", "description": "Who was acted for."},
    )
    client_id = Text(
        allow_none=True, metadata={"description": "The client; only the owner is told."}
    )
    person = Text(allow_none=True, metadata={"description": "Who it was; only the owner is told."})
    reason = Text(allow_none=True, metadata={"description": "Why; only the owner is told."})
    changes = fields.Dict(
        keys=fields.String(),
        values=Nested(ChangedField),
        metadata={
            "description": "The fields that changed. What one could not see before, appears whole.",
            "example": {"lifecycle": {"before": "live", "after": "sunsetting"}},
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The record's fields that are not shown, whether they changed or not.",
            "example": [],
        },
    )


class FeedPageSchema(ReadSchema):
    """Where this page stands in the feed."""

    next_cursor = fields.String(
        allow_none=True,
        metadata={
            "description": "Give it as `after` for what comes next, now or later; null only where "
            "there is no event yet."
        },
    )
    has_more = Boolean(metadata={"description": "Whether more events are there already."})


class ChangesSchema(ReadSchema):
    """A page of events, in the order in which they were committed."""

    items = ListOf(Nested(ChangeSchema), max=LARGEST_LIMIT)
    page = Nested(FeedPageSchema)
