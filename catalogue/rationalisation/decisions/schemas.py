"""Request and response bodies for decisions and their sign-offs."""

from marshmallow import fields

from catalogue.core.rest.descriptions import COPY_HASH
from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.rationalisation.decisions.models import WORKING_DAYS_TO_SIGN
from catalogue.rationalisation.vocabulary import (
    DecisionStatus,
    MigrationStrategy,
    SignOffVerdict,
)
from catalogue.systems.vocabulary import Disposition

MOST_MEMBERS = 200
MOST_DAYS = 60
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_TITLE = {
    "description": "A short name of the decision, which lists and reports show.",
    "example": "One duty management system for three forces",
}
_RATIONALE = {
    "description": "The reasons for the decision, as plain text. Every signing agency reads them.",
    "example": "Three forces roster the same way; one installation has room for all.",
}
_DISPOSITION = {
    "description": "The plan for the system. `tolerate` and `invest` mean that the system stays. "
    "`migrate` and `eliminate` mean that the system retires.",
    "example": "invest",
}
_STRATEGY = {
    "description": "The way to carry out the plan. A system that stays cannot have `retire`.",
    "example": "retain",
}
_SUCCESSOR = {
    "description": "The system that takes over from this one. Null if none does. A successor must "
    "be visible to your agency. If it is a member of the decision, it must stay. "
    "The owner of the successor must sign as well.",
    "example": None,
}
SUCCESSOR_SHOWN = {
    "description": "The system that takes over from this one. Null if none does, or if you cannot "
    "see it: `withheld` shows which.",
    "example": None,
}
SUCCESSOR_NAME = {
    "description": "The current name of the successor. Null if `successor_id` is null.",
    "example": None,
}
_DAYS = {
    "description": "The time to sign, in working days of England and Wales. It starts on the day "
    "after the decision is proposed, or after its latest change.",
    "example": 10,
}
_WITHDRAWN = {
    "description": "The reason for the withdrawal. Everyone who can see the decision can read it.",
    "example": "The contract was extended; we look at it again next year.",
}
_WITHDRAWN_SHOWN = _WITHDRAWN | {
    "description": "The reason for the withdrawal. Null unless the decision is withdrawn."
}
_COMMENT = {
    "description": "The agency's comment. A refusal must have one.",
    "example": "On condition of a parallel run.",
}
_COMMENT_SHOWN = _COMMENT | {"description": "The agency's comment. Null if there is none."}
_PERSON = {
    "description": "The name of the person who signs for your agency.",
    "example": "Alex Morgan",
}
_ROLE = {
    "description": "The post in which the person signs.",
    "example": "Chief information officer",
}
CONTENT_HASH = {
    "description": "SHA-256 of the proposed content in hexadecimal, to send back when signing. "
    "Null while the decision is a draft. Each proposal and each change to one has its own hash.",
    "example": _HASH,
}
SYSTEM_ID = {"description": "The system's id.", "example": EXAMPLE_ID}
SYSTEM_NAME = {"description": "The system's current name.", "example": "Duty management"}
OWNER = {
    "description": "The code of the agency that owns the system.",
    "example": "bedfordshire-police",
}


class DecisionMemberCreate(WriteSchema):
    """The planned outcome for one system."""

    system_id = Uuid(
        required=True,
        metadata={
            "description": "A system of the overlap. It cannot be in another open decision.",
            "example": EXAMPLE_ID,
        },
    )
    disposition = Choice(Disposition, required=True, metadata=_DISPOSITION)
    strategy = Choice(MigrationStrategy, required=True, metadata=_STRATEGY)
    successor_id = Uuid(allow_none=True, load_default=None, metadata=_SUCCESSOR)


MEMBERS = {
    "description": "The systems of the decision. At least one must stay, with `tolerate` or "
    "`invest`. Each system that retires needs a successor, unless its strategy is `retire`.",
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
    """A draft plan for the systems of a confirmed overlap."""

    overlap_id = Uuid(
        required=True,
        metadata={"description": "The overlap, which must be confirmed.", "example": EXAMPLE_ID},
    )
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
    """Your agency's agreement to a decision, or its refusal."""

    verdict = Choice(
        SignOffVerdict,
        required=True,
        metadata={"description": "Your agency's answer. A refusal ends the proposal."},
    )
    content_hash = Text(
        min=64,
        max=64,
        pattern="^[0-9a-f]{64}$",
        pattern_text=COPY_HASH,
        required=True,
        metadata={
            "description": "The `content_hash` of the decision that you read. The request is "
            "refused if the decision has changed since.",
            "example": _HASH,
        },
    )
    person = Text(required=True, metadata=_PERSON)
    role = Text(required=True, metadata=_ROLE)
    comment = Text(max=2000, allow_none=True, metadata=_COMMENT)


class DecisionWithdrawalCreate(WriteSchema):
    """The withdrawal of a draft or a proposal."""

    reason = Text(max=2000, required=True, metadata=_WITHDRAWN)


class DecisionMemberSchema(ReadSchema):
    """A system of a decision, and its planned outcome."""

    system_id = Uuid(metadata=SYSTEM_ID)
    system_name = Text(metadata=SYSTEM_NAME)
    agency = Text(metadata=OWNER)
    disposition = Choice(Disposition, metadata=_DISPOSITION)
    strategy = Choice(MigrationStrategy, metadata={"description": "The way to carry out the plan."})
    successor_id = Uuid(allow_none=True, metadata=SUCCESSOR_SHOWN)
    successor_name = Text(allow_none=True, metadata=SUCCESSOR_NAME)
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Holds `successor_id` if there is a successor that you cannot see.",
            "example": [],
        },
    )


class SignOffSchema(ReadSchema):
    """An agency's agreement to a decision, or its refusal."""

    agency = Text(
        metadata={
            "description": "The code of the agency that signed.",
            "example": "bedfordshire-police",
        }
    )
    person = Text(
        allow_none=True,
        metadata=_PERSON
        | {
            "description": "The name of the person who signed, or a pseudonym if the name was "
            "erased. Null if no name was recorded."
        },
    )
    role = Text(
        allow_none=True,
        metadata=_ROLE
        | {"description": "The post of the person who signed. Null if none was recorded."},
    )
    verdict = Choice(SignOffVerdict, metadata={"description": "The agency's answer."})
    comment = Text(allow_none=True, metadata=_COMMENT_SHOWN)
    content_hash = Text(
        metadata={
            "description": "The hash of the content that the agency signed.",
            "example": _HASH,
        }
    )
    signed_at = fields.DateTime(metadata={"description": "When the agency signed, in UTC."})
    voided_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the proposal changed, so that this sign-off no longer counts. "
            "Null while the sign-off counts."
        },
    )


class DecisionSchema(ReadSchema):
    """A plan for the systems of an overlap, with the sign-offs of their owners."""

    id = Uuid(metadata={"description": "The decision's id."})
    overlap_id = Uuid(metadata={"description": "The overlap that the decision is about."})
    agency = Text(
        metadata={
            "description": "The code of the agency that drafted the decision. Only this agency can "
            "change, propose or withdraw it.",
            "example": "cambridgeshire-police",
        }
    )
    title = Text(metadata=_TITLE)
    rationale = Text(metadata=_RATIONALE)
    status = Choice(
        DecisionStatus,
        metadata={"description": "The state of the decision, from draft to agreed or closed."},
    )
    members = ListOf(
        Nested(DecisionMemberSchema),
        metadata={
            "description": "The systems of the decision that you can see, with their outcomes."
        },
    )
    withheld_members = Integer(
        metadata={
            "description": "The number of systems in the decision that you cannot see, including "
            "successors.",
            "example": 0,
        }
    )
    content_hash = Text(allow_none=True, metadata=CONTENT_HASH)
    sign_offs = ListOf(
        Nested(SignOffSchema),
        metadata={
            "description": "The sign-offs by your agency and by the owners of systems that you can "
            "see, oldest first."
        },
    )
    awaiting = ListOf(
        Text(),
        metadata={
            "description": "Codes of agencies that still have to sign. Only owners of systems that "
            "you can see are listed.",
            "example": ["hertfordshire-police"],
        },
    )
    awaiting_your_signature = Boolean(
        metadata={"description": "True if the decision is proposed and your agency must sign it."}
    )
    proposed_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the current content was proposed, in UTC. Null for a draft. A "
            "change to a proposal counts as a new proposal."
        },
    )
    working_days_to_sign = Integer(metadata=_DAYS)
    sign_by = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day to sign, in the United Kingdom. Null for a draft. Agencies "
            "can still sign later."
        },
    )
    overdue = Boolean(
        metadata={"description": "True if the decision is proposed and `sign_by` has passed."}
    )
    decided_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the decision was agreed, refused or withdrawn, in UTC. Null while "
            "it is open."
        },
    )
    withdrawal_reason = Text(allow_none=True, metadata=_WITHDRAWN_SHOWN)
    superseded_by = Uuid(
        allow_none=True,
        metadata={
            "description": "The decision that replaced this one. Null if none did, or if you "
            "cannot see it.",
            "example": None,
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
