"""Readiness for retirement over HTTP."""

from typing import Any
from uuid import UUID

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.rationalisation.readiness.answers import answer_of, answer_of_group
from catalogue.rationalisation.readiness.operations import readiness_of, readiness_of_group
from catalogue.rationalisation.readiness.schemas import GroupReadinessSchema, SystemReadinessSchema

readiness = Blueprint(
    "retirement-readiness",
    __name__,
    url_prefix="/v1/systems",
    description="What stands in the way of turning systems off, and who can clear it.",
)
group_readiness = Blueprint(
    "group-retirement-readiness",
    __name__,
    url_prefix="/v1/overlaps",
    description="The same for all systems of an overlap that are to go.",
)


@readiness.get(
    "/<uuid:system_id>/retirement-readiness",
    scope=Scope.SYSTEMS_READ,
    response=SystemReadinessSchema,
)
def get_system_readiness(context: Context, system_id: UUID) -> dict[str, Any]:
    """Read what stands in the way of turning a system off, as far as one may see it.

    Decisions need the scope decisions:read as well, contracts contracts:read.
    """
    return answer_of(readiness_of(context, system_id))


@group_readiness.get(
    "/<uuid:overlap_id>/retirement-readiness",
    scope=Scope.OVERLAPS_READ,
    response=GroupReadinessSchema,
)
def get_group_readiness(context: Context, overlap_id: UUID) -> dict[str, Any]:
    """Read what stands in the way of turning off the systems of an overlap that are to go.

    Decisions need the scope decisions:read as well, contracts contracts:read, and all of a system
    but its summary systems:read.
    """
    found = readiness_of_group(context, overlap_id)
    return answer_of_group(overlap_id, found)
