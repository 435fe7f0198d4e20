"""Endpoints for systems: one at a time, in bulk, and by the id in an agency's register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request

from catalogue.agencies.operations import find_agency
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import PreconditionFailed
from catalogue.core.references import delete_unused, merge_records
from catalogue.core.rest.as_of_parameter import AsOfQuery
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.bulk import run_bulk
from catalogue.core.rest.bulk_schemas import BulkMode, BulkQuery, BulkResult
from catalogue.core.rest.etag import etag_of, has_match_header, require_match_of
from catalogue.core.rest.grouped_counts import count_groups
from catalogue.core.rest.reader import get_record, read_document, require_owner
from catalogue.core.rest.responses import (
    list_response,
    lock_for_merger,
    lock_for_update,
    record_response,
    require_match_of_record,
)
from catalogue.history.audit_log import record_event
from catalogue.history.responses import add_history
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter, find_by_external_id, find_holder
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.schemas import (
    SystemBulkCreate,
    SystemBulkItem,
    SystemBulkUpdate,
    SystemCountsSchema,
    SystemCreate,
    SystemFeedPath,
    SystemMerge,
    SystemPatch,
    SystemSchema,
    SystemUpsert,
)

blp = Blueprint(
    "systems",
    __name__,
    url_prefix="/v1/systems",
    description="Running installations of software, each with one owner.",
)
upserts = Blueprint(
    "system-feeds",
    __name__,
    url_prefix="/v1/agencies",
    description="Systems by their ids in your agency's registers, for regular feeds.",
)


@blp.get("", scope=Scope.SYSTEMS_READ, list_of=SYSTEMS)
def list_systems(context: Context) -> Response:
    """List your agency's systems and those shared with you."""
    return list_response(context, SYSTEMS)


@blp.get("/counts", scope=Scope.SYSTEMS_READ, counts_of=SYSTEMS, response=SystemCountsSchema)
def count_systems(context: Context) -> dict[str, Any]:
    """Count the systems that you can see, by the values of one or two fields.

    The filters and the search are those of `list_systems`. Each count is the total of that list
    with the values of the group as further filters. A system counts once for each of its
    capabilities. A system whose field you cannot see counts as withheld.
    """
    return {"items": count_groups(context, SYSTEMS, request.args.to_dict(flat=False))}


@blp.post(
    "",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemCreate,
    response=SystemSchema,
    find_holder=find_holder,
)
def create_system(context: Context, fields: dict[str, Any]) -> Response:
    """Record a system for your agency.

    Use `find_similar_systems` first, to see which agencies already have such a system.
    """
    system = SystemWriter.of_actor(context).create(fields)
    return record_response(context, SYSTEMS, system.id, status=201)


@blp.get(
    "/<uuid:system_id>",
    scope=Scope.SYSTEMS_READ,
    query=AsOfQuery,
    response=SystemSchema,
    problems=(410,),
)
def get_system(context: Context, system_id: UUID, as_of: datetime | None) -> Response:
    """Get a system, now or as of a past moment."""
    return record_response(context, SYSTEMS, system_id, as_of=as_of)


add_history(blp, SYSTEMS, scope=Scope.SYSTEMS_READ)


@blp.patch(
    "/<uuid:system_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemPatch,
    response=SystemSchema,
    find_holder=find_holder,
)
def update_system(context: Context, changes: dict[str, Any], system_id: UUID) -> Response:
    """Change a system of your agency."""
    system = lock_for_update(context, SYSTEMS, system_id)
    SystemWriter.of_actor(context).change(system, changes)
    return record_response(context, SYSTEMS, system_id)


@blp.delete("/<uuid:system_id>", scope=Scope.SYSTEMS_WRITE)
def delete_system(context: Context, system_id: UUID) -> None:
    """Delete a system that your agency recorded by mistake.

    The response is 409 if records that you can see use the system, and lists those records. Uses by
    your own agency and attestations are deleted with the system. The history of the system remains.
    """
    delete_unused(context, lock_for_update(context, SYSTEMS, system_id), noun="system")


@blp.post(
    "/<uuid:system_id>/merge",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemMerge,
    response=SystemSchema,
    status=200,
    if_match_optional=True,
)
def merge_system(context: Context, fields: dict[str, Any], system_id: UUID) -> Response:
    """Merge a duplicate into a system of your agency.

    The duplicate's uses, cost lines, contracts, interfaces, migrations and drafts of decisions move
    to the system. The system gains the duplicate's capabilities and external ids, and its names as
    aliases. All other fields of the system stay as they are, and those of the duplicate are deleted
    with it. So are its attestations. The duplicate leaves its overlaps, and the next run compares
    the system.

    A read of the duplicate's id returns 410 with the path of the system. The response is 409, and
    lists each obstacle, if a reference cannot move, such as one in a proposed decision. It is also
    409 if fewer agencies can see the duplicate than the system. `If-Match` checks the system, not
    the duplicate. A change to the duplicate just before the merger remains only in its history.
    """
    survivor, duplicate = lock_for_merger(context, SYSTEMS, system_id, fields["duplicate_id"])
    merge_records(context, duplicate, survivor, noun="system")
    record_event(context.session, survivor, verb="merged")
    return record_response(context, SYSTEMS, system_id)


@blp.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemBulkCreate,
    query=BulkQuery,
    response=BulkResult,
    status=200,
)
def create_systems(
    context: Context, body: dict[str, Any], mode: BulkMode, dry_run: bool
) -> Response:
    """Record up to 500 systems for your agency."""
    return run_bulk(
        context,
        body["items"],
        schema=SystemCreate(),
        each=SystemWriter.of_actor(context).create,
        resource=SYSTEMS,
        status=201,
        mode=mode,
        dry_run=dry_run,
    )


@blp.patch(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemBulkUpdate,
    query=BulkQuery,
    response=BulkResult,
    if_match=False,
)
def update_systems(
    context: Context, body: dict[str, Any], mode: BulkMode, dry_run: bool
) -> Response:
    """Change up to 500 systems of your agency.

    Each item carries the entity tag of the record that you read.
    """
    writer = SystemWriter.of_actor(context)

    def change(item: dict[str, Any]) -> System:
        system: System = get_record(context, SYSTEMS, item.pop("id"), lock=True)
        require_owner(context, SYSTEMS, system)
        require_match_of(item.pop("etag"), etag_of(read_document(context, SYSTEMS, system.id)))
        writer.change(system, item)
        return system

    return run_bulk(
        context,
        body["items"],
        schema=SystemBulkItem(),
        each=change,
        resource=SYSTEMS,
        status=200,
        mode=mode,
        dry_run=dry_run,
    )


@upserts.put(
    "/<agency>/systems/<source>/<anything:external_id>",
    scope=Scope.SYSTEMS_WRITE,
    path=SystemFeedPath,
    body=SystemUpsert,
    response=SystemSchema,
    statuses=(200, 201),
    if_match_optional=True,
    find_holder=find_holder,
)
def upsert_system(
    context: Context, fields: dict[str, Any], agency: str, source: str, external_id: str
) -> Response:
    """Record or change the system with this id in your agency's register.

    Fields that you leave out stay as they are.
    """
    writer = SystemWriter.of_actor(context)
    if find_agency(context.session, agency).id != writer.agency_id:
        raise SYSTEMS.absent()
    system = find_by_external_id(context.session, writer.agency_id, source, external_id)
    if system is None:
        if has_match_header():
            raise PreconditionFailed(
                "No system has this id yet, so no ETag can match. Leave out If-Match to record the system."
            )
        external_ids = [{"source": source, "id": external_id}]
        system = writer.create(fields | {"external_ids": external_ids})
        return record_response(context, SYSTEMS, system.id, status=201)
    if has_match_header():
        require_match_of_record(context, SYSTEMS, system.id)
    writer.change(system, fields)
    return record_response(context, SYSTEMS, system.id)
