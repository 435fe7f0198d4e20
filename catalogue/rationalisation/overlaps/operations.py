"""Finding overlaps, and recording what agencies find when they look into them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from catalogue.capabilities.models import Capability
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.database import gather_statistics
from catalogue.core.errors import Forbidden
from catalogue.core.jobs.operations import JobContext, job_handler
from catalogue.core.rest.columns import on
from catalogue.core.text import search_text
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.matching.grouping import Group, find_groups
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember, OverlapReview
from catalogue.rationalisation.overlaps.resources import MEMBER_SEEN, OVERLAPS
from catalogue.rationalisation.states import require_overlap_step
from catalogue.rationalisation.vocabulary import OverlapStatus, OverlapVerdict
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import ProductNames
from catalogue.systems.models import System, SystemCapability

FIND_OVERLAPS = "find_overlaps"
STEPS = 3
OVERLAPS_NAMESPACE = UUID("5d2c3a10-9a7e-4c57-9d55-1f0f4b0c7f0e")
"""Ids of overlaps come from what the group shares: one that told the time would tell when systems
that may not be seen began to overlap."""
RUN_LOCK = 4_918_230_511
"""The number of the lock that PostgreSQL's runs take turns by; any number of one's own will do."""


def find_overlaps(
    session: Session, *, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Find the overlaps among all agencies' systems, and keep them; how many there are.

    A group that was found before keeps its id. One that is found no more is forgotten, unless an
    agency has looked into it or decided on it: then it waits, without members.
    """
    _take_turn(session)
    progress(0, STEPS)
    records, reference = _records(session), _reference(session)
    progress(1, STEPS)
    groups = find_groups(records, reference)
    progress(2, STEPS)
    _keep(session, groups, {record.system_id: record.digest() for record in records})
    session.flush()
    gather_statistics(session, Overlap, OverlapMember)
    progress(STEPS, STEPS)
    return len(groups)


@job_handler(FIND_OVERLAPS)
def run_find_overlaps(context: JobContext) -> dict[str, Any]:
    """Find the overlaps; the result counts those that may be seen by who asked."""
    # Progress is in steps: a number of systems would tell how many others have.
    find_overlaps(context.session, progress=context.progress)
    by_kind: Any = sa.select(Overlap.kind, sa.func.count()).group_by(Overlap.kind)
    seen = context.session.execute(OVERLAPS.seen_by(context.actor, by_kind))
    counted = {kind.value: number for kind, number in seen}
    return {"overlaps": sum(counted.values()), "by_kind": counted}


def _take_turn(session: Session) -> None:
    # SQLite has one writer anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(RUN_LOCK)))


def _records(session: Session) -> list[Record]:
    served: dict[UUID, list[str]] = defaultdict(list)
    links = sa.select(SystemCapability.system_id, Capability.code).join(
        Capability, Capability.id == SystemCapability.capability_id
    )
    for system_id, code in session.execute(links.order_by(Capability.code)):
        served[system_id].append(code)
    systems = sa.select(
        System.id,
        System.agency_id,
        System.name,
        System.lifecycle,
        System.product_id,
        System.product_name,
        System.supplier_name,
    ).order_by(System.id)
    return [Record(*row, tuple(served[row[0]])) for row in session.execute(systems)]


def _reference(session: Session) -> Reference:
    names = ProductNames.of(session)
    below = aliased(Capability)
    leaves = sa.select(Capability.code, Capability.name).where(
        ~sa.exists(sa.select(1).where(below.parent_id == Capability.id))
    )
    by_name = {
        name: [RegisteredProduct(p.id, p.name, p.supplier_id) for p in products]
        for name, products in names.products.items()
    }
    return Reference(
        products={p.id: p for products in by_name.values() for p in products},
        products_by_name=by_name,
        suppliers={i: name for i, name in session.execute(sa.select(Supplier.id, Supplier.name))},  # noqa: C416
        suppliers_by_name=dict(names.suppliers),
        capabilities={code: name for code, name in session.execute(leaves)},  # noqa: C416
    )


def _keep(session: Session, groups: list[Group], digests: dict[UUID, str]) -> None:
    now = clock.now()
    known = {
        (overlap.kind, overlap.key): overlap
        for overlap in session.scalars(sa.select(Overlap).options(selectinload(Overlap.members)))
    }
    capabilities = {each.code: each for each in session.scalars(sa.select(Capability))}
    texts = _product_texts(session)
    for group in groups:
        overlap = known.pop((group.kind, group.key), None)
        if overlap is None:
            overlap = Overlap(
                id=uuid5(OVERLAPS_NAMESPACE, f"{group.kind} {group.key}"),
                kind=group.kind,
                key=group.key,
                first_found_at=now,
            )
            session.add(overlap)
        capability = capabilities[group.capability] if group.capability else None
        overlap.name = group.name
        overlap.product_id = group.product_id
        overlap.capability_id = capability.id if capability else None
        overlap.search_text = search_text(
            group.name,
            texts[group.product_id] if group.product_id else None,
            [capability.code, capability.name] if capability else None,
        )
        overlap.last_found_at = now
        _keep_members(overlap, group, digests, now)
    looked_into = set(session.scalars(sa.select(OverlapReview.overlap_id).distinct()))
    looked_into |= set(session.scalars(sa.select(Decision.overlap_id).distinct()))
    for overlap in known.values():
        if overlap.id in looked_into:
            overlap.members = []
        else:
            session.delete(overlap)


def _keep_members(overlap: Overlap, group: Group, digests: dict[UUID, str], now: datetime) -> None:
    known = {member.system_id: member for member in overlap.members}
    members = []
    for found in group.members:
        member = known.get(found.system_id)
        if member is None:
            member = OverlapMember(system_id=found.system_id, digest="")
        if member.digest != digests[found.system_id]:
            member.digest, member.changed_at = digests[found.system_id], now
        if member.score != found.score or member.evidence != list(found.evidence):
            member.score, member.evidence = found.score, list(found.evidence)
        members.append(member)
    if {member.system_id for member in members} != set(known):
        overlap.members = members


def _product_texts(session: Session) -> dict[UUID, list[str]]:
    texts: dict[UUID, list[str]] = {}
    for products in ProductNames.of(session).products.values():
        for product in products:
            texts[product.id] = [product.name, *product.aliases, product.supplier.name]
    return texts


@dataclass(frozen=True)
class OverlapStanding:
    """How an overlap stands for an actor."""

    status: OverlapStatus
    takes_part: bool
    """Whether the actor's agency owns one of its systems."""


def standing_of(session: Session, overlap: Overlap, *, by: Actor) -> OverlapStanding:
    """How an overlap that the actor may see stands for it."""
    dialect = session.get_bind().dialect.name
    takes_part = sa.exists(
        sa.select(1).where(MEMBER_SEEN, System.agency_id == by.agency_id).correlate(Overlap)
    )
    asked = sa.select(on(dialect, OVERLAPS.columns["status"]), takes_part)
    status, part = session.execute(
        OVERLAPS.seen_by(by, asked.select_from(Overlap).where(Overlap.id == overlap.id))
    ).one()
    return OverlapStanding(OverlapStatus(status), bool(part))


def review_overlap(
    session: Session,
    overlap: Overlap,
    *,
    by: Actor,
    verdict: OverlapVerdict,
    reason: str,
    at: datetime | None = None,
) -> OverlapReview:
    """Confirm or reject an overlap, for an agency that owns one of its systems.

    Forbidden for another agency; Conflict where the step is not allowed. The overlap is to be
    locked by the caller.
    """
    standing = standing_of(session, overlap, by=by)
    if by.agency_id is None or not standing.takes_part:
        raise Forbidden("Only an agency that owns one of its systems may say so.")
    require_overlap_step(standing.status, OverlapStatus(verdict))
    review = OverlapReview(
        overlap_id=overlap.id,
        agency_id=by.agency_id,
        verdict=verdict,
        reason=reason,
        client_id=by.client_id,
        reviewed_at=at or clock.now(),
    )
    session.add(review)
    return review
