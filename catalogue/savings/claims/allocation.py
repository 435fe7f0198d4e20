"""Allocation of savings to agencies: shares that add up to 100 per cent, and their pennies."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.database import pairs
from catalogue.core.errors import FieldError
from catalogue.savings.claims.models import Saving, SavingAllocation, SavingShare

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


def set_shares(
    session: Session, saving: Saving, given: Sequence[dict[str, Any]]
) -> list[FieldError]:
    """Share a saving so and not otherwise."""
    codes = [each["agency"] for each in given]
    known = pairs(session, sa.select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    errors = []
    for i, code in enumerate(codes):
        if code not in known:
            detail = "There is no such agency."
            errors.append(FieldError(f"/shares/{i}/agency", "unknown", detail))
        elif code in codes[:i]:
            errors.append(FieldError(f"/shares/{i}/agency", "repeated", "It is there twice."))
    total = sum(each["percent"] for each in given)
    if total != WHOLE:
        detail = f"Shares add up to 100 per cent; these come to {total}."
        errors.append(FieldError("/shares", "not_whole", detail))
    if errors:
        return errors
    wanted = {known[each["agency"]]: each["percent"] for each in given}
    present = {share.agency_id: share for share in saving.shares}
    for agency_id in wanted.keys() & present.keys():
        if present[agency_id].percent != wanted[agency_id]:
            present[agency_id].percent = wanted[agency_id]
    if wanted.keys() != present.keys():
        saving.shares = [
            present.get(each) or SavingShare(agency_id=each, percent=wanted[each])
            for each in sorted(wanted)
        ]
    return []


def allocate(saving: Saving) -> None:
    """Work out what of each year's claim is whose."""
    percents = {share.agency_id: share.percent for share in saving.shares}
    amounts = {
        (year.financial_year, agency_id): amount
        for year in saving.years
        for agency_id, amount in split(year.amount, percents).items()
    }
    present = {(part.financial_year, part.agency_id): part for part in saving.allocation}
    for key in amounts.keys() & present.keys():
        if present[key].amount != amounts[key]:
            present[key].amount = amounts[key]
    if amounts.keys() != present.keys():
        saving.allocation = [
            present.get(key)
            or SavingAllocation(financial_year=key[0], agency_id=key[1], amount=amounts[key])
            for key in sorted(amounts)
        ]
