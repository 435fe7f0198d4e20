"""Response bodies for the benefits of a programme."""

from typing import Any

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
)
from catalogue.savings.vocabulary import SavingKind

_YEAR = {"description": "A financial year, from 1 April to 31 March.", "example": "2026-27"}
_FORECAST = "The amounts that savings claim, without missed and withdrawn ones, in pounds."
_VALIDATED = "The claimed amounts that finance validated, in pounds."
_REALISED = "The realised amounts of savings that finance validated, in pounds."


def _amount(description: str, example: str) -> Any:
    return MoneyField(metadata={"description": description, "example": example})


class BenefitFiguresSchema(ReadSchema):
    """The savings and the costs to achieve them, in pounds."""

    baseline = _amount("The total of the lines of the approved baseline, in pounds.", "240000.00")
    forecast = _amount(_FORECAST, "90000.00")
    validated = _amount(_VALIDATED, "60000.00")
    realised = _amount(_REALISED, "20000.00")
    cost_to_achieve = _amount("The costs to achieve the savings, in pounds.", "12500.00")
    dual_running = _amount("The dual-running costs of the systems, in pounds.", "8000.00")
    exit_costs = _amount("The costs of leaving contracts early, in pounds.", "5000.00")
    decommissioning = _amount("The costs of taking systems out of service, in pounds.", "1500.00")
    net_forecast = _amount("The forecast savings less the four costs, in pounds.", "63000.00")
    net_validated = _amount("The validated savings less the four costs, in pounds.", "33000.00")
    net_realised = _amount("The realised savings less the four costs, in pounds.", "-7000.00")


class YearBenefitsSchema(BenefitFiguresSchema):
    """The savings and costs of one financial year."""

    financial_year = Text(metadata=_YEAR)
    discount_factor = Text(
        metadata={
            "description": "The present value of £1 in this year: 1 / 1.035 to the power of the "
            "years since the base year.",
            "example": "0.966184",
        }
    )


class TotalBenefitsSchema(BenefitFiguresSchema):
    """The savings and costs of all years, with the net present values in the base year."""

    npv_forecast = _amount("The present value of the net forecast, in pounds.", "61000.00")
    npv_validated = _amount(
        "The present value of the net validated savings, in pounds.", "31900.00"
    )
    npv_realised = _amount("The present value of the net realised savings, in pounds.", "-7000.00")


class AgencyBenefitsSchema(TotalBenefitsSchema):
    """The costs of one agency's systems, and its shares of the savings."""

    agency = Text(
        metadata={"description": "The code of the agency.", "example": "bedfordshire-police"}
    )
    by_year = ListOf(
        Nested(YearBenefitsSchema),
        metadata={"description": "The agency's savings and costs in each financial year."},
    )


class KindBenefitsSchema(ReadSchema):
    """The forecast, validated and realised savings of one kind."""

    kind = Choice(SavingKind, metadata={"description": "The kind of the savings."})
    forecast = _amount(_FORECAST, "90000.00")
    validated = _amount(_VALIDATED, "60000.00")
    realised = _amount(_REALISED, "20000.00")


class SavingsByUseSchema(ReadSchema):
    """The realised money by its use, in pounds."""

    returned = _amount("The money returned to the budgets of the agencies, in pounds.", "15000.00")
    reinvested = _amount("The money spent on something else, in pounds.", "5000.00")


class WithheldBenefitsSchema(ReadSchema):
    """The number of records that you cannot see. They are in no total."""

    lines = Integer(
        metadata={
            "description": "The number of withheld lines of the approved baseline.",
            "example": 0,
        }
    )
    savings = Integer(metadata={"description": "The number of withheld savings.", "example": 0})
    systems = Integer(
        metadata={"description": "The number of systems with withheld costs.", "example": 0}
    )


class BenefitsSchema(ReadSchema):
    """The savings and costs of a programme, from the records that you can see."""

    programme_id = Uuid(metadata={"description": "The id of the programme.", "example": EXAMPLE_ID})
    baseline_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the approved baseline. Null if there is none.",
            "example": EXAMPLE_ID,
        },
    )
    base_year = Text(
        allow_none=True,
        metadata=_YEAR
        | {
            "description": "The first financial year, to which amounts are discounted. "
            "Null without any year."
        },
    )
    discount_rate = Text(
        metadata={
            "description": "The discount rate of the Green Book, per year.",
            "example": "0.035",
        }
    )
    total = Nested(
        TotalBenefitsSchema, metadata={"description": "The savings and costs of all years."}
    )
    by_year = ListOf(
        Nested(YearBenefitsSchema),
        metadata={"description": "The savings and costs in each financial year."},
    )
    by_agency = ListOf(
        Nested(AgencyBenefitsSchema),
        metadata={"description": "The savings and costs of each agency, in order of codes."},
    )
    by_kind = ListOf(
        Nested(KindBenefitsSchema), metadata={"description": "The savings of each kind."}
    )
    use_of_saving = Nested(
        SavingsByUseSchema,
        metadata={
            "description": "The realised savings: how much was returned, and how much reinvested."
        },
    )
    withheld = Nested(
        WithheldBenefitsSchema,
        metadata={"description": "The number of records that you cannot see."},
    )
