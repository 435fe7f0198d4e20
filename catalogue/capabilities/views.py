"""Capabilities over HTTP."""

from typing import Any

from flask import Response

from catalogue.capabilities.operations import (
    change_capability,
    create_capability,
    find_capability,
)
from catalogue.capabilities.resources import CAPABILITIES
from catalogue.capabilities.schemas import CapabilityCreate, CapabilityPatch, CapabilitySchema
from catalogue.core.actor import Scope
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint

blp = Blueprint(
    "capabilities",
    __name__,
    url_prefix="/v1/capabilities",
    description="What a service must be able to do, as a tree.",
)


@blp.get("", scope=Scope.SYSTEMS_READ, lists=CAPABILITIES)
def list_capabilities() -> Response:
    """List capabilities."""
    return CAPABILITIES.listing()


@blp.post("", scope=Scope.ADMIN, body=CapabilityCreate, answer=CapabilitySchema)
def create_capability_record(fields: dict[str, Any]) -> Response:
    """Record a capability."""
    capability = create_capability(session(), fields)
    session().flush()
    return CAPABILITIES.read(capability.id, status=201)


@blp.get("/<capability>", scope=Scope.SYSTEMS_READ, answer=CapabilitySchema)
def get_capability(capability: str) -> Response:
    """Read one capability, by its code or id."""
    return CAPABILITIES.read(find_capability(session(), capability).id)


@blp.patch("/<capability>", scope=Scope.ADMIN, body=CapabilityPatch, answer=CapabilitySchema)
def update_capability(changes: dict[str, Any], capability: str) -> Response:
    """Change some fields of a capability."""
    found = CAPABILITIES.for_update(session(), find_capability(session(), capability).id)
    change_capability(session(), found, changes)
    session().flush()
    return CAPABILITIES.read(found.id)
