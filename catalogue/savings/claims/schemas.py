"""Request and response bodies for savings, their validations and realised amounts."""

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.contracts.schemas import Amount, FinancialYear
from catalogue.core.rest.descriptions import COPY_HASH
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
_TITLE = {
    "description": "A short title of the saving.",
    "example": "One duty management system instead of two",
}
_DESCRIPTION = {"description": "How the saving comes about. Null if not described."}
_KIND = {
    "description": "The type of the saving in the Government Efficiency Framework.",
    "example": "cash_releasing",
}
_RECURRING = {
    "description": "True if the saving claims more than one financial year.",
    "example": False,
}
_YEARS = {"description": "The financial years of the claim, with an amount for each."}
_YEAR = {"description": "A financial year, from 1 April to 31 March.", "example": "2026-27"}
_CLAIMED = {
    "description": "The amount claimed in the year, in pounds, up to the cost of the line.",
    "example": "40000.00",
}
_COST = {
    "description": "The money to spend for the saving, in pounds, beyond the recorded costs of "
    "systems. It counts in the first year of the saving.",
    "example": "12500.00",
}
_EVIDENCE = {
    "description": "References to evidence, such as documents, ledger entries or addresses.",
    "example": ["Contract variation 7, schedule 2"],
}
_AGENCY = {
    "description": "The code of the agency that has the share.",
    "example": "bedfordshire-police",
}
_PERCENT = {"description": "The share in per cent, with at most two decimals.", "example": "100.00"}
_SHARES = {
    "description": "The agencies' shares of the saving, which total 100 per cent. If left out, the "
    "agency that bears the cost has it all."
}
_REASON = {
    "description": "The reason why the saving is missed or withdrawn. Null otherwise.",
    "example": None,
}
_REALISED = {"description": "The amount saved, in pounds.", "example": "20000.00"}
_USE = {"description": "The use of the money that was saved.", "example": "returned"}
_REINVESTED_IN = {
    "description": "The new use of reinvested money. Null if the money was returned.",
    "example": None,
}
_NAME = {
    "description": "The name or post of the person in finance.",
    "example": "Head of Finance",
}
_VERDICT = {"description": "The result of the validation.", "example": "validated"}
_NOTE = {
    "description": "A note by finance, required for a return. Null if there is none.",
    "example": None,
}
_HASH = {
    "description": "The `content_hash` of the saving that finance read.",
    "example": EXAMPLE_HASH,
}


class Percent(Text):
    """A percentage as a string, such as "33.34", so that clients do not round it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max=6,
            pattern=PERCENT,
            pattern_text='{field} must be a percentage above 0, such as "33.34".',
            **kwargs,
        )

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        return Decimal(super()._deserialize(value, attr, data, **kwargs))


class PositiveAmount(MoneyField):
    """An amount of money that is more than zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = dict(self.metadata) | {"pattern": POSITIVE}

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(POSITIVE.strip("^$"), value):
            raise validation_error("{field} must be more than 0.", "out_of_range")
        return amount


class SavingYearCreate(WriteSchema):
    """An amount to claim in a financial year."""

    financial_year = FinancialYear(required=True, metadata=_YEAR)
    amount = PositiveAmount(required=True, metadata=_CLAIMED)


class SavingShareSchema(WriteSchema):
    """An agency's share of a saving, in per cent."""

    agency = Text(max=80, pattern=CODE, required=True, metadata=_AGENCY)
    percent = Percent(required=True, metadata=_PERCENT)


class SavingCreate(WriteSchema):
    """A saving to claim for a programme that your agency leads."""

    baseline_line_id = Uuid(
        required=True,
        metadata={"description": "The id of a line of the programme's approved baseline."},
    )
    title = Text(required=True, metadata=_TITLE)
    description = Text(max=10_000, allow_none=True, metadata=_DESCRIPTION)
    kind = Choice(SavingKind, required=True, metadata=_KIND)
    recurring = Boolean(load_default=False, metadata=_RECURRING)
    years = ListOf(
        Nested(SavingYearCreate), max=MOST_YEARS + 1, min=1, required=True, metadata=_YEARS
    )
    cost_to_achieve = Amount(metadata=_COST)
    shares = ListOf(Nested(SavingShareSchema), min=1, metadata=_SHARES)
    evidence = ListOf(Text(max=1000), max=50, unique=True, metadata=_EVIDENCE)


class SavingPatch(patch_schema_of(SavingCreate, "_", without=("baseline_line_id",))):  # type: ignore[misc]
    """Changes to a saving. A change of a validated claim makes the saving identified again."""

    status = Choice(
        SavingStatus,
        metadata={
            "description": "The next status: in_delivery, realised, missed or withdrawn. The last "
            "two need `status_reason`.",
            "example": "withdrawn",
        },
    )
    status_reason = Text(
        max=2000, allow_none=True, metadata=_REASON | {"example": "The contract was extended."}
    )


class SavingValidationCreate(WriteSchema):
    """A validation of a saving by finance, or its return."""

    verdict = Choice(ValidationVerdict, required=True, metadata=_VERDICT)
    name = Text(required=True, metadata=_NAME)
    note = Text(max=10_000, allow_none=True, metadata=_NOTE)
    content_hash = Text(max=64, pattern=HASH, pattern_text=COPY_HASH, required=True, metadata=_HASH)


class SavingRealisationCreate(WriteSchema):
    """An amount that was saved in a financial year."""

    financial_year = FinancialYear(required=True, metadata=_YEAR)
    amount = PositiveAmount(required=True, metadata=_REALISED)
    use_of_saving = Choice(UseOfSaving, required=True, metadata=_USE)
    reinvested_in = Text(max=2000, allow_none=True, metadata=_REINVESTED_IN)
    evidence = ListOf(Text(max=1000), max=50, min=1, unique=True, required=True, metadata=_EVIDENCE)


class SavingRealisationWithdrawalCreate(WriteSchema):
    """The withdrawal of a realised amount that was recorded by mistake."""

    reason = Text(
        max=2000,
        required=True,
        metadata={
            "description": "The reason why the record is wrong.",
            "example": "The amount was entered twice.",
        },
    )


class SavingYearSchema(ReadSchema):
    """The amount that a saving claims in a financial year."""

    financial_year = Text(metadata=_YEAR)
    amount = MoneyField(metadata=_CLAIMED)
    claimed = fields.Boolean(
        metadata={
            "description": "True while this claim blocks other claims of the same cost in the year."
        }
    )


class SavingAllocationSchema(ReadSchema):
    """An agency's amount of one year's claim, to the penny."""

    financial_year = Text(metadata=_YEAR)
    agency = Text(metadata=_AGENCY)
    amount = MoneyField(
        metadata={"description": "The agency's amount, in pounds.", "example": "40000.00"}
    )


class SavingValidationSchema(ReadSchema):
    """A validation or return of a saving by finance."""

    agency = Text(metadata=_AGENCY | {"description": "The code of the agency whose finance acted."})
    verdict = Choice(ValidationVerdict, metadata=_VERDICT)
    name = Text(metadata=_NAME)
    note = Text(allow_none=True, metadata=_NOTE)
    content_hash = Text(metadata=_HASH)
    recorded_at = fields.DateTime(metadata={"description": "The time of the validation or return."})
    voided_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The time when a change or return made the validation void. Null while "
            "it is valid."
        },
    )


class SavingRealisationSchema(ReadSchema):
    """A realised amount of a saving, with its evidence and its use."""

    id = Uuid(metadata={"description": "The id of the realised amount."})
    financial_year = Text(metadata=_YEAR)
    amount = MoneyField(metadata=_REALISED)
    use_of_saving = Choice(UseOfSaving, metadata=_USE)
    reinvested_in = Text(allow_none=True, metadata=_REINVESTED_IN)
    evidence = ListOf(Text(), metadata=_EVIDENCE)
    recorded_at = fields.DateTime(
        metadata={"description": "The time when the amount was recorded."}
    )
    withdrawn_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The time of the withdrawal. Null while the amount counts."},
    )
    withdrawal_reason = Text(
        allow_none=True,
        metadata={"description": "The reason for the withdrawal. Null while the amount counts."},
    )


class SavingSchema(ReadSchema):
    """A reduction claimed against one line of an approved baseline."""

    id = Uuid(metadata={"description": "The id of the saving."})
    programme_id = Uuid(metadata={"description": "The id of the programme."})
    baseline_id = Uuid(metadata={"description": "The id of the baseline that has the line."})
    baseline_line_id = Uuid(
        metadata={
            "description": "The id of the baseline line that the saving is claimed against.",
            "example": EXAMPLE_ID,
        }
    )
    system_id = Uuid(metadata={"description": "The id of the system whose cost is reduced."})
    system_name = Text(
        metadata={"description": "The present name of the system.", "example": "Duty management"}
    )
    agency = Text(
        metadata=_AGENCY
        | {"description": "The code of the agency that owns the system and bears the cost."}
    )
    title = Text(metadata=_TITLE)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    kind = Choice(SavingKind, metadata=_KIND)
    recurring = fields.Boolean(metadata=_RECURRING)
    years = ListOf(Nested(SavingYearSchema), metadata=_YEARS)
    cost_to_achieve = MoneyField(metadata=_COST)
    shares = ListOf(
        Nested(SavingShareSchema),
        metadata={"description": "The agencies' shares of the saving, which total 100 per cent."},
    )
    allocation = ListOf(
        Nested(SavingAllocationSchema),
        metadata={"description": "The amount of each agency in each claimed year."},
    )
    evidence = ListOf(Text(), metadata=_EVIDENCE)
    status = Choice(SavingStatus)
    status_reason = Text(allow_none=True, metadata=_REASON)
    content_hash = Text(metadata=_HASH | {"description": "The SHA-256 of the claim."})
    validations = ListOf(
        Nested(SavingValidationSchema),
        metadata={"description": "All validations and returns by finance, oldest first."},
    )
    realisations = ListOf(
        Nested(SavingRealisationSchema),
        metadata={"description": "All realised amounts, oldest first, with withdrawn ones."},
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
