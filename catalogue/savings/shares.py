"""Parts of an amount that add up to it, to the penny."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

WHOLE = Decimal(100)
_PENNY = Decimal("0.01")
_Key = TypeVar("_Key", bound=Any)


def split(amount: Decimal, percents: Mapping[_Key, Decimal]) -> dict[_Key, Decimal]:
    """An amount in pounds and pence, divided by percentages that add up to 100.

    Each part is rounded down to the penny; the pennies that are left go one each to the parts that
    lost most (the largest remainder), and among equals in the order of the keys.
    """
    if sum(percents.values()) != WHOLE:
        raise ValueError("Shares add up to 100 per cent.")
    exact = {key: amount / _PENNY * percent / WHOLE for key, percent in percents.items()}
    pennies = {key: int(each) for key, each in exact.items()}
    left = int(amount / _PENNY) - sum(pennies.values())
    for key in sorted(exact, key=lambda k: (pennies[k] - exact[k], k))[:left]:
        pennies[key] += 1
    return {key: each * _PENNY for key, each in pennies.items()}
