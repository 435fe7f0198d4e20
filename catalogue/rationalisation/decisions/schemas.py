"""What decisions look like, and what one may say about them."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.rationalisation.decisions.models import WORKING_DAYS_TO_SIGN
from catalogue.rationalisation.vocabulary import (
    BriefingRole,
    DecisionStatus,
    MigrationStrategy,
    SignOffVerdict,
)
from catalogue.systems.schemas import SystemSchema
from catalogue.systems.vocabulary import Disposition

MOST_MEMBERS = 200
MOST_DAYS = 60
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_TITLE = {"example": "One duty management system for three forces"}
_RATIONALE = {"example": "Three forces roster the same way; one installation has room for all."}
_SUCCESSOR = {
    "description": "The system that takes over from it: any that one may see. Within the decision, "
    "one that stays. Its owner signs as well.",
    "example": None,
}
_DAYS = {
    "description": "Within how many working days of England and Wales after the day on which it is "
    "proposed, or changed since, it is to be signed.",
    "example": 10,
}
_WITHDRAWN = {"example": "The contract was extended; we look at it again next year."}
_COMMENT = {"description": "Needed to refuse.", "example": "On condition of a parallel run."}
_CONTENT_HASH = {
    "description": "SHA-256 of what is proposed, in hexadecimal; null while it is a draft. It is "
    "another after every change, and of its own for each moment at which it was proposed.",
    "example": _HASH,
}


class DecisionMemberCreate(WriteSchema):
    """What is to become of one system."""

    system_id = Uuid(required=True)
    disposition = Choice(Disposition, required=True, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy, required=True, metadata={"example": "retain"})
    successor_id = Uuid(allow_none=True, load_default=None, metadata=_SUCCESSOR)


MEMBERS = {
    "description": "At least one of them stays: to tolerate or to invest in. One that goes needs a "
    "successor, unless its strategy is to retire it.",
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
        Nested(DecisionMemberCreate), max=MOST_MEMBERS, required=True, metadata=MEMBERS
    )
    working_days_to_sign = Integer(
        min=1, max=MOST_DAYS, load_default=WORKING_DAYS_TO_SIGN, metadata=_DAYS
    )


DecisionPatch = patch_schema_of(DecisionCreate, "DecisionPatch", without=("overlap_id",))


class SignOffCreate(WriteSchema):
    """What one's agency says to a decision."""

    verdict = Choice(SignOffVerdict, required=True)
    content_hash = Text(
        min=64,
        max=64,
        pattern="^[0-9a-f]{64}$",
        required=True,
        metadata={"description": "The decision's content_hash, as it was read.", "example": _HASH},
    )
    comment = Text(max=2000, allow_none=True, metadata=_COMMENT)


class DecisionWithdrawalCreate(WriteSchema):
    """Why a draft or a proposal is taken back. All whom it concerns read it."""

    reason = Text(max=2000, required=True, metadata=_WITHDRAWN)


class DecisionMemberSchema(ReadSchema):
    """A system of a decision, and what is to become of it."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    disposition = Choice(Disposition, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy)
    successor_id = Uuid(allow_none=True, metadata=_SUCCESSOR)
    withheld = ListOf(
        Text(),
        metadata={
            "description": "`successor_id`, where there is one that one may not see.",
            "example": [],
        },
    )


class SignOffSchema(ReadSchema):
    """What an agency said to a decision."""

    agency = Text(metadata={"example": "bedfordshire-police"})
    verdict = Choice(SignOffVerdict)
    comment = Text(allow_none=True, metadata=_COMMENT)
    content_hash = Text(metadata={"example": _HASH})
    signed_at = fields.DateTime()
    voided_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the proposal was changed, and this ceased to count; null while it "
            "counts."
        },
    )


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
        metadata={
            "description": "How many of its systems, successors among them, one may not see.",
            "example": 0,
        }
    )
    content_hash = Text(allow_none=True, metadata=_CONTENT_HASH)
    sign_offs = ListOf(
        Nested(SignOffSchema),
        metadata={"description": "By oneself, and by the owners of the systems that one sees."},
    )
    awaiting = ListOf(
        Text(),
        metadata={
            "description": "Whose signature is missing, by the systems that one sees.",
            "example": ["hertfordshire-police"],
        },
    )
    awaits_us = Boolean(
        metadata={
            "description": "Whether it is proposed, and the signature of one's own agency missing."
        }
    )
    proposed_at = fields.DateTime(
        allow_none=True, metadata={"description": "When it was put before the owners as it is now."}
    )
    working_days_to_sign = Integer(metadata=_DAYS)
    sign_by = fields.Date(
        allow_none=True,
        metadata={"description": "The last day to sign. It may still be signed later."},
    )
    overdue = Boolean(metadata={"description": "Whether it is proposed, and that day has passed."})
    decided_at = fields.DateTime(allow_none=True)
    withdrawal_reason = Text(allow_none=True, metadata=_WITHDRAWN)
    superseded_by = Uuid(
        allow_none=True,
        metadata={
            "description": "The decision that took its place, where one may see that.",
            "example": None,
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class ChangedSinceSchema(ReadSchema):
    """What a field of a system was when that was proposed, and what it is now."""

    field = Text(metadata={"example": "user_count"})
    before = fields.Raw(allow_none=True, metadata={"example": 420})
    now = fields.Raw(allow_none=True, metadata={"example": 380})


class PaperSystemSchema(ReadSchema):
    """A system that a decision is about, and what an approver is to know of it."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    role = Choice(BriefingRole, metadata={"example": "stays"})
    disposition = Choice(
        Disposition,
        allow_none=True,
        metadata={"description": "Null of one that takes over only.", "example": "invest"},
    )
    strategy = Choice(
        MigrationStrategy,
        allow_none=True,
        metadata={"description": "Null of one that takes over only.", "example": "retain"},
    )
    successor_id = Uuid(allow_none=True, metadata=_SUCCESSOR)
    as_proposed = Nested(
        SystemSchema,
        allow_none=True,
        metadata={"description": "The record as it stood at `records_as_of`."},
    )
    changed_since = ListOf(
        Nested(ChangedSinceSchema),
        metadata={"description": "Which of its fields are not any more as they were then."},
    )
    cost_a_year = MoneyField(
        allow_none=True,
        metadata={
            "description": "Recurring costs in the financial year of `costs`, in pounds; null "
            "where none are recorded, or one may not see them.",
            "example": "60000.00",
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields that are not shown to one. `as_proposed` is among them too "
            "where history does not reach back to that moment.",
            "example": [],
        },
    )


class CostAYearSchema(ReadSchema):
    """Recurring costs of one financial year, before and after, as far as one may know of them."""

    financial_year = Text(
        allow_none=True,
        metadata={
            "description": "The latest, up to the current one, that any costs are known of.",
            "example": "2026-27",
        },
    )
    before = MoneyField(
        allow_none=True,
        metadata={"description": "What they cost now, in pounds.", "example": "185000.00"},
    )
    after = MoneyField(
        allow_none=True,
        metadata={"description": "What those of them cost that do not go.", "example": "60000.00"},
    )
    withheld_systems = Integer(
        metadata={
            "description": "Of how many of the systems listed one may not see the costs: they are "
            "in no sum, no more than systems that are not listed.",
            "example": 1,
        }
    )
    unrecorded_systems = Integer(
        metadata={
            "description": "Of how many no costs are recorded for that year: nor are these.",
            "example": 0,
        }
    )


class DecisionPaperSchema(ReadSchema):
    """What an approver signs, or would: a decision with all that one may know of its systems."""

    decision = Nested(DecisionSchema)
    records_as_of = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The moment at which it was put before the owners, whose records are "
            "shown and, by `content_hash`, signed; null where it was not yet: they are as now."
        },
    )
    systems = ListOf(Nested(PaperSystemSchema))
    withheld_members = Integer(
        metadata={
            "description": "How many systems, successors among them, one may not see: they are "
            "not listed, and their costs in no sum.",
            "example": 0,
        }
    )
    costs = Nested(CostAYearSchema, metadata={"description": "Of all the systems listed."})
    own_costs = Nested(
        CostAYearSchema, metadata={"description": "Of those of one's own agency alone."}
    )
    supersedes = ListOf(
        Uuid(),
        metadata={
            "description": "The agreed decisions whose place it takes once it is agreed, or took; "
            "as far as one may see them.",
            "example": [],
        },
    )
    content_hash = Text(allow_none=True, metadata=_CONTENT_HASH)
    may_sign = Boolean(
        metadata={"description": "Whether one's agency may sign it now, and this token for it."}
    )
    signed = Boolean(metadata={"description": "Whether one's agency has signed it as it is."})
