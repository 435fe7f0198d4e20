"""Operations on notices, and the list of people that a migration affects."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.capabilities.models import Capability
from catalogue.contracts.resources import CONTRACTS
from catalogue.contracts.vocabulary import TermStatus
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import invalid
from catalogue.core.rest.reader import only_visible, read_all, require_seen
from catalogue.core.sharing import Profile
from catalogue.core.sums import Sum
from catalogue.programmes.impact.models import AGENCY_MISSING, MigrationNotice
from catalogue.programmes.impact.resources import MIGRATION_NOTICES
from catalogue.programmes.impact.statement import suggest_statement
from catalogue.programmes.impact.vocabulary import NoticeAudience
from catalogue.programmes.models import Migration
from catalogue.programmes.operations import require_led_programme
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.vocabulary import MigrationKind
from catalogue.systems.models import System, SystemCapability
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.resources import USES


def create_notice(context: Context, *, fields: dict[str, Any]) -> MigrationNotice:
    """Create a notice about a migration, in a programme that the actor's agency leads."""
    statement = sa.select(Migration).where(Migration.id == fields["migration_id"])
    migration: Migration = require_seen(context, MIGRATIONS, "/migration_id", statement)
    require_led_programme(context, migration.programme_id)
    notice = MigrationNotice(migration=migration)
    rest = {name: value for name, value in fields.items() if name != "migration_id"}
    update_notice(context.session, notice, rest)
    context.session.add(notice)
    return notice


def update_notice(session: Session, notice: MigrationNotice, changes: dict[str, Any]) -> None:
    """Change the given fields of a notice. Raises Unprocessable if a value is invalid."""
    plain = dict(changes)
    with session.no_autoflush:
        if "agency" in plain:
            code = plain.pop("agency")
            agency_id = session.scalar(sa.select(Agency.id).where(Agency.code == code))
            if code is not None and agency_id is None:
                detail = unknown_agency(session, code)
                raise invalid("/agency", "unknown", detail)
            notice.agency_id = agency_id
    for name, value in plain.items():
        setattr(notice, name, value)
    if notice.audience is NoticeAudience.AGENCY and notice.agency_id is None:
        raise invalid("/agency", "no_agency", AGENCY_MISSING)
    if notice.sent_on is not None and notice.sent_on > clock.today():
        detail = "The date in `sent_on` is in the future. Use `planned_date`."
        raise invalid("/sent_on", "in_future", detail)


def get_people(context: Context, migration: Migration) -> dict[str, Any]:
    """List the people that a migration affects, and the changes and notices for them.

    The numbers of users need the standard profile of the system and the scope `systems:read`.
    Returns the response as `MigrationPeopleSchema`.
    """
    system, agency_name = _find_system(context, migration)
    is_shown = system is not None
    separation = migration.kind is MigrationKind.SEPARATION
    agencies = _list_uses(context, migration) if context.actor.has(Scope.SYSTEMS_READ) else []
    if separation:
        leaving = context.session.get_one(Agency, migration.leaving_agency_id)
        agency_name = leaving.name
        agencies = [each for each in agencies if each["agency"] == leaving.code]
    if not is_shown:
        users = Sum(withheld=1)
    elif system is None or separation or system.user_count is None:
        users = Sum.of(each["users"] for each in agencies) if agencies else Sum(unknown=1)
    else:
        users = Sum(system.user_count, 1)
    return {
        "migration_id": migration.id,
        "kind": migration.kind,
        "agencies": agencies,
        "users": users.in_numbers(),
        "change_for_users": migration.change_for_users,
        "change_for_public": migration.change_for_public,
        "notices": list(read_all(context, MIGRATION_NOTICES, migration_id=str(migration.id))),
        "public_statement": migration.public_statement,
        "suggested_statement": suggest_statement(
            agency_name=agency_name,
            capabilities=_list_capabilities(context.session, migration)
            if context.actor.has(Scope.SYSTEMS_READ)
            else [],
            kind=migration.kind,
            stage=migration.stage,
            day=migration.forecast_date or migration.planned_date,
            moved_on=migration.actual_date,
        ),
        "withheld": [] if is_shown else ["agencies", "users"],
    }


_OF_NOTICE = (
    "id",
    "agency",
    "title",
    "systems",
    "end_of_term",
    "last_notice_date",
    "next_notice_date",
    "updated_at",
)
"""The fields of contracts in a calendar. None is an amount, whose reads would be logged."""


def find_contracts_to_notify(
    context: Context, migrations: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the contracts that need notice and cover a system of these migrations.

    `migrations` are in the form of API responses. Only contracts and systems that the actor can see
    count. Without the scope `contracts:read` the list is empty.
    """
    if not context.actor.has(Scope.CONTRACTS_READ):
        return []
    moving = {each["system_id"] for each in migrations if each["stage"] != "cancelled"}
    states = (TermStatus.NOTICE_DUE, TermStatus.OVERDUE, TermStatus.PAST_END)
    contracts = read_all(
        context, CONTRACTS, fields=",".join(_OF_NOTICE), term_status__in=",".join(states)
    )
    return [each for each in contracts if moving.intersection(each["systems"])]


def _find_system(context: Context, migration: Migration) -> tuple[System | None, str]:
    """Return the system that moves, and its owner's name.

    The system is None if the actor cannot see its standard profile.
    """
    system = context.session.get_one(System, migration.system_id)
    name = context.session.get_one(Agency, system.agency_id).name
    statement = sa.select(System.id).where(
        System.id == system.id, seen(System, at=Profile.STANDARD)
    )
    is_shown = (
        context.actor.has(Scope.SYSTEMS_READ)
        and context.session.scalar(only_visible(context, SYSTEMS, statement)) is not None
    )
    return (system if is_shown else None), name


def _list_uses(context: Context, migration: Migration) -> list[dict[str, Any]]:
    today = clock.today()
    statement: Any = (
        sa.select(Agency.code, Agency.name, SystemUse.user_count)
        .join(Agency, Agency.id == SystemUse.using_agency_id)
        .where(
            SystemUse.system_id == migration.system_id,
            sa.or_(SystemUse.since.is_(None), SystemUse.since <= today),
            sa.or_(SystemUse.until.is_(None), SystemUse.until >= today),
        )
        .order_by(Agency.code)
    )
    rows = context.session.execute(only_visible(context, USES, statement))
    return [{"agency": code, "agency_name": name, "users": users} for code, name, users in rows]


def _list_capabilities(session: Session, migration: Migration) -> list[str]:
    return list(
        session.scalars(
            sa.select(Capability.name)
            .join(SystemCapability, SystemCapability.capability_id == Capability.id)
            .where(SystemCapability.system_id == migration.system_id)
            .order_by(Capability.code)
        )
    )
