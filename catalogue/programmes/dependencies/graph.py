"""What follows from dependencies, as a graph: no database here.

An edge leads from a migration to one that it waits for. The graph work is networkx's.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    import networkx as nx

Graph: TypeAlias = "nx.DiGraph[UUID]"
Path = tuple[UUID, ...]


@dataclass(frozen=True)
class Step:
    """Migrations that may come at once, after those of the steps before."""

    migrations: tuple[UUID, ...]
    together: tuple[Path, ...]
    """Paths of those among them that wait for one another, and so can only come at one time."""


def cycle_through(graph: Graph, waiting: UUID, waited_for: UUID) -> Path | None:
    """The shortest cycle that an edge closes, from the one that waits back to itself."""
    if waited_for not in graph or waiting not in graph:
        return None
    import networkx as nx

    if not nx.has_path(graph, waited_for, waiting):
        return None
    return (waiting, *nx.shortest_path(graph, waited_for, waiting))


def later_waves(
    graph: Graph, positions: Mapping[UUID, int], *, among: Collection[UUID] | None = None
) -> Iterator[Path]:
    """The paths from a migration to one that it waits for, and that comes in a later wave.

    Those between have no wave: where they have one, the path from or to them is told of itself.
    `among`: only paths with one of these on them. `positions` are those of the waves.
    """
    import networkx as nx

    loose = {identity for identity in graph if identity not in positions}
    for start in sorted(_beginnings(graph, loose, among)):
        between: Any = graph.subgraph({start, *loose})
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


def _beginnings(graph: Graph, loose: Collection[UUID], among: Collection[UUID] | None) -> set[UUID]:
    """Those with a wave, from which a path may lead through one of these."""
    import networkx as nx

    if among is None:
        return set(graph).difference(loose)
    through: Any = graph.subgraph({*loose, *among})
    before = set(through).intersection(among)
    for each in tuple(before):
        before |= nx.ancestors(through, each)
    return before.union(*(graph.predecessors(each) for each in before)).difference(loose)


def proposed_order(graph: Graph) -> Iterator[Step]:
    """The order in which all of them may come, each as early as it can."""
    import networkx as nx

    condensed: Any = nx.condensation(graph)
    for generation in nx.topological_generations(condensed.reverse(copy=False)):
        groups = [condensed.nodes[each]["members"] for each in generation]
        together = tuple(sorted(_around(graph, group) for group in groups if len(group) > 1))
        yield Step(tuple(sorted(set().union(*groups))), together)


def _around(graph: Graph, group: Collection[UUID]) -> Path:
    """A cycle within those that wait for one another, from the first of them."""
    import networkx as nx

    first = min(group)
    within: Any = graph.subgraph(group)
    back = [
        nx.shortest_path(within, following, first) for following in sorted(within.successors(first))
    ]
    return (first, *min(back, key=len))
