"""Contracts and costs over HTTP."""

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
from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

contracts = Blueprint(
    "contracts",
    __name__,
    url_prefix="/v1/contracts",
    description="What agencies agreed with suppliers: for how long, and until when to give notice.",
)
costs = Blueprint(
    "costs",
    __name__,
    url_prefix="/v1/systems",
    description="What systems cost, by financial year.",
)


@contracts.get("", scope=Scope.CONTRACTS_READ, lists=CONTRACTS)
def list_contracts() -> Response:
    """List one's own contracts, those that one is a party to, and those that others share."""
    return CONTRACTS.listing()


@contracts.post("", scope=Scope.CONTRACTS_WRITE, body=ContractCreate, answer=ContractSchema)
def record_contract(fields: dict[str, Any]) -> Response:
    """Record a contract of one's own agency."""
    contract = operations.create_contract(session(), by=current_actor(), fields=fields)
    session().flush()
    return CONTRACTS.read(contract.id, status=201)


@contracts.get("/<uuid:contract_id>", scope=Scope.CONTRACTS_READ, answer=ContractSchema)
def get_contract(contract_id: UUID) -> Response:
    """Read one contract."""
    return CONTRACTS.read(contract_id)


@contracts.get(
    "/<uuid:contract_id>/history",
    scope=Scope.CONTRACTS_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_contract_history(contract_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of a contract, as far as one may see it; the oldest first."""
    return history_of(CONTRACTS, contract_id, after=after, limit=limit)


@contracts.patch(
    "/<uuid:contract_id>",
    scope=Scope.CONTRACTS_WRITE,
    body=ContractPatch,
    answer=ContractSchema,
)
def update_contract(changes: dict[str, Any], contract_id: UUID) -> Response:
    """Change some fields of a contract of one's own agency."""
    contract: Contract = CONTRACTS.for_update(session(), contract_id)
    operations.change_contract(session(), contract, changes, by=current_actor())
    session().flush()
    return CONTRACTS.read(contract_id)


@contracts.delete("/<uuid:contract_id>", scope=Scope.CONTRACTS_WRITE)
def delete_contract(contract_id: UUID) -> None:
    """Remove a contract that was recorded by mistake. One that is over has an end date."""
    session().delete(CONTRACTS.for_update(session(), contract_id))
    session().flush()


def _require_costs(system_id: UUID) -> None:
    SYSTEMS.require_visible(session(), system_id)
    operations.require_costs_shared(session(), system_id, by=current_actor())


def _own_system(system_id: UUID) -> System:
    system: System = SYSTEMS.get(session(), system_id)
    SYSTEMS.require_owner(system)
    return system


@costs.get("/<uuid:system_id>/costs", scope=Scope.COSTS_READ, lists=COSTS)
def list_system_costs(system_id: UUID) -> Response:
    """List what a system costs in each financial year.

    Costs are shared with the full profile alone. Who sees the system and is not shown its costs is
    answered 403, whether there are any or not: an empty list would say that it costs nothing.
    """
    _require_costs(system_id)
    return COSTS.listing(system_id=system_id)


@costs.post(
    "/<uuid:system_id>/costs",
    scope=Scope.SYSTEMS_WRITE,
    body=CostLineCreate,
    answer=CostLineSchema,
)
def add_system_cost(fields: dict[str, Any], system_id: UUID) -> Response:
    """Record what something about a system of one's own agency costs in a financial year."""
    line = operations.record_cost(session(), _own_system(system_id), fields)
    session().flush()
    return COSTS.read(line.id, status=201, system_id=system_id)


@costs.get(
    "/<uuid:system_id>/costs/<uuid:cost_line_id>", scope=Scope.COSTS_READ, answer=CostLineSchema
)
def get_system_cost(system_id: UUID, cost_line_id: UUID) -> Response:
    """Read one line of what a system costs."""
    _require_costs(system_id)
    return COSTS.read(cost_line_id, system_id=system_id)


@costs.patch(
    "/<uuid:system_id>/costs/<uuid:cost_line_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=CostLinePatch,
    answer=CostLineSchema,
)
def update_system_cost(changes: dict[str, Any], system_id: UUID, cost_line_id: UUID) -> Response:
    """Change some fields of a line of cost of a system of one's own agency."""
    _own_system(system_id)
    line: CostLine = COSTS.for_update(session(), cost_line_id, system_id=system_id)
    operations.change_cost(line, changes)
    session().flush()
    return COSTS.read(cost_line_id, system_id=system_id)


@costs.delete("/<uuid:system_id>/costs/<uuid:cost_line_id>", scope=Scope.SYSTEMS_WRITE)
def delete_system_cost(system_id: UUID, cost_line_id: UUID) -> None:
    """Remove a line of cost that was recorded by mistake."""
    _own_system(system_id)
    session().delete(COSTS.for_update(session(), cost_line_id, system_id=system_id))
    session().flush()
