"""How programmes, waves and migrations are read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.core.actor import Scope
from catalogue.core.reach import ACTOR_AGENCY, Profile
from catalogue.core.rest.columns import Twin
from catalogue.core.rest.resource import TODAY, Resource
from catalogue.core.types import enumeration
from catalogue.history.parties import Parties
from catalogue.history.telling import Coded, Reference, same, tell
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.schemas import MigrationSchema, ProgrammeSchema, WaveSchema
from catalogue.programmes.vocabulary import Lateness, MigrationStage
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS, named_by_systems

_moving = sa.orm.aliased(System, name="moving")
_moved = sa.orm.aliased(Migration, name="moved")
_of = sa.orm.aliased(Programme, name="of_record")
_concerned = sa.orm.aliased(Migration, name="concerned")
_target_agency = sa.orm.aliased(Agency, name="target_agency")
_target = sa.orm.aliased(System, name="target")


def programme_seen(programme: Any) -> ColumnElement[bool]:
    """The row rule of programmes: who leads one, whom it moves to, and whose systems it moves."""
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
    )


def of_programme_seen(record: Any) -> ColumnElement[bool]:
    """The row rule of what belongs to a programme and is about no system: who sees the programme."""
    return sa.exists(
        sa.select(1).where(_of.id == record.programme_id, programme_seen(_of)).correlate(record)
    )


def system_moved_seen(migration: Any) -> ColumnElement[bool]:
    """Whether the actor sees the system that a migration moves."""
    return sa.exists(
        sa.select(1).where(_moving.id == migration.system_id, seen(_moving)).correlate(migration)
    )


def migration_seen(migration: Any) -> ColumnElement[bool]:
    """The row rule of migrations: who sees both the programme and the system that it moves."""
    return sa.and_(system_moved_seen(migration), of_programme_seen(migration))


def of_migration_seen(record: Any) -> ColumnElement[bool]:
    """The row rule of what belongs to a migration: who sees that."""
    return sa.exists(
        sa.select(1)
        .where(_concerned.id == record.migration_id, migration_seen(_concerned))
        .correlate(record)
    )


def concerning_seen(record: Any) -> ColumnElement[bool]:
    """The row rule of what belongs to a programme and may concern one of its migrations: who sees
    the programme, and that migration where it names one.
    """
    return sa.and_(
        of_programme_seen(record),
        sa.or_(record.migration_id.is_(None), of_migration_seen(record)),
    )


PROGRAMMES = Resource(
    name="programme",
    path="/v1/programmes",
    model=Programme,
    answer=ProgrammeSchema,
    columns={
        "id": Programme.id,
        "title": Programme.title,
        "summary": Programme.summary,
        "status": Programme.status,
        "lead_agency": Agency.code,
        "target_agency": _target_agency.code,
        "start_date": Programme.start_date,
        "end_date": Programme.end_date,
        "created_at": Programme.created_at,
        "updated_at": Programme.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.join(Programme, Agency, Programme.agency_id == Agency.id),
        _target_agency,
        Programme.target_agency_id == _target_agency.id,
    ),
    not_filters=frozenset({"summary"}),
    visible=programme_seen(Programme),
    search=Programme.search_text,
    default_sort="title",
    owner="agency_id",
)

WAVES = Resource(
    name="wave",
    path="/v1/waves",
    model=Wave,
    answer=WaveSchema,
    columns={
        "id": Wave.id,
        "programme_id": Wave.programme_id,
        "name": Wave.name,
        "position": Wave.position,
        "start_date": Wave.start_date,
        "end_date": Wave.end_date,
        "capacity": Wave.capacity,
        "created_at": Wave.created_at,
        "updated_at": Wave.updated_at,
    },
    sort_as={"name": Wave.name_key},
    visible=of_programme_seen(Wave),
    default_sort="position",
    owner="lead_agency_id",
)

_S = MigrationStage


def _in(*stages: MigrationStage) -> ColumnElement[bool]:
    return Migration.stage.in_(stages)


def _passed(day: Any) -> ColumnElement[bool]:
    return sa.and_(day.is_not(None), day < TODAY)


_STILL_TO_MOVE = sa.and_(
    Migration.actual_date.is_(None), Migration.stage.not_in((_S.COMPLETE, _S.CANCELLED))
)
_STILL_TOLD_OF = Migration.stage.not_in((_S.COMPLETE, _S.CANCELLED))

LATE: ColumnElement[bool] = sa.type_coerce(
    sa.and_(
        _STILL_TO_MOVE,
        sa.or_(_passed(Migration.planned_date), _passed(Migration.forecast_date)),
    ),
    sa.Boolean,
)
"""Planned or expected for a day that has passed, and not moved."""

SILENT: ColumnElement[bool] = sa.type_coerce(
    sa.and_(_STILL_TOLD_OF, _passed(Migration.next_update_due)), sa.Boolean
)
"""An update was due on a day that has passed."""

_DUE = sa.case(
    (_passed(Migration.planned_date), Migration.planned_date), else_=Migration.forecast_date
)


def _days_late() -> Twin:
    none = sa.literal_column("0", sa.Integer)
    days = sa.cast(
        sa.func.julianday(TODAY) - sa.func.julianday(sa.type_coerce(_DUE, sa.Date)), sa.Integer
    )
    return Twin(
        postgresql=sa.case((LATE, sa.type_coerce(TODAY - _DUE, sa.Integer)), else_=none),
        sqlite=sa.case((LATE, days), else_=none),
    )


LATENESS: ColumnElement[Any] = sa.type_coerce(
    sa.case(
        (_in(_S.CANCELLED), sa.literal_column(f"'{Lateness.CANCELLED}'")),
        (_in(_S.COMPLETE), sa.literal_column(f"'{Lateness.COMPLETE}'")),
        (LATE, sa.literal_column(f"'{Lateness.LATE}'")),
        (SILENT, sa.literal_column(f"'{Lateness.SILENT}'")),
        else_=sa.literal_column(f"'{Lateness.ON_TIME}'"),
    ),
    enumeration(Lateness),
)


MIGRATIONS = Resource(
    name="migration",
    path="/v1/migrations",
    model=Migration,
    answer=MigrationSchema,
    columns={
        "id": Migration.id,
        "programme_id": Migration.programme_id,
        "wave_id": Migration.wave_id,
        "system_id": Migration.system_id,
        "system_name": System.name,
        "agency": Agency.code,
        # A target that may not be seen looks like none.
        "target_system_id": _target.id,
        "target_system_name": _target.name,
        "strategy": Migration.strategy,
        "stage": Migration.stage,
        "cutover_style": Migration.cutover_style,
        "planned_date": Migration.planned_date,
        "forecast_date": Migration.forecast_date,
        "actual_date": Migration.actual_date,
        "next_update_due": Migration.next_update_due,
        "rag": Migration.rag,
        "previous_rag": Migration.previous_rag,
        "rag_narrative": Migration.rag_narrative,
        "path_to_green": Migration.path_to_green,
        "lateness": LATENESS,
        "late": LATE,
        "days_late": _days_late(),
        "silent": SILENT,
        "created_at": Migration.created_at,
        "updated_at": Migration.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.join(
            sa.orm.join(Migration, System, Migration.system_id == System.id),
            Agency,
            System.agency_id == Agency.id,
        ),
        _target,
        sa.and_(Migration.target_system_id == _target.id, seen(_target)),
    ),
    sort_as={"system_name": System.name_key, "target_system_name": _target.name_key},
    not_filters=frozenset({"rag_narrative", "path_to_green"}),
    visible=migration_seen(Migration),
    search=System.summary_search_text,
    default_sort="planned_date,system_name",
    owner="lead_agency_id",
)


def led(record: Any, *, at: Profile) -> ColumnElement[bool]:
    """Whose history is told of what belongs to a programme: its lead's. What a wave was before a
    system came into the programme, the system's owner is not told.
    """
    return own(record)


tell(
    PROGRAMMES,
    scope=Scope.PROGRAMMES_READ,
    parties=Parties("target_agency_id", lambda said: said(ACTOR_AGENCY)),
    fields={
        **same("title", "summary", "status", "start_date", "end_date"),
        "agency_id": Coded("lead_agency"),
        "target_agency_id": Coded("target_agency"),
    },
)
tell(
    WAVES,
    scope=Scope.PROGRAMMES_READ,
    disclosed=led,
    fields=same("programme_id", "name", "position", "start_date", "end_date", "capacity"),
)
tell(
    MIGRATIONS,
    scope=Scope.PROGRAMMES_READ,
    parties=named_by_systems("system_id"),
    fields={
        "system_id": Reference("system_id", to=SYSTEMS),
        "target_system_id": Reference("target_system_id", to=SYSTEMS),
        **same(
            "programme_id",
            "wave_id",
            "strategy",
            "stage",
            "cutover_style",
            "planned_date",
            "forecast_date",
            "actual_date",
            "next_update_due",
            "rag",
            "previous_rag",
            "rag_narrative",
            "path_to_green",
        ),
    },
)
