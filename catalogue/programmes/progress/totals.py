"""Totals of a programme's migrations: the progress by number, users and cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from catalogue.core.sums import Sum
from catalogue.programmes.stages import MOVED
from catalogue.programmes.vocabulary import Lateness, MigrationStage

_NONE: tuple[None] = (None,)
_NOTHING = (0, 0, 0)
_MOVED = frozenset(stage.value for stage in MOVED)


class Move(NamedTuple):
    """A migration as a row of the summary query. Ids, dates and states are strings."""

    id: str
    system_id: str
    system_name: str
    agency: str
    wave_id: str | None
    stage: str
    lateness: str
    update_overdue: bool
    blocked: bool
    at_risk: bool
    planned_date: str | None
    forecast_date: str | None
    actual_date: str | None
    next_update_due: str | None
    rag: str | None
    users: int | None
    users_shown: bool
    costs_shown: bool

    @property
    def late(self) -> bool:
        """True if the planned or forecast date has passed without the move."""
        return self.lateness == Lateness.LATE

    @property
    def moved(self) -> bool:
        """True if the users work on the new system."""
        return self.stage in _MOVED

    @property
    def still_to_move(self) -> bool:
        """True if the users have not switched, and the migration is not cancelled."""
        return not (self.moved or self.cancelled or self.actual_date)

    @property
    def cancelled(self) -> bool:
        """True if the migration will not take place."""
        return self.stage == MigrationStage.CANCELLED


class Weight(NamedTuple):
    """The totals of a group of migrations that are not cancelled, and the part that has moved.

    Users and costs belong to systems. A system with two migrations, because an agency leaves it,
    counts once. Costs are in pence. The fields are plain numbers, because a summary adds up
    thousands of them. `to_dict` makes sums of them.
    """

    migrations: int = 0
    moved: int = 0
    complete: int = 0
    systems: int = 0
    systems_moved: int = 0
    users: int = 0
    users_unknown: int = 0
    users_withheld: int = 0
    users_moved: int = 0
    users_moved_unknown: int = 0
    users_moved_withheld: int = 0
    pence: int = 0
    costs_unknown: int = 0
    costs_withheld: int = 0
    pence_moved: int = 0
    costs_moved_unknown: int = 0
    costs_moved_withheld: int = 0

    @classmethod
    def of(cls, move: Move, pence: int | None) -> "Weight":
        """Return the totals of one migration.

        `pence` is the cost of its system, or None if not recorded.
        """
        moved = move.moved
        users = (
            move.users or 0,
            move.users_shown and move.users is None,
            not move.users_shown,
        )
        costs = (
            pence or 0 if move.costs_shown else 0,
            move.costs_shown and pence is None,
            not move.costs_shown,
        )
        return cls(
            1,
            moved,
            move.stage == MigrationStage.COMPLETE,
            1,
            moved,
            *users,
            *(users if moved else _NOTHING),
            *costs,
            *(costs if moved else _NOTHING),
        )

    @classmethod
    def add_up(cls, weights: Iterable["Weight"]) -> "Weight":
        """Return the sum of several weights, field by field."""
        return cls(*map(sum, zip(*weights, strict=True)))

    def without_system(self) -> "Weight":
        """Keep only the migration, because its system is already counted."""
        return Weight(self.migrations, self.moved, self.complete)

    def to_dict(self, *, hidden: int) -> dict[str, Any]:
        """Return the totals in the form of `WeightSchema`, with costs in pounds.

        `hidden` is the number of migrations that the reader cannot see. Each of them can belong to
        the group, so every total counts them as withheld.
        """
        counts = {"migrations": self.migrations, "moved": self.moved, "complete": self.complete}
        users = (self.users, self.users_unknown, self.users_withheld)
        users_moved = (self.users_moved, self.users_moved_unknown, self.users_moved_withheld)
        costs = (self.pence, self.costs_unknown, self.costs_withheld)
        costs_moved = (self.pence_moved, self.costs_moved_unknown, self.costs_moved_withheld)
        return {
            **{
                name: Sum(count, self.migrations, 0, hidden).in_numbers()
                for name, count in counts.items()
            },
            "users": _add_up(self.systems, *users, hidden).in_numbers(),
            "users_moved": self._moved(*users_moved, hidden).in_numbers(),
            "cost": _in_pounds(_add_up(self.systems, *costs, hidden)),
            "cost_moved": _in_pounds(self._moved(*costs_moved, hidden)),
        }

    def _moved(self, known: int, unknown: int, withheld: int, hidden: int) -> Sum:
        # A system that has not moved is known to add nothing, but cannot make a sum known.
        systems = self.systems_moved or self.systems
        return _add_up(systems, known, unknown, withheld, hidden)


def _add_up(systems: int, known: int, unknown: int, withheld: int, hidden: int) -> Sum:
    return Sum(known, systems - unknown - withheld, unknown, withheld + hidden)


def _in_pounds(pence: Sum) -> dict[str, Any]:
    return replace(pence, known=Decimal(pence.known) / 100).in_pounds()


@dataclass(frozen=True)
class Progress:
    """The progress of a programme in total, and by wave, agency and capability."""

    total: Weight
    by_wave: Mapping[str | None, Weight]
    by_agency: Mapping[str, Weight]
    by_capability: Mapping[str | None, Weight]


def count_progress(
    moves: Iterable[Move], pence: Mapping[str, int], codes: Mapping[str, Sequence[str]]
) -> Progress:
    """Add up migrations in total and by wave, agency and capability.

    `pence` maps systems to their costs, and `codes` to their capabilities. A migration whose system
    has several capabilities counts in each of them.
    """
    taking_place = [move for move in moves if not move.cancelled]
    waves: defaultdict[str | None, _Group] = defaultdict(list)
    agencies: defaultdict[str, _Group] = defaultdict(list)
    capabilities: defaultdict[str | None, _Group] = defaultdict(list)
    together: _Group = []
    for move in taking_place:
        entry = move.system_id, Weight.of(move, pence.get(move.system_id))
        together.append(entry)
        waves[move.wave_id].append(entry)
        agencies[move.agency].append(entry)
        for code in codes.get(move.system_id) or _NONE:
            capabilities[code].append(entry)
    once = len({move.system_id for move in taking_place}) == len(taking_place)

    def weigh(group: _Group) -> Weight:
        weights = (weight for _, weight in group) if once else _count_systems_once(group)
        return Weight.add_up(weights) if group else Weight()

    return Progress(
        weigh(together),
        {wave: weigh(group) for wave, group in waves.items()},
        {agency: weigh(group) for agency, group in agencies.items()},
        {code: weigh(group) for code, group in capabilities.items()},
    )


_Group = list[tuple[str, Weight]]
"""Weights of migrations, each with the id of its system."""


def _count_systems_once(group: _Group) -> Iterator[Weight]:
    counted: set[str] = set()
    for system_id, weight in group:
        yield weight.without_system() if system_id in counted else weight
        counted.add(system_id)
