"""Endpoints for finding, reviewing, splitting and merging overlaps."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.jobs.resources import JOBS
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, get_record, require_visible
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, record_response, require_match_of_record
from catalogue.rationalisation.overlaps import manual_groups, operations, pairs
from catalogue.rationalisation.overlaps.resources import GROUPINGS, OVERLAPS
from catalogue.rationalisation.overlaps.schemas import (
    OverlapGroupingCreate,
    OverlapGroupingSchema,
    OverlapPairListSchema,
    OverlapPairsQuery,
    OverlapPatch,
    OverlapSchema,
)

overlaps = Blueprint(
    "overlaps",
    __name__,
    url_prefix="/v1/overlaps",
    description="Systems of several agencies that share an installation, a product or a function.",
)


@overlaps.post("/runs", scope=Scope.OVERLAPS_WRITE, response=JobSchema, status=202)
def create_overlap_run(context: Context) -> Response:
    """Start a run that finds overlaps among all systems.

    The result of the job counts the overlaps that you can see.
    """
    job = operations.create_overlap_run(context)
    return record_response(context, JOBS, job.id, status=202)


@overlaps.get("", scope=Scope.OVERLAPS_READ, list_of=OVERLAPS)
def list_overlaps(context: Context) -> Response:
    """List overlaps with the systems that you can see, the most certain first.

    Set `of_your_agency` for the overlaps of your agency's systems, and `agencies` for those of other
    agencies. The filter `agreement_id` returns those between the parties of an agreement, and
    `system_id` those of one system.
    """
    return list_response(context, OVERLAPS)


add_get(overlaps, OVERLAPS, scope=Scope.OVERLAPS_READ)


@overlaps.get(
    "/<uuid:overlap_id>/pairs",
    scope=Scope.OVERLAPS_READ,
    query=OverlapPairsQuery,
    response=OverlapPairListSchema,
)
def list_overlap_pairs(
    context: Context, overlap_id: UUID, limit: int, system_id: UUID | None = None
) -> dict[str, Any]:
    """Compare the systems of an overlap in pairs.

    Only systems of different agencies that you can see are compared. The most certain pairs come
    first. At most 200 systems are compared.
    """
    require_visible(context, OVERLAPS, overlap_id)
    return {"items": pairs.list_overlap_pairs(context, overlap_id, of=system_id, limit=limit)}


@overlaps.patch(
    "/<uuid:overlap_id>", scope=Scope.OVERLAPS_WRITE, body=OverlapPatch, response=OverlapSchema
)
def update_overlap(context: Context, changes: dict[str, Any], overlap_id: UUID) -> Response:
    """Confirm or reject an overlap.

    Your agency must own a system in the overlap that you can see.
    """
    overlap = get_record(context, OVERLAPS, overlap_id, lock=True)
    require_match_of_record(context, OVERLAPS, overlap_id)
    operations.review_overlap(context, overlap, verdict=changes["status"], reason=changes["reason"])
    return record_response(context, OVERLAPS, overlap_id)


groupings = Blueprint(
    "overlap-groupings",
    __name__,
    url_prefix="/v1/overlap-groupings",
    description="Splits and mergers of overlaps by hand, where people know more than the records state.",
)


@groupings.get("", scope=Scope.OVERLAPS_READ, list_of=GROUPINGS)
def list_overlap_groupings(context: Context) -> Response:
    """List the splits and mergers of overlaps, the latest first.

    You see a grouping of another agency if you can see its effect and a system of that agency in
    the overlaps concerned.
    """
    return list_response(context, GROUPINGS)


@groupings.post(
    "", scope=Scope.OVERLAPS_WRITE, body=OverlapGroupingCreate, response=OverlapGroupingSchema
)
def create_overlap_grouping(context: Context, fields: dict[str, Any]) -> Response:
    """Split systems off from an overlap, or merge several overlaps.

    Your agency must own a system in one of the overlaps. You cannot split or merge an overlap with
    a draft, proposed or agreed decision that you can see.
    """
    grouping = manual_groups.create_overlap_grouping(context, fields=fields)
    return record_response(context, GROUPINGS, grouping.id, status=201)


add_get(groupings, GROUPINGS, scope=Scope.OVERLAPS_READ)


@groupings.post(
    "/<uuid:overlap_grouping_id>/withdrawal",
    scope=Scope.OVERLAPS_WRITE,
    response=OverlapGroupingSchema,
    status=200,
)
def withdraw_overlap_grouping(context: Context, overlap_grouping_id: UUID) -> Response:
    """Withdraw a split or a merger that your agency made.

    The systems return to the overlaps that they came from.
    """
    grouping = get_own_record(context, GROUPINGS, overlap_grouping_id)
    manual_groups.withdraw_overlap_grouping(context.session, grouping)
    return record_response(context, GROUPINGS, overlap_grouping_id)
