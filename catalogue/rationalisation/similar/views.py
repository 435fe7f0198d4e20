"""Similar systems over HTTP."""

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
    description="Which systems are, or do, what another one is or does.",
)


@similar.get(
    "/<uuid:system_id>/similar",
    scope=Scope.OVERLAPS_READ,
    query=SimilarQuery,
    response=SimilarSystemListSchema,
)
def list_similar_systems(context: Context, system_id: UUID, limit: int) -> dict[str, Any]:
    """Find systems that are, or do, what a system is or does; the likeliest first.

    They are found as the records stand now, among those that one sees, one's own agency's
    included. Without the scope `systems:read` only what summaries show is looked at.
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
    """Find systems like one that is not recorded yet, before it is; nothing of it is stored.

    What is recorded twice within one agency is found as well. See `list_similar_systems`.
    """
    return _result(context, operations.find_similar_systems(context, fields, limit=limit))


def _result(context: Context, systems: list[SimilarSystem]) -> dict[str, Any]:
    own = context.actor.agency_id
    return {
        "items": [
            {
                "system_id": each.record.system_id,
                "system_name": each.record.name,
                "agency": each.agency,
                "agency_name": each.agency_name,
                "is_own": each.record.agency_id == own,
                "kind": each.match.kind,
                "score": round(each.match.score, 2),
                "evidence": each.match.evidence,
            }
            for each in systems
        ]
    }
