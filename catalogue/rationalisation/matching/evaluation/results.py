"""Evaluation of the matcher on two lists whose true pairs are known.

Blocking and comparison are those of the service. Two things differ, because the evaluator sees both
lists in full. The weights of words come from the lists, and each record gets at most one partner.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

from catalogue.rationalisation.matching.blocking import candidates
from catalogue.rationalisation.matching.classification import PRODUCT_KINDS, compare
from catalogue.rationalisation.matching.evaluation.assignment import adjust_for_rivals, one_to_one
from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.grouping import product_key
from catalogue.rationalisation.matching.records import Record, Reference
from catalogue.rationalisation.matching.similarity import THRESHOLD, full_text, names_of
from catalogue.rationalisation.matching.terms import Weights, specific_words

Numbers = tuple[int, int]
"""A pair of records by their positions in the two lists, counted from 0."""


@dataclass(frozen=True)
class Task:
    """Two agencies' lists, and their true pairs."""

    left: tuple[Record, ...]
    right: tuple[Record, ...]
    truth: frozenset[Numbers]
    listed: frozenset[Numbers] | None = None
    """The only pairs to compare. None for all pairs."""
    left_labels: tuple[str, ...] = ()
    right_labels: tuple[str, ...] = ()
    """The ids of each list's records in its file, in order. Empty for listed pairs."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A pair that was found but is not true, or is true but was missed."""

    left: str
    right: str
    left_name: str
    right_name: str
    score: float | None
    """None if the two were not compared, or do not match as one product."""


@dataclass(frozen=True)
class Result:
    """The counts of an evaluation. Times are in seconds."""

    left: int
    right: int
    unnamed: int
    """The number of records without a name, which cannot be matched."""
    true: int
    found: int
    correct: int
    candidates: int
    """The number of pairs that were compared."""
    candidates_true: int
    seconds: float
    false_pairs: tuple[Wrong, ...] = ()
    """The pairs that were found but are not true, by falling score."""
    missed_pairs: tuple[Wrong, ...] = ()
    """The true pairs that were missed, by falling score."""

    @property
    def precision(self) -> float:
        """The share of the found pairs that are true, or 0 if none was found."""
        return self.correct / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that were found, or 0 if there are none."""
        return self.correct / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def blocking_recall(self) -> float:
        """The share of the true pairs that were compared, or 0 if there are none."""
        return self.candidates_true / self.true if self.true else 0.0


def evaluate(task: Task) -> Result:
    """Match the two lists of a task, and compare the result with the true pairs."""
    began = perf_counter()
    records = (*task.left, *task.right)
    weights = Weights.from_texts(
        (record.name, full_text(record)) for record in records
    ).with_run_cache()
    reference = shipped_reference()
    places = {
        record.system_id: place
        for side in (task.left, task.right)
        for place, record in enumerate(side)
    }
    compared: dict[Numbers, float | None] = {}
    scored: list[tuple[UUID, UUID, float]] = []
    for one, other in _pairs_to_compare(task, reference, weights):
        pair = places[one.system_id], places[other.system_id]
        if pair in compared:
            continue
        match = compare(one, other, reference, weights)
        compared[pair] = None
        if match is not None and match.kind in PRODUCT_KINDS:
            compared[pair] = match.score
            scored.append((one.system_id, other.system_id, match.score))
    chosen = one_to_one(adjust_for_rivals(scored), least=THRESHOLD)
    found = {(places[one], places[other]) for one, other in chosen}
    seconds = perf_counter() - began
    return Result(
        left=len(task.left),
        right=len(task.right),
        unnamed=sum(1 for record in records if not names_of(record)),
        true=len(task.truth),
        found=len(found),
        correct=len(found & task.truth),
        candidates=len(compared),
        candidates_true=sum(1 for pair in task.truth if pair in compared),
        seconds=seconds,
        false_pairs=_wrong(task, found - task.truth, compared),
        missed_pairs=_wrong(task, task.truth - found, compared),
    )


def _pairs_to_compare(
    task: Task, reference: Reference, weights: Weights
) -> Iterator[tuple[Record, Record]]:
    """Yield the pairs to compare, with the left list's record first. A pair can occur twice."""
    if task.listed is not None:
        for i, j in sorted(task.listed):
            yield task.left[i], task.right[j]
        return
    left = task.left[0].agency_id if task.left else None
    sharing_words = candidates(
        [*task.left, *task.right], weights, words_of=lambda name: specific_words(name, reference)
    )
    for one, other in sharing_words:
        yield (one, other) if one.agency_id == left else (other, one)
    by_key: dict[Hashable, list[Record]] = defaultdict(list)
    for record in task.left:
        for key in _keys(record, reference):
            by_key[key].append(record)
    for record in task.right:
        for key in _keys(record, reference):
            for one in by_key.get(key, ()):
                yield one, record


def _keys(record: Record, reference: Reference) -> Iterator[Hashable]:
    """Yield keys from the register, which can pair records whose names share no word."""
    if key := product_key(record, reference):
        yield key
    if supplier := reference.supplier_of(record.name):
        yield supplier


def _wrong(
    task: Task, pairs: Iterable[Numbers], compared: dict[Numbers, float | None]
) -> tuple[Wrong, ...]:
    wrong = [
        Wrong(
            task.left_labels[i] if task.left_labels else str(i),
            task.right_labels[j] if task.right_labels else str(j),
            task.left[i].name,
            task.right[j].name,
            compared.get((i, j)),
        )
        for i, j in sorted(pairs)
    ]
    return tuple(sorted(wrong, key=lambda each: -(each.score or 0.0)))
