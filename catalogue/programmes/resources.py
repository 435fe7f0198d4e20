"""Resources of programmes, waves and migrations, and the rules for who can see them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import (
    Agency,
    AgreementAcceptance,
    AgreementParty,
    CollaborationAgreement,
)
from catalogue.agencies.resources import AGREEMENTS
from catalogue.agencies.visibility import own, seen
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import TODAY, Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.audience.dependents import opens
from catalogue.history.feed_fields import CodeField, ReferenceField, expose, same_names
from catalogue.history.parties import Parties
from catalogue.programmes.board.derived import BLOCKED
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.rating import RATING
from catalogue.programmes.schedule_status import AT_RISK, LATE, LATENESS, UPDATE_OVERDUE, days_late
from catalogue.programmes.schemas import MigrationSchema, ProgrammeSchema, WaveSchema
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS, named_by_systems

_moving = sa.orm.aliased(System, name="moving")
_moved = sa.orm.aliased(Migration, name="moved")
_of = sa.orm.aliased(Programme, name="of_record")
_concerned = sa.orm.aliased(Migration, name="concerned")
_target_agency = sa.orm.aliased(Agency, name="target_agency")
_target = sa.orm.aliased(System, name="target")
_leaving = sa.orm.aliased(Agency, name="leaving")
_left = sa.orm.aliased(Migration, name="left_by_actor")
_shared = sa.orm.aliased(System, name="left_system")
_partner = sa.orm.aliased(AgreementParty, name="agreed_with")
_party = sa.orm.aliased(AgreementParty, name="any_agreed")
_signatory = sa.orm.aliased(AgreementParty, name="agreement_shown_to")


def _under_agreement(programme: Any) -> ColumnElement[bool]:
    """Match programmes whose agreement is in force and has the actor's agency as a party.

    An agreement is in force if all parties accepted its current content, and today is in its term.
    """
    # The rule counts parties, because SQLite cannot nest `ACCEPTED_BY_ALL` within other rules.
    agreement = CollaborationAgreement
    in_force = (
        sa.select(agreement.id)
        .join(_partner, _partner.agreement_id == agreement.id)
        .join(_party, _party.agreement_id == agreement.id)
        .outerjoin(
            AgreementAcceptance,
            sa.and_(
                AgreementAcceptance.agreement_id == _party.agreement_id,
                AgreementAcceptance.agency_id == _party.agency_id,
                AgreementAcceptance.content_hash == agreement.content_hash,
            ),
        )
        .where(
            _partner.agency_id == ACTOR_AGENCY,
            agreement.terminated_at.is_(None),
            agreement.start_date <= TODAY,
            sa.func.coalesce(agreement.end_date, TODAY) >= TODAY,
        )
        .group_by(agreement.id)
        .having(sa.func.count() == sa.func.count(AgreementAcceptance.agency_id))
    )
    under: ColumnElement[bool] = programme.agreement_id.in_(in_force)
    return under


def programme_seen(programme: Any) -> ColumnElement[bool]:
    """Match programmes that the actor's agency can see.

    The lead, the target agency and the owners of systems that move can see a programme. So can
    agencies that leave a system they can see. So can the parties to the programme's agreement,
    while it is in force.
    """
    return sa.or_(
        own(programme),
        programme.target_agency_id == ACTOR_AGENCY,
        sa.exists(
            sa.select(1)
            .where(
                _moved.programme_id == programme.id,
                _moved.system_id == _moving.id,
                _moving.agency_id == ACTOR_AGENCY,
            )
            .correlate(programme)
        ),
        sa.exists(
            sa.select(1)
            .where(
                _left.programme_id == programme.id,
                _left.leaving_agency_id == ACTOR_AGENCY,
                _left.system_id == _shared.id,
                seen(_shared),
            )
            .correlate(programme)
        ),
        _under_agreement(programme),
    )


def of_programme_seen(record: Any) -> ColumnElement[bool]:
    """Match records of programmes that the actor can see."""
    return sa.exists(
        sa.select(1).where(_of.id == record.programme_id, programme_seen(_of)).correlate(record)
    )


def system_moved_seen(migration: Any) -> ColumnElement[bool]:
    """Match migrations of systems that the actor can see."""
    return sa.exists(
        sa.select(1).where(_moving.id == migration.system_id, seen(_moving)).correlate(migration)
    )


def migration_seen(migration: Any) -> ColumnElement[bool]:
    """Match migrations whose programme and system the actor can see."""
    return sa.and_(system_moved_seen(migration), of_programme_seen(migration))


def of_migration_seen(record: Any) -> ColumnElement[bool]:
    """Match records of migrations that the actor can see."""
    return sa.exists(
        sa.select(1)
        .where(_concerned.id == record.migration_id, migration_seen(_concerned))
        .correlate(record)
    )


def board_record_seen(record: Any) -> ColumnElement[bool]:
    """Match records whose programme, and migration if they name one, the actor can see."""
    return sa.and_(
        of_programme_seen(record), sa.or_(record.migration_id.is_(None), of_migration_seen(record))
    )


PROGRAMMES = Resource(
    name="programme",
    path="/v1/programmes",
    model=Programme,
    schema=ProgrammeSchema,
    columns={
        "id": Programme.id,
        "title": Programme.title,
        "summary": Programme.summary,
        "status": Programme.status,
        "lead_agency": Agency.code,
        "target_agency": _target_agency.code,
        "agreement_id": sa.case(
            (
                sa.exists(
                    sa.select(1)
                    .where(
                        _signatory.agreement_id == Programme.agreement_id,
                        _signatory.agency_id == ACTOR_AGENCY,
                    )
                    .correlate(Programme)
                ),
                Programme.agreement_id,
            )
        ),
        "start_date": Programme.start_date,
        "end_date": Programme.end_date,
        "rag": Programme.rag,
        "previous_rag": Programme.previous_rag,
        "rag_narrative": Programme.rag_narrative,
        "path_to_green": Programme.path_to_green,
        "created_at": Programme.created_at,
        "updated_at": Programme.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.join(Programme, Agency, Programme.agency_id == Agency.id),
        _target_agency,
        Programme.target_agency_id == _target_agency.id,
    ),
    not_filters=frozenset({"summary", "rag_narrative", "path_to_green"}),
    visible=programme_seen(Programme),
    search=Programme.search_text,
    default_sort="title",
    owner="agency_id",
)

WAVES = Resource(
    name="wave",
    path="/v1/waves",
    model=Wave,
    schema=WaveSchema,
    columns={
        "id": Wave.id,
        "programme_id": Wave.programme_id,
        "name": Wave.name,
        "position": Wave.position,
        "start_date": Wave.start_date,
        "end_date": Wave.end_date,
        "capacity": Wave.capacity,
        "freeze_start": Wave.freeze_start,
        "freeze_end": Wave.freeze_end,
        "rag": Wave.rag,
        "previous_rag": Wave.previous_rag,
        "rag_narrative": Wave.rag_narrative,
        "path_to_green": Wave.path_to_green,
        "created_at": Wave.created_at,
        "updated_at": Wave.updated_at,
    },
    sort_as={"name": Wave.name_key},
    not_filters=frozenset({"rag_narrative", "path_to_green"}),
    visible=of_programme_seen(Wave),
    default_sort="position",
    owner="lead_agency_id",
)

MIGRATIONS = Resource(
    name="migration",
    path="/v1/migrations",
    model=Migration,
    schema=MigrationSchema,
    columns={
        "id": Migration.id,
        "programme_id": Migration.programme_id,
        "wave_id": Migration.wave_id,
        "system_id": Migration.system_id,
        "system_name": System.name,
        "agency": Agency.code,
        # Null for a target that the actor cannot see, as if there were none.
        "target_system_id": _target.id,
        "target_system_name": _target.name,
        "kind": Migration.kind,
        "leaving_agency": _leaving.code,
        "strategy": Migration.strategy,
        "stage": Migration.stage,
        "stage_reason": Migration.stage_reason,
        "attempt": Migration.attempt,
        "cutover_style": Migration.cutover_style,
        "planned_date": Migration.planned_date,
        "first_planned_date": Migration.first_planned_date,
        "rebaselined_at": Migration.rebaselined_at,
        "rebaseline_reason": Migration.rebaseline_reason,
        "forecast_date": Migration.forecast_date,
        "actual_date": Migration.actual_date,
        "next_update_due": Migration.next_update_due,
        "dependencies_waived_by": Migration.dependencies_waived_by,
        "dependencies_waived_reason": Migration.dependencies_waived_reason,
        "change_for_users": Migration.change_for_users,
        "change_for_public": Migration.change_for_public,
        "public_statement": Migration.public_statement,
        "rag": Migration.rag,
        "previous_rag": Migration.previous_rag,
        "rag_narrative": Migration.rag_narrative,
        "path_to_green": Migration.path_to_green,
        "lateness": LATENESS,
        "late": LATE,
        "days_late": days_late(),
        "update_overdue": UPDATE_OVERDUE,
        "blocked": BLOCKED,
        "at_risk": AT_RISK,
        "created_at": Migration.created_at,
        "updated_at": Migration.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.outerjoin(
            sa.orm.join(
                sa.orm.join(Migration, System, Migration.system_id == System.id),
                Agency,
                System.agency_id == Agency.id,
            ),
            _target,
            sa.and_(Migration.target_system_id == _target.id, seen(_target)),
        ),
        _leaving,
        Migration.leaving_agency_id == _leaving.id,
    ),
    sort_as={"system_name": System.name_key, "target_system_name": _target.name_key},
    not_filters=frozenset(
        {
            "rag_narrative",
            "path_to_green",
            "stage_reason",
            "rebaseline_reason",
            "dependencies_waived_by",
            "dependencies_waived_reason",
            "change_for_users",
            "change_for_public",
            "public_statement",
        }
    ),
    visible=migration_seen(Migration),
    search=System.summary_search_text,
    default_sort="planned_date,system_name",
    owner="lead_agency_id",
)


def lead_only(record: Any, *, at: Profile) -> ColumnElement[bool]:
    """Return the rule that shows changes of a programme's records to its lead only.

    The owner of a system must not see how a wave was before the system joined the programme.
    """
    return own(record)


expose(
    PROGRAMMES,
    scope=Scope.PROGRAMMES_READ,
    parties=Parties("target_agency_id", lambda mentions: mentions(ACTOR_AGENCY)),
    fields={
        **same_names("title", "summary", "status", "start_date", "end_date", *RATING),
        "agreement_id": ReferenceField("agreement_id", to=AGREEMENTS),
        "agency_id": CodeField("lead_agency"),
        "target_agency_id": CodeField("target_agency"),
    },
)
expose(
    WAVES,
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names(
        "programme_id",
        "name",
        "position",
        "start_date",
        "end_date",
        "capacity",
        "freeze_start",
        "freeze_end",
        *RATING,
    ),
)
expose(
    MIGRATIONS,
    scope=Scope.PROGRAMMES_READ,
    parties=named_by_systems("system_id"),
    fields={
        "system_id": ReferenceField("system_id", to=SYSTEMS),
        "target_system_id": ReferenceField("target_system_id", to=SYSTEMS),
        **same_names(
            "programme_id",
            "wave_id",
            "kind",
            "strategy",
            "stage",
            "stage_reason",
            "attempt",
            "cutover_style",
            "planned_date",
            "first_planned_date",
            "rebaselined_at",
            "rebaseline_reason",
            "forecast_date",
            "actual_date",
            "next_update_due",
            "dependencies_waived_by",
            "dependencies_waived_reason",
            "change_for_users",
            "change_for_public",
            "public_statement",
            *RATING,
        ),
        "leaving_agency_id": CodeField("leaving_agency"),
    },
)
opens(MIGRATIONS, PROGRAMMES, by="programme_id")
