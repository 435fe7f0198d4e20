"""Programmes, waves and migrations over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery
from catalogue.programmes.adoptions import adopt_decision
from catalogue.programmes.migrating import change_migration, create_migration
from catalogue.programmes.operations import (
    change_programme,
    create_programme,
    create_wave,
)
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
    "migrations",
    __name__,
    url_prefix="/v1/migrations",
    description="The moves of systems.",
)


@programmes.get("", scope=Scope.PROGRAMMES_READ, lists=PROGRAMMES)
def list_programmes() -> Response:
    """List the programmes that one's agency leads, serves or has systems in."""
    return PROGRAMMES.listing()


@programmes.post("", scope=Scope.PROGRAMMES_WRITE, body=ProgrammeCreate, answer=ProgrammeSchema)
def begin_programme(fields: dict[str, Any]) -> Response:
    """Begin a programme that one's own agency leads."""
    programme = create_programme(session(), by=current_actor(), fields=fields)
    session().flush()
    return PROGRAMMES.read(programme.id, status=201)


@programmes.get("/<uuid:programme_id>", scope=Scope.PROGRAMMES_READ, answer=ProgrammeSchema)
def get_programme(programme_id: UUID) -> Response:
    """Read one programme."""
    return PROGRAMMES.read(programme_id)


@programmes.get(
    "/<uuid:programme_id>/history",
    scope=Scope.PROGRAMMES_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_programme_history(programme_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of a programme, as far as one may see it; the oldest first."""
    return history_of(PROGRAMMES, programme_id, after=after, limit=limit)


@programmes.patch(
    "/<uuid:programme_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=ProgrammePatch,
    answer=ProgrammeSchema,
)
def update_programme(changes: dict[str, Any], programme_id: UUID) -> Response:
    """Change some fields of a programme that one's own agency leads."""
    programme = PROGRAMMES.for_update(session(), programme_id)
    change_programme(session(), programme, changes, by=current_actor())
    session().flush()
    return PROGRAMMES.read(programme_id)


@programmes.post(
    "/<uuid:programme_id>/adoptions",
    scope=Scope.PROGRAMMES_WRITE,
    body=AdoptionCreate,
    answer=AdoptionSchema,
    status=200,
)
def adopt_into_programme(fields: dict[str, Any], programme_id: UUID) -> Response:
    """Make a migration for each system that an agreed decision lets go. It may be repeated."""
    programme = PROGRAMMES.get(session(), programme_id, lock=True)
    PROGRAMMES.require_owner(programme)
    return json_response(
        orjson.dumps(adopt_decision(session(), programme, fields, by=current_actor()))
    )


@waves.get("", scope=Scope.PROGRAMMES_READ, lists=WAVES)
def list_waves() -> Response:
    """List the waves of programmes."""
    return WAVES.listing()


@waves.post("", scope=Scope.PROGRAMMES_WRITE, body=WaveCreate, answer=WaveSchema)
def add_wave(fields: dict[str, Any]) -> Response:
    """Add a wave to a programme that one's own agency leads."""
    wave = create_wave(session(), by=current_actor(), fields=fields)
    session().flush()
    return WAVES.read(wave.id, status=201)


@waves.get("/<uuid:wave_id>", scope=Scope.PROGRAMMES_READ, answer=WaveSchema)
def get_wave(wave_id: UUID) -> Response:
    """Read one wave."""
    return WAVES.read(wave_id)


@waves.patch("/<uuid:wave_id>", scope=Scope.PROGRAMMES_WRITE, body=WavePatch, answer=WaveSchema)
def update_wave(changes: dict[str, Any], wave_id: UUID) -> Response:
    """Change some fields of a wave."""
    wave = WAVES.for_update(session(), wave_id)
    change_wave_in_order(session(), wave, changes, by=current_actor())
    return WAVES.read(wave_id)


@migrations.get("", scope=Scope.PROGRAMMES_READ, lists=MIGRATIONS)
def list_migrations() -> Response:
    """List the moves of the systems that one may see, in the programmes that one may see."""
    return MIGRATIONS.listing()


@migrations.post("", scope=Scope.PROGRAMMES_WRITE, body=MigrationCreate, answer=MigrationSchema)
def add_migration(fields: dict[str, Any]) -> Response:
    """Put a system into a programme that one's own agency leads."""
    migration = create_migration(session(), by=current_actor(), fields=fields)
    session().flush()
    return MIGRATIONS.read(migration.id, status=201)


@migrations.get("/<uuid:migration_id>", scope=Scope.PROGRAMMES_READ, answer=MigrationSchema)
def get_migration(migration_id: UUID) -> Response:
    """Read one migration."""
    return MIGRATIONS.read(migration_id)


@migrations.patch(
    "/<uuid:migration_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationPatch,
    answer=MigrationSchema,
)
def update_migration(changes: dict[str, Any], migration_id: UUID) -> Response:
    """Change some fields of a migration, such as its stage, its dates and its rating."""
    migration = MIGRATIONS.for_update(session(), migration_id)
    change_migration(session(), migration, changes, by=current_actor())
    session().flush()
    return MIGRATIONS.read(migration_id)
