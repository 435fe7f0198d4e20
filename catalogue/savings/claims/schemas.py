"""What savings look like, and what one may say about them."""

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.contracts.schemas import Amount, FinancialYear
from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
    validation_error,
)
from catalogue.savings.baselines.schemas import EXAMPLE_HASH, HASH, MOST_YEARS
from catalogue.savings.vocabulary import SavingKind, SavingStatus, UseOfSaving, ValidationVerdict

PERCENT = r"^(100(\.0{1,2})?|[1-9][0-9]?(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$"
POSITIVE = r"^([1-9][0-9]{0,11}(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$"
_TITLE = {"example": "One duty management system instead of two"}
_KIND = {"example": "cash_releasing"}
_RECURRING = {"description": "Whether it is saved in more than one year.", "example": False}
_YEAR = {"description": "From April to March.", "example": "2026-27"}
_CLAIMED = {"description": "At most what the line costs.", "example": "40000.00"}
_COST = {
    "description": "What has to be spent for it, beyond the costs that are recorded of systems. It "
    "counts in its first year.",
    "example": "12500.00",
}
_EVIDENCE = {
    "description": "What shows it: documents, ledger entries, addresses.",
    "example": ["Contract variation 7, schedule 2"],
}
_AGENCY = {"example": "bedfordshire-police"}
_PERCENT = {"description": "Per cent, with at most two decimals.", "example": "100.00"}
_SHARES = "Whose the saving is, adding up to 100 per cent. Without, it is of the agency whose cost it was."
_REASON = {"description": "Why it is missed or withdrawn.", "example": None}
_WENT_TO = {"description": "Where the money went.", "example": "returned"}
_IN = {"description": "What it was reinvested in, if it was.", "example": None}
_NAME = {"description": "Who says so, by name.", "example": "Head of Finance"}
_HASH = {"description": "Of the claim that was read.", "example": EXAMPLE_HASH}


class Percent(Text):
    """A percentage as a text such as "33.34", so that no client rounds it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=6, pattern=PERCENT, **kwargs)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        return Decimal(super()._deserialize(value, attr, data, **kwargs))


class PositiveAmount(MoneyField):
    """An amount of money that is more than nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = dict(self.metadata) | {"pattern": POSITIVE}

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(POSITIVE.strip("^$"), value):
            raise validation_error("It has to be more than nothing.", "out_of_range")
        return amount


class SavingYearCreate(WriteSchema):
    """What is claimed in a financial year."""

    financial_year = FinancialYear(required=True, metadata=_YEAR)
    amount = PositiveAmount(required=True, metadata=_CLAIMED)


class SavingShareSchema(WriteSchema):
    """What part of a saving is an agency's."""

    agency = Text(max=80, pattern=CODE, required=True, metadata=_AGENCY)
    percent = Percent(required=True, metadata=_PERCENT)


class SavingCreate(WriteSchema):
    """A saving to claim, for a programme that one's own agency leads."""

    baseline_line_id = Uuid(required=True)
    title = Text(required=True, metadata=_TITLE)
    description = Text(max=10_000, allow_none=True)
    kind = Choice(SavingKind, required=True, metadata=_KIND)
    recurring = Boolean(load_default=False, metadata=_RECURRING)
    years = ListOf(Nested(SavingYearCreate), max=MOST_YEARS + 1, min=1, required=True)
    cost_to_achieve = Amount(metadata=_COST)
    shares = ListOf(Nested(SavingShareSchema), min=1, metadata={"description": _SHARES})
    evidence = ListOf(Text(max=1000), max=50, unique=True, metadata=_EVIDENCE)


class SavingPatch(patch_schema_of(SavingCreate, "_", without=("baseline_line_id",))):  # type: ignore[misc]
    """Changes to a saving. What was validated and then says something else is identified again."""

    status = Choice(
        SavingStatus,
        metadata={
            "description": "What follows: in_delivery, realised, missed or withdrawn. The last two "
            "need status_reason.",
            "example": "withdrawn",
        },
    )
    status_reason = Text(
        max=2000, allow_none=True, metadata=_REASON | {"example": "The contract was extended."}
    )


class SavingValidationCreate(WriteSchema):
    """What finance says to a saving."""

    verdict = Choice(ValidationVerdict, required=True, metadata={"example": "validated"})
    name = Text(required=True, metadata=_NAME)
    note = Text(
        max=10_000,
        allow_none=True,
        metadata={"description": "Needed to return it.", "example": None},
    )
    content_hash = Text(max=64, pattern=HASH, required=True, metadata=_HASH)


class SavingRealisationCreate(WriteSchema):
    """What was saved in a year, or a part of it."""

    financial_year = FinancialYear(required=True, metadata=_YEAR)
    amount = PositiveAmount(required=True, metadata={"example": "20000.00"})
    use_of_saving = Choice(UseOfSaving, required=True, metadata=_WENT_TO)
    reinvested_in = Text(max=2000, allow_none=True, metadata=_IN)
    evidence = ListOf(Text(max=1000), max=50, min=1, unique=True, required=True, metadata=_EVIDENCE)


class SavingRealisationWithdrawalCreate(WriteSchema):
    """Why something was recorded by mistake."""

    reason = Text(max=2000, required=True, metadata={"example": "It was entered twice."})


class SavingYearSchema(ReadSchema):
    """What is claimed in a financial year."""

    financial_year = Text(metadata=_YEAR)
    amount = MoneyField(metadata=_CLAIMED)
    claimed = fields.Boolean(
        metadata={"description": "Whether it stands in the way of another claim of that cost."}
    )


class SavingAllocationSchema(ReadSchema):
    """What of a year's claim is an agency's, to the penny."""

    financial_year = Text(metadata=_YEAR)
    agency = Text(metadata=_AGENCY)
    amount = MoneyField(metadata={"example": "40000.00"})


class SavingValidationSchema(ReadSchema):
    """What finance said to a saving."""

    agency = Text(metadata=_AGENCY)
    verdict = Choice(ValidationVerdict)
    name = Text(metadata=_NAME)
    note = Text(allow_none=True)
    content_hash = Text(metadata=_HASH)
    recorded_at = fields.DateTime()
    voided_at = fields.DateTime(
        allow_none=True, metadata={"description": "Since when it says nothing of the saving."}
    )


class SavingRealisationSchema(ReadSchema):
    """What was saved in a year, and where it went."""

    id = Uuid()
    financial_year = Text(metadata=_YEAR)
    amount = MoneyField(metadata={"example": "20000.00"})
    use_of_saving = Choice(UseOfSaving)
    reinvested_in = Text(allow_none=True, metadata=_IN)
    evidence = ListOf(Text(), metadata=_EVIDENCE)
    recorded_at = fields.DateTime()
    withdrawn_at = fields.DateTime(allow_none=True)
    withdrawal_reason = Text(allow_none=True)


class SavingSchema(ReadSchema):
    """What a programme saves of one line of a baseline."""

    id = Uuid()
    programme_id = Uuid()
    baseline_id = Uuid()
    baseline_line_id = Uuid(metadata={"example": EXAMPLE_ID})
    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"description": "Whose cost it was."} | _AGENCY)
    title = Text(metadata=_TITLE)
    description = Text(allow_none=True)
    kind = Choice(SavingKind, metadata=_KIND)
    recurring = fields.Boolean(metadata=_RECURRING)
    years = ListOf(Nested(SavingYearSchema))
    cost_to_achieve = MoneyField(metadata=_COST)
    shares = ListOf(Nested(SavingShareSchema), metadata={"description": "Whose the saving is."})
    allocation = ListOf(
        Nested(SavingAllocationSchema),
        metadata={"description": "What the shares come to: in each year they add up to the claim."},
    )
    evidence = ListOf(Text(), metadata=_EVIDENCE)
    status = Choice(SavingStatus)
    status_reason = Text(allow_none=True, metadata=_REASON)
    content_hash = Text(metadata={"description": "SHA-256 of all that is claimed.", **_HASH})
    validations = ListOf(Nested(SavingValidationSchema))
    realisations = ListOf(Nested(SavingRealisationSchema))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
