"""Request and response bodies for baselines and their lines."""

from marshmallow import fields

from catalogue.contracts.schemas import FinancialYear
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.rest.descriptions import COPY_HASH
from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    ListOf,
    MoneyField,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.savings.vocabulary import BaselineStatus

MOST_YEARS = 30
"""The most years of a baseline. The Green Book uses one discount rate for the first 30 years."""

HASH = r"^[0-9a-f]{64}$"
EXAMPLE_HASH = "5c4f8f2e0b7d1a9c6e3b0d8a7f1c2e4d6b8a0c2e4f6a8b0c2d4e6f8a0b2c4d6e"
_TITLE = {
    "description": "A short title of the baseline.",
    "example": "Baseline at the full business case",
}
_PROGRAMME = {"description": "The id of the programme."}
_YEARS = {
    "description": "The financial years whose costs are copied, from 1 April to 31 March.",
    "example": ["2026-27"],
}
_APPROVED_BY = {
    "description": "The name or post of the person who approves the baseline.",
    "example": "Director of Finance",
}


class BaselineCreate(WriteSchema):
    """A baseline to create for a programme that your agency leads."""

    programme_id = Uuid(required=True, metadata=_PROGRAMME)
    title = Text(required=True, metadata=_TITLE)
    financial_years = ListOf(
        FinancialYear(), max=MOST_YEARS, min=1, unique=True, required=True, metadata=_YEARS
    )


BaselinePatch = patch_schema_of(BaselineCreate, "BaselinePatch", without=("programme_id",))


class BaselineApprovalCreate(WriteSchema):
    """The approval of a draft that you have read."""

    approved_by = Text(required=True, metadata=_APPROVED_BY)
    content_hash = Text(
        max=64,
        pattern=HASH,
        pattern_text=COPY_HASH,
        required=True,
        metadata={
            "description": "The `content_hash` of the draft that you read.",
            "example": EXAMPLE_HASH,
        },
    )


class BaselineSchema(ReadSchema):
    """The costs that a programme's systems would have without the programme."""

    id = Uuid(metadata={"description": "The id of the baseline."})
    programme_id = Uuid(metadata=_PROGRAMME)
    title = Text(metadata=_TITLE)
    status = Choice(BaselineStatus)
    financial_years = ListOf(Text(), metadata=_YEARS)
    refreshed_at = fields.DateTime(
        metadata={"description": "The time when the lines were last copied from cost lines."}
    )
    content_hash = Text(
        allow_none=True,
        metadata={
            "description": "The SHA-256 of the title, years and lines. Null unless your agency "
            "leads the programme.",
            "example": EXAMPLE_HASH,
        },
    )
    approved_by = Text(
        allow_none=True,
        metadata={
            "description": "The name or post of the person who approved it. Null for a draft.",
            "example": "Director of Finance",
        },
    )
    approved_at = fields.DateTime(
        allow_none=True, metadata={"description": "The time of the approval. Null for a draft."}
    )
    supersedes_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the approved baseline that this one replaced. Null if none.",
            "example": None,
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class BaselineLineSchema(ReadSchema):
    """A copy of a cost line from the time when the baseline was last refreshed."""

    id = Uuid(metadata={"description": "The id of the baseline line."})
    baseline_id = Uuid(metadata={"description": "The id of the baseline."})
    cost_line_id = Uuid(
        metadata={
            "description": "The id of the cost line that was copied, which its owner can delete.",
            "example": EXAMPLE_ID,
        }
    )
    system_id = Uuid(metadata={"description": "The id of the system that the cost is for."})
    system_name = Text(
        metadata={"description": "The present name of the system.", "example": "Duty management"}
    )
    agency = Text(
        metadata={
            "description": "The code of the agency that owns the system and bears the cost.",
            "example": "bedfordshire-police",
        }
    )
    financial_year = Text(
        metadata={
            "description": "The financial year of the cost, from 1 April to 31 March.",
            "example": "2026-27",
        }
    )
    category = Choice(
        CostCategory,
        metadata={"description": "The kind of the cost.", "example": "recurring_revenue"},
    )
    description = Text(
        allow_none=True,
        metadata={
            "description": "What the money pays for. Null if the cost line does not state it.",
            "example": "Support and maintenance",
        },
    )
    amount = MoneyField(
        allow_none=True,
        metadata={
            "description": "The cost in the financial year, in pounds. Null without the scope "
            "`costs:read`.",
            "example": "52000.00",
        },
    )
    claimed_years = ListOf(
        Text(),
        metadata={
            "description": "The years in which a saving of any programme claims this cost.",
            "example": ["2026-27"],
        },
    )
    created_at = fields.DateTime(metadata={"description": "The time when the line was copied."})
    updated_at = fields.DateTime(
        metadata={"description": "The same as `created_at`, because lines never change."}
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Names of fields that are null because you cannot see them: `amount` "
            "without the scope `costs:read`.",
            "example": [],
        },
    )
