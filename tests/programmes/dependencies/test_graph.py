"""Cycles, conflicts and orders of any graph of dependencies."""

from itertools import pairwise
from uuid import UUID

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from catalogue.programmes.dependencies.graph import find_cycle, find_wave_conflicts, propose_order

NODES = [UUID(int=n) for n in range(1, 9)]
EDGES = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda e: e[0] != e[1]),
    max_size=20,
)
WAVES = st.dictionaries(st.sampled_from(NODES), st.integers(1, 4))


def build_graph(edges):
    graph = nx.DiGraph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from(edges)
    return graph


A, B, C, D = NODES[:4]


def test_a_cycle_is_listed_from_the_waiting_migration():
    assert find_cycle(build_graph([(B, C), (C, A)]), A, B) == (A, B, C, A)
    assert find_cycle(build_graph([(B, C)]), A, B) is None


def test_a_later_wave_is_found_through_migrations_without_a_wave():
    graph = build_graph([(A, B), (B, C)])
    assert list(find_wave_conflicts(graph, {A: 1, C: 2})) == [(A, B, C)]
    assert list(find_wave_conflicts(graph, {A: 1, B: 2, C: 3})) == [(A, B), (B, C)]
    assert list(find_wave_conflicts(graph, {A: 2, C: 2})) == []
    assert list(find_wave_conflicts(graph, {A: 1, B: 2, C: 3}, among={C})) == [(B, C)]
    assert list(find_wave_conflicts(graph, {A: 1, C: 2}, among={B})) == [(A, B, C)]
    assert list(find_wave_conflicts(graph, {A: 1, C: 2}, among={D})) == []


def test_migrations_in_a_cycle_share_a_step_of_the_order():
    steps = list(propose_order(build_graph([(A, B), (B, A), (A, C)])))
    assert [step.migrations for step in steps][1:] == [(A, B)]
    assert C in steps[0].migrations
    assert steps[1].together == ((A, B, A),)


@given(EDGES)
def test_no_migration_comes_before_one_it_depends_on(edges):
    graph = build_graph(edges)
    steps = list(propose_order(graph))
    place = {each: n for n, step in enumerate(steps) for each in step.migrations}
    assert sorted(place) == NODES, "each comes once"
    assert sum(len(step.migrations) for step in steps) == len(NODES)
    for waiting, depended_on in edges:
        mutual = nx.has_path(graph, depended_on, waiting)
        if mutual:
            assert place[waiting] == place[depended_on]
        else:
            assert place[waiting] > place[depended_on]
    for step in steps:
        for path in step.together:
            assert path[0] == path[-1]
            assert all(graph.has_edge(*edge) for edge in pairwise(path))


@given(EDGES, WAVES)
def test_wave_conflicts_include_every_conflict_and_no_other(edges, waves):
    graph = build_graph(edges)
    conflicts = list(find_wave_conflicts(graph, waves))
    for path in conflicts:
        assert waves[path[0]] < waves[path[-1]]
        assert not any(each in waves for each in path[1:-1])
        assert all(graph.has_edge(*edge) for edge in pairwise(path))
    unplaced = [each for each in NODES if each not in waves]
    for start in waves:
        for end in waves:
            between = graph.subgraph([start, end, *unplaced])
            if waves[start] < waves[end] and nx.has_path(between, start, end):
                assert (start, end) in {(path[0], path[-1]) for path in conflicts}


@given(EDGES, WAVES, st.sets(st.sampled_from(NODES), max_size=3))
def test_wave_conflicts_among_some_migrations_include_only_paths_through_them(edges, waves, some):
    graph = build_graph(edges)
    concerning = [path for path in find_wave_conflicts(graph, waves) if some.intersection(path)]
    assert list(find_wave_conflicts(graph, waves, among=some)) == concerning


@given(EDGES, st.permutations(NODES))
def test_the_proposed_order_does_not_depend_on_input_order(edges, nodes):
    shuffled = nx.DiGraph()
    shuffled.add_nodes_from(nodes)
    shuffled.add_edges_from(reversed(edges))
    first, second = list(propose_order(build_graph(edges))), list(propose_order(shuffled))
    assert [step.migrations for step in first] == [step.migrations for step in second]
