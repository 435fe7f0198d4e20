"""Present values by the Green Book (HM Treasury): what comes later is worth less now."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext

RATE = Decimal("0.035")
"""The Green Book's social time preference rate, for the first thirty years."""

_PRECISE = 50
_PENNY = Decimal("0.01")


def discount_factor(years: int) -> Decimal:
    """What a pound in so many years is worth now: 1 / 1.035 to the power of the years."""
    with localcontext() as context:
        context.prec = _PRECISE
        return 1 / (1 + RATE) ** years


def present_value(amounts: Mapping[str, Decimal], base: str) -> Decimal:
    """The sum of amounts by financial year, as of the base year, which is not discounted.

    It is rounded once, at the end, half a penny up.
    """
    with localcontext() as context:
        context.prec = _PRECISE
        total = sum(
            (
                amount * discount_factor(years_between(base, year))
                for year, amount in amounts.items()
            ),
            Decimal(0),
        )
        return total.quantize(_PENNY, rounding=ROUND_HALF_UP)


def years_between(base: str, year: str) -> int:
    """How many years after the base a financial year is."""
    return int(year[:4]) - int(base[:4])
