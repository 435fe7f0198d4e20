"""Search for pairs of overlapping systems of different agencies."""

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
    """Two overlapping systems. The system of the agency with the lesser id comes first."""

    first: Record
    second: Record
    match: Match
    by_summary: bool
    """True if the summary fields of the two records are enough to find the pair."""

    @property
    def key(self) -> str:
        """The key, which identifies the pair from run to run."""
        prefix = "installation" if self.is_installation else "pair"
        lesser, greater = sorted((self.first.system_id, self.second.system_id))
        return f"{prefix}:{lesser}:{greater}"

    @property
    def is_installation(self) -> bool:
        """True if both records describe one installation. A system can be in several such pairs."""
        return self.match.kind is OverlapKind.SAME_INSTANCE


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Pause the search for reference cycles, because the millions of objects of a run form none.

    The search would take a seventh of a run's time, and a larger part with more records.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_garbage_collection_paused()
def find_pairs(records: Iterable[Record], reference: Reference, weights: Weights) -> list[Pair]:
    """Find the pairs that no group holds, and all pairs of one installation, sorted by key."""
    weights = weights.with_run_cache()
    current = [record for record in records if record.lifecycle not in ENDED]
    products = {record.system_id: product_key(record, reference) for record in current}
    grouped = {identity: key for identity, key in products.items() if key is not None}
    summaries = {record.system_id: record.summary() for record in current}
    found: dict[str, Pair] = {}
    ungrouped = candidates(
        current,
        weights,
        words_of=lambda name: specific_words(name, reference),
        group_of=lambda record: grouped.get(record.system_id),
    )
    for one, other in ungrouped:
        for pair in _pairs(one, other, summaries, reference, weights):
            found[pair.key] = pair
    for one, other in possible_installations(current, grouped, reference):
        brief = summaries[one.system_id], summaries[other.system_id]
        if not installation_evidence(one, other, reference) and not installation_evidence(
            *brief, reference
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
    brief = summaries[first.system_id], summaries[second.system_id]
    by_summary = compare(*brief, reference, weights)
    if by_summary is not None and by_summary.kind in PRODUCT_KINDS:
        yield Pair(first, second, by_summary, by_summary=True)
        if by_summary.kind is OverlapKind.SAME_INSTANCE or not installation_evidence(
            first, second, reference
        ):
            return
    if (first, second) == brief:
        return
    by_all_fields = compare(first, second, reference, weights)
    if by_all_fields is not None and by_all_fields.kind in PRODUCT_KINDS:
        yield Pair(first, second, by_all_fields, by_summary=False)
