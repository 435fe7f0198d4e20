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
from catalogue.rationalisation.overlaps.operations import FIND_OVERLAPS, review_overlap
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.schemas import OverlapPatch, OverlapSchema

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
