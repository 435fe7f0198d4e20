"""The years that a saving is claimed for: how much in each, and no cost twice."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.database import pairs
from catalogue.core.errors import Conflict, FieldError
from catalogue.core.money import amount_text
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.resources import claims_of
from catalogue.savings.baselines.schemas import MOST_YEARS
from catalogue.savings.claims.models import CLAIMED, Saving, SavingYear
from catalogue.savings.vocabulary import BaselineStatus, SavingStatus


def set_years(saving: Saving, given: Sequence[dict[str, Any]]) -> list[FieldError]:
    """Claim these years and no others."""
    errors = []
    present = {year.financial_year: year for year in saving.years}
    years: dict[str, SavingYear] = {}
    for i, each in enumerate(given):
        name = each["financial_year"]
        if name in years:
            errors.append(
                FieldError(f"/years/{i}/financial_year", "repeated", "It is there twice.")
            )
        years[name] = present.get(name) or SavingYear(
            financial_year=name,
            cost_line_id=saving.line.cost_line_id,
            system_id=saving.line.system_id,
            category=saving.line.category,
            description_key=saving.line.description_key,
            is_live=True,
        )
        if years[name].amount != each["amount"]:
            years[name].amount = each["amount"]
    if years.keys() != present.keys():
        # In the order of the years, so that two who claim several wait for each other in turn.
        saving.years = [years[name] for name in sorted(years)]
    return errors


def find_year_errors(
    session: Session, saving: Saving, given: Sequence[dict[str, Any]] | None
) -> Iterator[FieldError]:
    """What does not fit about the years, told by the order in which they were given."""
    if not saving.recurring and len(saving.years) > 1:
        detail = "It is in several years; a saving that is not recurring is in one."
        yield FieldError("/recurring", "not_recurring", detail)
    realised = {r.financial_year for r in saving.realisations if r.withdrawn_at is None}
    if lost := realised - {year.financial_year for year in saving.years}:
        detail = f"Money was realised in {', '.join(sorted(lost))}: the year stays claimed."
        yield FieldError("/years", "realised", detail)
    named = [each["financial_year"] for each in given or ()]
    later = _later_lines(session, saving.line)
    for year in saving.years:
        name = year.financial_year
        pointer = f"/years/{named.index(name)}" if name in named else "/years"
        if refused := _unfit(saving.line, name, later):
            yield FieldError(f"{pointer}/financial_year" if named else pointer, *refused)
        if year.amount > saving.line.amount:
            detail = "It is more than the line costs."
            yield FieldError(f"{pointer}/amount" if named else pointer, "exceeds_line", detail)


def require_claimable(session: Session, saving: Saving) -> None:
    """Conflict, if what a saving claims is claimed already.

    Who claims in the same programme at the same moment waits, and then is refused by what was
    claimed meanwhile.
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
    """Conflict, if another saving claims the cost in one of the years.

    Who may claim a line sees in which years it is claimed, so this tells nothing new. Of two who
    claim it at the same moment in two programmes, the index lets one through.
    """
    asked = sa.select(SavingYear.financial_year).where(
        BaselineLine.id == saving.line.id,
        claims_of(BaselineLine),
        SavingYear.financial_year.in_([year.financial_year for year in saving.years]),
    )
    if saving.id is not None:
        asked = asked.where(SavingYear.saving_id != saving.id)
    if taken := sorted(set(session.scalars(asked))):
        detail = f"{CLAIMED[:-1]}: {', '.join(taken)}."
        raise Conflict(detail, errors=[FieldError("/years", "claimed", detail)])


def _require_within(session: Session, saving: Saving, baselines: Collection[UUID]) -> None:
    """Conflict, if with this saving an agency claims more of what a system costs in a year, in a
    category, than the baseline has.

    A cost that is entered anew under another description becomes another line when a baseline is
    drawn again: going by lines alone, the same money could be claimed a second time.
    """
    line = saving.line
    drawn = session.scalars(
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
            # What another agency claims is not told of; it is held off by the lines alone.
            Saving.programme.has(agency_id=saving.programme.agency_id),
            SavingYear.is_live,
            SavingYear.system_id == line.system_id,
            SavingYear.category == line.category,
        )
        .group_by(SavingYear.financial_year)
    )
    if saving.id is not None:
        claimed = claimed.where(SavingYear.saving_id != saving.id)
    others: dict[str, Decimal] = pairs(session, claimed)
    errors = []
    for year in saving.years:
        claimed_already = others.get(year.financial_year, Decimal(0))
        most = max(
            _cost_in(year.financial_year, [each for each in drawn if each.baseline_id == baseline])
            for baseline in baselines
        )
        if claimed_already and claimed_already + year.amount > most:
            detail = (
                f"{amount_text(claimed_already)} of what the system costs in {year.financial_year} is "
                f"claimed already, and the baseline has {amount_text(most)}."
            )
            errors.append(FieldError("/years", "exceeds_baseline", detail))
    if errors:
        raise Conflict("More would be claimed than the system costs.", errors=errors)


def _cost_in(year: str, lines: Iterable[BaselineLine]) -> Decimal:
    """What lines, in the order of their years, come to in a year: of each cost the last that is
    not later counts.
    """
    last = {line.description_key: line.amount for line in lines if line.financial_year <= year}
    return sum(last.values(), Decimal(0))


def release_years(saving: Saving, *, kept: Collection[str]) -> None:
    """Let others claim what a saving that is missed or withdrawn does not hold any more."""
    if saving.status not in {SavingStatus.MISSED, SavingStatus.WITHDRAWN}:
        return
    for year in saving.years:
        if year.financial_year not in kept:
            year.is_live = False


def _later_lines(session: Session, line: BaselineLine) -> list[str]:
    """The years after its own for which the baseline has a line of the same cost."""
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


def _unfit(line: BaselineLine, year: str, later: list[str]) -> tuple[str, str] | None:
    if year < line.financial_year:
        return "before_line", f"The line is of {line.financial_year}; a saving comes no earlier."
    if int(year[:4]) - int(line.financial_year[:4]) > MOST_YEARS:
        return "too_far", f"It is more than {MOST_YEARS} years after the line's."
    if reached := [each for each in later if each <= year]:
        return "later_line", f"The baseline has a line of this cost for {reached[-1]}; claim that."
    return None
