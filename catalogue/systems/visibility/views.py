"""Endpoints for what another agency sees of your agency's systems."""

from typing import Any
from uuid import UUID

from catalogue.agencies.grounds import Ground
from catalogue.agencies.visibility import FieldProfile
from catalogue.agencies.vocabulary import VisibilityBasis
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.grouped_counts import count_groups
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.visibility.operations import (
    find_grounds_by_disclosure,
    find_sight,
    largest_profile,
)
from catalogue.systems.visibility.schemas import (
    SystemVisibilitySchema,
    VisibilityQuery,
    VisibleSystemsSchema,
)

visibility = Blueprint(
    "visibility",
    __name__,
    url_prefix="/v1/systems",
    description="What another agency sees of your agency's systems, and why.",
)


@visibility.get(
    "/<uuid:system_id>/visibility",
    scope=Scope.SYSTEMS_READ,
    query=VisibilityQuery,
    response=SystemVisibilitySchema,
)
def get_system_visibility(context: Context, system_id: UUID, agency: str) -> dict[str, Any]:
    """Get what another agency sees of your agency's system, and why.

    Only the owner of the system can read this. The system is shown as a client of the other agency
    would read it at this moment, with the scopes of your token. Nothing else about the other agency
    is shown, and no access is logged.
    """
    sight = find_sight(context, system_id, agency)
    return {
        "system_id": system_id,
        "agency": sight.agency,
        **_grounds(sight.grounds),
        "seen": sight.document,
    }


@visibility.get(
    "/visibility",
    scope=Scope.SYSTEMS_READ,
    query=VisibilityQuery,
    response=VisibleSystemsSchema,
)
def count_visible_systems(context: Context, agency: str) -> dict[str, Any]:
    """Count your agency's systems by disclosure, with what another agency sees of them.

    All systems of one owner and disclosure are visible on the same grounds.
    """
    grounds = find_grounds_by_disclosure(context, agency)
    own = {"by": ["disclosure"], "agency": [context.actor.agency or ""]}
    counts = {g["values"]["disclosure"]: g["count"] for g in count_groups(context, SYSTEMS, own)}
    return {
        "agency": agency,
        "items": [
            {"disclosure": each, "count": counts.get(each, 0), **_grounds(found)}
            for each, found in grounds.items()
        ],
    }


def _grounds(grounds: list[Ground]) -> dict[str, Any]:
    largest = largest_profile(grounds)
    return {
        "field_profile": largest and FieldProfile[largest.name],
        "grounds": [
            {
                "basis": ground.basis,
                "field_profile": FieldProfile[ground.profile.name],
                "agreement_id": _source(ground, VisibilityBasis.AGREEMENT),
                "access_grant_id": _source(ground, VisibilityBasis.GRANT),
            }
            for ground in grounds
        ],
    }


def _source(ground: Ground, basis: VisibilityBasis) -> UUID | None:
    return ground.source_id if ground.basis is basis else None
