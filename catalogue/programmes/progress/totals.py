"""Totals of a programme's migrations: the progress by number, users and cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from catalogue.core.sums import Sum
from catalogue.programmes.stages import MOVED
from catalogue.programmes.vocabulary import Lateness, MigrationStage

_NONE: tuple[None] = (None,)
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
    """The numbers that a migration adds to a group, or the totals of several.

    Users and costs belong to systems. A system with two migrations, because an agency leaves it,
    counts once. Costs are in pence. The fields are plain numbers, because a summary adds up
    thousands of them. `GroupTotals` makes sums of them.
    """

    migrations: int = 0
    moved: int = 0
    complete: int = 0
    systems: int = 0
    users: int = 0
    users_unknown: int = 0
    users_withheld: int = 0
    pence: int = 0
    costs_unknown: int = 0
    costs_withheld: int = 0

    @classmethod
    def of(cls, move: Move, pence: int | None) -> "Weight":
        """Return the totals of one migration.

        `pence` is the cost of its system, or None if not recorded.
        """
        return cls(
            1,
            move.moved,
            move.stage == MigrationStage.COMPLETE,
            1,
            move.users or 0,
            move.users_shown and move.users is None,
            not move.users_shown,
            pence or 0 if move.costs_shown else 0,
            move.costs_shown and pence is None,
            not move.costs_shown,
        )

    @classmethod
    def add_up(cls, weights: Sequence["Weight"]) -> "Weight":
        """Return the sum of several weights, field by field."""
        return cls(*map(sum, zip(*weights, strict=True))) if weights else cls()

    def without_system(self) -> "Weight":
        """Keep only the migration, because its system is already counted."""
        return Weight(self.migrations, self.moved, self.complete)


class GroupTotals(NamedTuple):
    """The totals of a group of migrations that are not cancelled, and the part that has moved."""

    whole: Weight = Weight()
    moved: Weight = Weight()

    @classmethod
    def of(cls, weights: Sequence[Weight]) -> "GroupTotals":
        """Add up the weights of migrations."""
        moved = [weight for weight in weights if weight.moved]
        return cls(Weight.add_up(weights), Weight.add_up(moved))

    def to_dict(self, *, hidden: int) -> dict[str, Any]:
        """Return the totals in the form of `WeightSchema`, with costs in pounds.

        `hidden` is the number of migrations that the reader cannot see. Each of them can belong to
        the group, so every total counts them as withheld.
        """
        whole, moved = self
        counts = {"migrations": whole.migrations, "moved": whole.moved, "complete": whole.complete}
        # A system that has not moved is known to add nothing, but cannot make a sum known.
        systems_moved = moved.systems or whole.systems
        return {
            **{
                name: Sum(count, whole.migrations, 0, hidden).in_numbers()
                for name, count in counts.items()
            },
            "users": _users(whole, whole.systems, hidden),
            "users_moved": _users(moved, systems_moved, hidden),
            "cost": _cost(whole, whole.systems, hidden),
            "cost_moved": _cost(moved, systems_moved, hidden),
        }


def _users(part: Weight, systems: int, hidden: int) -> dict[str, Any]:
    unknown, withheld = part.users_unknown, part.users_withheld
    known = systems - unknown - withheld
    return Sum(part.users, known, unknown, withheld + hidden).in_numbers()


def _cost(part: Weight, systems: int, hidden: int) -> dict[str, Any]:
    unknown, withheld = part.costs_unknown, part.costs_withheld
    known = systems - unknown - withheld
    return Sum(Decimal(part.pence) / 100, known, unknown, withheld + hidden).in_pounds()


@dataclass(frozen=True)
class Progress:
    """The progress of a programme in total, and by wave, agency and capability."""

    total: GroupTotals
    by_wave: Mapping[str | None, GroupTotals]
    by_agency: Mapping[str, GroupTotals]
    by_capability: Mapping[str | None, GroupTotals]


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

    def weigh(group: _Group) -> GroupTotals:
        return GroupTotals.of(
            [weight for _, weight in group] if once else list(_count_systems_once(group))
        )

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
