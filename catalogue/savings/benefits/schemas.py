"""What benefits look like."""

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

_YEAR = {"description": "From April to March.", "example": "2026-27"}


def _amount(description: str, example: str) -> Any:
    return MoneyField(metadata={"description": description, "example": example})


class BenefitFiguresSchema(ReadSchema):
    """What is saved, and what is against it, in pounds."""

    baseline = _amount("What the lines of the approved baseline come to.", "240000.00")
    forecast = _amount("Claimed, and neither missed nor withdrawn.", "90000.00")
    validated = _amount("What finance validated of that.", "60000.00")
    realised = _amount("Recorded as saved, of what finance validated.", "20000.00")
    cost_to_achieve = _amount("What has to be spent for the savings.", "12500.00")
    dual_running = _amount("Paid for two systems at once.", "8000.00")
    exit_costs = _amount("Paid to leave contracts early.", "5000.00")
    decommissioning = _amount("Paid to take systems down.", "1500.00")
    net_forecast = _amount("The forecast, less all costs.", "63000.00")
    net_validated = _amount("What is validated, less all costs.", "33000.00")
    net_realised = _amount("What is realised, less all costs.", "-7000.00")


class YearBenefitsSchema(BenefitFiguresSchema):
    """The figures of one financial year."""

    financial_year = Text(metadata=_YEAR)
    discount_factor = Text(
        metadata={
            "description": "1 / 1.035 to the power of the years since the base year.",
            "example": "0.966184",
        }
    )


class TotalBenefitsSchema(BenefitFiguresSchema):
    """The figures of all years, and what they are worth in the base year."""

    npv_forecast = _amount("The net forecast at present value.", "61000.00")
    npv_validated = _amount("What is validated, net, at present value.", "31900.00")
    npv_realised = _amount("What is realised, net, at present value.", "-7000.00")


class AgencyBenefitsSchema(TotalBenefitsSchema):
    """The figures of one agency: its own costs, and its shares of savings."""

    agency = Text(metadata={"example": "bedfordshire-police"})
    by_year = ListOf(Nested(YearBenefitsSchema))


class KindBenefitsSchema(ReadSchema):
    """What is saved, of one kind."""

    kind = Choice(SavingKind)
    forecast = _amount("Claimed, and neither missed nor withdrawn.", "90000.00")
    validated = _amount("What finance validated of that.", "60000.00")
    realised = _amount("Recorded as saved, of what finance validated.", "20000.00")


class SavingsByUseSchema(ReadSchema):
    """Where realised money went."""

    returned = _amount("Returned to the agencies' budgets.", "15000.00")
    reinvested = _amount("Reinvested.", "5000.00")


class WithheldBenefitsSchema(ReadSchema):
    """How much there is that one may not see, and that is in no sum."""

    lines = Integer(metadata={"description": "Lines of the approved baseline.", "example": 0})
    savings = Integer(metadata={"example": 0})
    systems = Integer(
        metadata={"description": "Systems whose costs of moving are not shown.", "example": 0}
    )


class BenefitsSchema(ReadSchema):
    """What a programme saves and what that costs, as far as one may see it."""

    programme_id = Uuid(metadata={"example": EXAMPLE_ID})
    baseline_id = Uuid(
        allow_none=True,
        metadata={"description": "The approved baseline, if there is one.", "example": EXAMPLE_ID},
    )
    base_year = Text(
        allow_none=True,
        metadata={"description": "The first year, which values are discounted to."} | _YEAR,
    )
    discount_rate = Text(metadata={"description": "The Green Book's.", "example": "0.035"})
    total = Nested(TotalBenefitsSchema)
    by_year = ListOf(Nested(YearBenefitsSchema))
    by_agency = ListOf(Nested(AgencyBenefitsSchema))
    by_kind = ListOf(Nested(KindBenefitsSchema))
    use_of_saving = Nested(SavingsByUseSchema)
    withheld = Nested(WithheldBenefitsSchema)
