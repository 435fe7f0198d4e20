"""What goes into a report: the records that each of its readers may see, and nothing else.

A report is for several agencies, and frozen. So a record is in it if its row rule holds for every
one of them, a figure if all of them are shown it; what is left out is counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.contracts.operations import note_costs_read, seen_costs
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.rest.resource import Resource
from catalogue.programmes.board.resources import BLOCKERS, MILESTONES, REQUIRED_DECISIONS, RISKS
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.models import Programme, Wave
from catalogue.programmes.progress.counting import Move, Progress, progress_of
from catalogue.programmes.progress.rows import read_rows


@dataclass(frozen=True)
class Gathered:
    """The records of a programme that all readers may see."""

    moves: list[Move]
    hidden: int
    progress: Progress
    cost_year: str | None
    waves: list[Wave]
    entries: list[MigrationStageEntry]
    milestones: list[Any]
    risks: list[Any]
    blockers: list[Any]
    questions: list[Any]


@dataclass(frozen=True)
class Period:
    """The days that a report is about."""

    first: date
    last: date

    def __contains__(self, day: date | str | None) -> bool:
        if day is None:
            return False
        return str(self.first) <= str(day) <= str(self.last)

    @property
    def following(self) -> "Period":
        """As many days after it."""
        return Period(
            self.last + timedelta(days=1), self.last + timedelta(days=1) + (self.last - self.first)
        )

    def moments(self) -> tuple[datetime, datetime]:
        """When its first day begins and its last one ends, in the United Kingdom."""
        end = self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), clock.UK),
            datetime.combine(end, time(), clock.UK),
        )


def gather(
    context: Context, programme: Programme, period: Period, *, readers: Sequence[Actor]
) -> Gathered:
    """What all of them may see; the first of them is the one who drafts."""
    moves, hidden = _moves(context, programme, readers)
    pence, cost_year, moves = _costs(context, moves, readers)
    shown = {UUID(move.id) for move in moves}
    first, end = period.moments()
    entries = context.session.scalars(
        sa.select(MigrationStageEntry)
        .where(
            MigrationStageEntry.migration_id.in_(shown),
            MigrationStageEntry.entered_at >= first,
            MigrationStageEntry.entered_at < end,
        )
        .order_by(MigrationStageEntry.entered_at, MigrationStageEntry.id)
    )
    waves = context.session.scalars(
        sa.select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.position, Wave.name)
    )
    return Gathered(
        moves=moves,
        hidden=hidden,
        progress=progress_of(moves, pence, {}),
        cost_year=cost_year,
        waves=list(waves),
        entries=list(entries),
        milestones=_concerning(context, programme, MILESTONES, readers),
        risks=_concerning(context, programme, RISKS, readers),
        blockers=_concerning(context, programme, BLOCKERS, readers),
        questions=_concerning(context, programme, REQUIRED_DECISIONS, readers),
    )


def _moves(
    context: Context, programme: Programme, readers: Sequence[Actor]
) -> tuple[list[Move], int]:
    """The migrations, each with the users and costs flags that hold for all."""
    found: list[dict[str, Move]] = []
    total = 0
    for reader in readers:
        rows, _today = read_rows(context.acting_as(reader), programme.id)
        total = len(rows.systems)
        found.append({move.id: move for move in (Move(*each) for each in rows.moves)})
    common = set(found[0]).intersection(*found[1:])
    agreed = [
        found[0][identity]._replace(
            users_shown=all(each[identity].users_shown for each in found),
            costs_shown=all(each[identity].costs_shown for each in found),
        )
        for identity in common
    ]
    agreed.sort(key=lambda move: (move.system_name, move.id))
    return agreed, total - len(agreed)


def _costs(
    context: Context, moves: list[Move], readers: Sequence[Actor]
) -> tuple[dict[str, int], str | None, list[Move]]:
    """What the systems cost, in pence, in the latest year with a recurring cost; and the year."""
    systems = {UUID(move.system_id) for move in moves}
    first, *others = (seen_costs(context.acting_as(reader), systems) for reader in readers)
    common = {line.id for line in first.lines}.intersection(
        *({line.id for line in each.lines} for each in others)
    )
    recurring = [
        line
        for line in first.lines
        if line.id in common and line.category is CostCategory.RECURRING_REVENUE
    ]
    year = max((line.financial_year for line in recurring), default=None)
    of_year = [line for line in recurring if line.financial_year == year]
    note_costs_read(context.acting_as(readers[0]), of_year)
    pence: defaultdict[UUID, int] = defaultdict(int)
    for line in of_year:
        pence[line.system_id] += int(line.amount * 100)
    by_text = {
        move.system_id: pence[UUID(move.system_id)]
        for move in moves
        if UUID(move.system_id) in pence
    }
    return by_text, year, moves


def _concerning(
    context: Context, programme: Programme, resource: Resource, readers: Sequence[Actor]
) -> list[Any]:
    model: Any = resource.model
    of_programme = model.programme_id == programme.id
    first, *others = readers
    asked = sa.select(model).where(of_programme).order_by(model.id)
    found = list(context.session.scalars(only_visible(context.acting_as(first), resource, asked)))
    for other in others:
        ids = sa.select(model.id).where(of_programme)
        known = set(context.session.scalars(only_visible(context.acting_as(other), resource, ids)))
        found = [each for each in found if each.id in known]
    return found
