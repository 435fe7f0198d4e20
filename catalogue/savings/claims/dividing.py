"""Whose a saving is: shares that add up to the whole, and the pennies that each comes to."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.errors import FieldError
from catalogue.savings.claims.models import Saving, SavingPart, SavingShare
from catalogue.savings.shares import WHOLE, split


def set_shares(
    session: Session, saving: Saving, given: Sequence[dict[str, Any]]
) -> list[FieldError]:
    """Share a saving so and not otherwise."""
    codes = [each["agency"] for each in given]
    rows = session.execute(sa.select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    known: dict[str, Any] = {code: identity for code, identity in rows}  # noqa: C416
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


def divide(saving: Saving) -> None:
    """Work out what of each year's claim is whose."""
    percents = {share.agency_id: share.percent for share in saving.shares}
    amounts = {
        (year.financial_year, agency_id): amount
        for year in saving.years
        for agency_id, amount in split(year.amount, percents).items()
    }
    present = {(part.financial_year, part.agency_id): part for part in saving.parts}
    for key in amounts.keys() & present.keys():
        if present[key].amount != amounts[key]:
            present[key].amount = amounts[key]
    if amounts.keys() != present.keys():
        saving.parts = [
            present.get(key)
            or SavingPart(financial_year=key[0], agency_id=key[1], amount=amounts[key])
            for key in sorted(amounts)
        ]
