"""Realised savings: record them with evidence, up to the cost of the line, and withdraw them.

Callers must lock the saving first.
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
from catalogue.savings.claims.models import NOT_EXPLAINED, Saving, SavingRealisation
from catalogue.savings.vocabulary import SavingStatus, UseOfSaving


def realised_by_year(saving: Saving) -> dict[str, Decimal]:
    """Return the realised amount of each financial year in pounds, without withdrawn records."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for realisation in saving.realisations:
        if realisation.withdrawn_at is None:
            totals[realisation.financial_year] += realisation.amount
    return dict(totals)


def create_realisation(
    session: Session, saving: Saving, fields: dict[str, Any]
) -> SavingRealisation:
    """Record an amount that was saved in a financial year.

    Raises Conflict if the saving is not in delivery, or if the year's total would exceed the cost
    of the line. Raises Unprocessable with every invalid value.
    """
    if saving.status is not SavingStatus.IN_DELIVERY:
        detail = (
            f"The saving is {saving.status}. "
            "Record realised amounts while its `status` is `in_delivery`."
        )
        raise conflict("", "not_in_delivery", detail)
    if errors := list(_find_errors(saving, fields)):
        raise Unprocessable(
            "Some values of the realised amount are invalid. Correct those that `errors` lists.",
            errors=errors,
        )
    before = realised_by_year(saving).get(fields["financial_year"], Decimal(0))
    if before + fields["amount"] > saving.line.amount:
        detail = (
            f"The total realised in {fields['financial_year']} would be "
            f"£{before + fields['amount']:,.2f}, but the baseline line has only "
            f"£{saving.line.amount:,.2f}. Reduce the amount."
        )
        raise conflict("/amount", "exceeds_line", detail)
    realisation = SavingRealisation(reinvested_in=None, recorded_at=clock.now())
    for name, value in fields.items():
        setattr(realisation, name, value)
    saving.realisations.append(realisation)
    Entity.touch(saving)
    session.flush()
    return realisation


def withdraw_realisation(
    session: Session, saving: Saving, realisation_id: UUID, *, reason: str
) -> None:
    """Withdraw a realised amount that was recorded by mistake. The record stays readable.

    A realised saving returns to delivery. A missed saving releases the year if nothing else was
    realised in it. Raises NotFound for an unknown id, and Conflict if the amount is already
    withdrawn.
    """
    realisation = next((each for each in saving.realisations if each.id == realisation_id), None)
    if realisation is None:
        raise NotFound("The saving has no realised amount with this id. Read the saving again.")
    if realisation.withdrawn_at is not None:
        raise conflict(
            "", "withdrawn", "The realised amount is already withdrawn. No action is needed."
        )
    realisation.withdrawn_at = clock.now()
    realisation.withdrawal_reason = reason
    if saving.status is SavingStatus.REALISED:
        saving.status = SavingStatus.IN_DELIVERY
    elif saving.status is SavingStatus.MISSED:
        realised = realised_by_year(saving)
        for year in saving.years:
            year.is_live = year.financial_year in realised
    Entity.touch(saving)
    session.flush()


def _find_errors(saving: Saving, fields: dict[str, Any]) -> list[FieldError]:
    errors = []
    year = fields["financial_year"]
    if year not in {each.financial_year for each in saving.years}:
        errors.append(
            FieldError(
                "/financial_year",
                "unknown",
                f"The saving claims nothing in {year}. Use a claimed year.",
            )
        )
    elif period_of(year)[0] > clock.today():
        errors.append(
            FieldError(
                "/financial_year",
                "in_future",
                f"The financial year {year} has not begun. Use a present or past year.",
            )
        )
    reinvested = fields["use_of_saving"] is UseOfSaving.REINVESTED
    if reinvested and fields.get("reinvested_in") is None:
        errors.append(FieldError("/reinvested_in", "unexplained", NOT_EXPLAINED))
    if not reinvested and fields.get("reinvested_in") is not None:
        detail = "The money was returned, so `reinvested_in` does not apply. Leave it out."
        errors.append(FieldError("/reinvested_in", "not_reinvested", detail))
    return errors
