"""Benefits of a programme, from the records that an actor can see."""

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
from catalogue.core.rest.reader import only_visible
from catalogue.core.sums import Sum
from catalogue.programmes.models import Migration, Programme
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.vocabulary import MigrationStage
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
    MOVING_COSTS,
    REALISED,
    SAVED,
    VALIDATED,
    Figures,
    sums_in_pounds,
)
from catalogue.savings.claims.allocation import split
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.realisation import realised_by_year
from catalogue.savings.claims.resources import SAVINGS
from catalogue.savings.states import COUNTED
from catalogue.savings.vocabulary import BaselineStatus, SavingKind, SavingStatus, UseOfSaving
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

_FIGURE_OF_COST = {
    CostCategory.DUAL_RUNNING: DUAL_RUNNING,
    CostCategory.EXIT_COST: EXIT_COSTS,
    CostCategory.DECOMMISSIONING: DECOMMISSIONING,
}
"""The categories of costs that migrations cause, with their figures."""

_COUNTS_REALISED = COUNTED | {SavingStatus.MISSED}
"""Statuses in which realised amounts count. A missed saving can be realised in part."""

_GIVEN_UP = frozenset({SavingStatus.MISSED, SavingStatus.WITHDRAWN})


def calculate_benefits(
    context: Context, programme: Programme, *, and_by: Sequence[Actor] = ()
) -> dict[str, Any]:
    """Calculate a programme's benefits by year, agency and kind, as sums in pounds.

    - baseline: the lines of the approved baseline.
    - forecast: the claims of savings that are neither missed nor withdrawn.
    - validated: the claims in the forecast that finance has validated.
    - realised: the realised amounts of savings that finance validated.
    - costs: the cost to achieve each saving, in its first year, even if it was missed. Also the
      dual-running, exit and decommissioning costs of the programme's systems.
    - net: each of the three savings less all costs, and its present value.

    Records that the actor cannot see are in no total, and `withheld` counts them. A hidden record
    can belong to any year, agency and kind, so each sum counts it too. A moving system without any
    line of a cost category is unknown in the sum of that category. With further actors in `and_by`,
    only records that all the actors can see are in the totals.
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
        figures.baseline_years = frozenset(baseline.financial_years)
    hidden_lines = _add_baseline(context, figures, baseline, codes, readers)
    hidden_systems = _add_costs(context, figures, programme, codes, readers)
    savings, hidden_savings = _visible_savings(context, programme, readers)
    for figure in (*SAVED, COST_TO_ACHIEVE):
        figures.leave_out(figure, hidden_savings)
    kinds = {kind: dict.fromkeys(SAVED, Sum(withheld=hidden_savings)) for kind in SavingKind}
    for saving in savings:
        for figure, amount in _add_saving(figures, saving, codes):
            kinds[saving.kind][figure] += Sum(amount, 1)
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
        "by_kind": [{"kind": kind, **sums_in_pounds(sums)} for kind, sums in kinds.items()],
        "use_of_saving": _total_by_use(savings, hidden_savings),
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
    """Add the lines that all readers can see. Return the number of lines that are withheld."""
    if baseline is None:
        return 0
    of_baseline = BaselineLine.baseline_id == baseline.id
    total = (
        context.session.scalar(sa.select(sa.func.count(BaselineLine.id)).where(of_baseline)) or 0
    )
    first_reader = readers[0]
    if not all(reader.has(Scope.COSTS_READ) for reader in readers):
        figures.leave_out(BASELINE, total)
        return total
    statement: Any = (
        sa.select(
            BaselineLine.id, System.agency_id, BaselineLine.financial_year, BaselineLine.amount
        )
        .join(System, System.id == BaselineLine.system_id)
        .where(of_baseline)
    )
    rows = context.session.execute(
        only_visible(context.acting_as(first_reader), BASELINE_LINES, statement)
    ).all()
    ids = sa.select(BaselineLine.id).where(of_baseline)
    for other in readers[1:]:
        visible = set(
            context.session.scalars(only_visible(context.acting_as(other), BASELINE_LINES, ids))
        )
        rows = [row for row in rows if row.id in visible]
    foreign = []
    for line_id, agency_id, year, amount in rows:
        figures.add(codes[agency_id], year, BASELINE, amount)
        if agency_id != first_reader.agency_id:
            foreign.append((line_id, agency_id))
    context.note_read(BASELINE_LINES.name, ("amount",), foreign)
    figures.leave_out(BASELINE, total - len(rows))
    return total - len(rows)


def _add_costs(
    context: Context,
    figures: Figures,
    programme: Programme,
    codes: dict[UUID, str],
    readers: Sequence[Actor],
) -> int:
    """Add the costs of migrations that all readers can see. Return the number of withheld systems.

    The costs are those of migrated systems, and of target systems that all readers can see. A
    hidden target counts as no target, so that the number does not reveal it.
    """
    of_programme = Migration.programme_id == programme.id
    moving = sa.select(Migration.system_id, Migration.stage, System.agency_id).where(of_programme)
    moves = context.session.execute(moving.join(System, System.id == Migration.system_id)).all()
    migrated = {move.system_id for move in moves}
    visible = set.intersection(
        *(_visible_systems(context.acting_as(reader), of_programme) for reader in readers)
    )
    costs, *others = (get_visible_costs(context.acting_as(reader), visible) for reader in readers)
    line_ids = set.intersection(*({line.id for line in each.lines} for each in (costs, *others)))
    withheld = costs.withheld.union(*(each.withheld for each in others))
    lines = [
        line for line in costs.lines if line.category in _FIGURE_OF_COST and line.id in line_ids
    ]
    note_costs_read(context.acting_as(readers[0]), lines)
    for line in lines:
        figures.add(
            codes[line.agency_id], line.financial_year, _FIGURE_OF_COST[line.category], line.amount
        )
    recorded = {(line.system_id, line.category) for line in lines}
    for system_id, stage, agency_id in moves:
        known = system_id in visible and system_id not in withheld
        if known and stage is not MigrationStage.CANCELLED:
            for category, figure in _FIGURE_OF_COST.items():
                if (system_id, category) not in recorded:
                    figures.miss(codes[agency_id], figure, system_id)
    hidden = len((migrated - visible) | withheld)
    for figure in MOVING_COSTS:
        figures.leave_out(figure, hidden)
    return hidden


def _visible_systems(context: Context, of_programme: Any) -> set[UUID]:
    """Return the migrated systems and the target systems that the actor can see."""
    sources = sa.select(Migration.system_id).where(of_programme)
    targets = sa.select(Migration.target_system_id).where(of_programme)
    target_ids = set(context.session.scalars(only_visible(context, MIGRATIONS, targets)))
    systems = sa.select(System.id).where(System.id.in_(target_ids - {None}))
    return {
        *context.session.scalars(only_visible(context, MIGRATIONS, sources)),
        *context.session.scalars(only_visible(context, SYSTEMS, systems)),
    }


def _visible_savings(
    context: Context, programme: Programme, readers: Sequence[Actor]
) -> tuple[list[Saving], int]:
    of_programme = Saving.programme_id == programme.id
    statement: Any = (
        sa.select(Saving)
        .where(of_programme)
        .options(*map(selectinload, (Saving.years, Saving.shares, Saving.realisations)))
        .order_by(Saving.id)
    )
    savings = list(
        context.session.scalars(only_visible(context.acting_as(readers[0]), SAVINGS, statement))
    )
    ids = sa.select(Saving.id).where(of_programme)
    for other in readers[1:]:
        visible = set(context.session.scalars(only_visible(context.acting_as(other), SAVINGS, ids)))
        savings = [saving for saving in savings if saving.id in visible]
    total = context.session.scalar(sa.select(sa.func.count(Saving.id)).where(of_programme)) or 0
    return savings, total - len(savings)


def _add_saving(
    figures: Figures, saving: Saving, codes: dict[UUID, str]
) -> list[tuple[str, Decimal]]:
    """Add a saving's amounts, split by its shares.

    Return the added forecast, validated and realised amounts, each with the name of its figure.
    """
    percents = {codes[share.agency_id]: share.percent for share in saving.shares}
    counted: list[tuple[str, Decimal]] = []

    def add(figure: str, year: str, amount: Decimal) -> None:
        for agency, part in split(amount, percents).items():
            figures.add(agency, year, figure, part)
        if figure in SAVED:
            counted.append((figure, amount))

    if saving.status not in _GIVEN_UP:
        for year in saving.years:
            is_validated = saving.status in COUNTED
            add(FORECAST, year.financial_year, year.amount)
            # A claim that finance has not validated is known to add nothing.
            add(VALIDATED, year.financial_year, year.amount if is_validated else Decimal(0))
            add(REALISED, year.financial_year, Decimal(0))
    if saving.status in _COUNTS_REALISED:
        for name, amount in realised_by_year(saving).items():
            add(REALISED, name, amount)
    if saving.status not in _GIVEN_UP or (
        saving.status is SavingStatus.MISSED and saving.cost_to_achieve
    ):
        first = min(year.financial_year for year in saving.years)
        add(COST_TO_ACHIEVE, first, saving.cost_to_achieve)
    return counted


def _total_by_use(savings: Iterable[Saving], hidden: int) -> dict[str, Any]:
    """Return the realised money by its use. `hidden` is the number of withheld savings."""
    totals = {use: Sum(withheld=hidden) for use in UseOfSaving}
    for saving in savings:
        for use in UseOfSaving:
            counts = saving.status in _COUNTS_REALISED
            amounts = (
                realisation.amount
                for realisation in saving.realisations
                if counts and realisation.withdrawn_at is None and realisation.use_of_saving is use
            )
            totals[use] += Sum(sum(amounts, Decimal(0)), 1)
    return {use.value: total.in_pounds() for use, total in totals.items()}
