"""Endpoint for the possible plans for an overlap, ranked."""

from typing import Any
from uuid import UUID

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.rationalisation.decisions.annual_costs import serialise_costs
from catalogue.rationalisation.options.operations import find_options
from catalogue.rationalisation.options.ranking import RANKING, Option, Outcome
from catalogue.rationalisation.options.schemas import OptionsQuery, OverlapOptionsSchema

options = Blueprint(
    "options",
    __name__,
    url_prefix="/v1/overlaps",
    description="Possible plans for an overlap, ranked, which can become decisions.",
)


@options.get(
    "/<uuid:overlap_id>/options",
    scope=Scope.OVERLAPS_READ,
    query=OptionsQuery,
    response=OverlapOptionsSchema,
    problems=(409,),
)
def list_options(context: Context, overlap_id: UUID, limit: int) -> dict[str, Any]:
    """List the options for the systems of an overlap, best first.

    There is one option for each system that could be retained. The last option keeps all systems as
    they are. You can send the `members` of an option to `create_decision`. Costs need the scope
    `costs:read`, and contracts need `contracts:read`. Without `systems:read`, options use only the
    summaries of systems. An overlap with more systems than a decision can hold returns 409.
    """
    ranked = find_options(context, overlap_id, limit=limit)
    return {
        "overlap_id": overlap_id,
        "kind": ranked.kind,
        "ranking": RANKING,
        "options": [_serialise(option) for option in ranked.options],
        "further_options": ranked.further_options,
    }


def _serialise(option: Option) -> dict[str, Any]:
    retained = option.retained
    return {
        "rank": option.rank,
        "retained_system_id": retained and retained.system_id,
        "retained_system_name": retained and retained.name,
        "retained_agency_name": retained and retained.agency_name,
        "all_stay": retained is None,
        "members": [_member(outcome) for outcome in option.outcomes],
        "reasons": option.reasons,
        "cautions": option.cautions,
        "answers": option.answers,
        "users_to_move": option.users_to_move.in_numbers(),
        "costs": serialise_costs(option.costs),
    }


def _member(outcome: Outcome) -> dict[str, Any]:
    return {
        "system_id": outcome.system_id,
        "disposition": outcome.disposition,
        "strategy": outcome.strategy,
        "successor_id": outcome.successor_id,
    }
