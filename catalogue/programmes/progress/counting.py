"""Counting a programme's migrations: how much of it has moved, by number, users and cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from catalogue.core.money import amount_text
from catalogue.programmes.stages import MOVED
from catalogue.programmes.vocabulary import Lateness, MigrationStage

_NONE: tuple[None] = (None,)
_MOVED = frozenset(stage.value for stage in MOVED)


class Move(NamedTuple):
    """A migration, as the statement gives it. Ids, days and states are texts."""

    id: str
    system_id: str
    system_name: str
    agency: str
    wave_id: str | None
    stage: str
    lateness: str
    silent: bool
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
        """Whether its planned or forecast day has passed, and it has not moved."""
        return self.lateness == Lateness.LATE

    @property
    def moved(self) -> bool:
        """Whether its users work on the new system."""
        return self.stage in _MOVED

    @property
    def still_to_move(self) -> bool:
        """Whether the day of its cutover is still to come."""
        return not (self.moved or self.cancelled or self.actual_date)

    @property
    def cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.stage == MigrationStage.CANCELLED


@dataclass(slots=True)
class Weight:
    """A group of migrations that are not cancelled, and how much of it has moved.

    Users and costs are those of systems: one that moves twice, since an agency leaves it, counts
    once. Pence throughout.
    """

    migrations: int = 0
    moved: int = 0
    complete: int = 0
    users: int = 0
    users_moved: int = 0
    users_unknown: int = 0
    users_withheld: int = 0
    pence: int = 0
    pence_moved: int = 0
    costs_unknown: int = 0
    costs_withheld: int = 0
    _systems: set[str] = field(default_factory=set)

    def add(self, move: Move, pence: int | None) -> None:
        """Count one more; `pence` is what its system costs, None where nobody has recorded it."""
        moved = move.moved
        self.migrations += 1
        self.moved += moved
        self.complete += move.stage == MigrationStage.COMPLETE
        if move.system_id in self._systems:
            return
        self._systems.add(move.system_id)
        if not move.users_shown:
            self.users_withheld += 1
        elif move.users is None:
            self.users_unknown += 1
        else:
            self.users += move.users
            self.users_moved += move.users if moved else 0
        if not move.costs_shown:
            self.costs_withheld += 1
        elif pence is None:
            self.costs_unknown += 1
        else:
            self.pence += pence
            self.pence_moved += pence if moved else 0

    def shown(self) -> dict[str, Any]:
        """What is said of the group."""
        return {
            "migrations": self.migrations,
            "moved": self.moved,
            "complete": self.complete,
            "users": self.users,
            "users_moved": self.users_moved,
            "users_unknown": self.users_unknown,
            "users_withheld": self.users_withheld,
            "cost": amount_text(Decimal(self.pence) / 100),
            "cost_moved": amount_text(Decimal(self.pence_moved) / 100),
            "costs_unknown": self.costs_unknown,
            "costs_withheld": self.costs_withheld,
        }


@dataclass(frozen=True)
class Progress:
    """How much has moved: of the whole, and by what the migrations have in common."""

    whole: Weight
    by_wave: Mapping[str | None, Weight]
    by_agency: Mapping[str, Weight]
    by_capability: Mapping[str | None, Weight]


def progress_of(
    moves: Iterable[Move], pence: Mapping[str, int], codes: Mapping[str, Sequence[str]]
) -> Progress:
    """Count migrations by wave, agency and capability; those of several count in each of them.

    `pence` and `codes` are the systems' costs and capabilities.
    """
    whole = Weight()
    waves: defaultdict[str | None, Weight] = defaultdict(Weight)
    agencies: defaultdict[str, Weight] = defaultdict(Weight)
    capabilities: defaultdict[str | None, Weight] = defaultdict(Weight)
    for move in moves:
        if move.cancelled:
            continue
        cost = pence.get(move.system_id)
        whole.add(move, cost)
        waves[move.wave_id].add(move, cost)
        agencies[move.agency].add(move, cost)
        for code in codes.get(move.system_id) or _NONE:
            capabilities[code].add(move, cost)
    return Progress(whole, waves, agencies, capabilities)
