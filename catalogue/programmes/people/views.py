"""Notices, the people whom migrations touch, and a programme's calendar over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import document_response, json_response
from catalogue.programmes.people import operations
from catalogue.programmes.people.calendar import MEDIA, calendar_of
from catalogue.programmes.people.models import MigrationNotice
from catalogue.programmes.people.resources import MIGRATION_NOTICES
from catalogue.programmes.people.schemas import (
    MigrationNoticeCreate,
    MigrationNoticePatch,
    MigrationNoticeSchema,
    PeopleSchema,
)
from catalogue.programmes.resources import MIGRATIONS, PROGRAMMES, WAVES

notices = Blueprint(
    "migration_notices",
    __name__,
    url_prefix="/v1/migration-notices",
    description="What people are told of migrations, and when.",
)
people = Blueprint(
    "people",
    __name__,
    url_prefix="/v1/migrations",
    description="Whom migrations touch.",
)
calendars = Blueprint(
    "calendars",
    __name__,
    url_prefix="/v1/programmes",
    description="The days of programmes, for calendars.",
)


@notices.get("", scope=Scope.PROGRAMMES_READ, lists=MIGRATION_NOTICES)
def list_migration_notices() -> Response:
    """List what is planned to be told, or was, of the migrations that one may see."""
    return MIGRATION_NOTICES.listing()


@notices.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=MigrationNoticeCreate, answer=MigrationNoticeSchema
)
def plan_migration_notice(fields: dict[str, Any]) -> Response:
    """Plan a notice of a migration in a programme that one's own agency leads."""
    notice = operations.plan_notice(session(), by=current_actor(), fields=fields)
    session().flush()
    return MIGRATION_NOTICES.read(notice.id, status=201)


@notices.get(
    "/<uuid:migration_notice_id>", scope=Scope.PROGRAMMES_READ, answer=MigrationNoticeSchema
)
def get_migration_notice(migration_notice_id: UUID) -> Response:
    """Read one notice."""
    return MIGRATION_NOTICES.read(migration_notice_id)


@notices.patch(
    "/<uuid:migration_notice_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationNoticePatch,
    answer=MigrationNoticeSchema,
)
def update_migration_notice(changes: dict[str, Any], migration_notice_id: UUID) -> Response:
    """Change some fields of a notice, or say that it was sent."""
    notice: MigrationNotice = MIGRATION_NOTICES.for_update(session(), migration_notice_id)
    operations.change_notice(session(), notice, changes)
    session().flush()
    return MIGRATION_NOTICES.read(migration_notice_id)


@notices.delete("/<uuid:migration_notice_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_migration_notice(migration_notice_id: UUID) -> None:
    """Remove a notice that was planned by mistake, or will not be sent."""
    session().delete(MIGRATION_NOTICES.for_update(session(), migration_notice_id))
    session().flush()


@people.get("/<uuid:migration_id>/people", scope=Scope.PROGRAMMES_READ, answer=PeopleSchema)
def get_migration_people(migration_id: UUID) -> Response:
    """Read whom a migration touches, what changes for them, and what they are told."""
    migration = MIGRATIONS.get(session(), migration_id)
    found = operations.people_of(session(), migration, by=current_actor())
    return json_response(orjson.dumps(found))


@calendars.get("/<uuid:programme_id>/calendar.ics", scope=Scope.PROGRAMMES_READ, media=MEDIA)
def get_programme_calendar(programme_id: UUID) -> Response:
    """Read a programme's cutovers, change freezes and notices as a calendar (iCalendar).

    It holds what one may see of them, in whole days: the actual day of a cutover, else the one that
    is forecast, else the one that was planned.
    """
    programme = PROGRAMMES.get(session(), programme_id)
    of_programme = {"programme_id": str(programme_id)}
    body = calendar_of(
        programme.title,
        migrations=MIGRATIONS.whole(**of_programme),
        waves=WAVES.whole(**of_programme),
        notices=MIGRATION_NOTICES.whole(**of_programme),
    )
    return document_response(body, media=f"{MEDIA}; charset=utf-8")
