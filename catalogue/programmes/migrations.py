"""Moving systems: what goes into a programme, how far it is, and the days that are said of it."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.dependencies.operations import require_wave_order
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.gates.operations import enter_stage, last_entry, require_gate
from catalogue.programmes.impact.statement import find_statement_faults
from catalogue.programmes.models import Migration
from catalogue.programmes.operations import require_led_programme
from catalogue.programmes.rating import find_rating_faults, keep_previous_rating
from catalogue.programmes.stages import BASELINED, MOVED, NEED_REASON, require_migration_step
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage
from catalogue.programmes.waves import require_capacity
from catalogue.rationalisation.decisions.operations import retirement_agreed
from catalogue.systems.models import System
from catalogue.systems.operations import retirement_check
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.resources import USES

_WAIVER = ("dependency_waived_reason", "dependency_waived_by")
_PLACED = ("wave_id", "dependency_waived_by")
"""What says when it comes, and what it has to wait for."""

_GIVEN_ONCE = frozenset({"programme_id", "system_id", "kind", "leaving_agency", "stage"})


@retirement_check
def list_retirement_blockers(context: Context, system: System) -> list[str]:
    """A system goes only by a decision that its owners agreed to, or after it was moved."""
    if retirement_agreed(context.session, system) or _moved(context.session, system):
        return []
    return ["No agreed decision says that it goes, and no migration of it is complete."]


def create_migration(context: Context, *, fields: dict[str, Any]) -> Migration:
    """Put a system that the actor may see into a programme that its agency leads.

    It may stand at any stage by then; the gates that lie behind it are not asked for. Unprocessable
    names what does not fit, and Conflict a wave that is full.
    """
    programme = require_led_programme(context, fields["programme_id"])
    with context.session.no_autoflush:
        _require_seen(context, "/system_id", fields["system_id"])
        leaving = _leaving(context, fields)
    migration = Migration(
        programme=programme,
        system_id=fields["system_id"],
        kind=fields.get("kind", MigrationKind.CONSOLIDATION),
        leaving_agency_id=leaving,
        stage=fields.get("stage", MigrationStage.IDENTIFIED),
        attempt=1,
    )
    rest = {name: value for name, value in fields.items() if name not in _GIVEN_ONCE}
    _apply(context, migration, rest)
    context.session.add(migration)
    _enter(context.session, migration)
    if migration.wave_id is not None:
        context.session.flush()
        require_wave_order(context, programme.id, {migration.id})
    return migration


def update_migration(context: Context, migration: Migration, changes: dict[str, Any]) -> None:
    """Change some fields.

    Conflict where the stage may not follow the one before, where its gate is open, and where the
    wave is full. Unprocessable where a halt, an end, a roll-back or a new baseline has no reason.
    """
    changes = dict(changes)
    after = changes.get("stage", migration.stage)
    moves_on = after is not migration.stage
    placed = {name: getattr(migration, name) for name in _PLACED}
    if moves_on:
        _require_step(context.session, migration, after)
        # The reason for the stage before is not one for this.
        changes.setdefault("stage_reason", None)
    if after in NEED_REASON and changes.get("stage_reason", "") is None:
        raise invalid("/stage_reason", "unexplained", f"Say why it is {after}.")
    _rebaseline(migration, changes)
    _apply(context, migration, changes, enters=after if moves_on else None)
    if moves_on:
        _enter(context.session, migration)
    elif "stage_reason" in changes:
        entry = last_entry(context.session, migration)
        if entry is not None:
            entry.reason = migration.stage_reason
    if any(getattr(migration, name) != value for name, value in placed.items()):
        require_wave_order(context, migration.programme_id, {migration.id})


def _require_step(session: Session, migration: Migration, after: MigrationStage) -> None:
    halted_at = None
    if migration.stage is MigrationStage.ON_HOLD:
        stood = last_entry(session, migration, but=MigrationStage.ON_HOLD)
        if stood is not None:
            halted_at = stood.stage
        elif last_entry(session, migration) is not None:
            # It was recorded on hold, so nobody has said how far it was.
            halted_at = MigrationStage.IDENTIFIED
    require_migration_step(migration.stage, after, halted_at=halted_at)
    require_gate(session, migration, after)


def _enter(session: Session, migration: Migration) -> None:
    enter_stage(session, migration)
    if migration.stage is MigrationStage.ROLLED_BACK:
        # The entry has kept the day; there is none on which the users went over for good.
        migration.actual_date = None
        migration.attempt += 1


def _rebaseline(migration: Migration, changes: dict[str, Any]) -> None:
    """Hold the planned day to what was agreed, unless it is said why it is agreed anew."""
    reason = changes.pop("rebaseline_reason", None)
    planned = changes.get("planned_date", migration.planned_date)
    if migration.first_planned_date is not None and planned != migration.planned_date:
        if planned is None:
            detail = "A day that was agreed may be replaced, not removed."
            raise invalid("/planned_date", "incomplete", detail)
        if reason is None:
            detail = "The planned day was agreed: say why another is. What is expected is forecast."
            raise invalid("/rebaseline_reason", "unexplained", detail)
        migration.rebaselined_at = clock.now()
        migration.rebaseline_reason = reason
    elif reason not in {None, migration.rebaseline_reason}:
        detail = "It is for a planned day that was agreed and changes now, and none does."
        raise invalid("/rebaseline_reason", "unexpected", detail)


def _apply(
    context: Context,
    migration: Migration,
    changes: dict[str, Any],
    *,
    enters: MigrationStage | None = None,
) -> None:
    with context.session.no_autoflush:
        if changes.get("target_system_id") is not None:
            _require_seen(context, "/target_system_id", changes["target_system_id"])
    wave_id = changes.get("wave_id")
    if wave_id is not None and wave_id != migration.wave_id:
        cancelled = changes.get("stage", migration.stage) is MigrationStage.CANCELLED
        require_capacity(context, migration, wave_id, takes_room=not cancelled)
    keep_previous_rating(migration, changes)
    for name, value in changes.items():
        setattr(migration, name, value)
    errors = list(_faults(migration, enters))
    if changes.get("public_statement") is not None:
        errors += find_statement_faults(changes["public_statement"])
    if errors:
        raise Unprocessable("The migration's values do not fit together.", errors=errors)
    if migration.first_planned_date is None and migration.stage in BASELINED:
        migration.first_planned_date = migration.planned_date


def _faults(migration: Migration, enters: MigrationStage | None) -> list[FieldError]:
    errors = [*find_rating_faults(migration)]
    if migration.target_system_id == migration.system_id:
        errors.append(
            FieldError("/target_system_id", "circular", "A system cannot move to itself.")
        )
    if enters is MigrationStage.PLANNED and migration.planned_date is None:
        detail = "Say for which day it is planned: that is its baseline."
        errors.append(FieldError("/planned_date", "incomplete", detail))
    for missing, given in (_WAIVER, _WAIVER[::-1]):
        if getattr(migration, given) is not None and getattr(migration, missing) is None:
            errors.append(
                FieldError(f"/{missing}", "unexplained", "A waiver has a name and a reason.")
            )
    if migration.stage in MOVED and migration.actual_date is None:
        detail = "Say on which day the users went over."
        errors.append(FieldError("/actual_date", "incomplete", detail))
    if migration.actual_date is not None and migration.actual_date > clock.today():
        detail = "It has not come yet; a day to come is a forecast."
        errors.append(FieldError("/actual_date", "in_future", detail))
    return errors


def _require_seen(context: Context, pointer: str, system_id: UUID) -> None:
    found = context.session.scalar(
        only_visible(context, SYSTEMS, sa.select(System.id).where(System.id == system_id))
    )
    if found is None:
        raise invalid(pointer, "unknown", "There is no such system.")


def _leaving(context: Context, fields: dict[str, Any]) -> UUID | None:
    """The agency that leaves a shared system, if one does: it owns it, or is known to use it."""
    code = fields.get("leaving_agency")
    if fields.get("kind", MigrationKind.CONSOLIDATION) is MigrationKind.CONSOLIDATION:
        if code is not None:
            raise invalid("/leaving_agency", "unexpected", "Only a separation has one.")
        return None
    if code is None:
        raise invalid("/leaving_agency", "incomplete", "Say which agency leaves the system.")
    leaving: UUID | None = context.session.scalar(sa.select(Agency.id).where(Agency.code == code))
    if leaving is None:
        raise invalid("/leaving_agency", "unknown", "There is no such agency.")
    owner = context.session.scalar(
        sa.select(System.agency_id).where(System.id == fields["system_id"])
    )
    today = clock.today()
    use = sa.select(SystemUse.id).where(
        SystemUse.system_id == fields["system_id"],
        SystemUse.using_agency_id == leaving,
        sa.or_(SystemUse.since.is_(None), SystemUse.since <= today),
        sa.or_(SystemUse.until.is_(None), SystemUse.until >= today),
    )
    if (
        leaving != owner
        and context.session.scalar(only_visible(context, USES, use).limit(1)) is None
    ):
        raise invalid("/leaving_agency", "no_use", "It is not known to use the system.")
    return leaving


def _moved(session: Session, system: System) -> bool:
    # An agency that left it has moved itself, and not the system. And what was recorded as complete
    # from the first has passed no gate: to say so is no way round a decision.
    passed = sa.exists().where(
        MigrationStageEntry.migration_id == Migration.id,
        MigrationStageEntry.stage == MigrationStage.COMPLETE,
        MigrationStageEntry.ordinal > 1,
    )
    return (
        session.scalar(
            sa.select(
                sa.exists()
                .where(Migration.system_id == system.id)
                .where(Migration.kind == MigrationKind.CONSOLIDATION)
                .where(Migration.stage == MigrationStage.COMPLETE)
                .where(passed)
            )
        )
        is True
    )
