"""Allocation of savings to agencies, in shares that total 100 per cent, to the penny."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.core.database import pairs
from catalogue.core.errors import FieldError
from catalogue.savings.claims.models import Saving, SavingAllocation, SavingShare

HUNDRED_PER_CENT = Decimal(100)
_PENNY = Decimal("0.01")
_Key = TypeVar("_Key", bound=Any)


def split(amount: Decimal, percents: Mapping[_Key, Decimal]) -> dict[_Key, Decimal]:
    """Split an amount in pounds and pence by percentages that total 100.

    Each part is rounded down to the penny. Then the parts that lost most gain one penny each, until
    the parts total the amount (the largest remainder method). Keys decide between equal losses.
    """
    if sum(percents.values()) != HUNDRED_PER_CENT:
        raise ValueError("The shares do not total 100 per cent.")
    exact = {key: amount / _PENNY * percent / HUNDRED_PER_CENT for key, percent in percents.items()}
    pennies = {key: int(part) for key, part in exact.items()}
    remaining = int(amount / _PENNY) - sum(pennies.values())
    for key in sorted(exact, key=lambda k: (pennies[k] - exact[k], k))[:remaining]:
        pennies[key] += 1
    return {key: count * _PENNY for key, count in pennies.items()}


def set_shares(
    session: Session, saving: Saving, shares: Sequence[dict[str, Any]]
) -> list[FieldError]:
    """Replace the shares of a saving. Return errors instead if they are invalid."""
    codes = [share["agency"] for share in shares]
    known = pairs(session, sa.select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    errors = []
    for i, code in enumerate(codes):
        if code not in known:
            detail = unknown_agency(session, code)
            errors.append(FieldError(f"/shares/{i}/agency", "unknown", detail))
        elif code in codes[:i]:
            detail = f"The agency {code} is listed more than once. Remove one of its shares."
            errors.append(FieldError(f"/shares/{i}/agency", "repeated", detail))
    total = sum(share["percent"] for share in shares)
    if total != HUNDRED_PER_CENT:
        detail = f"The shares total {total} per cent. Change them to total 100."
        errors.append(FieldError("/shares", "not_whole", detail))
    if errors:
        return errors
    wanted = {known[share["agency"]]: share["percent"] for share in shares}
    present = {share.agency_id: share for share in saving.shares}
    for agency_id in wanted.keys() & present.keys():
        if present[agency_id].percent != wanted[agency_id]:
            present[agency_id].percent = wanted[agency_id]
    if wanted.keys() != present.keys():
        saving.shares = [
            present.get(agency_id) or SavingShare(agency_id=agency_id, percent=wanted[agency_id])
            for agency_id in sorted(wanted)
        ]
    return []


def allocate(saving: Saving) -> None:
    """Set the allocation: each agency's amount of each year's claim."""
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
