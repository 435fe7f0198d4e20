"""Request and response bodies for the search for similar systems."""

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

_LONGEST_DESCRIPTION = 10_000


class SimilarQuery(WriteSchema):
    """The limit on the number of similar systems."""

    limit = Count(
        min=1,
        max=MOST_SIMILAR,
        load_default=DEFAULT_SIMILAR,
        metadata={"description": "The largest number of systems to return."},
    )


class SimilarSystemsSearch(WriteSchema):
    """The known details of a system that you plan to record."""

    name = Text(
        required=True,
        metadata={"description": "The name of the system.", "example": "Duty management"},
    )
    aliases = ListOf(
        Text(),
        max=50,
        unique=True,
        metadata={"description": "Other names of the system.", "example": ["DMS"]},
    )
    description = Text(
        max=_LONGEST_DESCRIPTION,
        allow_none=True,
        metadata={"description": "What the system does. Null if unknown."},
    )
    product_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the product. Null if unknown.",
            "example": "Northgate DMS",
        },
    )
    supplier_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the supplier. Null if unknown.",
            "example": "Northgate",
        },
    )
    product_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the product in the register. Null if it is not registered.",
            "example": None,
        },
    )
    product_version = Text(
        max=100,
        allow_none=True,
        metadata={"description": "The version of the product. Null if unknown.", "example": "9.2"},
    )
    capabilities = ListOf(
        Text(max=20),
        max=50,
        unique=True,
        metadata={
            "description": "The codes of the capabilities that the system provides.",
            "example": ["E04"],
        },
    )


class SimilarSystemSchema(ReadSchema):
    """A system that you can see, and what it shares with the system of the search."""

    system_id = Uuid(metadata={"description": "The id of the system."})
    system_name = Text(
        metadata={"description": "The name of the system.", "example": "Duty management"}
    )
    agency = Text(
        metadata={
            "description": "The code of the agency that owns the system.",
            "example": "cambridgeshire-police",
        }
    )
    agency_name = Text(
        metadata={
            "description": "The name of the agency that owns the system.",
            "example": "Cambridgeshire Police",
        }
    )
    is_own = Boolean(
        metadata={"description": "True if your agency owns the system.", "example": False}
    )
    kind = Choice(OverlapKind, metadata={"example": "same_product"})
    score = fields.Float(
        metadata={
            "description": "The certainty that the two systems overlap, from 0 to 1.",
            "example": 0.95,
        }
    )
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Sentences that explain what the two systems have in common.",
            "example": ["Both are the registered product Duty Management System of NEC."],
        },
    )
    capabilities = ListOf(
        Text(),
        metadata={
            "description": "The codes of the capabilities that the similar system provides.",
            "example": ["E04"],
        },
    )


class SimilarSystemListSchema(ReadSchema):
    """The similar systems, the most certain first."""

    items = ListOf(
        Nested(SimilarSystemSchema),
        max=MOST_SIMILAR,
        metadata={"description": "The similar systems, the most certain first."},
    )
