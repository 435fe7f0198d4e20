"""Request and response bodies for overlaps, their pairs and their groupings."""

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

_MEMBER_SCORE = {
    "description": "The certainty that the system belongs to the overlap, from 0 to 1.",
    "example": 0.9,
}
_OVERLAP_SCORE = {
    "description": "The mean certainty of the members that you can see, from 0 to 1.",
    "example": 0.9,
}
_PAIR_SCORE = {
    "description": "The certainty that the two systems overlap, from 0 to 1.",
    "example": 0.9,
}


class OverlapMemberSchema(ReadSchema):
    """A system in an overlap, with the evidence for it."""

    system_id = Uuid(metadata={"description": "The id of the system."})
    system_name = Text(
        metadata={"description": "The name of the system.", "example": "Duty management"}
    )
    agency = Text(
        metadata={
            "description": "The code of the agency that owns the system.",
            "example": "bedfordshire-police",
        }
    )
    lifecycle = Choice(Lifecycle, metadata={"example": "live"})
    score = fields.Float(metadata=_MEMBER_SCORE)
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Sentences that explain why the system belongs to the overlap. They "
            "come from its record and from shared reference data.",
            "example": ["The system provides Duty management and rostering (E04)."],
        },
    )


class OverlapSchema(ReadSchema):
    """Systems of two or more agencies that share an installation, a product or a function.

    An overlap shows only the members that you can see, and its values come from these members.
    """

    id = Uuid(metadata={"description": "The id of the overlap, which every run keeps."})
    kind = Choice(OverlapKind, metadata={"example": "same_product"})
    title = Text(
        metadata={
            "description": "The name of the shared product or capability, or the title that an "
            "agency gave.",
            "example": "NEC Duty Management System",
        }
    )
    product_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the registered product that the systems share. Null if they "
            "share no registered product."
        },
    )
    capability = Text(
        allow_none=True,
        metadata={
            "description": "The code of the capability that the systems share. Null unless the "
            "overlap was found by a capability.",
            "example": None,
        },
    )
    status = Choice(
        OverlapStatus,
        metadata={
            "description": "The stage that the review has reached. A rejected overlap becomes a "
            "candidate again when a member joins or changes.",
            "example": "confirmed",
        },
    )
    reason = Text(
        allow_none=True,
        metadata={
            "description": "The reason that the last review gave. Null before the first review.",
            "example": "One product, three installations.",
        },
    )
    reviewed_by = Text(
        allow_none=True,
        metadata={
            "description": "The code of the agency that reviewed the overlap last. Null before the "
            "first review.",
            "example": "bedfordshire-police",
        },
    )
    reviewed_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The time of the last review. Null before the first review."},
    )
    score = fields.Float(metadata=_OVERLAP_SCORE)
    member_count = Integer(
        metadata={"description": "The number of members that you can see.", "example": 3}
    )
    agencies = ListOf(
        Text(),
        metadata={
            "description": "The codes of the agencies that own the members that you can see.",
            "example": ["bedfordshire-police", "cambridgeshire-police"],
        },
    )
    evidence = ListOf(
        Text(),
        allow_none=True,
        metadata={
            "description": "Sentences on what the two records of a pair have in common. Null for a "
            "group, whose members each have evidence. The path `/pairs` compares members in pairs.",
            "example": ['Both names contain "duty" and "management".'],
        },
    )
    members = ListOf(
        Nested(OverlapMemberSchema),
        metadata={"description": "The systems of the overlap that you can see."},
    )


class OverlapPairSchema(ReadSchema):
    """Two systems of an overlap, compared with each other."""

    system_ids = ListOf(Uuid(), metadata={"description": "The ids of the two systems."})
    system_names = ListOf(
        Text(),
        metadata={
            "description": "The names of the two systems, in the order of `system_ids`.",
            "example": ["Duty management", "Duty System"],
        },
    )
    agencies = ListOf(
        Text(),
        metadata={
            "description": "The codes of the agencies that own the two systems, in the order of "
            "`system_ids`.",
            "example": ["bedfordshire-police", "cambridgeshire-police"],
        },
    )
    kind = Choice(OverlapKind, metadata={"example": "renamed_supplier"})
    score = fields.Float(metadata=_PAIR_SCORE)
    evidence = ListOf(
        Text(),
        metadata={
            "description": "Sentences on what the two records have in common. They use only the "
            "fields that you can see.",
            "example": ["Both provide Duty management and rostering (E04)."],
        },
    )


class OverlapPairListSchema(ReadSchema):
    """The pairs of systems of an overlap, the highest score first."""

    items = ListOf(
        Nested(OverlapPairSchema), metadata={"description": "The pairs, by falling score."}
    )


class OverlapPairsQuery(WriteSchema):
    """The limit on the pairs to return, and a system that each pair must include."""

    system_id = Uuid(
        metadata={"description": "The id of a system. Only pairs with this system are returned."}
    )
    limit = Count(
        min=1,
        max=200,
        load_default=50,
        metadata={"description": "The largest number of pairs to return."},
    )


_GROUPING_TITLE = {
    "description": "The title of the new overlap. Null to use the name of what its systems share.",
    "example": "Rostering of both control rooms",
}
_GROUPING_REASON = {
    "description": "The reason for the split or merger, for the other agencies.",
    "example": "Two forces run it on one server since 2024.",
}


class OverlapGroupingCreate(WriteSchema):
    """A split of systems from an overlap, or a merger of several overlaps."""

    action = Choice(GroupingAction, required=True, metadata={"example": "merge"})
    overlap_ids = ListOf(
        Uuid(),
        max=50,
        unique=True,
        required=True,
        metadata={
            "description": "The ids of the overlaps: one overlap to split, or at least two to merge."
        },
    )
    system_ids = ListOf(
        Uuid(),
        max=200,
        unique=True,
        metadata={
            "description": "The ids of the systems to split off. Leave it out or empty in a merger."
        },
    )
    kind = Choice(
        OverlapKind,
        allow_none=True,
        metadata={
            "description": "What the systems of the new overlap have in common. Required to merge "
            "overlaps of several kinds or products. Null to keep the kind of the given overlaps.",
            "example": "same_function",
        },
    )
    title = Text(max=200, allow_none=True, metadata=_GROUPING_TITLE)
    reason = Text(max=2000, required=True, metadata=_GROUPING_REASON)


class OverlapGroupingSchema(ReadSchema):
    """A split or a merger of overlaps that an agency made by hand."""

    id = Uuid(metadata={"description": "The id of the grouping."})
    action = Choice(GroupingAction, metadata={"example": "merge"})
    overlap_id = Uuid(metadata={"description": "The id of the overlap that the grouping created."})
    agency = Text(
        metadata={
            "description": "The code of the agency that made the grouping.",
            "example": "bedfordshire-police",
        }
    )
    title = Text(allow_none=True, metadata=_GROUPING_TITLE)
    reason = Text(metadata=_GROUPING_REASON)
    system_ids = ListOf(
        Uuid(),
        metadata={"description": "The ids of the systems in the new overlap that you can see."},
    )
    withdrawn_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The time at which the agency withdrew the grouping. Null while it is "
            "in effect."
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class OverlapPatch(WriteSchema):
    """Your agency's review of an overlap, which confirms or rejects it."""

    status = Choice(OverlapVerdict, required=True, metadata={"example": "confirmed"})
    reason = Text(
        max=2000,
        required=True,
        metadata={
            "description": "The reason for the result of the review, for the other agencies.",
            "example": "One product, three installations.",
        },
    )
