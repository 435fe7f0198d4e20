"""Discounting of later amounts to present values, as the Green Book of HM Treasury requires."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext

RATE = Decimal("0.035")
"""The Green Book's social time preference rate, for the first 30 years."""

_DIGITS = 50
_PENNY = Decimal("0.01")


def discount_factor(years: int) -> Decimal:
    """Return the present value of £1 after some years: 1 / 1.035 to the power of the years."""
    with localcontext() as context:
        context.prec = _DIGITS
        return 1 / (1 + RATE) ** years


def present_value(amounts: Mapping[str, Decimal], base: str) -> Decimal:
    """Return the total value, in the base year, of amounts by financial year.

    Amounts in the base year are not discounted. The total is rounded once, to the penny, and half a
    penny is rounded away from zero.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        total = sum(
            (
                amount * discount_factor(years_between(base, year))
                for year, amount in amounts.items()
            ),
            Decimal(0),
        )
        return total.quantize(_PENNY, rounding=ROUND_HALF_UP)


def years_between(base: str, year: str) -> int:
    """Return the number of years from the base year to a financial year."""
    return int(year[:4]) - int(base[:4])
