"""The sets of records that methods are compared on, and what became of a method on one."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A record of either side."""

    name: str
    description: str = ""

    @property
    def whole(self) -> str:
        """All that is said of it."""
        return f"{self.name} {self.description}".strip()


@dataclass(frozen=True)
class MatchingSet:
    """Two sides, and which pairs are true. Methods are given everything but the truth."""

    name: str
    left: tuple[Item, ...]
    right: tuple[Item, ...]
    truth: frozenset[Pair]
    listed: frozenset[Pair] | None = None
    """The pairs that are asked about; None for all."""

    @property
    def asked(self) -> Iterable[Pair]:
        """The pairs that are asked about."""
        if self.listed is not None:
            return sorted(self.listed)
        return ((i, j) for i in range(len(self.left)) for j in range(len(self.right)))


@dataclass(frozen=True, slots=True)
class Quality:
    """How right the pairs are that a method found."""

    precision: float
    recall: float

    @classmethod
    def of(cls, found: Iterable[Pair], truth: frozenset[Pair]) -> "Quality":
        """Of the pairs found and the true ones."""
        found = set(found)
        right = len(found & truth)
        return cls(right / len(found) if found else 0.0, right / len(truth))

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read_sets(directory: Path) -> list[MatchingSet]:
    """The development sets: two shops' full lists, and renamed entries of one agency's list.

    The first comes a second time, with half of the partners taken away.
    """
    shops = _shops(directory / "abt-buy")
    return [shops, _half(shops), _renames(directory / "gsa-renames.csv")]


def _shops(directory: Path) -> MatchingSet:
    sides = []
    for name in ("abt.csv", "buy.csv"):
        rows = sorted(_rows(directory / name, "|"), key=lambda row: int(row["id"]))
        sides.append(tuple(Item(row["name"], row["description"] or "") for row in rows))
    truth = frozenset((int(row["D1"]), int(row["D2"])) for row in _rows(directory / "gt.csv", "|"))
    return MatchingSet("abt-buy", sides[0], sides[1], truth)


def _half(records: MatchingSet) -> MatchingSet:
    """The same with half of each side's records without a partner, as two agencies' would be.

    Of three true pairs, one is kept, one loses its right and one its left.
    """
    pairs = sorted(records.truth)
    gone = [{pair[side] for pair in pairs[2 - side :: 3]} for side in (0, 1)]
    kept = [
        [place for place in range(len(side)) if place not in gone[number]]
        for number, side in enumerate((records.left, records.right))
    ]
    places = [{place: new for new, place in enumerate(side)} for side in kept]
    truth = frozenset(
        (places[0][i], places[1][j]) for i, j in pairs if i in places[0] and j in places[1]
    )
    left = tuple(records.left[place] for place in kept[0])
    right = tuple(records.right[place] for place in kept[1])
    return MatchingSet(f"{records.name}, half", left, right, truth)


def _renames(path: Path) -> MatchingSet:
    """Each old name is asked about with six of a later list, and is one of them.

    A name that is repeated is one record, as for the product's own evaluation.
    """
    left: dict[str, int] = {}
    right: dict[str, int] = {}
    listed, truth = set(), set()
    for row in _rows(path, ","):
        old = left.setdefault(row["old_name"], len(left))
        new = right.setdefault(row["candidate_name"], len(right))
        listed.add((old, new))
        if row["label"] == "1":
            truth.add((old, new))
    sides = [tuple(Item(name) for name in side) for side in (left, right)]
    return MatchingSet("gsa-renames", sides[0], sides[1], frozenset(truth), frozenset(listed))


def _rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=delimiter))
