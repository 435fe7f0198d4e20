"""What baselines and their lines look like, and what one may say about them."""

from marshmallow import fields

from catalogue.contracts.schemas import FinancialYear
from catalogue.contracts.vocabulary import CostCategory
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
"""For so long the Green Book discounts at one rate."""

HASH = r"^[0-9a-f]{64}$"
EXAMPLE_HASH = "5c4f8f2e0b7d1a9c6e3b0d8a7f1c2e4d6b8a0c2e4f6a8b0c2d4e6f8a0b2c4d6e"
_TITLE = {"example": "Baseline at the full business case"}
_YEARS = {
    "description": "The years that lines are drawn for, from April to March.",
    "example": ["2026-27"],
}
_LINE_ID = {"description": "The line of cost that it was drawn from.", "example": EXAMPLE_ID}


class BaselineCreate(WriteSchema):
    """A baseline to draw, of a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    title = Text(required=True, metadata=_TITLE)
    financial_years = ListOf(
        FinancialYear(), max=MOST_YEARS, min=1, unique=True, required=True, metadata=_YEARS
    )


BaselinePatch = patch_schema_of(BaselineCreate, "BaselinePatch", without=("programme_id",))


class BaselineApprovalCreate(WriteSchema):
    """The approval of a draft, as one has read it."""

    approved_by = Text(
        required=True,
        metadata={"description": "Who approves it, by name.", "example": "Director of Finance"},
    )
    content_hash = Text(
        max=64,
        pattern=HASH,
        required=True,
        metadata={"description": "Of the draft that was read.", "example": EXAMPLE_HASH},
    )


class BaselineSchema(ReadSchema):
    """What the systems of a programme would cost without it."""

    id = Uuid()
    programme_id = Uuid()
    title = Text(metadata=_TITLE)
    status = Choice(BaselineStatus)
    financial_years = ListOf(Text(), metadata=_YEARS)
    refreshed_at = fields.DateTime(
        metadata={"description": "When its lines were copied from those of cost."}
    )
    content_hash = Text(
        allow_none=True,
        metadata={
            "description": "SHA-256 of all that it says; shown to the lead agency, which draws it.",
            "example": EXAMPLE_HASH,
        },
    )
    approved_by = Text(allow_none=True, metadata={"example": "Director of Finance"})
    approved_at = fields.DateTime(allow_none=True)
    supersedes_id = Uuid(
        allow_none=True,
        metadata={"description": "The baseline that it took the place of.", "example": None},
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class BaselineLineSchema(ReadSchema):
    """A line of cost as it was when the baseline was drawn."""

    id = Uuid()
    baseline_id = Uuid()
    cost_line_id = Uuid(metadata=_LINE_ID)
    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    financial_year = Text(metadata={"example": "2026-27"})
    category = Choice(CostCategory, metadata={"example": "recurring_revenue"})
    description = Text(allow_none=True, metadata={"example": "Support and maintenance"})
    amount = MoneyField(allow_none=True, metadata={"example": "52000.00"})
    claimed_years = ListOf(
        Text(),
        metadata={
            "description": "The years in which a saving is claimed of this cost, by any programme.",
            "example": ["2026-27"],
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields shown as null because of who asks: amounts need `costs:read`.",
            "example": [],
        },
    )
