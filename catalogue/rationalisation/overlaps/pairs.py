"""Comparison of the systems of an overlap in pairs, by the fields that the actor can see."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.rest.reader import only_visible
from catalogue.rationalisation.matching.classification import Match, compare
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.record_reader import read_reference, read_visible_records
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.systems.models import System

MOST_COMPARED = 200
"""The largest number of systems of an overlap to compare, which makes 20,000 pairs."""


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Two matching systems of an overlap, of different agencies."""

    first: Record
    second: Record
    match: Match


def list_overlap_pairs(
    context: Context, overlap_id: UUID, *, of: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return the most certain matching pairs of an overlap, or only those with the system `of`.

    Only systems of different agencies form a pair.
    """
    members: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == overlap_id)
    # The system `of` comes first, so that the limit never leaves it out.
    member_ids = sorted(
        context.session.scalars(only_visible(context, OVERLAPS, members)),
        key=lambda i: (i != of, i),
    )
    records = read_visible_records(context, member_ids[:MOST_COMPARED])
    reference = read_reference(context.session)
    weights = public_weights(reference)
    compared = [
        ComparedPair(one, other, match)
        for one, other in _to_compare(records, of)
        if (match := compare(one, other, reference, weights)) is not None
    ]
    compared.sort(key=lambda pair: (-pair.match.score, pair.first.system_id, pair.second.system_id))
    codes = pairs(context.session, sa.select(Agency.id, Agency.code))
    return [
        {
            "system_ids": [str(each.system_id) for each in (pair.first, pair.second)],
            "system_names": [each.name for each in (pair.first, pair.second)],
            "agencies": [codes[each.agency_id] for each in (pair.first, pair.second)],
            "kind": pair.match.kind,
            "score": round(pair.match.score, 2),
            "evidence": list(pair.match.evidence),
        }
        for pair in compared[:limit]
    ]


def _to_compare(records: list[Record], of: UUID | None) -> Iterator[tuple[Record, Record]]:
    for one, other in combinations(records, 2):
        if one.agency_id != other.agency_id and (
            of is None or of in {one.system_id, other.system_id}
        ):
            yield one, other
