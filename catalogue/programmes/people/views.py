"""Notices, the people whom migrations touch, and a programme's calendar over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import document_response, json_response
from catalogue.core.rest.reader import get_record, read_all
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
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
    description="The people that migrations affect.",
)
calendars = Blueprint(
    "calendars",
    __name__,
    url_prefix="/v1/programmes",
    description="The days of programmes, for calendars.",
)


@notices.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATION_NOTICES)
def list_migration_notices(context: Context) -> Response:
    """List the notices, planned and sent, of the migrations that you can see."""
    return list_response(context, MIGRATION_NOTICES)


@notices.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=MigrationNoticeCreate, response=MigrationNoticeSchema
)
def plan_migration_notice(context: Context, fields: dict[str, Any]) -> Response:
    """Plan a notice of a migration in a programme that your agency leads."""
    notice = operations.plan_notice(context, fields=fields)
    return record_response(context, MIGRATION_NOTICES, notice.id, status=201)


add_get(notices, MIGRATION_NOTICES, scope=Scope.PROGRAMMES_READ)


@notices.patch(
    "/<uuid:migration_notice_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationNoticePatch,
    response=MigrationNoticeSchema,
)
def update_migration_notice(
    context: Context, changes: dict[str, Any], migration_notice_id: UUID
) -> Response:
    """Change some fields of a notice, or say that it was sent."""
    notice: MigrationNotice = lock_for_update(context, MIGRATION_NOTICES, migration_notice_id)
    operations.change_notice(context.session, notice, changes)
    return record_response(context, MIGRATION_NOTICES, migration_notice_id)


@notices.delete("/<uuid:migration_notice_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_migration_notice(context: Context, migration_notice_id: UUID) -> None:
    """Remove a notice that was planned by mistake, or will not be sent."""
    context.session.delete(lock_for_update(context, MIGRATION_NOTICES, migration_notice_id))


@people.get("/<uuid:migration_id>/people", scope=Scope.PROGRAMMES_READ, response=PeopleSchema)
def get_migration_people(context: Context, migration_id: UUID) -> Response:
    """Read whom a migration touches, what changes for them, and what they are told."""
    migration = get_record(context, MIGRATIONS, migration_id)
    found = operations.people_of(context, migration)
    return json_response(orjson.dumps(found))


@calendars.get("/<uuid:programme_id>/calendar.ics", scope=Scope.PROGRAMMES_READ, media=MEDIA)
def get_programme_calendar(context: Context, programme_id: UUID) -> Response:
    """Read a programme's cutovers, change freezes and notices as a calendar (iCalendar).

    It holds what one may see of them, in whole days: the actual day of a cutover, else the one that
    is forecast, else the one that was planned.
    """
    programme = get_record(context, PROGRAMMES, programme_id)
    of_programme = {"programme_id": str(programme_id)}
    body = calendar_of(
        programme.title,
        migrations=read_all(context, MIGRATIONS, **of_programme),
        waves=read_all(context, WAVES, **of_programme),
        notices=read_all(context, MIGRATION_NOTICES, **of_programme),
    )
    return document_response(body, media=f"{MEDIA}; charset=utf-8")
