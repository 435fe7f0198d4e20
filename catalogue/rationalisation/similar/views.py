"""Endpoints for finding systems that are similar to a recorded or a planned system."""

from typing import Any
from uuid import UUID

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.rationalisation.similar import operations
from catalogue.rationalisation.similar.operations import SimilarSystem
from catalogue.rationalisation.similar.schemas import (
    SimilarQuery,
    SimilarSystemListSchema,
    SimilarSystemsSearch,
)

similar = Blueprint(
    "similar-systems",
    __name__,
    url_prefix="/v1/systems",
    description="Systems that share a product or a function with a given system.",
)


@similar.get(
    "/<uuid:system_id>/similar",
    scope=Scope.OVERLAPS_READ,
    query=SimilarQuery,
    response=SimilarSystemListSchema,
)
def list_similar_systems(context: Context, system_id: UUID, limit: int) -> dict[str, Any]:
    """List systems similar to a recorded system, the most certain first.

    The search covers all systems that you can see now, including those of your agency. Without the
    scope `systems:read` it compares summary fields only.
    """
    return _result(context, operations.list_similar_systems(context, system_id, limit=limit))


@similar.post(
    "/similar",
    scope=Scope.OVERLAPS_READ,
    body=SimilarSystemsSearch,
    query=SimilarQuery,
    response=SimilarSystemListSchema,
    is_query=True,
)
def find_similar_systems(context: Context, fields: dict[str, Any], limit: int) -> dict[str, Any]:
    """Find systems similar to a system that you plan to record.

    Nothing is stored. The search covers all systems that you can see now, including those of your
    agency. Without the scope `systems:read` it compares summary fields only.
    """
    return _result(context, operations.find_similar_systems(context, fields, limit=limit))


def _result(context: Context, systems: list[SimilarSystem]) -> dict[str, Any]:
    own = context.actor.agency_id
    return {
        "items": [
            {
                "system_id": each.record.system_id,
                "system_name": each.record.name,
                "agency": each.agency_code,
                "agency_name": each.agency_name,
                "is_own": each.record.agency_id == own,
                "kind": each.match.kind,
                "score": round(each.match.score, 2),
                "evidence": each.match.evidence,
                "capabilities": sorted(each.record.capabilities),
            }
            for each in systems
        ]
    }
