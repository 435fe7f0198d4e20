"""The gates, attempts and stages of migrations over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
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
from catalogue.programmes.models import Migration
from catalogue.programmes.resources import MIGRATIONS

gates = Blueprint(
    "gates",
    __name__,
    url_prefix="/v1/migrations",
    description="What a migration has to show before it enters a stage, and how it got there.",
)


def _locked(migration_id: UUID) -> Migration:
    """The migration, for its lead: whoever moves it on meanwhile waits."""
    migration: Migration = MIGRATIONS.get(session(), migration_id, lock=True)
    MIGRATIONS.require_owner(migration)
    return migration


@gates.get("/<uuid:migration_id>/gates", scope=Scope.PROGRAMMES_READ, answer=GatesSchema)
def get_migration_gates(migration_id: UUID) -> Response:
    """Read what is asked for at the gates of a migration, and which of them are open."""
    migration = MIGRATIONS.get(session(), migration_id)
    return json_response(orjson.dumps(operations.gates_of(session(), migration)))


@gates.get("/<uuid:migration_id>/attempts", scope=Scope.PROGRAMMES_READ, answer=AttemptsSchema)
def get_migration_attempts(migration_id: UUID) -> Response:
    """Read every attempt at a move, with those that were rolled back."""
    migration = MIGRATIONS.get(session(), migration_id)
    return json_response(orjson.dumps(operations.attempts_of(session(), migration)))


@gates.get("/<uuid:migration_id>/stages", scope=Scope.PROGRAMMES_READ, lists=STAGE_ENTRIES)
def list_migration_stages(migration_id: UUID) -> Response:
    """List the stages that a migration went through, and when."""
    MIGRATIONS.require_visible(session(), migration_id)
    return STAGE_ENTRIES.listing(migration_id=migration_id)


@gates.get("/<uuid:migration_id>/checks", scope=Scope.PROGRAMMES_READ, lists=CHECKS)
def list_migration_checks(migration_id: UUID) -> Response:
    """List what was said at the gates of a migration, in all attempts."""
    MIGRATIONS.require_visible(session(), migration_id)
    return CHECKS.listing(migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks",
    scope=Scope.PROGRAMMES_WRITE,
    body=CheckCreate,
    answer=CheckSchema,
)
def check_migration_item(fields: dict[str, Any], migration_id: UUID) -> Response:
    """Say that an item of a gate's checklist is done, or does not arise."""
    check = operations.check_item(session(), _locked(migration_id), fields)
    session().flush()
    return CHECKS.read(check.id, status=201, migration_id=migration_id)


@gates.get(
    "/<uuid:migration_id>/checks/<uuid:check_id>",
    scope=Scope.PROGRAMMES_READ,
    answer=CheckSchema,
)
def get_migration_check(migration_id: UUID, check_id: UUID) -> Response:
    """Read what was said of an item of a gate's checklist."""
    return CHECKS.read(check_id, migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/checks/<uuid:check_id>/withdrawal",
    scope=Scope.PROGRAMMES_WRITE,
    body=CheckWithdrawal,
    answer=CheckSchema,
    status=200,
)
def withdraw_migration_check(
    fields: dict[str, Any], migration_id: UUID, check_id: UUID
) -> Response:
    """Take back what was said of an item by mistake: it is open again."""
    _locked(migration_id)
    check: MigrationCheck = CHECKS.get(session(), check_id)
    if check.migration_id != migration_id:
        raise CHECKS.absent()
    operations.withdraw_check(check, reason=fields["reason"])
    session().flush()
    return CHECKS.read(check_id)


@gates.get("/<uuid:migration_id>/waivers", scope=Scope.PROGRAMMES_READ, lists=WAIVERS)
def list_migration_waivers(migration_id: UUID) -> Response:
    """List the gates that were waived, in all attempts, by whom and why."""
    MIGRATIONS.require_visible(session(), migration_id)
    return WAIVERS.listing(migration_id=migration_id)


@gates.post(
    "/<uuid:migration_id>/waivers",
    scope=Scope.PROGRAMMES_WRITE,
    body=WaiverCreate,
    answer=WaiverSchema,
)
def waive_migration_gate(fields: dict[str, Any], migration_id: UUID) -> Response:
    """Let a gate be passed although it is open: by name, and with the reason."""
    waiver = operations.waive_gate(session(), _locked(migration_id), fields)
    session().flush()
    return WAIVERS.read(waiver.id, status=201, migration_id=migration_id)


@gates.get(
    "/<uuid:migration_id>/waivers/<uuid:waiver_id>",
    scope=Scope.PROGRAMMES_READ,
    answer=WaiverSchema,
)
def get_migration_waiver(migration_id: UUID, waiver_id: UUID) -> Response:
    """Read by whom a gate was waived, and why."""
    return WAIVERS.read(waiver_id, migration_id=migration_id)
