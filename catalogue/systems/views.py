"""Systems over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.agencies.operations import find_agency
from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.errors import Forbidden, PreconditionFailed
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.bulk import BulkMode, BulkQuery, BulkResult, run_bulk
from catalogue.core.rest.etag import etag_of, has_match_header, require_match, require_match_of
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter, by_external_id
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.schemas import (
    SystemBulkCreate,
    SystemBulkItem,
    SystemBulkUpdate,
    SystemCreate,
    SystemFeedPath,
    SystemPatch,
    SystemSchema,
    SystemUpsert,
)

blp = Blueprint(
    "systems",
    __name__,
    url_prefix="/v1/systems",
    description="Running installations, each with one agency that is answerable for it.",
)
upserts = Blueprint(
    "system-feeds",
    __name__,
    url_prefix="/v1/agencies",
    description="Systems by the ids of other registers, for feeds.",
)


def own_writer() -> SystemWriter:
    """Writes systems of the actor's agency. Forbidden for one who acts for no agency."""
    agency_id = current_actor().agency_id
    if agency_id is None:
        raise Forbidden("A system belongs to an agency, and this client acts for none.")
    return SystemWriter(session(), agency_id)


@blp.get("", scope=Scope.SYSTEMS_READ, lists=SYSTEMS)
def list_systems() -> Response:
    """List one's own systems, and those that other agencies disclosed."""
    return SYSTEMS.listing()


@blp.post("", scope=Scope.SYSTEMS_WRITE, body=SystemCreate, answer=SystemSchema)
def create_system(fields: dict[str, Any]) -> Response:
    """Record a system of one's own agency."""
    system = own_writer().create(fields)
    session().flush()
    return SYSTEMS.read(system.id, status=201)


@blp.get("/<uuid:system_id>", scope=Scope.SYSTEMS_READ, answer=SystemSchema)
def get_system(system_id: UUID) -> Response:
    """Read one system."""
    return SYSTEMS.read(system_id)


@blp.patch("/<uuid:system_id>", scope=Scope.SYSTEMS_WRITE, body=SystemPatch, answer=SystemSchema)
def update_system(changes: dict[str, Any], system_id: UUID) -> Response:
    """Change some fields of a system of one's own agency."""
    system = SYSTEMS.for_update(session(), system_id)
    own_writer().change(system, changes)
    session().flush()
    return SYSTEMS.read(system_id)


@blp.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemBulkCreate,
    query=BulkQuery,
    answer=BulkResult,
    status=200,
)
def create_systems(body: dict[str, Any], mode: BulkMode, dry_run: bool) -> Response:
    """Record many systems of one's own agency."""
    return run_bulk(
        session(),
        body["items"],
        schema=SystemCreate(),
        each=own_writer().create,
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
    answer=BulkResult,
    if_match=False,
)
def update_systems(body: dict[str, Any], mode: BulkMode, dry_run: bool) -> Response:
    """Change many systems of one's own agency; each item brings the ETag that it is meant for."""
    writer = own_writer()

    def change(item: dict[str, Any]) -> System:
        system: System = SYSTEMS.get(session(), item.pop("id"), lock=True)
        SYSTEMS.require_owner(system)
        require_match_of(item.pop("etag"), etag_of(SYSTEMS.document(system.id)))
        writer.change(system, item)
        return system

    return run_bulk(
        session(),
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
    answer=SystemSchema,
    statuses=(200, 201),
    may_match=True,
)
def upsert_system(fields: dict[str, Any], agency: str, source: str, external_id: str) -> Response:
    """Record or change the system that a register of one's own knows by an id."""
    writer = own_writer()
    if find_agency(session(), agency).id != writer.agency_id:
        raise SYSTEMS.absent()
    found = by_external_id(session(), writer.agency_id, source, external_id)
    if found is None:
        if has_match_header():
            raise PreconditionFailed("There is no such record yet.")
        named = [{"source": source, "id": external_id}]
        system = writer.create(fields | {"external_ids": named})
        session().flush()
        return SYSTEMS.read(system.id, status=201)
    if has_match_header():
        require_match(etag_of(SYSTEMS.document(found.id)))
    writer.change(found, fields)
    session().flush()
    return SYSTEMS.read(found.id)
