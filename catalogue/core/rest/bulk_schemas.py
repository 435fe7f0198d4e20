"""What a bulk request holds, and what it is answered with: a result for each item."""

from typing import Any

import marshmallow as ma

from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ProblemField,
    ReadSchema,
    Uuid,
    WriteSchema,
)
from catalogue.core.vocabulary import Vocabulary

MOST_ITEMS = 500


class BulkMode(Vocabulary):
    """The effect that an invalid item has on the other items of a bulk request."""

    ATOMIC = "atomic", "One invalid item stops the whole request, and nothing is changed."
    PARTIAL = "partial", "Valid items are carried out, and each invalid item returns its errors."


class BulkQuery(ma.Schema):
    """How a bulk request is to be carried out."""

    mode = Choice(
        BulkMode,
        load_default=BulkMode.ATOMIC,
        metadata={"description": "`atomic`: all items or none; `partial`: each for itself."},
    )
    dry_run = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Say what would happen, and change nothing."},
    )


class BulkItemResult(ReadSchema):
    """The result of one item."""

    index = Integer(metadata={"description": "The item's place in the request, from 0."})
    status = Integer(metadata={"example": 201, "description": "The HTTP status it would have had."})
    id = Uuid(allow_none=True)
    etag = ma.fields.String(allow_none=True, metadata={"description": "For the next If-Match."})
    problem = ProblemField(allow_none=True, metadata={"description": "Why not (RFC 9457)."})


class BulkResult(ReadSchema):
    """The results of a bulk request."""

    succeeded = Integer()
    failed = Integer()
    dry_run = ma.fields.Boolean()
    items = ListOf(Nested(BulkItemResult))


def bulk_of(item: type[WriteSchema], name: str) -> type[WriteSchema]:
    """The body of a bulk request: a list of items, which are then loaded one by one."""
    items = ma.fields.List(
        _AnyItem(item, metadata={"description": "One record."}),
        required=True,
        validate=_not_too_many,
        metadata={"minItems": 1, "maxItems": MOST_ITEMS},
    )
    return type(name, (WriteSchema,), {"items": items, "__doc__": "Many records at once."})


class _AnyItem(Nested):
    """Documented as the item's schema, but left as it came: each item fails for itself."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Any:
        return value


def _not_too_many(items: list[Any]) -> None:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ma.ValidationError(f"From 1 to {MOST_ITEMS} items are allowed.")
