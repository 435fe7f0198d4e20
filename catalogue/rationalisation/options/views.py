"""The options of a group of systems over HTTP."""

from typing import Any
from uuid import UUID

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.money import amount_if_known
from catalogue.core.rest.blueprint import Blueprint
from catalogue.rationalisation.decisions.costs import CostAYear
from catalogue.rationalisation.options.operations import find_options
from catalogue.rationalisation.options.rules import RANKING, Fate, Option
from catalogue.rationalisation.options.schemas import OptionsQuery, OptionsSchema

options = Blueprint(
    "options",
    __name__,
    url_prefix="/v1/overlaps",
    description="What could become of systems that overlap.",
)


@options.get(
    "/<uuid:overlap_id>/options",
    scope=Scope.OVERLAPS_READ,
    query=OptionsQuery,
    response=OptionsSchema,
    problems=(409,),
)
def list_options(context: Context, overlap_id: UUID, limit: int) -> dict[str, Any]:
    """Work out what could become of the systems of an overlap; the best option first.

    There is one option for each system that could stay, and last, one in which all stay as they
    are. The `members` of an option are what `draft_decision` takes. Costs are shown with the scope
    `costs:read`, contracts with `contracts:read`, and of systems more than a summary with
    `systems:read`. 409: one sees more systems in it than a decision takes.
    """
    found = find_options(context, overlap_id, limit=limit)
    return {
        "overlap_id": overlap_id,
        "kind": found.kind,
        "ranking": RANKING,
        "options": [_option(each) for each in found.options],
        "more": found.more,
    }


def _option(option: Option) -> dict[str, Any]:
    stays = option.stays
    return {
        "rank": option.rank,
        "stays_id": stays and stays.system_id,
        "stays_name": stays and stays.name,
        "stays_agency_name": stays and stays.agency_name,
        "all_stay": stays is None,
        "members": [_member(fate) for fate in option.fates],
        "reasons": option.reasons,
        "cautions": option.cautions,
        "answers": option.answers,
        "users_to_move": option.users_to_move,
        "users_unknown": option.users_unknown,
        "costs": _costs(option.costs),
    }


def _member(fate: Fate) -> dict[str, Any]:
    return {
        "system_id": fate.system_id,
        "disposition": fate.disposition,
        "strategy": fate.strategy,
        "successor_id": fate.successor_id,
    }


def _costs(costs: CostAYear) -> dict[str, Any]:
    return {
        "financial_year": costs.financial_year,
        "before": amount_if_known(costs.before),
        "after": amount_if_known(costs.after),
        "withheld_systems": len(costs.withheld),
        "unrecorded_systems": len(costs.unknown),
    }
