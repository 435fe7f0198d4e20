"""Endpoints for the shared tree of capabilities, which an administrator maintains."""

from typing import Any

from flask import Response

from catalogue.capabilities import operations
from catalogue.capabilities.operations import find_capability
from catalogue.capabilities.resources import CAPABILITIES
from catalogue.capabilities.schemas import CapabilityCreate, CapabilityPatch, CapabilitySchema
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.responses import list_response, lock_for_update, record_response

blp = Blueprint(
    "capabilities",
    __name__,
    url_prefix="/v1/capabilities",
    description=(
        "Functions that a service must be able to perform, as a tree that all agencies share."
    ),
)


@blp.get("", scope=Scope.SYSTEMS_READ, list_of=CAPABILITIES)
def list_capabilities(context: Context) -> Response:
    """List the capabilities in the shared tree."""
    return list_response(context, CAPABILITIES)


@blp.post("", scope=Scope.ADMIN, body=CapabilityCreate, response=CapabilitySchema)
def create_capability(context: Context, fields: dict[str, Any]) -> Response:
    """Record a capability in the shared tree."""
    capability = operations.create_capability(context.session, fields)
    return record_response(context, CAPABILITIES, capability.id, status=201)


@blp.get("/<capability>", scope=Scope.SYSTEMS_READ, response=CapabilitySchema)
def get_capability(context: Context, capability: str) -> Response:
    """Get a capability by its code or id."""
    return record_response(context, CAPABILITIES, find_capability(context.session, capability).id)


@blp.patch("/<capability>", scope=Scope.ADMIN, body=CapabilityPatch, response=CapabilitySchema)
def update_capability(context: Context, changes: dict[str, Any], capability: str) -> Response:
    """Change a capability in the shared tree."""
    record = lock_for_update(context, CAPABILITIES, find_capability(context.session, capability).id)
    operations.change_capability(context.session, record, changes)
    return record_response(context, CAPABILITIES, record.id)
