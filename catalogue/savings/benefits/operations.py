"""What a programme saves, and what that costs, as far as an actor may know it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalogue.agencies.models import Agency
from catalogue.contracts.operations import get_visible_costs, note_costs_read
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.money import amount_text
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Migration, Programme
from catalogue.programmes.resources import MIGRATIONS
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.resources import BASELINE_LINES
from catalogue.savings.benefits.discounting import RATE
from catalogue.savings.benefits.figures import (
    BASELINE,
    COST_TO_ACHIEVE,
    DECOMMISSIONING,
    DUAL_RUNNING,
    EXIT_COSTS,
    FORECAST,
    REALISED,
    SAVED,
    VALIDATED,
    Figures,
)
from catalogue.savings.claims.allocation import split
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.realisation import realised_by_year
from catalogue.savings.claims.resources import SAVINGS
from catalogue.savings.states import COUNTED
from catalogue.savings.vocabulary import BaselineStatus, SavingKind, SavingStatus, UseOfSaving
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

_AGAINST = {
    CostCategory.DUAL_RUNNING: DUAL_RUNNING,
    CostCategory.EXIT_COST: EXIT_COSTS,
    CostCategory.DECOMMISSIONING: DECOMMISSIONING,
}
"""Costs of moving, and what they are counted as."""

_TRULY_SAVED = COUNTED | {SavingStatus.MISSED}
"""Where what was realised counts: once validated, and also if the rest of it was missed."""

_GIVEN_UP = frozenset({SavingStatus.MISSED, SavingStatus.WITHDRAWN})


def calculate_benefits(
    context: Context, programme: Programme, *, and_by: Sequence[Actor] = ()
) -> dict[str, Any]:
    """A programme's benefits by year, agency and kind, in pounds as texts.

    - baseline: the lines of the approved baseline;
    - forecast: what savings claim that are neither missed nor withdrawn;
    - validated: what finance validated of that;
    - realised: what is recorded as saved, of savings that finance validated;
    - against it, in full: what savings cost to achieve, in their first years, also if they were
      missed; and lines of cost of the programme's systems for dual running, exit and
      decommissioning;
    - net: each of the three savings, less all that is against it; and at present value.

    What the actor may not see is in no sum, and counted in `withheld`; neither is what one of the
    others may not see, where it is for more than one.
    """
    readers = (context.actor, *and_by)
    codes = _codes(context.session)
    figures = Figures()
    baseline = context.session.scalar(
        sa.select(Baseline).where(
            Baseline.programme_id == programme.id, Baseline.status == BaselineStatus.APPROVED
        )
    )
    if baseline is not None:
        figures.years.update(baseline.financial_years)
    hidden_lines = _add_baseline(context, figures, baseline, codes, readers)
    hidden_systems = _add_costs(context, figures, programme, codes, readers)
    savings, hidden_savings = _savings(context, programme, readers)
    kinds: dict[SavingKind, dict[str, Decimal]] = {
        kind: dict.fromkeys(SAVED, Decimal(0)) for kind in SavingKind
    }
    for saving in savings:
        for figure, amount in _add_saving(figures, saving, codes):
            kinds[saving.kind][figure] += amount
    return {
        "programme_id": str(programme.id),
        "baseline_id": baseline and str(baseline.id),
        "base_year": figures.base,
        "discount_rate": str(RATE),
        "total": figures.total(),
        "by_year": figures.by_year(),
        "by_agency": [
            {
                "agency": agency,
                **figures.total(agency=agency),
                "by_year": figures.by_year(agency=agency),
            }
            for agency in figures.agencies
        ],
        "by_kind": [
            {"kind": kind, **{name: amount_text(amount) for name, amount in sums.items()}}
            for kind, sums in kinds.items()
        ],
        "use_of_saving": _went_to(savings),
        "withheld": {"lines": hidden_lines, "savings": hidden_savings, "systems": hidden_systems},
    }


def _codes(session: Session) -> dict[UUID, str]:
    return pairs(session, sa.select(Agency.id, Agency.code))


def _add_baseline(
    context: Context,
    figures: Figures,
    baseline: Baseline | None,
    codes: dict[UUID, str],
    readers: Sequence[Actor],
) -> int:
    """Count the lines that all of them see; how many there are besides."""
    if baseline is None:
        return 0
    of_baseline = BaselineLine.baseline_id == baseline.id
    total = (
        context.session.scalar(sa.select(sa.func.count(BaselineLine.id)).where(of_baseline)) or 0
    )
    by = readers[0]
    if not all(reader.has(Scope.COSTS_READ) for reader in readers):
        return total
    asked: Any = (
        sa.select(
            BaselineLine.id, System.agency_id, BaselineLine.financial_year, BaselineLine.amount
        )
        .join(System, System.id == BaselineLine.system_id)
        .where(of_baseline)
    )
    rows = context.session.execute(only_visible(context.acting_as(by), BASELINE_LINES, asked)).all()
    ids = sa.select(BaselineLine.id).where(of_baseline)
    for other in readers[1:]:
        known = set(
            context.session.scalars(only_visible(context.acting_as(other), BASELINE_LINES, ids))
        )
        rows = [row for row in rows if row.id in known]
    foreign = []
    for identity, agency_id, year, amount in rows:
        figures.add(codes[agency_id], year, BASELINE, amount)
        if agency_id != by.agency_id:
            foreign.append((identity, agency_id))
    context.note_read(BASELINE_LINES.name, ("amount",), foreign)
    return total - len(rows)


def _add_costs(
    context: Context,
    figures: Figures,
    programme: Programme,
    codes: dict[UUID, str],
    readers: Sequence[Actor],
) -> int:
    """Count the costs of moving that all of them see; how many systems' costs one does not see.

    They are those of the systems that move, and of those that they move to as far as all see them:
    a target that may not be seen looks like none.
    """
    of_programme = Migration.programme_id == programme.id
    moved = set(context.session.scalars(sa.select(Migration.system_id).where(of_programme)))
    seen = set.intersection(
        *(_systems_of(context.acting_as(reader), of_programme) for reader in readers)
    )
    costs, *others = (get_visible_costs(context.acting_as(reader), seen) for reader in readers)
    shown = set.intersection(*({line.id for line in each.lines} for each in (costs, *others)))
    withheld = costs.withheld.union(*(each.withheld for each in others))
    against = [line for line in costs.lines if line.category in _AGAINST and line.id in shown]
    note_costs_read(context.acting_as(readers[0]), against)
    for line in against:
        figures.add(
            codes[line.agency_id], line.financial_year, _AGAINST[line.category], line.amount
        )
    return len((moved - seen) | withheld)


def _systems_of(context: Context, of_programme: Any) -> set[UUID]:
    """The systems that move and that they move to, as far as the actor sees them."""
    asked = sa.select(Migration.system_id).where(of_programme)
    targets = sa.select(Migration.target_system_id).where(of_programme)
    of_seen_moves = set(context.session.scalars(only_visible(context, MIGRATIONS, targets)))
    known = sa.select(System.id).where(System.id.in_(of_seen_moves - {None}))
    return {
        *context.session.scalars(only_visible(context, MIGRATIONS, asked)),
        *context.session.scalars(only_visible(context, SYSTEMS, known)),
    }


def _savings(
    context: Context, programme: Programme, readers: Sequence[Actor]
) -> tuple[list[Saving], int]:
    of_programme = Saving.programme_id == programme.id
    asked: Any = (
        sa.select(Saving)
        .where(of_programme)
        .options(*map(selectinload, (Saving.years, Saving.shares, Saving.realisations)))
        .order_by(Saving.id)
    )
    found = list(
        context.session.scalars(only_visible(context.acting_as(readers[0]), SAVINGS, asked))
    )
    ids = sa.select(Saving.id).where(of_programme)
    for other in readers[1:]:
        known = set(context.session.scalars(only_visible(context.acting_as(other), SAVINGS, ids)))
        found = [saving for saving in found if saving.id in known]
    total = context.session.scalar(sa.select(sa.func.count(Saving.id)).where(of_programme)) or 0
    return found, total - len(found)


def _add_saving(
    figures: Figures, saving: Saving, codes: dict[UUID, str]
) -> list[tuple[str, Decimal]]:
    """Count a saving by its shares; which figures it adds to, and how much."""
    percents = {codes[share.agency_id]: share.percent for share in saving.shares}
    counted: list[tuple[str, Decimal]] = []

    def add(figure: str, year: str, amount: Decimal) -> None:
        for agency, part in split(amount, percents).items():
            figures.add(agency, year, figure, part)
        if figure in SAVED:
            counted.append((figure, amount))

    for year in saving.years:
        if saving.status not in _GIVEN_UP:
            add(FORECAST, year.financial_year, year.amount)
        if saving.status in COUNTED:
            add(VALIDATED, year.financial_year, year.amount)
    if saving.status in _TRULY_SAVED:
        for name, amount in realised_by_year(saving).items():
            add(REALISED, name, amount)
    if saving.status is not SavingStatus.WITHDRAWN and saving.cost_to_achieve:
        first = min(year.financial_year for year in saving.years)
        add(COST_TO_ACHIEVE, first, saving.cost_to_achieve)
    return counted


def _went_to(savings: Iterable[Saving]) -> dict[str, str]:
    """Where the realised money went."""
    sums: defaultdict[UseOfSaving, Decimal] = defaultdict(Decimal)
    for saving in savings:
        if saving.status in _TRULY_SAVED:
            for each in saving.realisations:
                if each.withdrawn_at is None:
                    sums[each.use_of_saving] += each.amount
    return {where.value: amount_text(sums[where]) for where in UseOfSaving}
