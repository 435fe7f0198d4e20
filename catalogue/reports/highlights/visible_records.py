"""The records of a highlight report: only those that every reader of the report can see.

A report goes to several agencies and is frozen. So it holds a record or a figure only if every
reader can see it. Of hidden migrations, the report holds only the number.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.contracts.operations import get_visible_costs, note_costs_read
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.rest.resource import Resource
from catalogue.programmes.board.resources import BLOCKERS, MILESTONES, REQUIRED_DECISIONS, RISKS
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.models import Programme, Wave
from catalogue.programmes.progress.summary_query import read_rows
from catalogue.programmes.progress.totals import Move, Progress, count_progress


@dataclass(frozen=True)
class VisibleRecords:
    """The records of a programme that all readers can see."""

    moves: list[Move]
    hidden_migrations: int
    """The number of migrations that at least one reader cannot see."""
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
    """The first and last day that a report covers."""

    first: date
    last: date

    def __contains__(self, day: date | str | None) -> bool:
        if day is None:
            return False
        return str(self.first) <= str(day) <= str(self.last)

    @property
    def following(self) -> "Period":
        """The next period, of the same length."""
        return Period(
            self.last + timedelta(days=1), self.last + timedelta(days=1) + (self.last - self.first)
        )

    def moments(self) -> tuple[datetime, datetime]:
        """Return the start of the first day and the end of the last day, in the United Kingdom."""
        end = self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), clock.UK),
            datetime.combine(end, time(), clock.UK),
        )


def read_visible_records(
    context: Context, programme: Programme, period: Period, *, readers: Sequence[Actor]
) -> VisibleRecords:
    """Return the records that all readers can see. The first reader drafts the report."""
    moves, hidden = _moves(context, programme, readers)
    pence, cost_year = _costs(context, moves, readers)
    visible = {UUID(move.id) for move in moves}
    first, end = period.moments()
    entries = context.session.scalars(
        sa.select(MigrationStageEntry)
        .where(
            MigrationStageEntry.migration_id.in_(visible),
            MigrationStageEntry.entered_at >= first,
            MigrationStageEntry.entered_at < end,
        )
        .order_by(MigrationStageEntry.entered_at, MigrationStageEntry.id)
    )
    waves = context.session.scalars(
        sa.select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.position, Wave.name)
    )
    return VisibleRecords(
        moves=moves,
        hidden_migrations=hidden,
        progress=count_progress(moves, pence, {}),
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
    """Return the visible migrations and the number of hidden ones.

    `users_shown` and `costs_shown` are true only if they are true for every reader.
    """
    by_reader: list[dict[str, Move]] = []
    total = 0
    for reader in readers:
        rows, _today = read_rows(context.acting_as(reader), programme.id)
        total = len(rows.systems)
        by_reader.append({move.id: move for move in (Move(*each) for each in rows.moves)})
    common = set(by_reader[0]).intersection(*by_reader[1:])
    visible = [
        by_reader[0][identity]._replace(
            users_shown=all(each[identity].users_shown for each in by_reader),
            costs_shown=all(each[identity].costs_shown for each in by_reader),
        )
        for identity in common
    ]
    visible.sort(key=lambda move: (move.system_name, move.id))
    return visible, total - len(visible)


def _costs(
    context: Context, moves: list[Move], readers: Sequence[Actor]
) -> tuple[dict[str, int], str | None]:
    """Return each system's recurring cost in pence in the latest year with such costs, and the year."""
    systems = {UUID(move.system_id) for move in moves}
    first, *others = (get_visible_costs(context.acting_as(reader), systems) for reader in readers)
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
    return by_text, year


def _concerning(
    context: Context, programme: Programme, resource: Resource, readers: Sequence[Actor]
) -> list[Any]:
    model: Any = resource.model
    of_programme = model.programme_id == programme.id
    first, *others = readers
    statement = sa.select(model).where(of_programme).order_by(model.id)
    visible = only_visible(context.acting_as(first), resource, statement)
    records = list(context.session.scalars(visible))
    for other in others:
        ids = sa.select(model.id).where(of_programme)
        visible_ids = set(
            context.session.scalars(only_visible(context.acting_as(other), resource, ids))
        )
        records = [record for record in records if record.id in visible_ids]
    return records
