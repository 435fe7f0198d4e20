"""Systems over HTTP."""

from datetime import datetime
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
from catalogue.core.rest.moments import AsOfQuery
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery
from catalogue.systems.attestations import ATTESTATIONS, attest
from catalogue.systems.interfaces import INTERFACES, change_interface, record_interface
from catalogue.systems.models import System, SystemUse
from catalogue.systems.operations import SystemWriter, by_external_id
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.schemas import (
    AttestationCreate,
    AttestationSchema,
    InterfaceCreate,
    InterfacePatch,
    InterfaceSchema,
    SystemBulkCreate,
    SystemBulkItem,
    SystemBulkUpdate,
    SystemCreate,
    SystemFeedPath,
    SystemPatch,
    SystemSchema,
    SystemUpsert,
    SystemUseCreate,
    SystemUsePatch,
    SystemUseSchema,
)
from catalogue.systems.uses import USES, change_use, record_use

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
uses = Blueprint(
    "system-uses",
    __name__,
    url_prefix="/v1/systems",
    description="The agencies that use a system.",
)
attestations = Blueprint(
    "attestations",
    __name__,
    url_prefix="/v1/systems",
    description="What the owners of systems say of the records.",
)
interfaces = Blueprint(
    "interfaces",
    __name__,
    url_prefix="/v1/interfaces",
    description="Which systems exchange data, and how.",
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
    """Record a system of one's own agency.

    `find_similar_systems` tells beforehand who has such a system already.
    """
    system = own_writer().create(fields)
    session().flush()
    return SYSTEMS.read(system.id, status=201)


@blp.get("/<uuid:system_id>", scope=Scope.SYSTEMS_READ, query=AsOfQuery, answer=SystemSchema)
def get_system(system_id: UUID, as_of: datetime | None) -> Response:
    """Read one system."""
    return SYSTEMS.read(system_id, as_of=as_of)


@blp.get(
    "/<uuid:system_id>/history",
    scope=Scope.SYSTEMS_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_system_history(system_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of a system, as far as one may see it; the oldest first."""
    return history_of(SYSTEMS, system_id, after=after, limit=limit)


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


@uses.get("/<uuid:system_id>/uses", scope=Scope.SYSTEMS_READ, lists=USES)
def list_system_uses(system_id: UUID) -> Response:
    """List the agencies that use a system."""
    SYSTEMS.require_visible(session(), system_id)
    return USES.listing(system_id=system_id)


@uses.post(
    "/<uuid:system_id>/uses",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemUseCreate,
    answer=SystemUseSchema,
)
def add_system_use(fields: dict[str, Any], system_id: UUID) -> Response:
    """Record that an agency uses a system of one's own agency."""
    system = SYSTEMS.get(session(), system_id)
    SYSTEMS.require_owner(system)
    use = record_use(session(), system, fields)
    session().flush()
    return USES.read(use.id, status=201, system_id=system_id)


@uses.get("/<uuid:system_id>/uses/<uuid:use_id>", scope=Scope.SYSTEMS_READ, answer=SystemUseSchema)
def get_system_use(system_id: UUID, use_id: UUID) -> Response:
    """Read one use of a system."""
    return USES.read(use_id, system_id=system_id)


@uses.patch(
    "/<uuid:system_id>/uses/<uuid:use_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemUsePatch,
    answer=SystemUseSchema,
)
def update_system_use(changes: dict[str, Any], system_id: UUID, use_id: UUID) -> Response:
    """Change some fields of a use, such as the day on which it ends."""
    use: SystemUse = USES.for_update(session(), use_id, system_id=system_id)
    change_use(session(), use, changes)
    session().flush()
    return USES.read(use_id)


@uses.delete("/<uuid:system_id>/uses/<uuid:use_id>", scope=Scope.SYSTEMS_WRITE)
def delete_system_use(system_id: UUID, use_id: UUID) -> None:
    """Remove a use that was recorded by mistake. One that ends has a last day."""
    session().delete(USES.for_update(session(), use_id, system_id=system_id))
    session().flush()


@attestations.get("/<uuid:system_id>/attestations", scope=Scope.SYSTEMS_READ, lists=ATTESTATIONS)
def list_attestations(system_id: UUID) -> Response:
    """List what the owner of a system said of its record."""
    SYSTEMS.require_visible(session(), system_id)
    return ATTESTATIONS.listing(system_id=system_id)


@attestations.post(
    "/<uuid:system_id>/attestations",
    scope=Scope.SYSTEMS_WRITE,
    body=AttestationCreate,
    answer=AttestationSchema,
    may_match=True,
)
def attest_system(fields: dict[str, Any], system_id: UUID) -> Response:
    """Confirm the record of a system of one's own agency, or say what is wrong with it.

    Send the ETag of the system in If-Match to confirm what was read, and nothing newer.
    """
    system = SYSTEMS.get(session(), system_id, lock=True)
    SYSTEMS.require_owner(system)
    if has_match_header():
        require_match(etag_of(SYSTEMS.document(system_id)))
    made = attest(session(), system, by=current_actor(), **fields)
    session().flush()
    return ATTESTATIONS.read(made.id, status=201, system_id=system_id)


@attestations.get(
    "/<uuid:system_id>/attestations/<uuid:attestation_id>",
    scope=Scope.SYSTEMS_READ,
    answer=AttestationSchema,
)
def get_attestation(system_id: UUID, attestation_id: UUID) -> Response:
    """Read one attestation of a system."""
    return ATTESTATIONS.read(attestation_id, system_id=system_id)


@interfaces.get("", scope=Scope.SYSTEMS_READ, lists=INTERFACES)
def list_interfaces() -> Response:
    """List the interfaces of one's own systems, and those between systems that one may see."""
    return INTERFACES.listing()


@interfaces.post("", scope=Scope.SYSTEMS_WRITE, body=InterfaceCreate, answer=InterfaceSchema)
def add_interface(fields: dict[str, Any]) -> Response:
    """Record that a system of one's own agency exchanges data with another."""
    interface = record_interface(session(), by=current_actor(), fields=fields)
    session().flush()
    return INTERFACES.read(interface.id, status=201)


@interfaces.get("/<uuid:interface_id>", scope=Scope.SYSTEMS_READ, answer=InterfaceSchema)
def get_interface(interface_id: UUID) -> Response:
    """Read one interface."""
    return INTERFACES.read(interface_id)


@interfaces.patch(
    "/<uuid:interface_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=InterfacePatch,
    answer=InterfaceSchema,
)
def update_interface(changes: dict[str, Any], interface_id: UUID) -> Response:
    """Change some fields of an interface that one's own agency recorded."""
    change_interface(INTERFACES.for_update(session(), interface_id), changes)
    session().flush()
    return INTERFACES.read(interface_id)


@interfaces.delete("/<uuid:interface_id>", scope=Scope.SYSTEMS_WRITE)
def delete_interface(interface_id: UUID) -> None:
    """Remove an interface that one's own agency recorded and that is no longer there."""
    session().delete(INTERFACES.for_update(session(), interface_id))
    session().flush()
