"""Savings over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.operations import change_saving, create_saving
from catalogue.savings.claims.realising import realise, withdraw_realisation
from catalogue.savings.claims.resources import SAVINGS
from catalogue.savings.claims.schemas import (
    RealisationCreate,
    RealisationWithdrawalCreate,
    SavingCreate,
    SavingPatch,
    SavingSchema,
    ValidationCreate,
)
from catalogue.savings.claims.validating import validate_saving

savings = Blueprint(
    "savings",
    __name__,
    url_prefix="/v1/savings",
    description="What programmes save: claimed once, validated by finance, delivered and realised.",
)


@savings.get("", scope=Scope.SAVINGS_READ, lists=SAVINGS)
def list_savings() -> Response:
    """List the savings of the programmes that one may see, where one is shown what was paid."""
    return SAVINGS.listing()


@savings.post("", scope=Scope.SAVINGS_WRITE, body=SavingCreate, answer=SavingSchema)
def claim_saving(fields: dict[str, Any]) -> Response:
    """Claim a saving of a line of the approved baseline.

    409: the line is claimed in one of the years already, by whichever programme; the line says so
    in `claimed_years`.
    """
    saving = create_saving(session(), by=current_actor(), fields=fields)
    session().flush()
    return SAVINGS.read(saving.id, status=201)


@savings.get("/<uuid:saving_id>", scope=Scope.SAVINGS_READ, answer=SavingSchema)
def get_saving(saving_id: UUID) -> Response:
    """Read one saving."""
    return SAVINGS.read(saving_id)


@savings.get(
    "/<uuid:saving_id>/history",
    scope=Scope.SAVINGS_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_saving_history(saving_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of a saving, as far as one may see it; the oldest first."""
    return history_of(SAVINGS, saving_id, after=after, limit=limit)


@savings.patch(
    "/<uuid:saving_id>", scope=Scope.SAVINGS_WRITE, body=SavingPatch, answer=SavingSchema
)
def update_saving(changes: dict[str, Any], saving_id: UUID) -> Response:
    """Change what a saving claims, or how far it is.

    A change of what finance validated voids that. 409: the status may not follow, and which gate
    stands before it; or the saving is closed.
    """
    saving: Saving = SAVINGS.for_update(session(), saving_id)
    change_saving(session(), saving, changes, by=current_actor())
    session().flush()
    return SAVINGS.read(saving_id)


@savings.post(
    "/<uuid:saving_id>/validation",
    scope=Scope.SAVINGS_VALIDATE,
    body=ValidationCreate,
    answer=SavingSchema,
    status=200,
)
def create_saving_validation(fields: dict[str, Any], saving_id: UUID) -> Response:
    """Validate a saving for finance, or return it.

    By the agency that leads the programme, or the one whose cost it was; and not by whoever claimed
    it.
    """
    saving: Saving = SAVINGS.get(session(), saving_id, lock=True)
    validate_saving(session(), saving, by=current_actor(), **fields)
    return SAVINGS.read(saving_id)


@savings.post(
    "/<uuid:saving_id>/realisations",
    scope=Scope.SAVINGS_WRITE,
    body=RealisationCreate,
    answer=SavingSchema,
)
def create_saving_realisation(fields: dict[str, Any], saving_id: UUID) -> Response:
    """Record what was truly saved in a year, with what shows it, and where it went."""
    realise(session(), _own_saving(saving_id), fields)
    return SAVINGS.read(saving_id, status=201)


@savings.post(
    "/<uuid:saving_id>/realisations/<uuid:realisation_id>/withdrawal",
    scope=Scope.SAVINGS_WRITE,
    body=RealisationWithdrawalCreate,
    answer=SavingSchema,
    status=200,
)
def create_realisation_withdrawal(
    fields: dict[str, Any], saving_id: UUID, realisation_id: UUID
) -> Response:
    """Take back what was recorded as realised by mistake; it stays readable."""
    withdraw_realisation(session(), _own_saving(saving_id), realisation_id, **fields)
    return SAVINGS.read(saving_id)


def _own_saving(saving_id: UUID) -> Saving:
    saving: Saving = SAVINGS.get(session(), saving_id, lock=True)
    SAVINGS.require_owner(saving)
    return saving
