"""Detection of overlaps among the systems of all agencies."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalogue.agencies.visibility import FieldProfile
from catalogue.capabilities.models import Capability
from catalogue.core import clock
from catalogue.core.database import analyze_tables
from catalogue.core.text import search_text
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.matching.grouping import Group, Member, find_groups
from catalogue.rationalisation.matching.pair_search import Pair, find_pairs
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.rationalisation.overlaps.manual_groups import refresh_group, set_members
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
    OverlapPair,
    OverlapReview,
)
from catalogue.rationalisation.overlaps.record_reader import read_all_records, read_reference
from catalogue.rationalisation.overlaps.run_lock import acquire_run_lock
from catalogue.suppliers.operations import ProductNames

STEPS = 4
OVERLAPS_NAMESPACE = UUID("5d2c3a10-9a7e-4c57-9d55-1f0f4b0c7f0e")
"""The namespace of overlap ids, which come from what the systems share. An id with a time in it
would reveal when systems that a reader cannot see began to overlap."""


def find_overlaps(
    session: Session, *, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Find the overlaps among the systems of all agencies, store them, and return their number.

    An overlap that was found before keeps its id. An overlap that is no longer found is deleted,
    unless an agency has reviewed, decided or grouped it. In that case it stays, without members.
    """
    acquire_run_lock(session)
    progress(0, STEPS)
    records, reference = read_all_records(session), read_reference(session)
    progress(1, STEPS)
    groups = find_groups(records, reference)
    progress(2, STEPS)
    pairs = find_pairs(records, reference, public_weights(reference))
    progress(3, STEPS)
    _OverlapStore(session, records).store(groups, pairs)
    session.flush()
    analyze_tables(session, Overlap, OverlapMember, OverlapPair)
    progress(STEPS, STEPS)
    return len(groups) + len(pairs)


class _OverlapStore:
    """A store that keeps the groups and pairs of a run as overlaps."""

    def __init__(self, session: Session, records: Iterable[Record]) -> None:
        self.session = session
        self.now = clock.now()
        self.records = {record.system_id: record for record in records}
        stored = sa.select(Overlap).options(
            selectinload(Overlap.members), selectinload(Overlap.pair)
        )
        self.known = {overlap.key: overlap for overlap in session.scalars(stored)}
        self.capabilities = {each.code: each for each in session.scalars(sa.select(Capability))}
        self.product_texts = {
            product.id: [product.name, *product.aliases, product.supplier.name]
            for products in ProductNames.of(session).products.values()
            for product in products
        }

    def store(self, groups: list[Group], pairs: list[Pair]) -> None:
        """Store groups and pairs, and delete overlaps that are neither found nor referred to."""
        digests = {identity: record.digest() for identity, record in self.records.items()}
        found_keys = {self._store_group(group, digests).key for group in groups}
        found_keys |= {self._store_pair(pair, digests).key for pair in pairs}
        self.session.flush()
        manual_ids = self._refresh_manual_groups()
        referred_to = {
            identity
            for column in (OverlapReview.overlap_id, Decision.overlap_id, OverlapOrigin.origin_id)
            for identity in self.session.scalars(sa.select(column).distinct())
        }
        for key, overlap in self.known.items():
            if key in found_keys or overlap.id in manual_ids:
                continue
            if overlap.id in referred_to:
                overlap.members, overlap.pair = [], None
            else:
                self.session.delete(overlap)

    def _store_group(self, group: Group, digests: dict[UUID, str]) -> Overlap:
        overlap = self._overlap(group.key, identity=f"{group.kind} {group.key}")
        capability = self.capabilities[group.capability] if group.capability else None
        overlap.kind = group.kind
        overlap.name = group.name
        overlap.product_id = group.product_id
        overlap.capability_id = capability.id if capability else None
        overlap.search_text = search_text(
            group.name,
            self.product_texts[group.product_id] if group.product_id else None,
            [capability.code, capability.name] if capability else None,
        )
        _store_members(overlap, group.members, digests, self.now)
        return overlap

    def _store_pair(self, pair: Pair, digests: dict[UUID, str]) -> Overlap:
        overlap = self._overlap(pair.key, identity=pair.key)
        both = (pair.first, pair.second)
        overlap.kind = pair.match.kind
        overlap.name = " / ".join(dict.fromkeys(record.name for record in both))[:400]
        overlap.search_text = search_text(*[record.name for record in both])
        score = round(100 * pair.match.score)
        members = tuple(
            Member(record.system_id, record.agency_id, score, ())
            for record in sorted(both, key=lambda each: each.system_id)
        )
        if not pair.by_summary:
            digests = {record.system_id: record.full_digest() for record in both}
        _store_members(overlap, members, digests, self.now)
        stored = overlap.pair or OverlapPair(
            first_id=pair.first.system_id,
            second_id=pair.second.system_id,
            first_agency_id=pair.first.agency_id,
            second_agency_id=pair.second.agency_id,
            is_rival=not pair.is_installation,
        )
        stored.score, stored.evidence = score, list(pair.match.evidence)
        stored.profile = FieldProfile.SUMMARY if pair.by_summary else FieldProfile.STANDARD
        overlap.pair = stored
        return overlap

    def _overlap(self, key: str, *, identity: str) -> Overlap:
        overlap = self.known.get(key)
        if overlap is None:
            overlap = Overlap(
                id=uuid5(OVERLAPS_NAMESPACE, identity), key=key, first_found_at=self.now
            )
            self.session.add(overlap)
        overlap.last_found_at = self.now
        return overlap

    def _refresh_manual_groups(self) -> set[UUID]:
        """Refresh the members of manual groups, and return the ids of their overlaps."""
        groupings = self.session.scalars(
            sa.select(OverlapGrouping).order_by(OverlapGrouping.created_at, OverlapGrouping.id)
        ).all()
        for grouping in groupings:
            refresh_group(self.session, grouping)
        return {grouping.overlap_id for grouping in groupings}


def _store_members(
    overlap: Overlap, members: Iterable[Member], digests: dict[UUID, str], now: datetime
) -> None:
    known = {member.system_id: member for member in overlap.members}
    wanted = {}
    for member in members:
        digest = digests[member.system_id]
        before = known.get(member.system_id)
        wanted[member.system_id] = {
            "score": member.score,
            "evidence": list(member.evidence),
            "supplier_name": member.supplier_name,
            "digest": digest,
            "changed_at": before.changed_at if before and before.digest == digest else now,
        }
    set_members(overlap, wanted)
