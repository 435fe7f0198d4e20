"""Sets of records for the comparison, and the quality of a method on a set."""

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
    def full_text(self) -> str:
        """The name and the description."""
        return f"{self.name} {self.description}".strip()


@dataclass(frozen=True)
class MatchingSet:
    """Two sides and their true pairs. Methods see everything except the true pairs."""

    name: str
    left: tuple[Item, ...]
    right: tuple[Item, ...]
    truth: frozenset[Pair]
    listed: frozenset[Pair] | None = None
    """The only pairs to compare, or None for all pairs."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The precision and recall of the pairs that a method found."""

    precision: float
    recall: float

    @classmethod
    def of(cls, found: Iterable[Pair], truth: frozenset[Pair]) -> "Quality":
        """Compute the quality of found pairs against the true pairs."""
        found = set(found)
        correct = len(found & truth)
        return cls(correct / len(found) if found else 0.0, correct / len(truth))

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read_sets(directory: Path) -> list[MatchingSet]:
    """Read the development sets: the lists of two shops, and renamed entries of an agency's list.

    The lists of the shops are used a second time without half of the partners.
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
    """Remove partners so that half of each side has none, as between two agencies.

    Of three true pairs, one stays, one loses its right record and one its left.
    """
    pairs = sorted(records.truth)
    removed = [{pair[side] for pair in pairs[2 - side :: 3]} for side in (0, 1)]
    kept = [
        [place for place in range(len(side)) if place not in removed[number]]
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
    """Read the pairs of each old name with six names of a later list, one of which is the new name.

    A repeated name is one record, as in the product's evaluation.
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
