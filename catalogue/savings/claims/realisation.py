"""What was truly saved: recorded with evidence, never more than the line, and where it went.

Whoever calls has locked the saving.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.contracts.financial_years import period_of
from catalogue.core import clock
from catalogue.core.database import Entity
from catalogue.core.errors import FieldError, NotFound, Unprocessable, conflict
from catalogue.savings.claims.models import Saving, SavingRealisation
from catalogue.savings.vocabulary import SavingStatus, UseOfSaving


def realised_by_year(saving: Saving) -> dict[str, Decimal]:
    """What is recorded as realised in each year, in pounds."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in saving.realisations:
        if each.withdrawn_at is None:
            totals[each.financial_year] += each.amount
    return dict(totals)


def create_realisation(
    session: Session, saving: Saving, fields: dict[str, Any]
) -> SavingRealisation:
    """Record what was saved in a year, or a part of it.

    Conflict if the saving is not in delivery, or more would be realised than the line costs;
    Unprocessable names what does not fit.
    """
    if saving.status is not SavingStatus.IN_DELIVERY:
        detail = f"The saving is {saving.status}; what is in delivery is realised."
        raise conflict("", "not_in_delivery", detail)
    if errors := list(_find_errors(saving, fields)):
        raise Unprocessable("The values do not fit together.", errors=errors)
    before = realised_by_year(saving).get(fields["financial_year"], Decimal(0))
    if before + fields["amount"] > saving.line.amount:
        detail = "With what is recorded for the year, it is more than the line costs."
        raise conflict("/amount", "exceeds_line", detail)
    realised = SavingRealisation(reinvested_in=None, recorded_at=clock.now())
    for name, value in fields.items():
        setattr(realised, name, value)
    saving.realisations.append(realised)
    Entity.touch(saving)
    session.flush()
    return realised


def withdraw_realisation(
    session: Session, saving: Saving, realisation_id: UUID, *, reason: str
) -> None:
    """Take back what was recorded by mistake. It stays readable, and counts no more.

    A saving that was realised is in delivery again.
    """
    found = [each for each in saving.realisations if each.id == realisation_id]
    if not found:
        raise NotFound("There is no such realisation.")
    (realised,) = found
    if realised.withdrawn_at is not None:
        raise conflict("", "withdrawn", "It was withdrawn already.")
    realised.withdrawn_at = clock.now()
    realised.withdrawal_reason = reason
    if saving.status is SavingStatus.REALISED:
        saving.status = SavingStatus.IN_DELIVERY
    elif saving.status is SavingStatus.MISSED:
        left = realised_by_year(saving)
        for year in saving.years:
            year.is_live = year.financial_year in left
    Entity.touch(saving)
    session.flush()


def _find_errors(saving: Saving, fields: dict[str, Any]) -> list[FieldError]:
    errors = []
    year = fields["financial_year"]
    if year not in {each.financial_year for each in saving.years}:
        errors.append(
            FieldError("/financial_year", "unknown", "The saving is not claimed for this year.")
        )
    elif period_of(year)[0] > clock.today():
        errors.append(FieldError("/financial_year", "in_future", "The year has not begun."))
    reinvested = fields["use_of_saving"] is UseOfSaving.REINVESTED
    if reinvested and fields.get("reinvested_in") is None:
        errors.append(FieldError("/reinvested_in", "unexplained", "Say in what it was reinvested."))
    if not reinvested and fields.get("reinvested_in") is not None:
        detail = "What was returned was not reinvested."
        errors.append(FieldError("/reinvested_in", "not_reinvested", detail))
    return errors
