"""What decisions look like, and what one may say about them."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_of,
)
from catalogue.rationalisation.vocabulary import (
    DecisionStatus,
    MigrationStrategy,
    SignOffVerdict,
)
from catalogue.systems.vocabulary import Disposition

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


class DecisionMemberCreate(WriteSchema):
    """What is to become of one system."""

    system_id = Uuid(required=True)
    disposition = Choice(Disposition, required=True, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy, required=True, metadata={"example": "retain"})
    successor_id = Uuid(allow_none=True, load_default=None, metadata=_SUCCESSOR)


_MEMBERS = {
    "description": "At least one of them stays: to tolerate or to invest in.",
    "example": [
        {
            "system_id": EXAMPLE_ID,
            "disposition": "invest",
            "strategy": "retain",
            "successor_id": None,
        },
        {
            "system_id": _OTHER_ID,
            "disposition": "migrate",
            "strategy": "repurchase",
            "successor_id": EXAMPLE_ID,
        },
    ],
}


class DecisionCreate(WriteSchema):
    """Which systems of a confirmed overlap stay, which go, and to what."""

    overlap_id = Uuid(required=True)
    title = Text(required=True, metadata=_TITLE)
    rationale = Text(max=10_000, required=True, metadata=_RATIONALE)
    members = ListOf(
        Nested(DecisionMemberCreate), max=MOST_MEMBERS, required=True, metadata=_MEMBERS
    )


DecisionPatch = patch_of(DecisionCreate, "DecisionPatch", without=("overlap_id",))


class SignOffCreate(WriteSchema):
    """What one's agency says to a decision."""

    verdict = Choice(SignOffVerdict, required=True)
    content_hash = Text(
        min=64,
        max=64,
        pattern="^[0-9a-f]{64}$",
        required=True,
        metadata={
            "description": "The decision's content_hash, as it was read.",
            "example": _HASH,
        },
    )
    comment = Text(
        max=2000, allow_none=True, metadata={"example": "On condition of a parallel run."}
    )


class DecisionMemberSchema(ReadSchema):
    """A system of a decision, and what is to become of it."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    disposition = Choice(Disposition, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy)
    successor_id = Uuid(allow_none=True, metadata=_SUCCESSOR)


class SignOffSchema(ReadSchema):
    """What an agency said to a decision."""

    agency = Text(metadata={"example": "bedfordshire-police"})
    verdict = Choice(SignOffVerdict)
    comment = Text(allow_none=True, metadata={"example": "On condition of a parallel run."})
    content_hash = Text(metadata={"example": _HASH})
    signed_at = fields.DateTime()


class DecisionSchema(ReadSchema):
    """Which systems of an overlap stay, which go, and to what, and who agreed to it."""

    id = Uuid()
    overlap_id = Uuid()
    agency = Text(metadata={"description": "Who proposes it.", "example": "cambridgeshire-police"})
    title = Text(metadata=_TITLE)
    rationale = Text(metadata=_RATIONALE)
    status = Choice(DecisionStatus)
    members = ListOf(Nested(DecisionMemberSchema))
    withheld_members = Integer(
        metadata={"description": "How many of its systems one may not see.", "example": 0}
    )
    content_hash = Text(allow_none=True, metadata=_CONTENT_HASH)
    sign_offs = ListOf(
        Nested(SignOffSchema),
        metadata={"description": "By oneself, and by the owners of the systems that one sees."},
    )
    proposed_at = fields.DateTime(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
