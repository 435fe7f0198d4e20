"""The gates, attempts and stages of migrations over HTTP."""

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
    AttemptsSchema,
    CheckCreate,
    CheckSchema,
    CheckWithdrawal,
    GatesSchema,
    WaiverCreate,
    WaiverSchema,
)
from catalogue.programmes.resources import MIGRATIONS

gates = Blueprint(
    "gates",
    __name__,
    url_prefix="/v1/migrations",
    description="What a migration has to show before it enters a stage, and how it got there.",
)


@gates.get("/<uuid:migration_id>/gates", scope=Scope.PROGRAMMES_READ, response=GatesSchema)
def get_migration_gates(context: Context, migration_id: UUID) -> Response:
    """Read what is asked for at the gates of a migration, and which of them are open."""
    migration = get_record(context, MIGRATIONS, migration_id)
    return json_response(orjson.dumps(operations.gates_of(context, migration)))


@gates.get("/<uuid:migration_id>/attempts", scope=Scope.PROGRAMMES_READ, response=AttemptsSchema)
def get_migration_attempts(context: Context, migration_id: UUID) -> Response:
    """Read every attempt at a move, with those that were rolled back."""
    migration = get_record(context, MIGRATIONS, migration_id)
    return json_response(orjson.dumps(operations.attempts_of(context.session, migration)))


@gates.get("/<uuid:migration_id>/stages", scope=Scope.PROGRAMMES_READ, list_of=STAGE_ENTRIES)
def list_migration_stages(context: Context, migration_id: UUID) -> Response:
    """List the stages that a migration went through, and when."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, STAGE_ENTRIES, migration_id=migration_id)


@gates.get("/<uuid:migration_id>/checks", scope=Scope.PROGRAMMES_READ, list_of=CHECKS)
def list_migration_checks(context: Context, migration_id: UUID) -> Response:
    """List what was said at the gates of a migration, in all attempts."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, CHECKS, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks",
    scope=Scope.PROGRAMMES_WRITE,
    body=CheckCreate,
    response=CheckSchema,
)
def check_migration_item(context: Context, fields: dict[str, Any], migration_id: UUID) -> Response:
    """Say that an item of a gate's checklist is done, or does not arise."""
    check = operations.check_item(
        context.session, get_own_record(context, MIGRATIONS, migration_id), fields
    )
    return record_response(context, CHECKS, check.id, status=201, migration_id=migration_id)


@gates.get(
    "/<uuid:migration_id>/checks/<uuid:check_id>", scope=Scope.PROGRAMMES_READ, response=CheckSchema
)
def get_migration_check(context: Context, migration_id: UUID, check_id: UUID) -> Response:
    """Read what was said of an item of a gate's checklist."""
    return record_response(context, CHECKS, check_id, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks/<uuid:check_id>/withdrawal",
    scope=Scope.PROGRAMMES_WRITE,
    body=CheckWithdrawal,
    response=CheckSchema,
    status=200,
)
def withdraw_migration_check(
    context: Context, fields: dict[str, Any], migration_id: UUID, check_id: UUID
) -> Response:
    """Take back what was said of an item by mistake: it is open again."""
    get_own_record(context, MIGRATIONS, migration_id)
    check: MigrationCheck = get_record(context, CHECKS, check_id, migration_id=migration_id)
    operations.withdraw_check(check, reason=fields["reason"])
    return record_response(context, CHECKS, check_id)


@gates.get("/<uuid:migration_id>/waivers", scope=Scope.PROGRAMMES_READ, list_of=WAIVERS)
def list_migration_waivers(context: Context, migration_id: UUID) -> Response:
    """List the gates that were waived, in all attempts, by whom and why."""
    require_visible(context, MIGRATIONS, migration_id)
    return list_response(context, WAIVERS, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/waivers",
    scope=Scope.PROGRAMMES_WRITE,
    body=WaiverCreate,
    response=WaiverSchema,
)
def waive_migration_gate(context: Context, fields: dict[str, Any], migration_id: UUID) -> Response:
    """Let a gate be passed although it is open: by name, and with the reason."""
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
    """Read by whom a gate was waived, and why."""
    return record_response(context, WAIVERS, waiver_id, migration_id=migration_id)
