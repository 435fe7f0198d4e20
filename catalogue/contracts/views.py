"""Endpoints for contracts with suppliers, and for the cost lines of systems."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.contracts import operations
from catalogue.contracts.models import Contract, CostLine
from catalogue.contracts.resources import CONTRACTS, COSTS
from catalogue.contracts.schemas import (
    ContractCreate,
    ContractPatch,
    ContractSchema,
    CostLineCreate,
    CostLinePatch,
    CostLineSchema,
)
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, require_visible
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
from catalogue.systems.resources import SYSTEMS

contracts = Blueprint(
    "contracts",
    __name__,
    url_prefix="/v1/contracts",
    description="Contracts of agencies with suppliers: their systems, amounts, term and notice.",
)
costs = Blueprint(
    "costs",
    __name__,
    url_prefix="/v1/systems",
    description="Cost lines of systems by category and financial year, in pounds.",
)


@contracts.get("", scope=Scope.CONTRACTS_READ, list_of=CONTRACTS)
def list_contracts(context: Context) -> Response:
    """List the contracts that your agency can see.

    The list holds contracts of your agency, contracts to which your agency is a party, and contracts
    that other agencies share with your agency.
    """
    return list_response(context, CONTRACTS)


@contracts.post(
    "",
    scope=Scope.CONTRACTS_WRITE,
    body=ContractCreate,
    response=ContractSchema,
    find_holder=operations.find_holder,
)
def create_contract(context: Context, fields: dict[str, Any]) -> Response:
    """Create a contract for your agency."""
    contract = operations.create_contract(context, fields=fields)
    return record_response(context, CONTRACTS, contract.id, status=201)


add_get(contracts, CONTRACTS, scope=Scope.CONTRACTS_READ)
add_history(contracts, CONTRACTS, scope=Scope.CONTRACTS_READ)


@contracts.patch(
    "/<uuid:contract_id>",
    scope=Scope.CONTRACTS_WRITE,
    body=ContractPatch,
    response=ContractSchema,
    find_holder=operations.find_holder,
)
def update_contract(context: Context, changes: dict[str, Any], contract_id: UUID) -> Response:
    """Change some fields of your agency's contract."""
    contract: Contract = lock_for_update(context, CONTRACTS, contract_id)
    operations.update_contract(context, contract, changes)
    return record_response(context, CONTRACTS, contract_id)


@contracts.delete("/<uuid:contract_id>", scope=Scope.CONTRACTS_WRITE)
def delete_contract(context: Context, contract_id: UUID) -> None:
    """Delete a contract that was recorded by mistake.

    For a contract that has ended, set `notice_given_on`, or `end_date` and `renewal` to `none`.
    """
    context.session.delete(lock_for_update(context, CONTRACTS, contract_id))


def _require_costs(context: Context, system_id: UUID) -> None:
    require_visible(context, SYSTEMS, system_id)
    operations.require_costs_shared(context, system_id)


@costs.get("/<uuid:system_id>/costs", scope=Scope.COSTS_READ, list_of=COSTS)
def list_system_costs(context: Context, system_id: UUID) -> Response:
    """List the cost lines of a system.

    Other agencies see costs only if the full profile is shared with them. The response is 403 if
    you can see the system but not its costs, even if the system has none.
    """
    _require_costs(context, system_id)
    return list_response(context, COSTS, system_id=system_id)


@costs.post(
    "/<uuid:system_id>/costs",
    scope=Scope.SYSTEMS_WRITE,
    body=CostLineCreate,
    response=CostLineSchema,
)
def create_system_cost(context: Context, fields: dict[str, Any], system_id: UUID) -> Response:
    """Create a cost line for your agency's system."""
    line = operations.create_cost_line(
        context.session, get_own_record(context, SYSTEMS, system_id, lock=False), fields
    )
    return record_response(context, COSTS, line.id, status=201, system_id=system_id)


@costs.get(
    "/<uuid:system_id>/costs/<uuid:cost_line_id>", scope=Scope.COSTS_READ, response=CostLineSchema
)
def get_system_cost(context: Context, system_id: UUID, cost_line_id: UUID) -> Response:
    """Get a cost line of a system."""
    _require_costs(context, system_id)
    return record_response(context, COSTS, cost_line_id, system_id=system_id)


@costs.patch(
    "/<uuid:system_id>/costs/<uuid:cost_line_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=CostLinePatch,
    response=CostLineSchema,
)
def update_system_cost(
    context: Context, changes: dict[str, Any], system_id: UUID, cost_line_id: UUID
) -> Response:
    """Change some fields of a cost line of your agency's system."""
    get_own_record(context, SYSTEMS, system_id, lock=False)
    line: CostLine = lock_for_update(context, COSTS, cost_line_id, system_id=system_id)
    operations.update_cost_line(line, changes)
    return record_response(context, COSTS, cost_line_id, system_id=system_id)


@costs.delete("/<uuid:system_id>/costs/<uuid:cost_line_id>", scope=Scope.SYSTEMS_WRITE)
def delete_system_cost(context: Context, system_id: UUID, cost_line_id: UUID) -> None:
    """Delete a cost line that was recorded by mistake."""
    get_own_record(context, SYSTEMS, system_id, lock=False)
    context.session.delete(lock_for_update(context, COSTS, cost_line_id, system_id=system_id))
