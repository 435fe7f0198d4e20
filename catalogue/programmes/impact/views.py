"""Endpoints for notices, the people that migrations affect, and programme calendars."""

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
from catalogue.programmes.impact import operations
from catalogue.programmes.impact.calendar import MEDIA, build_calendar
from catalogue.programmes.impact.models import MigrationNotice
from catalogue.programmes.impact.resources import MIGRATION_NOTICES
from catalogue.programmes.impact.schemas import (
    MigrationNoticeCreate,
    MigrationNoticePatch,
    MigrationNoticeSchema,
    MigrationPeopleSchema,
)
from catalogue.programmes.resources import MIGRATIONS, PROGRAMMES, WAVES

notices = Blueprint(
    "migration-notices",
    __name__,
    url_prefix="/v1/migration-notices",
    description="Notices that inform people about migrations.",
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
    description="Calendars of programmes, with cutovers, change freezes, notices and notice dates.",
)


@notices.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATION_NOTICES)
def list_migration_notices(context: Context) -> Response:
    """List the planned and sent notices of migrations that you can see."""
    return list_response(context, MIGRATION_NOTICES)


@notices.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=MigrationNoticeCreate, response=MigrationNoticeSchema
)
def create_migration_notice(context: Context, fields: dict[str, Any]) -> Response:
    """Create a notice about a migration in a programme you lead."""
    notice = operations.create_notice(context, fields=fields)
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
    """Update a notice, or record that it was sent."""
    notice: MigrationNotice = lock_for_update(context, MIGRATION_NOTICES, migration_notice_id)
    operations.update_notice(context.session, notice, changes)
    return record_response(context, MIGRATION_NOTICES, migration_notice_id)


@notices.delete("/<uuid:migration_notice_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_migration_notice(context: Context, migration_notice_id: UUID) -> None:
    """Delete a notice that is wrong or will not be sent."""
    context.session.delete(lock_for_update(context, MIGRATION_NOTICES, migration_notice_id))


@people.get(
    "/<uuid:migration_id>/people", scope=Scope.PROGRAMMES_READ, response=MigrationPeopleSchema
)
def get_migration_people(context: Context, migration_id: UUID) -> Response:
    """Get the people that a migration affects, and their notices."""
    migration = get_record(context, MIGRATIONS, migration_id)
    return json_response(orjson.dumps(operations.get_people(context, migration)))


@calendars.get("/<uuid:programme_id>/calendar.ics", scope=Scope.PROGRAMMES_READ, media=MEDIA)
def get_programme_calendar(context: Context, programme_id: UUID) -> Response:
    """Get a programme's dates as an iCalendar file: cutovers, change freezes, notices and notice dates.

    The calendar contains the records that you can see, as all-day events. A cutover is shown on its
    actual date, or on its forecast date, or else on its planned date. With the scope
    `contracts:read`, the calendar also shows the last day for notice of each contract that covers a
    system of a migration.
    """
    programme = get_record(context, PROGRAMMES, programme_id)
    of_programme = {"programme_id": str(programme_id)}
    migrations = list(read_all(context, MIGRATIONS, **of_programme))
    body = build_calendar(
        programme.title,
        migrations=migrations,
        waves=read_all(context, WAVES, **of_programme),
        notices=read_all(context, MIGRATION_NOTICES, **of_programme),
        contracts=operations.find_contracts_to_notify(context, migrations),
    )
    return document_response(body, media=f"{MEDIA}; charset=utf-8")
