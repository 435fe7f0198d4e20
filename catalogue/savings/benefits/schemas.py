"""Response bodies for the benefits of a programme."""

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
)
from catalogue.core.rest.sum_schemas import money_sum
from catalogue.savings.vocabulary import SavingKind

_YEAR = {"description": "A financial year, from 1 April to 31 March.", "example": "2026-27"}
_FORECAST = "The amounts that savings claim, without missed and withdrawn ones, in pounds."
_VALIDATED = "The claimed amounts that finance validated, in pounds."
_REALISED = "The realised amounts of savings that finance validated, in pounds."


class BenefitFiguresSchema(ReadSchema):
    """The savings and the costs to achieve them, in pounds.

    A record that you cannot see can belong to any year, agency and kind, so every sum counts it as
    withheld. A moving system counts as unknown in each of the last three costs for which it has no
    cost line. A line of £0.00 states that there is no such cost.
    """

    baseline = money_sum(
        "The total of the lines of the approved baseline, in pounds. Unknown without an approved "
        "baseline, and in a year that the baseline does not cover."
    )
    forecast = money_sum(_FORECAST)
    validated = money_sum(_VALIDATED)
    realised = money_sum(_REALISED)
    cost_to_achieve = money_sum("The costs to achieve the savings, in pounds.")
    dual_running = money_sum("The dual-running costs of the systems, in pounds.")
    exit_costs = money_sum("The costs of leaving contracts early, in pounds.")
    decommissioning = money_sum("The costs of taking systems out of service, in pounds.")
    net_forecast = money_sum("The forecast savings less the four costs, in pounds.")
    net_validated = money_sum("The validated savings less the four costs, in pounds.")
    net_realised = money_sum("The realised savings less the four costs, in pounds.")


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

    npv_forecast = money_sum("The present value of the net forecast, in pounds.")
    npv_validated = money_sum("The present value of the net validated savings, in pounds.")
    npv_realised = money_sum("The present value of the net realised savings, in pounds.")


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
    forecast = money_sum(_FORECAST)
    validated = money_sum(_VALIDATED)
    realised = money_sum(_REALISED)


class SavingsByUseSchema(ReadSchema):
    """The realised money by its use, in pounds."""

    returned = money_sum("The money returned to the budgets of the agencies, in pounds.")
    reinvested = money_sum("The money spent on something else, in pounds.")


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
