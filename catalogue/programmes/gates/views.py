"""Endpoints that show the gates, stages and attempts of migrations, and check or waive gates."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_own_record, get_record, require_visible
from catalogue.core.rest.responses import list_response, record_response
from catalogue.programmes.gates import operations
from catalogue.programmes.gates.models import MigrationCheck
from catalogue.programmes.gates.resources import CHECKS, STAGE_ENTRIES, WAIVERS
from catalogue.programmes.gates.schemas import (
    CheckCreate,
    CheckSchema,
    MigrationAttemptsSchema,
    MigrationCheckWithdrawal,
    MigrationGatesSchema,
    WaiverCreate,
    WaiverSchema,
)
from catalogue.programmes.resources import MIGRATIONS

gates = Blueprint(
    "gates",
    __name__,
    url_prefix="/v1/migrations",
    description="Checklists that migrations must pass, and the stages that they have entered.",
)


@gates.get("/<uuid:migration_id>/gates", scope=Scope.PROGRAMMES_READ, response=MigrationGatesSchema)
def get_migration_gates(context: Context, migration_id: UUID) -> Response:
    """Get a migration's gates, and which of them it has passed."""
    migration = get_record(context, MIGRATIONS, migration_id)
    return json_response(orjson.dumps(operations.get_gates(context, migration)))


@gates.get(
    "/<uuid:migration_id>/attempts", scope=Scope.PROGRAMMES_READ, response=MigrationAttemptsSchema
)
def get_migration_attempts(context: Context, migration_id: UUID) -> Response:
    """Get every attempt at a migration, including those rolled back."""
    migration = get_record(context, MIGRATIONS, migration_id)
    return json_response(orjson.dumps(operations.get_attempts(context.session, migration)))


@gates.get("/<uuid:migration_id>/stages", scope=Scope.PROGRAMMES_READ, list_of=STAGE_ENTRIES)
def list_migration_stages(context: Context, migration_id: UUID) -> Response:
    """List the stages that a migration has entered, and when."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, STAGE_ENTRIES, migration_id=migration_id)


@gates.get("/<uuid:migration_id>/checks", scope=Scope.PROGRAMMES_READ, list_of=CHECKS)
def list_migration_checks(context: Context, migration_id: UUID) -> Response:
    """List the checks of a migration's gate items, for all attempts."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, CHECKS, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks",
    scope=Scope.PROGRAMMES_WRITE,
    body=CheckCreate,
    response=CheckSchema,
)
def create_migration_check(
    context: Context, fields: dict[str, Any], migration_id: UUID
) -> Response:
    """Record that a gate item is done or does not apply."""
    check = operations.create_check(
        context.session, get_own_record(context, MIGRATIONS, migration_id), fields
    )
    return record_response(context, CHECKS, check.id, status=201, migration_id=migration_id)


@gates.get(
    "/<uuid:migration_id>/checks/<uuid:check_id>", scope=Scope.PROGRAMMES_READ, response=CheckSchema
)
def get_migration_check(context: Context, migration_id: UUID, check_id: UUID) -> Response:
    """Get the check of a gate item."""
    return record_response(context, CHECKS, check_id, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks/<uuid:check_id>/withdrawal",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationCheckWithdrawal,
    response=CheckSchema,
    status=200,
)
def withdraw_migration_check(
    context: Context, fields: dict[str, Any], migration_id: UUID, check_id: UUID
) -> Response:
    """Withdraw a check that was recorded by mistake."""
    get_own_record(context, MIGRATIONS, migration_id)
    check: MigrationCheck = get_record(context, CHECKS, check_id, migration_id=migration_id)
    operations.withdraw_check(check, reason=fields["reason"])
    return record_response(context, CHECKS, check_id)


@gates.get("/<uuid:migration_id>/waivers", scope=Scope.PROGRAMMES_READ, list_of=WAIVERS)
def list_migration_waivers(context: Context, migration_id: UUID) -> Response:
    """List the gate waivers of a migration, for all attempts."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, WAIVERS, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/waivers",
    scope=Scope.PROGRAMMES_WRITE,
    body=WaiverCreate,
    response=WaiverSchema,
)
def waive_migration_gate(context: Context, fields: dict[str, Any], migration_id: UUID) -> Response:
    """Waive a gate that has not been passed, with a reason."""
    waiver = operations.waive_gate(
        context.session, get_own_record(context, MIGRATIONS, migration_id), fields
    )
    return record_response(context, WAIVERS, waiver.id, status=201, migration_id=migration_id)


@gates.get(
    "/<uuid:migration_id>/waivers/<uuid:waiver_id>",
    scope=Scope.PROGRAMMES_READ,
    response=WaiverSchema,
)
def get_migration_waiver(context: Context, migration_id: UUID, waiver_id: UUID) -> Response:
    """Get a gate waiver, with its reason and the person responsible."""
    return record_response(context, WAIVERS, waiver_id, migration_id=migration_id)
