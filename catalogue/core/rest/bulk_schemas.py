"""Schemas of bulk requests, and of their responses with a result for each item."""

from typing import Any

import marshmallow as ma

from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ProblemField,
    ReadSchema,
    TextBoolean,
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
    """The query parameters of a bulk request."""

    mode = Choice(
        BulkMode,
        load_default=BulkMode.ATOMIC,
        metadata={
            "description": "The effect that an invalid item has on the other items. The default is `atomic`."
        },
    )
    dry_run = TextBoolean(
        load_default=False,
        metadata={
            "description": "Whether to check every item and return the results, but change nothing."
        },
    )


class BulkItemResult(ReadSchema):
    """The result of one item of a bulk request."""

    index = Integer(metadata={"description": "The item's place in the request, counted from 0."})
    status = Integer(
        metadata={
            "example": 201,
            "description": "The HTTP status that a request with this item alone would return.",
        }
    )
    id = Uuid(
        allow_none=True,
        metadata={
            "description": (
                "The id of the record. Null if the item failed, or if a dry run would create it."
            )
        },
    )
    etag = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "The ETag of the record, for `If-Match`. Null if nothing was changed."
        },
    )
    problem = ProblemField(
        allow_none=True,
        metadata={"description": "Why the item failed (RFC 9457). Null if it succeeded."},
    )


class BulkResult(ReadSchema):
    """The results of a bulk request."""

    succeeded = Integer(metadata={"description": "The number of items that succeeded."})
    failed = Integer(metadata={"description": "The number of items that failed."})
    dry_run = ma.fields.Boolean(
        metadata={"description": "Whether the items were only checked, and nothing was changed."}
    )
    items = ListOf(
        Nested(BulkItemResult),
        metadata={"description": "The result of each item, in the order of the request."},
    )


def bulk_of(item: type[WriteSchema], name: str) -> type[WriteSchema]:
    """Make the schema of a bulk request's body: a list of items, which are loaded one by one."""
    items = ma.fields.List(
        _AnyItem(item),
        required=True,
        validate=_require_item_count,
        metadata={
            "minItems": 1,
            "maxItems": MOST_ITEMS,
            "description": f"The records to create or change, at most {MOST_ITEMS}.",
        },
    )
    return type(name, (WriteSchema,), {"items": items, "__doc__": "The items of a bulk request."})


class _AnyItem(Nested):
    """An item that the API document describes by its schema, but that is loaded later by itself."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> Any:
        """Return any value, also null, so that an invalid item fails by itself."""
        return value


def _require_item_count(items: list[Any]) -> None:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ma.ValidationError(f"{{field}} must have from 1 to {MOST_ITEMS} items.")
