"""Programmes, waves and migrations over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_own_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
from catalogue.programmes.adoptions import adopt_decision
from catalogue.programmes.migrating import change_migration, create_migration
from catalogue.programmes.operations import change_programme, create_programme, create_wave
from catalogue.programmes.order.operations import change_wave_in_order
from catalogue.programmes.resources import MIGRATIONS, PROGRAMMES, WAVES
from catalogue.programmes.schemas import (
    AdoptionCreate,
    AdoptionSchema,
    MigrationCreate,
    MigrationPatch,
    MigrationSchema,
    ProgrammeCreate,
    ProgrammePatch,
    ProgrammeSchema,
    WaveCreate,
    WavePatch,
    WaveSchema,
)

programmes = Blueprint(
    "programmes",
    __name__,
    url_prefix="/v1/programmes",
    description="Who moves systems together, and how far they are.",
)
waves = Blueprint(
    "waves",
    __name__,
    url_prefix="/v1/waves",
    description="Migrations of a programme that belong together in time.",
)
migrations = Blueprint(
    "migrations", __name__, url_prefix="/v1/migrations", description="The moves of systems."
)


@programmes.get("", scope=Scope.PROGRAMMES_READ, list_of=PROGRAMMES)
def list_programmes(context: Context) -> Response:
    """List the programmes that one's agency leads, serves or has systems in."""
    return list_response(context, PROGRAMMES)


@programmes.post("", scope=Scope.PROGRAMMES_WRITE, body=ProgrammeCreate, response=ProgrammeSchema)
def begin_programme(context: Context, fields: dict[str, Any]) -> Response:
    """Begin a programme that one's own agency leads."""
    programme = create_programme(context, fields=fields)
    return record_response(context, PROGRAMMES, programme.id, status=201)


add_get(programmes, PROGRAMMES, scope=Scope.PROGRAMMES_READ)
add_history(programmes, PROGRAMMES, scope=Scope.PROGRAMMES_READ)


@programmes.patch(
    "/<uuid:programme_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=ProgrammePatch,
    response=ProgrammeSchema,
)
def update_programme(context: Context, changes: dict[str, Any], programme_id: UUID) -> Response:
    """Change some fields of a programme that one's own agency leads."""
    programme = lock_for_update(context, PROGRAMMES, programme_id)
    change_programme(context, programme, changes)
    return record_response(context, PROGRAMMES, programme_id)


@programmes.post(
    "/<uuid:programme_id>/adoptions",
    scope=Scope.PROGRAMMES_WRITE,
    body=AdoptionCreate,
    response=AdoptionSchema,
    status=200,
)
def adopt_into_programme(context: Context, fields: dict[str, Any], programme_id: UUID) -> Response:
    """Make a migration for each system that an agreed decision lets go. It may be repeated."""
    programme = get_own_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(adopt_decision(context, programme, fields)))


@waves.get("", scope=Scope.PROGRAMMES_READ, list_of=WAVES)
def list_waves(context: Context) -> Response:
    """List the waves of programmes."""
    return list_response(context, WAVES)


@waves.post("", scope=Scope.PROGRAMMES_WRITE, body=WaveCreate, response=WaveSchema)
def add_wave(context: Context, fields: dict[str, Any]) -> Response:
    """Add a wave to a programme that one's own agency leads."""
    wave = create_wave(context, fields=fields)
    return record_response(context, WAVES, wave.id, status=201)


add_get(waves, WAVES, scope=Scope.PROGRAMMES_READ)


@waves.patch("/<uuid:wave_id>", scope=Scope.PROGRAMMES_WRITE, body=WavePatch, response=WaveSchema)
def update_wave(context: Context, changes: dict[str, Any], wave_id: UUID) -> Response:
    """Change some fields of a wave."""
    wave = lock_for_update(context, WAVES, wave_id)
    change_wave_in_order(context, wave, changes)
    return record_response(context, WAVES, wave_id)


@migrations.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATIONS)
def list_migrations(context: Context) -> Response:
    """List the moves of the systems that one may see, in the programmes that one may see."""
    return list_response(context, MIGRATIONS)


@migrations.post("", scope=Scope.PROGRAMMES_WRITE, body=MigrationCreate, response=MigrationSchema)
def add_migration(context: Context, fields: dict[str, Any]) -> Response:
    """Put a system into a programme that one's own agency leads."""
    migration = create_migration(context, fields=fields)
    return record_response(context, MIGRATIONS, migration.id, status=201)


add_get(migrations, MIGRATIONS, scope=Scope.PROGRAMMES_READ)


@migrations.patch(
    "/<uuid:migration_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationPatch,
    response=MigrationSchema,
)
def update_migration(context: Context, changes: dict[str, Any], migration_id: UUID) -> Response:
    """Change some fields of a migration, such as its stage, its dates and its rating."""
    migration = lock_for_update(context, MIGRATIONS, migration_id)
    change_migration(context, migration, changes)
    return record_response(context, MIGRATIONS, migration_id)
