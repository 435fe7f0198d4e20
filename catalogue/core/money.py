"""Amounts of money as text, for the API, for hashes and for people."""

from decimal import ROUND_HALF_UP, Decimal


def amount_text(amount: Decimal) -> str:
    """Write an amount in the form of the API and of hashes, such as 1250.00."""
    return f"{amount:.2f}"


def amount_if_known(amount: Decimal | None) -> str | None:
    """Write an amount, or return None if it is not known."""
    return None if amount is None else amount_text(amount)


def pounds(amount: Decimal) -> str:
    """Write an amount for people, such as £1,250.00."""
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.2f}"


def whole_pounds(amount: Decimal) -> str:
    """Write an amount to the nearest pound, such as £1,250. Half a pound is rounded away from 0."""
    rounded = amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return f"{'−' if rounded < 0 else ''}£{abs(rounded):,}"
