"""What is asked and answered about similar systems."""

from marshmallow import fields

from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
)
from catalogue.history.schemas import Count
from catalogue.rationalisation.vocabulary import OverlapKind

DEFAULT_SIMILAR, MOST_SIMILAR = 10, 50

_MOST_TEXT = 10_000


class SimilarQuery(WriteSchema):
    """How many similar systems are wanted."""

    limit = Count(
        min=1,
        max=MOST_SIMILAR,
        load_default=DEFAULT_SIMILAR,
        metadata={"description": "How many systems at most."},
    )


class SimilarSystemsSearch(WriteSchema):
    """A system that somebody means to record, as far as it is known yet."""

    name = Text(required=True, metadata={"example": "Duty management"})
    aliases = ListOf(Text(), max=50, unique=True, metadata={"example": ["DMS"]})
    description = Text(max=_MOST_TEXT, allow_none=True)
    product_name = Text(allow_none=True, metadata={"example": "Northgate DMS"})
    supplier_name = Text(allow_none=True, metadata={"example": "Northgate"})
    product_id = Uuid(allow_none=True, metadata={"example": None})
    product_version = Text(max=100, allow_none=True, metadata={"example": "9.2"})
    capabilities = ListOf(Text(max=20), max=50, unique=True, metadata={"example": ["E04"]})


class SimilarSystemSchema(ReadSchema):
    """A system that one sees, and what it has in common with the one asked about."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "cambridgeshire-police"})
    agency_name = Text(metadata={"example": "Cambridgeshire Police"})
    is_own = Boolean(metadata={"description": "Whether one's own agency has it.", "example": False})
    kind = Choice(OverlapKind, metadata={"example": "same_product"})
    score = fields.Float(metadata={"description": "How sure it is, 0 to 1.", "example": 0.95})
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Why, in sentences.",
            "example": ["Both are the registered product Duty Management System of NEC."],
        },
    )


class SimilarSystemListSchema(ReadSchema):
    """Similar systems, the likeliest first."""

    items = ListOf(Nested(SimilarSystemSchema), max=MOST_SIMILAR)
