"""What overlaps look like, and what one may say about them."""

from marshmallow import fields

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
from catalogue.rationalisation.vocabulary import (
    OverlapKind,
    OverlapStatus,
    OverlapVerdict,
)
from catalogue.systems.vocabulary import Lifecycle

MOST_MEMBERS = 200
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_SCORE = {
    "description": "How surely it belongs together, 0 to 1.",
    "example": 0.9,
}
_TITLE = {"example": "One duty management system for three forces"}
_RATIONALE = {"example": "Three forces roster the same way; one installation has room for all."}
_SUCCESSOR = {
    "description": "The system that takes over from it: one that stays, in the same decision.",
    "example": None,
}
_CONTENT_HASH = {
    "description": "SHA-256 of what is proposed, in hexadecimal; null while it is a draft.",
    "example": _HASH,
}


class OverlapMemberSchema(ReadSchema):
    """A system in an overlap, and why it is there."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    lifecycle = Choice(Lifecycle, metadata={"example": "live"})
    score = fields.Float(metadata=_SCORE)
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Sentences, made from this system's record and shared reference data.",
            "example": ["It serves Duty management and rostering (E04)."],
        },
    )


class OverlapSchema(ReadSchema):
    """Systems of two or more agencies that are, or do, the same: as far as one may see them."""

    id = Uuid()
    kind = Choice(OverlapKind, metadata={"example": "same_product"})
    title = Text(metadata={"example": "NEC Duty Management System"})
    product_id = Uuid(
        allow_none=True, metadata={"description": "The registered product, if it is one."}
    )
    capability = Text(
        allow_none=True,
        metadata={"description": "The capability's code, for one of function.", "example": None},
    )
    status = Choice(
        OverlapStatus,
        metadata={
            "description": "A rejected overlap is a candidate again once a member changed.",
            "example": "confirmed",
        },
    )
    reason = Text(allow_none=True, metadata={"example": "One product, three installations."})
    reviewed_by = Text(
        allow_none=True,
        metadata={"description": "Who confirmed or rejected it.", "example": "bedfordshire-police"},
    )
    reviewed_at = fields.DateTime(allow_none=True)
    score = fields.Float(metadata=_SCORE)
    member_count = Integer(metadata={"example": 3})
    agencies = ListOf(
        Text(), metadata={"example": ["bedfordshire-police", "cambridgeshire-police"]}
    )
    members = ListOf(Nested(OverlapMemberSchema))


class OverlapPatch(WriteSchema):
    """What one's agency found when it looked into an overlap."""

    status = Choice(OverlapVerdict, required=True)
    reason = Text(
        max=2000, required=True, metadata={"example": "One product, three installations."}
    )
