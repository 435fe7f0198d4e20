"""Claimed years of savings: the amount in each, and the rules against claiming a cost twice."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.database import pairs
from catalogue.core.errors import Conflict, FieldError
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.resources import claims_of
from catalogue.savings.baselines.schemas import MOST_YEARS
from catalogue.savings.claims.models import Saving, SavingYear
from catalogue.savings.vocabulary import BaselineStatus, SavingStatus


def set_years(saving: Saving, claims: Sequence[dict[str, Any]]) -> list[FieldError]:
    """Replace the claimed years. Return an error for each year that is listed more than once."""
    errors = []
    present = {year.financial_year: year for year in saving.years}
    years: dict[str, SavingYear] = {}
    for i, claim in enumerate(claims):
        name = claim["financial_year"]
        if name in years:
            detail = f"The year {name} is listed more than once. Remove one of its amounts."
            errors.append(FieldError(f"/years/{i}/financial_year", "repeated", detail))
        years[name] = present.get(name) or SavingYear(
            financial_year=name,
            cost_line_id=saving.line.cost_line_id,
            system_id=saving.line.system_id,
            category=saving.line.category,
            description_key=saving.line.description_key,
            is_live=True,
        )
        if years[name].amount != claim["amount"]:
            years[name].amount = claim["amount"]
    if years.keys() != present.keys():
        # Insert in the order of years, so that concurrent claims wait instead of deadlocking.
        saving.years = [years[name] for name in sorted(years)]
    return errors


def find_year_errors(
    session: Session, saving: Saving, claims: Sequence[dict[str, Any]] | None
) -> Iterator[FieldError]:
    """Yield an error for each invalid year, with a pointer into the claims of the request."""
    if not saving.recurring and len(saving.years) > 1:
        detail = "The saving claims several years. Set `recurring` to true or claim one year."
        yield FieldError("/recurring", "not_recurring", detail)
    realised = {r.financial_year for r in saving.realisations if r.withdrawn_at is None}
    if removed := realised - {year.financial_year for year in saving.years}:
        detail = (
            f"The saving has realised amounts in {', '.join(sorted(removed))}. Keep these years."
        )
        yield FieldError("/years", "realised", detail)
    claimed = [claim["financial_year"] for claim in claims or ()]
    later = _later_lines(session, saving.line)
    for year in saving.years:
        name = year.financial_year
        pointer = f"/years/{claimed.index(name)}" if name in claimed else "/years"
        if error := _check_year(saving.line, name, later):
            yield FieldError(f"{pointer}/financial_year" if claimed else pointer, *error)
        if year.amount > saving.line.amount:
            detail = (
                f"The amount for {name} is £{year.amount:,.2f}, but the baseline line has only "
                f"£{saving.line.amount:,.2f}. Reduce the amount."
            )
            yield FieldError(f"{pointer}/amount" if claimed else pointer, "exceeds_line", detail)


def require_claimable(session: Session, saving: Saving) -> None:
    """Raise Conflict if another saving already claims the cost.

    The approved baseline is locked first. A concurrent claim in the programme waits for the lock,
    and then sees this claim.
    """
    approved = session.scalars(
        sa.select(Baseline.id)
        .where(
            Baseline.programme_id == saving.programme.id, Baseline.status == BaselineStatus.APPROVED
        )
        .with_for_update(key_share=True)
    ).all()
    _require_unclaimed(session, saving)
    _require_within(session, saving, {saving.line.baseline_id, *approved})


def _require_unclaimed(session: Session, saving: Saving) -> None:
    """Raise Conflict if another saving claims the cost in one of the years.

    The error reveals nothing hidden, since the actor sees the claimed years of the line. Between
    concurrent claims in two programmes, the unique index decides.
    """
    statement = sa.select(SavingYear.financial_year).where(
        BaselineLine.id == saving.line.id,
        claims_of(BaselineLine),
        SavingYear.financial_year.in_([year.financial_year for year in saving.years]),
    )
    if saving.id is not None:
        statement = statement.where(SavingYear.saving_id != saving.id)
    if claimed := sorted(set(session.scalars(statement))):
        years = ", ".join(claimed)
        detail = f"Another saving already claims this cost in {years}. Claim other years."
        raise Conflict(detail, errors=[FieldError("/years", "claimed", detail)])


def _require_within(session: Session, saving: Saving, baselines: Collection[UUID]) -> None:
    """Raise Conflict if the lead agency's claims in a year exceed the costs in a baseline.

    The check compares totals for the system and category. If an owner records a cost again with
    another description, the next baseline has another line for it. A check by line alone would let
    the same money be claimed twice.
    """
    line = saving.line
    lines = session.scalars(
        sa.select(BaselineLine)
        .where(
            BaselineLine.baseline_id.in_(baselines),
            BaselineLine.system_id == line.system_id,
            BaselineLine.category == line.category,
        )
        .order_by(BaselineLine.financial_year)
    ).all()
    claimed: Any = (
        sa.select(SavingYear.financial_year, sa.func.sum(SavingYear.amount))
        .join(Saving, Saving.id == SavingYear.saving_id)
        .where(
            # The error must not reveal claims of other agencies. The check by line covers those.
            Saving.programme.has(agency_id=saving.programme.agency_id),
            SavingYear.is_live,
            SavingYear.system_id == line.system_id,
            SavingYear.category == line.category,
        )
        .group_by(SavingYear.financial_year)
    )
    if saving.id is not None:
        claimed = claimed.where(SavingYear.saving_id != saving.id)
    claimed_by_year: dict[str, Decimal] = pairs(session, claimed)
    errors = []
    for year in saving.years:
        already_claimed = claimed_by_year.get(year.financial_year, Decimal(0))
        most = max(
            _cost_in(
                year.financial_year, [each for each in lines if each.baseline_id == baseline_id]
            )
            for baseline_id in baselines
        )
        if already_claimed and already_claimed + year.amount > most:
            detail = (
                f"Savings already claim £{already_claimed:,.2f} of the system's costs in "
                f"{year.financial_year}. With this amount they would exceed the £{most:,.2f} in the "
                "baseline. Reduce the amount."
            )
            errors.append(FieldError("/years", "exceeds_baseline", detail))
    if errors:
        raise Conflict(
            "The claims would exceed the costs of the system. Reduce the amounts.", errors=errors
        )


def _cost_in(year: str, lines: Iterable[BaselineLine]) -> Decimal:
    """Return the total cost in a year, from lines in order of financial year.

    Each cost counts with the amount of its latest line up to that year.
    """
    latest = {line.description_key: line.amount for line in lines if line.financial_year <= year}
    return sum(latest.values(), Decimal(0))


def release_years(saving: Saving, *, realised: Collection[str]) -> None:
    """Release the years of a missed or withdrawn saving in which nothing was realised."""
    if saving.status not in {SavingStatus.MISSED, SavingStatus.WITHDRAWN}:
        return
    for year in saving.years:
        if year.financial_year not in realised:
            year.is_live = False


def _later_lines(session: Session, line: BaselineLine) -> list[str]:
    """Return the later years for which the baseline has a line of the same cost."""
    return list(
        session.scalars(
            sa.select(BaselineLine.financial_year)
            .where(
                BaselineLine.baseline_id == line.baseline_id,
                BaselineLine.system_id == line.system_id,
                BaselineLine.category == line.category,
                BaselineLine.description_key == line.description_key,
                BaselineLine.financial_year > line.financial_year,
            )
            .order_by(BaselineLine.financial_year)
        )
    )


def _check_year(line: BaselineLine, year: str, later: list[str]) -> tuple[str, str] | None:
    if year < line.financial_year:
        return (
            "before_line",
            (
                f"The year {year} is before {line.financial_year}, the year of the line. "
                "Claim that year or a later year."
            ),
        )
    if int(year[:4]) - int(line.financial_year[:4]) > MOST_YEARS:
        return "too_far", (
            f"The year {year} is more than {MOST_YEARS} years after the year of the line. "
            "Claim an earlier year."
        )
    if passed := [later_year for later_year in later if later_year <= year]:
        return "later_line", (
            f"The baseline has a later line for this cost, in {passed[-1]}. Claim {year} against "
            "the later line."
        )
    return None
