"""Endpoints for claiming, validating and realising savings."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
from catalogue.savings.claims import operations, validation
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.realisation import create_realisation, withdraw_realisation
from catalogue.savings.claims.resources import SAVINGS
from catalogue.savings.claims.schemas import (
    SavingCreate,
    SavingPatch,
    SavingRealisationCreate,
    SavingRealisationWithdrawalCreate,
    SavingSchema,
    SavingValidationCreate,
)

savings = Blueprint(
    "savings",
    __name__,
    url_prefix="/v1/savings",
    description="Savings of programmes: claimed once, validated by finance, and realised.",
)


@savings.get("", scope=Scope.SAVINGS_READ, list_of=SAVINGS)
def list_savings(context: Context) -> Response:
    """List the savings that you can see.

    They are savings of programmes that you can see, on systems whose costs you can see.
    """
    return list_response(context, SAVINGS)


@savings.post("", scope=Scope.SAVINGS_WRITE, body=SavingCreate, response=SavingSchema)
def create_saving(context: Context, fields: dict[str, Any]) -> Response:
    """Claim a saving against a line of the approved baseline.

    The response is 409 if a saving of any programme already claims the cost in one of the years.
    The baseline line lists these years in `claimed_years`.
    """
    saving = operations.create_saving(context, fields=fields)
    return record_response(context, SAVINGS, saving.id, status=201)


add_get(savings, SAVINGS, scope=Scope.SAVINGS_READ)
add_history(savings, SAVINGS, scope=Scope.SAVINGS_READ)


@savings.patch(
    "/<uuid:saving_id>", scope=Scope.SAVINGS_WRITE, body=SavingPatch, response=SavingSchema
)
def update_saving(context: Context, changes: dict[str, Any], saving_id: UUID) -> Response:
    """Change the claim or the status of a saving.

    A change of the claim voids its validation. The response is 409 if the status cannot follow the
    present one, or if the saving is realised, missed or withdrawn.
    """
    saving: Saving = lock_for_update(context, SAVINGS, saving_id)
    operations.update_saving(context, saving, changes)
    return record_response(context, SAVINGS, saving_id)


@savings.post(
    "/<uuid:saving_id>/validation",
    scope=Scope.SAVINGS_VALIDATE,
    body=SavingValidationCreate,
    response=SavingSchema,
    status=200,
)
def validate_saving(context: Context, fields: dict[str, Any], saving_id: UUID) -> Response:
    """Validate a saving for finance, or return it.

    Only the agency that leads the programme, or the agency that bears the cost, can validate a
    saving. A person or client that claimed or changed it cannot.
    """
    saving: Saving = get_record(context, SAVINGS, saving_id, lock=True)
    validation.validate_saving(context, saving, **fields)
    return record_response(context, SAVINGS, saving_id)


@savings.post(
    "/<uuid:saving_id>/realisations",
    scope=Scope.SAVINGS_WRITE,
    body=SavingRealisationCreate,
    response=SavingSchema,
)
def create_saving_realisation(
    context: Context, fields: dict[str, Any], saving_id: UUID
) -> Response:
    """Record a realised amount, with its evidence and its use."""
    create_realisation(context.session, get_own_record(context, SAVINGS, saving_id), fields)
    return record_response(context, SAVINGS, saving_id, status=201)


@savings.post(
    "/<uuid:saving_id>/realisations/<uuid:realisation_id>/withdrawal",
    scope=Scope.SAVINGS_WRITE,
    body=SavingRealisationWithdrawalCreate,
    response=SavingSchema,
    status=200,
)
def withdraw_saving_realisation(
    context: Context, fields: dict[str, Any], saving_id: UUID, realisation_id: UUID
) -> Response:
    """Withdraw a realised amount that was recorded by mistake.

    The record stays readable, but no longer counts.
    """
    withdraw_realisation(
        context.session, get_own_record(context, SAVINGS, saving_id), realisation_id, **fields
    )
    return record_response(context, SAVINGS, saving_id)
