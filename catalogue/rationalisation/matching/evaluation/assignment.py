"""Assignment of partners between two lists, with at most one partner for each record."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

LEAD = 0.25
"""The fraction of a score's lead over the best rival's score that is added to the score."""

Identity = TypeVar("Identity", bound=Hashable)

_Edges = dict[Identity, dict[Hashable, float]]


def one_to_one(
    scored: Iterable[tuple[Identity, Identity, float]], *, least: float
) -> list[tuple[Identity, Identity]]:
    """Choose pairs that share no record, with the highest total of scores above `least`.

    `scored` holds pairs with their scores, always with the same list first. Choosing the best pair
    first would let two similar systems swap partners. This method drops the best pair if two other
    pairs are likelier together. The time grows with the number of pairs, because only competing
    records are compared.
    """
    edges: _Edges[Identity] = defaultdict(dict)
    for left, right, score in sorted(scored, key=lambda each: (str(each[0]), str(each[1]))):
        if score >= least:
            edges[left][right] = 1.0 - (score - least)
    partners = _cheapest(edges)
    return [(left, right) for left, right in partners.items() if not isinstance(right, _NoPartner)]


def adjust_for_rivals(
    scored: Iterable[tuple[Identity, Identity, float]],
) -> Iterator[tuple[Identity, Identity, float]]:
    """Raise the scores of pairs that are better than their rivals, and lower those of the others.

    A rival is another pair with one of the two records. Between agencies with little in common, a
    system without a partner has many similar candidates. A true partner stands out from them.
    """
    every = list(scored)
    best: dict[tuple[bool, Identity], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for left, right, score in every:
        for end in ((False, left), (True, right)):
            best[end] = sorted((score, *best[end]), reverse=True)[:2]
    for left, right, score in every:
        # Of two pairs with the same score, each is the rival of the other.
        rivals = (
            second if score == first else first
            for first, second in (best[False, left], best[True, right])
        )
        yield left, right, min(1.0, score + LEAD * (score - max(rivals)))


class _NoPartner:
    """A stand-in for the partner of a record that has none."""


def _cheapest(edges: _Edges[Identity]) -> dict[Identity, Identity]:
    """Give each record a partner or none at the lowest total cost, by shortest augmenting paths.

    Having no partner costs 1, and a partner costs less with a higher score. Potentials keep reduced
    costs from becoming negative, so that Dijkstra's algorithm finds each path.
    """
    for left in edges:
        edges[left][_NoPartner()] = 1.0
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
            taken_by[right], released = left, partner.get(left)
            partner[left] = right
            if left == start:
                break
            right = released
    return partner
