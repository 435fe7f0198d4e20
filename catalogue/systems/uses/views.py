"""Endpoints for the agencies that use a system."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, require_visible
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.operations import change_use, create_use
from catalogue.systems.uses.resources import USES
from catalogue.systems.uses.schemas import SystemUseCreate, SystemUsePatch, SystemUseSchema

uses = Blueprint(
    "system-uses",
    __name__,
    url_prefix="/v1/systems",
    description="The agencies that use a system, with user numbers.",
)


@uses.get("/<uuid:system_id>/uses", scope=Scope.SYSTEMS_READ, list_of=USES)
def list_system_uses(context: Context, system_id: UUID) -> Response:
    """List the agencies that use a system."""
    require_visible(context, SYSTEMS, system_id)
    return list_response(context, USES, system_id=system_id)


@uses.post(
    "/<uuid:system_id>/uses",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemUseCreate,
    response=SystemUseSchema,
)
def create_system_use(context: Context, fields: dict[str, Any], system_id: UUID) -> Response:
    """Record that an agency uses your agency's system."""
    system = get_own_record(context, SYSTEMS, system_id, lock=False)
    use = create_use(context.session, system, fields)
    return record_response(context, USES, use.id, status=201, system_id=system_id)


@uses.get(
    "/<uuid:system_id>/uses/<uuid:use_id>", scope=Scope.SYSTEMS_READ, response=SystemUseSchema
)
def get_system_use(context: Context, system_id: UUID, use_id: UUID) -> Response:
    """Get a use of a system."""
    return record_response(context, USES, use_id, system_id=system_id)


@uses.patch(
    "/<uuid:system_id>/uses/<uuid:use_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=SystemUsePatch,
    response=SystemUseSchema,
)
def update_system_use(
    context: Context, changes: dict[str, Any], system_id: UUID, use_id: UUID
) -> Response:
    """Change a use of your agency's system, for example to end it."""
    use: SystemUse = lock_for_update(context, USES, use_id, system_id=system_id)
    change_use(context.session, use, changes)
    return record_response(context, USES, use_id)


@uses.delete("/<uuid:system_id>/uses/<uuid:use_id>", scope=Scope.SYSTEMS_WRITE)
def delete_system_use(context: Context, system_id: UUID, use_id: UUID) -> None:
    """Delete a use that was recorded by mistake.

    To end a use, change it and record its last day in `until`.
    """
    context.session.delete(lock_for_update(context, USES, use_id, system_id=system_id))
