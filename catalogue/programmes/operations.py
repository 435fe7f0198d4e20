"""Leading programmes: their waves, and the migrations of systems."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.errors import FieldError, Forbidden, Unprocessable, invalid
from catalogue.core.rest.resource import actor_parameters, past_parameters
from catalogue.core.text import name_key, search_text
from catalogue.history.past import over, table_as_of
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.rating import rate, rating_faults
from catalogue.programmes.resources import LATENESS, MIGRATIONS, PROGRAMMES
from catalogue.programmes.stages import MOVED, require_migration_step, require_programme_step
from catalogue.programmes.vocabulary import Lateness, MigrationStage, ProgrammeStatus
from catalogue.rationalisation.decisions.operations import retirement_agreed
from catalogue.systems.models import System
from catalogue.systems.operations import retirement_check
from catalogue.systems.resources import SYSTEMS


@retirement_check
def no_way_out(session: Session, system: System) -> list[str]:
    """A system goes only by a decision that its owners agreed to, or after it was moved."""
    if retirement_agreed(session, system) or _moved(session, system):
        return []
    return ["No agreed decision says that it goes, and no migration of it is complete."]


def create_programme(session: Session, *, by: Actor, fields: dict[str, Any]) -> Programme:
    """Begin a programme, led by the actor's agency. Unprocessable names what does not fit."""
    if by.agency_id is None:
        raise Forbidden("A programme is led by an agency, and this client acts for none.")
    status = fields.get("status", ProgrammeStatus.PLANNED)
    programme = Programme(agency_id=by.agency_id, status=status)
    _apply_to_programme(session, programme, fields)
    session.add(programme)
    return programme


def change_programme(session: Session, programme: Programme, changes: dict[str, Any]) -> None:
    """Change some fields. Conflict where the status may not follow the one before."""
    after = changes.get("status", programme.status)
    if after is not programme.status:
        require_programme_step(programme.status, after)
    _apply_to_programme(session, programme, changes)


def _apply_to_programme(session: Session, programme: Programme, changes: dict[str, Any]) -> None:
    plain = dict(changes)
    if "target_agency" in plain:
        code = plain.pop("target_agency")
        with session.no_autoflush:
            target = session.scalar(sa.select(Agency.id).where(Agency.code == code))
        if code is not None and target is None:
            raise invalid("/target_agency", "unknown", "There is no such agency.")
        programme.target_agency_id = target
    for name, value in plain.items():
        setattr(programme, name, value)
    _require_order(programme)
    programme.search_text = search_text(programme.title, programme.summary)


def create_wave(session: Session, *, by: Actor, fields: dict[str, Any]) -> Wave:
    """Add a wave to a programme that the actor's agency leads."""
    programme = programme_led(session, fields["programme_id"], by=by)
    wave = Wave(programme=programme)
    change_wave(wave, {name: value for name, value in fields.items() if name != "programme_id"})
    session.add(wave)
    return wave


def change_wave(wave: Wave, changes: dict[str, Any]) -> None:
    """Change some fields of a wave."""
    for name, value in changes.items():
        setattr(wave, name, value)
    _require_order(wave)
    wave.name_key = name_key(wave.name)


def create_migration(session: Session, *, by: Actor, fields: dict[str, Any]) -> Migration:
    """Put a system that the actor may see into a programme that its agency leads.

    It may stand at any stage by then. Unprocessable names what does not fit.
    """
    programme = programme_led(session, fields["programme_id"], by=by)
    with session.no_autoflush:
        _require_seen(session, "/system_id", fields["system_id"], by=by)
    migration = Migration(
        programme=programme,
        system_id=fields["system_id"],
        stage=fields.get("stage", MigrationStage.IDENTIFIED),
    )
    rest = {n: v for n, v in fields.items() if n not in {"programme_id", "system_id", "stage"}}
    _apply_to_migration(session, migration, rest, by=by)
    session.add(migration)
    return migration


def change_migration(
    session: Session, migration: Migration, changes: dict[str, Any], *, by: Actor
) -> None:
    """Change some fields. Conflict where the stage may not follow the one before."""
    after = changes.get("stage", migration.stage)
    if after is not migration.stage:
        require_migration_step(migration.stage, after)
    _apply_to_migration(session, migration, changes, by=by)


def _apply_to_migration(
    session: Session, migration: Migration, changes: dict[str, Any], *, by: Actor
) -> None:
    with session.no_autoflush:
        if changes.get("target_system_id") is not None:
            _require_seen(session, "/target_system_id", changes["target_system_id"], by=by)
        if changes.get("wave_id") is not None:
            _require_wave(session, migration, changes["wave_id"])
    rate(migration, changes)
    for name, value in changes.items():
        setattr(migration, name, value)
    errors = list(_faults(migration))
    if errors:
        raise Unprocessable("The migration's values do not fit together.", errors=errors)


def _faults(migration: Migration) -> list[FieldError]:
    errors = [*rating_faults(migration)]
    if migration.target_system_id == migration.system_id:
        errors.append(
            FieldError("/target_system_id", "circular", "A system cannot move to itself.")
        )
    if migration.stage in MOVED and migration.actual_date is None:
        detail = "Say on which day the users went over."
        errors.append(FieldError("/actual_date", "required", detail))
    if migration.actual_date is not None and migration.actual_date > clock.today():
        detail = "It has not come yet; a day to come is a forecast."
        errors.append(FieldError("/actual_date", "in_future", detail))
    return errors


def programme_led(session: Session, programme_id: UUID, *, by: Actor) -> Programme:
    """The programme that a body names, to add something to it. Unprocessable where the actor sees
    none of this id, Forbidden where its agency does not lead it.
    """
    with session.no_autoflush:
        programme: Programme | None = session.scalar(
            PROGRAMMES.seen_by(by, sa.select(Programme).where(Programme.id == programme_id))
        )
    if programme is None:
        raise invalid("/programme_id", "unknown", "There is no such programme.")
    if programme.agency_id != by.agency_id:
        raise Forbidden("Only the agency that leads the programme may do so.")
    return programme


def _require_seen(session: Session, pointer: str, system_id: UUID, *, by: Actor) -> None:
    found = session.scalar(SYSTEMS.seen_by(by, sa.select(System.id).where(System.id == system_id)))
    if found is None:
        raise invalid(pointer, "unknown", "There is no such system.")


def _require_wave(session: Session, migration: Migration, wave_id: UUID) -> None:
    wave = session.get(Wave, wave_id)
    if wave is None or wave.programme_id != migration.programme.id:
        raise invalid("/wave_id", "unknown", "The programme has no such wave.")


def _require_order(dated: Programme | Wave) -> None:
    if dated.start_date and dated.end_date and dated.end_date < dated.start_date:
        raise invalid("/end_date", "out_of_order", "It may not end before it starts.")


def _moved(session: Session, system: System) -> bool:
    return (
        session.scalar(
            sa.select(
                sa.exists()
                .where(Migration.system_id == system.id)
                .where(Migration.stage == MigrationStage.COMPLETE)
            )
        )
        is True
    )


_MIGRATIONS_THEN = table_as_of(Migration, "migration")
_SYSTEMS_THEN = table_as_of(System, "system")


def summary_of(
    session: Session, programme: Programme, *, by: Actor, as_of: datetime | None = None
) -> dict[str, Any]:
    """A programme's migrations, counted as far as the actor may see them; now, or as they were."""

    def at(expression: Any) -> Any:
        if as_of is None:
            return expression
        moved = over(expression, Migration.__table__, _MIGRATIONS_THEN)
        return over(moved, System.__table__, _SYSTEMS_THEN)

    parameters = actor_parameters(by) if as_of is None else past_parameters(by, as_of)
    of_programme = at(Migration.programme_id == programme.id)
    joined = at(
        sa.join(Migration, System, System.id == Migration.system_id).join(
            Agency, Agency.id == System.agency_id
        )
    )
    # The rule of migrations is about the systems of now; they must have been seen then as well.
    visible = sa.and_(at(MIGRATIONS.visible), at(seen(System)))

    def counted(by_what: Any) -> dict[Any, int]:
        what = at(by_what)
        statement = (
            sa.select(what, sa.func.count())
            .select_from(joined)
            .where(of_programme, visible)
            .group_by(what)
        )
        return {what: number for what, number in session.execute(statement, parameters)}  # noqa: C416

    stages, agencies, lateness = map(counted, (Migration.stage, Agency.code, LATENESS))
    every = session.scalar(sa.select(sa.func.count()).where(of_programme), parameters)
    total = sum(stages.values())
    return {
        "programme_id": programme.id,
        "total": total,
        "withheld": (every or 0) - total,
        "by_stage": [{"stage": s, "count": stages.get(s, 0)} for s in MigrationStage],
        "by_agency": [{"agency": a, "count": n} for a, n in sorted(agencies.items())],
        "by_lateness": [{"lateness": each, "count": lateness.get(each, 0)} for each in Lateness],
    }
