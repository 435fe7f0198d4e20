"""Schemas of what another agency sees of your agency's systems."""

from catalogue.agencies.schemas import CODE
from catalogue.agencies.visibility import Disclosure, FieldProfile
from catalogue.agencies.vocabulary import VisibilityBasis
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
)
from catalogue.systems.schemas import SYSTEM_ID, SystemSchema

_CODE = {
    "description": "The code of the agency whose view you read.",
    "example": "cambridgeshire-police",
}
_PROFILE = {
    "description": (
        "The fields that the agency sees, or null if it does not see the record. "
        "Fields of the full profile also need the scope `risks:read`."
    ),
    "example": "standard",
}


class VisibilityQuery(WriteSchema):
    """The agency whose view you read."""

    agency = Text(max=80, pattern=CODE, required=True, metadata=_CODE)


class GroundSchema(ReadSchema):
    """A rule by which the agency sees the record."""

    basis = Choice(VisibilityBasis)
    field_profile = Choice(
        FieldProfile,
        metadata={
            "description": "The fields that this ground opens without the others.",
            "example": "standard",
        },
    )
    agreement_id = Uuid(
        allow_none=True,
        metadata={"description": "The id of the agreement, or null for another basis."},
    )
    access_grant_id = Uuid(
        allow_none=True,
        metadata={"description": "The id of the access grant, or null for another basis."},
    )


_GROUNDS = {"description": "The grounds on which the agency sees it, the largest profile first."}


class SystemVisibilitySchema(ReadSchema):
    """The view that another agency has of your agency's system."""

    system_id = Uuid(metadata=SYSTEM_ID)
    agency = Text(metadata=_CODE)
    field_profile = Choice(FieldProfile, allow_none=True, metadata=_PROFILE)
    grounds = ListOf(Nested(GroundSchema), metadata=_GROUNDS)
    seen = Nested(
        SystemSchema,
        allow_none=True,
        metadata={
            "description": (
                "The system as a client of the agency sees it with the scopes of your token. Null "
                "if the agency does not see it."
            )
        },
    )


class DisclosedSystemsSchema(ReadSchema):
    """Your agency's systems with one disclosure, and what another agency sees of them."""

    disclosure = Choice(Disclosure)
    count = Integer(
        metadata={
            "description": "The number of your agency's systems with this disclosure.",
            "example": 12,
        }
    )
    field_profile = Choice(FieldProfile, allow_none=True, metadata=_PROFILE)
    grounds = ListOf(Nested(GroundSchema), metadata=_GROUNDS)


class VisibleSystemsSchema(ReadSchema):
    """The view that another agency has of your agency's systems."""

    agency = Text(metadata=_CODE)
    items = ListOf(
        Nested(DisclosedSystemsSchema),
        metadata={"description": "One entry for each disclosure."},
    )
