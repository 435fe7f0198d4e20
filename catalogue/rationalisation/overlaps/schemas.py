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
from catalogue.history.schemas import Count
from catalogue.rationalisation.vocabulary import (
    GroupingAction,
    OverlapKind,
    OverlapStatus,
    OverlapVerdict,
)
from catalogue.systems.vocabulary import Lifecycle

MOST_MEMBERS = 200
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_SCORE = {"description": "How surely it belongs together, 0 to 1.", "example": 0.9}
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
    evidence = ListOf(
        Text(),
        allow_none=True,
        metadata={
            "description": "What both records of a pair say; null for a group, whose members say "
            "why they are in it. `/pairs` compares its members one by one.",
            "example": ['Both names contain "duty" and "management".'],
        },
    )
    members = ListOf(Nested(OverlapMemberSchema))


class OverlapPairSchema(ReadSchema):
    """Two systems of an overlap, compared with each other."""

    system_ids = ListOf(Uuid())
    system_names = ListOf(Text(), metadata={"example": ["Duty management", "Duty System"]})
    agencies = ListOf(
        Text(), metadata={"example": ["bedfordshire-police", "cambridgeshire-police"]}
    )
    kind = Choice(OverlapKind, metadata={"example": "renamed_supplier"})
    score = fields.Float(metadata=_SCORE)
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Sentences, made from what one may see of the two records.",
            "example": ["Both serve Duty management and rostering (E04)."],
        },
    )


class OverlapPairListSchema(ReadSchema):
    """The pairs of an overlap's systems, the surest first."""

    items = ListOf(Nested(OverlapPairSchema))


class OverlapPairsQuery(WriteSchema):
    """Which pairs to compare."""

    system_id = Uuid(metadata={"description": "Only those with this system."})
    limit = Count(min=1, max=200, load_default=50, metadata={"description": "At most so many."})


_REASON = Text(
    max=2000, required=True, metadata={"example": "Two forces run it on one server since 2024."}
)


class OverlapGroupingCreate(WriteSchema):
    """Systems that are to be split off from an overlap, or overlaps that are to be one."""

    action = Choice(GroupingAction, required=True, metadata={"example": "merge"})
    overlap_ids = ListOf(
        Uuid(),
        max=50,
        unique=True,
        required=True,
        metadata={"description": "The one to split, or those to merge."},
    )
    system_ids = ListOf(
        Uuid(),
        max=200,
        unique=True,
        metadata={"description": "Those to split off; none when overlaps are merged."},
    )
    kind = Choice(
        OverlapKind,
        allow_none=True,
        metadata={
            "description": "What merged overlaps have in common, if they are of several kinds.",
            "example": "same_function",
        },
    )
    title = Text(max=200, allow_none=True, metadata={"example": "Rostering of both control rooms"})
    reason = _REASON


class OverlapGroupingSchema(ReadSchema):
    """That an agency split systems off from an overlap, or merged several into one."""

    id = Uuid()
    action = Choice(GroupingAction, metadata={"example": "merge"})
    overlap_id = Uuid(metadata={"description": "The overlap that was made by it."})
    agency = Text(metadata={"description": "Who did so.", "example": "bedfordshire-police"})
    title = Text(allow_none=True, metadata={"example": "Rostering of both control rooms"})
    reason = Text(metadata={"example": "Two forces run it on one server since 2024."})
    system_ids = ListOf(
        Uuid(), metadata={"description": "The systems in it now, as far as one may see them."}
    )
    withdrawn_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class OverlapPatch(WriteSchema):
    """What one's agency found when it looked into an overlap."""

    status = Choice(OverlapVerdict, required=True)
    reason = Text(
        max=2000, required=True, metadata={"example": "One product, three installations."}
    )
