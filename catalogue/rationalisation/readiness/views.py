"""Endpoints for the blockers that keep systems from retiring."""

from typing import Any
from uuid import UUID

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.rationalisation.readiness.operations import assess_group, assess_system
from catalogue.rationalisation.readiness.schemas import GroupReadinessSchema, SystemReadinessSchema
from catalogue.rationalisation.readiness.serialise import serialise_group, serialise_system

readiness = Blueprint(
    "retirement-readiness",
    __name__,
    url_prefix="/v1/systems",
    description="The blockers that keep a system from retiring, and who can clear them.",
)
group_readiness = Blueprint(
    "group-retirement-readiness",
    __name__,
    url_prefix="/v1/overlaps",
    description="The blockers of the retiring systems of an overlap.",
)


@readiness.get(
    "/<uuid:system_id>/retirement-readiness",
    scope=Scope.SYSTEMS_READ,
    response=SystemReadinessSchema,
)
def get_system_readiness(context: Context, system_id: UUID) -> dict[str, Any]:
    """Get the blockers that keep a system from retiring.

    Decisions also need the scope `decisions:read`, and contracts need `contracts:read`. `withheld`
    lists the kinds of blockers that you cannot fully see.
    """
    return serialise_system(assess_system(context, system_id))


@group_readiness.get(
    "/<uuid:overlap_id>/retirement-readiness",
    scope=Scope.OVERLAPS_READ,
    response=GroupReadinessSchema,
)
def get_group_readiness(context: Context, overlap_id: UUID) -> dict[str, Any]:
    """Get the blockers of an overlap's retiring systems.

    Decisions also need the scope `decisions:read`, and contracts need `contracts:read`. Without
    `systems:read` you see only the summaries of systems.
    """
    return serialise_group(overlap_id, assess_group(context, overlap_id))
