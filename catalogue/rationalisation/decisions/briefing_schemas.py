"""Response bodies for briefings, which an approver reads before signing a decision."""

from marshmallow import fields

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
)
from catalogue.core.rest.sum_schemas import money_sum
from catalogue.rationalisation.decisions.schemas import (
    CONTENT_HASH,
    OWNER,
    SUCCESSOR_NAME,
    SUCCESSOR_SHOWN,
    SYSTEM_ID,
    SYSTEM_NAME,
    DecisionSchema,
)
from catalogue.rationalisation.vocabulary import BriefingRole, MigrationStrategy
from catalogue.systems.schemas import SystemSchema
from catalogue.systems.vocabulary import Disposition

_ROLE = {
    "description": "The part that the system has in the decision.",
    "example": "stays",
}


class BriefingChangeSchema(ReadSchema):
    """A field of a system that has changed since the decision was proposed."""

    field = Text(metadata={"description": "The field's name in the API.", "example": "user_count"})
    before = fields.Raw(
        allow_none=True,
        metadata={"description": "The value when the decision was proposed.", "example": 420},
    )
    now = fields.Raw(
        allow_none=True, metadata={"description": "The current value.", "example": 380}
    )


class BriefingSystemSchema(ReadSchema):
    """A system of a decision, with the facts that an approver needs."""

    system_id = Uuid(metadata=SYSTEM_ID)
    system_name = Text(metadata=SYSTEM_NAME)
    agency = Text(metadata=OWNER)
    role = Choice(BriefingRole, metadata=_ROLE)
    disposition = Choice(
        Disposition,
        allow_none=True,
        metadata={
            "description": "The plan for the system. Null if its `role` is `succeeds`.",
            "example": "invest",
        },
    )
    strategy = Choice(
        MigrationStrategy,
        allow_none=True,
        metadata={
            "description": "The way to carry out the plan. Null if the `role` is `succeeds`.",
            "example": "retain",
        },
    )
    successor_id = Uuid(allow_none=True, metadata=SUCCESSOR_SHOWN)
    successor_name = Text(allow_none=True, metadata=SUCCESSOR_NAME)
    as_proposed = Nested(
        SystemSchema,
        allow_none=True,
        metadata={
            "description": "The system's record as it was at `records_as_of`. Null if withheld."
        },
    )
    changed_since = ListOf(
        Nested(BriefingChangeSchema),
        metadata={"description": "The fields of `as_proposed` that have changed since."},
    )
    annual_cost = MoneyField(
        allow_none=True,
        metadata={
            "description": "Recurring costs in the financial year of `costs`, in pounds. Null if "
            "none are recorded, or if you cannot see them: `withheld` shows which.",
            "example": "60000.00",
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields that you cannot see. Holds `as_proposed` also if the audit log "
            "does not reach back to the proposal.",
            "example": [],
        },
    )


class AnnualCostsSchema(ReadSchema):
    """Annual recurring costs of a set of systems, before and after some of them retire."""

    financial_year = Text(
        allow_none=True,
        metadata={
            "description": "The latest year, up to the current one, with costs that you can see. "
            "Null if there is none.",
            "example": "2026-27",
        },
    )
    before = money_sum("The cost of all systems in that year, in pounds.")
    after = money_sum("The cost in that year of the systems that stay, in pounds.")


class DecisionBriefingSchema(ReadSchema):
    """Everything that an approver needs before signing a decision."""

    decision = Nested(DecisionSchema, metadata={"description": "The decision as it is now."})
    records_as_of = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The moment of the proposal, in UTC. Signing covers the systems' records "
            "as they were then. Null for a draft, which shows current records."
        },
    )
    systems = ListOf(
        Nested(BriefingSystemSchema),
        metadata={
            "description": "The systems of the decision that you can see, and their successors."
        },
    )
    withheld_members = Integer(
        metadata={
            "description": "The number of systems that you cannot see, including successors. They "
            "are not listed. `costs` counts them as withheld.",
            "example": 0,
        }
    )
    costs = Nested(
        AnnualCostsSchema,
        metadata={"description": "The annual costs of all systems of the decision."},
    )
    own_costs = Nested(
        AnnualCostsSchema,
        metadata={"description": "The annual costs of your agency's systems among them."},
    )
    supersedes = ListOf(
        Uuid(),
        metadata={
            "description": "The agreed decisions that this decision replaces, or will replace once "
            "agreed. Only decisions that you can see are listed.",
            "example": [],
        },
    )
    content_hash = Text(allow_none=True, metadata=CONTENT_HASH)
    can_sign = Boolean(
        metadata={
            "description": "True if your agency must still sign the decision, and your token has "
            "the scope `decisions:sign`."
        }
    )
    signed_by_your_agency = Boolean(
        metadata={"description": "True if a sign-off by your agency counts for this content."}
    )
