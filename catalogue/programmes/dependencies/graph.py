"""Graph of dependencies between migrations: its cycles, conflicts with waves, and an order.

An edge leads from a migration to a migration that it depends on. The functions need no database:
networkx does the graph work.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from catalogue.programmes.vocabulary import MigrationKind, MigrationStage

if TYPE_CHECKING:
    import networkx as nx

Graph: TypeAlias = "nx.DiGraph[UUID]"
Path = tuple[UUID, ...]


@dataclass(frozen=True)
class Step:
    """Migrations that can take place at the same time, after those of earlier steps."""

    migrations: tuple[UUID, ...]
    together: tuple[Path, ...]
    """Cycles: migrations that depend on one another, and so must take place together."""


def find_cycle(graph: Graph, waiting: UUID, waited_for: UUID) -> Path | None:
    """Find the shortest cycle that an edge from `waiting` to `waited_for` would close.

    The path begins and ends with `waiting`. Returns None if there would be no cycle.
    """
    if waited_for not in graph or waiting not in graph:
        return None
    import networkx as nx

    if not nx.has_path(graph, waited_for, waiting):
        return None
    return (waiting, *nx.shortest_path(graph, waited_for, waiting))


def find_wave_conflicts(
    graph: Graph, positions: Mapping[UUID, int], *, among: Collection[UUID] | None = None
) -> Iterator[Path]:
    """Find the paths by which a migration depends on a migration in a later wave.

    Migrations between the two ends are in no wave, because a migration in a wave ends the path.
    `positions` holds the position of each migration's wave. `among` limits the result to paths
    through at least one of these migrations.
    """
    import networkx as nx

    unplaced = {identity for identity in graph if identity not in positions}
    for start in sorted(_find_starts(graph, unplaced, among)):
        between: Any = graph.subgraph({start, *unplaced})
        reached: dict[UUID, list[UUID]] = nx.single_source_shortest_path(between, start)
        ends = {
            end: (*path, end)
            for path in sorted(reached.values(), key=len, reverse=True)
            for end in graph.successors(path[-1])
            if positions.get(end, positions[start]) > positions[start]
        }
        for end in sorted(ends):
            if among is None or not set(among).isdisjoint(ends[end]):
                yield ends[end]


def _find_starts(
    graph: Graph, unplaced: Collection[UUID], among: Collection[UUID] | None
) -> set[UUID]:
    """Find the migrations in waves where a path through at least one of `among` can start."""
    import networkx as nx

    if among is None:
        return set(graph).difference(unplaced)
    through: Any = graph.subgraph({*unplaced, *among})
    upstream = set(through).intersection(among)
    for identity in tuple(upstream):
        upstream |= nx.ancestors(through, identity)
    return upstream.union(*(graph.predecessors(each) for each in upstream)).difference(unplaced)


def propose_order(graph: Graph) -> Iterator[Step]:
    """Propose an order with each migration as early as its dependencies allow."""
    import networkx as nx

    condensed: Any = nx.condensation(graph)
    for generation in nx.topological_generations(condensed.reverse(copy=False)):
        groups = [condensed.nodes[each]["members"] for each in generation]
        together = tuple(sorted(_find_cycle(graph, group) for group in groups if len(group) > 1))
        yield Step(tuple(sorted(set().union(*groups))), together)


def _find_cycle(graph: Graph, group: Collection[UUID]) -> Path:
    """Find a cycle through migrations that depend on one another, starting at the least id."""
    import networkx as nx

    first = min(group)
    within: Any = graph.subgraph(group)
    back = [
        nx.shortest_path(within, following, first) for following in sorted(within.successors(first))
    ]
    return (first, *min(back, key=len))


@dataclass(frozen=True)
class PlannedMigration:
    """A migration as a row of the plan, with its system, stage and wave."""

    system_id: UUID
    system_name: str
    agency: str
    kind: MigrationKind
    stage: MigrationStage
    wave: str | None
    position: int | None
    is_waived: bool


@dataclass(frozen=True)
class OrderPlan:
    """The migrations that an actor can see, and the dependencies of those still to move."""

    moves: dict[UUID, PlannedMigration]
    """All migrations that the actor can see, including finished ones."""
    graph: Graph

    @property
    def positions(self) -> dict[UUID, int]:
        return {
            identity: self.moves[identity].position or 0
            for identity in self.graph
            if self.moves[identity].position is not None
        }

    def conflicts(self, among: Collection[UUID] | None = None) -> list[Path]:
        return list(find_wave_conflicts(self.graph, self.positions, among=among))

    def sort_key(self, identity: UUID) -> tuple[int, str, UUID]:
        move = self.moves[identity]
        last = 1 + max((each.position or 0 for each in self.moves.values()), default=0)
        return (last if move.position is None else move.position, move.system_name, identity)

    def name(self, path: Path) -> str:
        return " -> ".join(self.moves[each].system_name for each in path)

    def name_with_waves(self, path: Path) -> str:
        return " -> ".join(
            f"{move.system_name} ({f'wave {move.wave}' if move.wave else 'no wave'})"
            for move in (self.moves[each] for each in path)
        )

    def describe(self, identity: UUID) -> dict[str, Any]:
        move = self.moves[identity]
        return {
            "migration_id": identity,
            "system_name": move.system_name,
            "agency": move.agency,
            "stage": move.stage,
            "wave": move.wave,
            "waits_for": sorted(self.graph.successors(identity)),
        }
