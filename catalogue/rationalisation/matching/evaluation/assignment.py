"""Between two agencies, a system has one partner at most: choosing the likeliest ones for all."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

LEAD = 0.25
"""How much of the distance from the best rival counts besides the score of a pair."""

Identity = TypeVar("Identity", bound=Hashable)

_Edges = dict[Identity, dict[Hashable, float]]


def one_to_one(
    scored: Iterable[tuple[Identity, Identity, float]], *, least: float
) -> list[tuple[Identity, Identity]]:
    """Pairs in which nobody is twice, whose scores above the least add up to the most.

    Given are pairs of two agencies' systems with their scores, always in the same order of the
    two. Taking the best pair first would let two look-alikes swap partners; here a pair gives way
    where two others are likelier together. The time grows with the number of pairs, since only
    systems that compete with each other are weighed against each other.
    """
    edges: _Edges[Identity] = defaultdict(dict)
    for left, right, score in sorted(scored, key=lambda each: (str(each[0]), str(each[1]))):
        if score >= least:
            edges[left][right] = 1.0 - (score - least)
    partners = _cheapest(edges)
    return [(left, right) for left, right in partners.items() if not isinstance(right, _Alone)]


def adjust_for_rivals(
    scored: Iterable[tuple[Identity, Identity, float]],
) -> Iterator[tuple[Identity, Identity, float]]:
    """The same pairs, with more of a score the better, and less the worse, they are than rivals.

    A rival is another pair with one of the two. Between agencies that have little in common, a
    system without a partner has many look-alikes, none of which stands out; a partner does.
    """
    every = list(scored)
    best: dict[tuple[bool, Identity], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for left, right, score in every:
        for end in ((False, left), (True, right)):
            best[end] = sorted((score, *best[end]), reverse=True)[:2]
    for left, right, score in every:
        # Of two equally good pairs, each has the other for a rival.
        rivals = (
            second if score == first else first
            for first, second in (best[False, left], best[True, right])
        )
        yield left, right, min(1.0, score + LEAD * (score - max(rivals)))


class _Alone:
    """What a system is paired with that has no partner."""


def _cheapest(edges: _Edges[Identity]) -> dict[Identity, Identity]:
    """A partner or solitude for each, at the least cost in all: by shortest augmenting paths.

    Solitude costs 1, and a partner as much less as the pair is likely. Potentials keep the costs
    that are left from becoming negative, so each path is found by Dijkstra's algorithm.
    """
    for left in edges:
        edges[left][_Alone()] = 1.0
    price: dict[Hashable, float] = defaultdict(float)
    gain: dict[Hashable, float] = defaultdict(float)
    taken_by: dict[Hashable, Identity] = {}
    partner: dict[Identity, Any] = {}
    for start in edges:
        distance: dict[Hashable, float] = {}
        came_from: dict[Hashable, Identity] = {}
        settled: dict[Hashable, float] = {}
        order = count()
        queue: list[tuple[float, int, Any]] = []
        left, so_far = start, 0.0
        visited = {start: 0.0}
        while True:
            for right, cost in edges[left].items():
                if right in settled:
                    continue
                reached = so_far + cost - gain[left] - price[right]
                if reached < distance.get(right, float("inf")):
                    distance[right], came_from[right] = reached, left
                    heappush(queue, (reached, next(order), right))
            so_far, _, right = heappop(queue)
            while right in settled:
                so_far, _, right = heappop(queue)
            settled[right] = so_far
            if right not in taken_by:
                break
            left = taken_by[right]
            visited[left] = so_far
        for owner, reached in visited.items():
            gain[owner] += so_far - reached
        for held, reached in settled.items():
            price[held] -= so_far - reached
        while True:
            left = came_from[right]
            taken_by[right], given_up = left, partner.get(left)
            partner[left] = right
            if left == start:
                break
            right = given_up
    return partner
