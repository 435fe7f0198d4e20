"""Endpoints for the exchanges of data between two systems."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
from catalogue.systems.interfaces import operations
from catalogue.systems.interfaces.resources import INTERFACES
from catalogue.systems.interfaces.schemas import InterfaceCreate, InterfacePatch, InterfaceSchema

interfaces = Blueprint(
    "interfaces",
    __name__,
    url_prefix="/v1/interfaces",
    description="Exchanges of data between two systems.",
)


@interfaces.get("", scope=Scope.SYSTEMS_READ, list_of=INTERFACES)
def list_interfaces(context: Context) -> Response:
    """List the interfaces of your agency and those between systems shared with you."""
    return list_response(context, INTERFACES)


@interfaces.post("", scope=Scope.SYSTEMS_WRITE, body=InterfaceCreate, response=InterfaceSchema)
def create_interface(context: Context, fields: dict[str, Any]) -> Response:
    """Record an exchange of data between your agency's system and another."""
    interface = operations.create_interface(context, fields=fields)
    return record_response(context, INTERFACES, interface.id, status=201)


add_get(interfaces, INTERFACES, scope=Scope.SYSTEMS_READ)
add_history(interfaces, INTERFACES, scope=Scope.SYSTEMS_READ)


@interfaces.patch(
    "/<uuid:interface_id>", scope=Scope.SYSTEMS_WRITE, body=InterfacePatch, response=InterfaceSchema
)
def update_interface(context: Context, changes: dict[str, Any], interface_id: UUID) -> Response:
    """Change an interface that your agency recorded."""
    operations.change_interface(lock_for_update(context, INTERFACES, interface_id), changes)
    return record_response(context, INTERFACES, interface_id)


@interfaces.delete("/<uuid:interface_id>", scope=Scope.SYSTEMS_WRITE)
def delete_interface(context: Context, interface_id: UUID) -> None:
    """Delete an interface that your agency recorded."""
    context.session.delete(lock_for_update(context, INTERFACES, interface_id))
