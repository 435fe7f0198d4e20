"""What an agency looks like, and what one may say about it."""

from marshmallow import fields

from catalogue.agencies.models import AgencyKind
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_of,
)

CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class IdentifierSchema(WriteSchema):
    """A name that a public register gives: a GSS, ODS, PPON or Companies House code."""

    scheme = Text(max=40, required=True, metadata={"example": "GSS"})
    id = Text(max=80, required=True, metadata={"example": "E23000026"})


class AgencyCreate(WriteSchema):
    """An agency to record."""

    code = Text(max=80, pattern=CODE, required=True, metadata={"example": "bedfordshire-police"})
    name = Text(required=True, metadata={"example": "Bedfordshire Police"})
    kind = Choice(AgencyKind, required=True)
    nation = Text(max=40, allow_none=True, metadata={"example": "England"})
    identifiers = ListOf(Nested(IdentifierSchema), max=20)
    governed_by = Text(
        max=80,
        allow_none=True,
        metadata={"description": "The code of its governor.", "example": "bedfordshire-pcc"},
    )
    valid_from = DateField(allow_none=True, metadata={"example": "2012-11-22"})
    valid_to = DateField(allow_none=True, metadata={"example": "2027-03-31"})
    predecessors = ListOf(
        Text(max=80),
        max=50,
        unique=True,
        metadata={
            "description": "The codes of the agencies that it took over from.",
            "example": [],
        },
    )


AgencyPatch = patch_of(AgencyCreate, "AgencyPatch", without=("code",))


class AgencySchema(ReadSchema):
    """A body that runs systems, or governs one that does."""

    id = Uuid()
    code = Text(metadata={"example": "bedfordshire-police"})
    name = Text(metadata={"example": "Bedfordshire Police"})
    kind = Choice(AgencyKind)
    nation = Text(allow_none=True, metadata={"example": "England"})
    identifiers = ListOf(Nested(IdentifierSchema))
    governed_by = Text(allow_none=True, metadata={"example": "bedfordshire-pcc"})
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(
        allow_none=True, metadata={"description": "The last day on which it existed."}
    )
    predecessors = ListOf(Text(), metadata={"example": []})
    successors = ListOf(Text(), metadata={"example": []})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
