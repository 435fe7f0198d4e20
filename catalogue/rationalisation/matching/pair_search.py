"""Which systems of different agencies belong together, pair by pair."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from catalogue.rationalisation.matching.blocking import candidates
from catalogue.rationalisation.matching.classification import (
    PRODUCT_KINDS,
    Match,
    compare,
    installation_evidence,
)
from catalogue.rationalisation.matching.grouping import ENDED, product_key
from catalogue.rationalisation.matching.installations import possible_installations
from catalogue.rationalisation.matching.records import Record, Reference
from catalogue.rationalisation.matching.terms import Weights, specific_words
from catalogue.rationalisation.vocabulary import OverlapKind


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems that belong together, the one of the agency with the lesser id first."""

    first: Record
    second: Record
    match: Match
    by_summary: bool
    """Whether it is found already by what the summaries of the two records show."""

    @property
    def key(self) -> str:
        """What identifies it from run to run."""
        what = "installation" if self.is_installation else "pair"
        one, other = sorted((self.first.system_id, self.second.system_id))
        return f"{what}:{one}:{other}"

    @property
    def is_installation(self) -> bool:
        """Whether both are records of one installation, which several may well be."""
        return self.match.kind is OverlapKind.SAME_INSTANCE


def find_pairs(records: Iterable[Record], reference: Reference, weights: Weights) -> list[Pair]:
    """Every pair that no group by key has, in the order of their keys."""
    with _without_collecting():
        return _find_pairs(records, reference, weights)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Millions of small things are made, none of which refers back to another. To look among them
    for cycles, again and again, took a seventh of the time, and more the more records there are."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _find_pairs(records: Iterable[Record], reference: Reference, weights: Weights) -> list[Pair]:
    weights = weights.with_run_cache()
    running = [record for record in records if record.lifecycle not in ENDED]
    products = {record.system_id: product_key(record, reference) for record in running}
    grouped = {identity: key for identity, key in products.items() if key is not None}
    summaries = {record.system_id: record.summary() for record in running}
    found: dict[str, Pair] = {}
    apart = candidates(
        running,
        weights,
        words_of=lambda name: specific_words(name, reference),
        together=lambda record: grouped.get(record.system_id),
    )
    for one, other in apart:
        for pair in _pairs(one, other, summaries, reference, weights):
            found[pair.key] = pair
    for one, other in possible_installations(running, grouped, reference):
        shown = summaries[one.system_id], summaries[other.system_id]
        if not installation_evidence(one, other, reference) and not installation_evidence(
            *shown, reference
        ):
            continue
        for pair in _pairs(one, other, summaries, reference, weights):
            if pair.is_installation:
                found[pair.key] = pair
    return [found[key] for key in sorted(found)]


def _pairs(
    one: Record,
    other: Record,
    summaries: Mapping[UUID, Record],
    reference: Reference,
    weights: Weights,
) -> Iterator[Pair]:
    first, second = sorted((one, other), key=lambda each: each.agency_id)
    shown = summaries[first.system_id], summaries[second.system_id]
    brief = compare(*shown, reference, weights)
    is_found = brief is not None and brief.kind in PRODUCT_KINDS
    if brief is not None and is_found:
        yield Pair(first, second, brief, by_summary=True)
        if brief.kind is OverlapKind.SAME_INSTANCE or not installation_evidence(
            first, second, reference
        ):
            return
    if (first, second) == shown:
        return
    whole = compare(first, second, reference, weights)
    if whole is not None and whole.kind in PRODUCT_KINDS:
        yield Pair(first, second, whole, by_summary=False)
