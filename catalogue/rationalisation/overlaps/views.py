"""Overlaps over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.errors import Forbidden
from catalogue.core.jobs.operations import enqueue
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.jobs.views import JOBS
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import etag_of, require_match
from catalogue.rationalisation.overlaps.by_hand import group_by_hand, withdraw_grouping
from catalogue.rationalisation.overlaps.operations import FIND_OVERLAPS, review_overlap
from catalogue.rationalisation.overlaps.pairs import pairs_of
from catalogue.rationalisation.overlaps.resources import GROUPINGS, OVERLAPS
from catalogue.rationalisation.overlaps.schemas import (
    OverlapGroupingCreate,
    OverlapGroupingSchema,
    OverlapPairsQuery,
    OverlapPairsSchema,
    OverlapPatch,
    OverlapSchema,
)

overlaps = Blueprint(
    "overlaps",
    __name__,
    url_prefix="/v1/overlaps",
    description="Systems of several agencies that are, or do, the same.",
)


@overlaps.post("/runs", scope=Scope.OVERLAPS_WRITE, answer=JobSchema, status=202)
def create_overlap_run() -> Response:
    """Look for overlaps among all systems. The job's result counts those that one may see."""
    actor = current_actor()
    if actor.agency_id is None:
        raise Forbidden("A run is asked for by an agency, and this client acts for none.")
    job = enqueue(session(), FIND_OVERLAPS, {}, by=actor)
    return JOBS.read(job.id, status=202)


@overlaps.get("", scope=Scope.OVERLAPS_READ, lists=OVERLAPS)
def list_overlaps() -> Response:
    """List overlaps, with the systems in them that one may see; the surest first."""
    return OVERLAPS.listing()


@overlaps.get("/<uuid:overlap_id>", scope=Scope.OVERLAPS_READ, answer=OverlapSchema)
def get_overlap(overlap_id: UUID) -> Response:
    """Read one overlap."""
    return OVERLAPS.read(overlap_id)


@overlaps.get(
    "/<uuid:overlap_id>/pairs",
    scope=Scope.OVERLAPS_READ,
    query=OverlapPairsQuery,
    answer=OverlapPairsSchema,
)
def list_overlap_pairs(
    overlap_id: UUID, limit: int, system_id: UUID | None = None
) -> dict[str, Any]:
    """Compare the systems of an overlap that one may see with each other; the surest pairs first."""
    OVERLAPS.require_visible(session(), overlap_id)
    pairs = pairs_of(session(), overlap_id, by=current_actor(), of=system_id, limit=limit)
    return {"items": pairs}


@overlaps.patch(
    "/<uuid:overlap_id>", scope=Scope.OVERLAPS_WRITE, body=OverlapPatch, answer=OverlapSchema
)
def update_overlap(changes: dict[str, Any], overlap_id: UUID) -> Response:
    """Confirm or reject an overlap that holds a system of one's own agency."""
    overlap = OVERLAPS.get(session(), overlap_id, lock=True)
    require_match(etag_of(OVERLAPS.document(overlap_id)))
    review_overlap(
        session(),
        overlap,
        by=current_actor(),
        verdict=changes["status"],
        reason=changes["reason"],
    )
    session().flush()
    return OVERLAPS.read(overlap_id)


groupings = Blueprint(
    "overlap groupings",
    __name__,
    url_prefix="/v1/overlap-groupings",
    description="Overlaps that people split or merged, because they know better than the records.",
)


@groupings.get("", scope=Scope.OVERLAPS_READ, lists=GROUPINGS)
def list_overlap_groupings() -> Response:
    """List what was split and merged by hand, the latest first.

    It is there for who sees the systems that it parts or unites, and who did so.
    """
    return GROUPINGS.listing()


@groupings.post(
    "", scope=Scope.OVERLAPS_WRITE, body=OverlapGroupingCreate, answer=OverlapGroupingSchema
)
def create_overlap_grouping(fields: dict[str, Any]) -> Response:
    """Split systems off from an overlap, or merge several overlaps into one."""
    grouping = group_by_hand(session(), by=current_actor(), fields=fields)
    return GROUPINGS.read(grouping.id, status=201)


@groupings.get(
    "/<uuid:overlap_grouping_id>", scope=Scope.OVERLAPS_READ, answer=OverlapGroupingSchema
)
def get_overlap_grouping(overlap_grouping_id: UUID) -> Response:
    """Read what was split or merged by hand."""
    return GROUPINGS.read(overlap_grouping_id)


@groupings.post(
    "/<uuid:overlap_grouping_id>/withdrawal",
    scope=Scope.OVERLAPS_WRITE,
    answer=OverlapGroupingSchema,
    status=200,
)
def create_overlap_grouping_withdrawal(overlap_grouping_id: UUID) -> Response:
    """Undo a split or a merger of one's own: the systems are where they came from again."""
    grouping = GROUPINGS.get(session(), overlap_grouping_id, lock=True)
    GROUPINGS.require_owner(grouping)
    withdraw_grouping(session(), grouping)
    session().flush()
    return GROUPINGS.read(overlap_grouping_id)
