"""Endpoints that list and change programmes, waves and migrations, and adopt decisions."""

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
from catalogue.programmes import migrations as migration_operations
from catalogue.programmes import operations
from catalogue.programmes.adoptions import adopt_decision
from catalogue.programmes.dependencies.operations import update_wave_in_order
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
    description="Programmes, in which one agency leads the migrations of several agencies.",
)
waves = Blueprint(
    "waves",
    __name__,
    url_prefix="/v1/waves",
    description="Groups of migrations in a programme, with dates, a capacity and a change freeze.",
)
migrations = Blueprint(
    "migrations",
    __name__,
    url_prefix="/v1/migrations",
    description="The planned and actual moves of systems in programmes.",
)


@programmes.get("", scope=Scope.PROGRAMMES_READ, list_of=PROGRAMMES)
def list_programmes(context: Context) -> Response:
    """List the programmes that you can see, by title."""
    return list_response(context, PROGRAMMES)


@programmes.post("", scope=Scope.PROGRAMMES_WRITE, body=ProgrammeCreate, response=ProgrammeSchema)
def create_programme(context: Context, fields: dict[str, Any]) -> Response:
    """Create a programme that your agency leads."""
    programme = operations.create_programme(context, fields=fields)
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
    """Update a programme that your agency leads."""
    programme = lock_for_update(context, PROGRAMMES, programme_id)
    operations.update_programme(context, programme, changes)
    return record_response(context, PROGRAMMES, programme_id)


@programmes.post(
    "/<uuid:programme_id>/adoptions",
    scope=Scope.PROGRAMMES_WRITE,
    body=AdoptionCreate,
    response=AdoptionSchema,
    status=200,
)
def adopt_decisions(context: Context, fields: dict[str, Any], programme_id: UUID) -> Response:
    """Create a migration for each system that an agreed decision retires.

    You can repeat the request: systems that are already in the programme are skipped.
    """
    programme = get_own_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(adopt_decision(context, programme, fields)))


@waves.get("", scope=Scope.PROGRAMMES_READ, list_of=WAVES)
def list_waves(context: Context) -> Response:
    """List the waves of the programmes that you can see."""
    return list_response(context, WAVES)


@waves.post("", scope=Scope.PROGRAMMES_WRITE, body=WaveCreate, response=WaveSchema)
def create_wave(context: Context, fields: dict[str, Any]) -> Response:
    """Create a wave in a programme that your agency leads."""
    wave = operations.create_wave(context, fields=fields)
    return record_response(context, WAVES, wave.id, status=201)


add_get(waves, WAVES, scope=Scope.PROGRAMMES_READ)


@waves.patch("/<uuid:wave_id>", scope=Scope.PROGRAMMES_WRITE, body=WavePatch, response=WaveSchema)
def update_wave(context: Context, changes: dict[str, Any], wave_id: UUID) -> Response:
    """Update a wave of a programme that your agency leads."""
    wave = lock_for_update(context, WAVES, wave_id)
    update_wave_in_order(context, wave, changes)
    return record_response(context, WAVES, wave_id)


@migrations.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATIONS)
def list_migrations(context: Context) -> Response:
    """List migrations whose programme and system you can see."""
    return list_response(context, MIGRATIONS)


@migrations.post("", scope=Scope.PROGRAMMES_WRITE, body=MigrationCreate, response=MigrationSchema)
def create_migration(context: Context, fields: dict[str, Any]) -> Response:
    """Create a migration of a system in a programme you lead."""
    migration = migration_operations.create_migration(context, fields=fields)
    return record_response(context, MIGRATIONS, migration.id, status=201)


add_get(migrations, MIGRATIONS, scope=Scope.PROGRAMMES_READ)


@migrations.patch(
    "/<uuid:migration_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationPatch,
    response=MigrationSchema,
)
def update_migration(context: Context, changes: dict[str, Any], migration_id: UUID) -> Response:
    """Update a migration, such as its stage, dates or rating."""
    migration = lock_for_update(context, MIGRATIONS, migration_id)
    migration_operations.update_migration(context, migration, changes)
    return record_response(context, MIGRATIONS, migration_id)
