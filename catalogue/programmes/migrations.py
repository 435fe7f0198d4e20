"""Operations on migrations: their stages, dates, waves and waivers."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible, require_seen
from catalogue.programmes.dependencies.operations import find_waiver_faults, require_wave_order
from catalogue.programmes.gates.checklists import in_words
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.gates.operations import enter_stage, last_entry, require_gate
from catalogue.programmes.impact.statement import find_statement_faults
from catalogue.programmes.models import MOVES_TO_ITSELF, Migration
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

_WAIVER = ("dependencies_waived_by", "dependencies_waived_reason")
_ORDER_FIELDS = ("wave_id", "dependencies_waived_by")
"""Fields that decide whether the order of migrations follows their dependencies."""

_SET_ON_CREATION = frozenset({"programme_id", "system_id", "kind", "leaving_agency", "stage"})


@retirement_check
def list_retirement_blockers(context: Context, system: System) -> list[str]:
    """Return a blocker unless an agreed decision or a complete migration lets the system retire."""
    if retirement_agreed(context.session, system) or _moved(context.session, system):
        return []
    blocker = (
        "The system has no agreed decision to retire it, and no complete migration. "
        "Agree a decision or complete a migration first."
    )
    return [blocker]


def create_migration(context: Context, *, fields: dict[str, Any]) -> Migration:
    """Create a migration of a visible system, in a programme that the actor's agency leads.

    The migration can start at any stage, without the gates before it. Raises Unprocessable with an
    error for each invalid field, and Conflict if the wave is full or breaks a dependency.
    """
    programme = require_led_programme(context, fields["programme_id"])
    with context.session.no_autoflush:
        _require_system(context, "/system_id", fields["system_id"])
        leaving_agency_id = _find_leaving_agency(context, fields)
    migration = Migration(
        programme=programme,
        system_id=fields["system_id"],
        kind=fields.get("kind", MigrationKind.CONSOLIDATION),
        leaving_agency_id=leaving_agency_id,
        stage=fields.get("stage", MigrationStage.IDENTIFIED),
        attempt=1,
    )
    rest = {name: value for name, value in fields.items() if name not in _SET_ON_CREATION}
    _apply(context, migration, rest)
    context.session.add(migration)
    _enter(context.session, migration)
    if migration.wave_id is not None:
        context.session.flush()
        require_wave_order(context, programme.id, {migration.id})
    return migration


def update_migration(context: Context, migration: Migration, changes: dict[str, Any]) -> None:
    """Change the given fields of a migration.

    Raises Conflict if the stage cannot follow the current one, or if its gate is not passed. Raises
    Conflict too if the wave is full or breaks a dependency. Raises Unprocessable if a value is
    invalid, or if a stage or a new planned date lacks its reason.
    """
    changes = dict(changes)
    after = changes.get("stage", migration.stage)
    moves_on = after is not migration.stage
    previous = {name: getattr(migration, name) for name in _ORDER_FIELDS}
    if moves_on:
        _require_step(context.session, migration, after)
        # The reason for the previous stage does not apply to the new one.
        changes.setdefault("stage_reason", None)
    if after in NEED_REASON and changes.get("stage_reason", "") is None:
        detail = f"The stage needs a reason. Explain in `stage_reason` why the migration is {in_words(after)}."
        raise invalid("/stage_reason", "unexplained", detail)
    _rebaseline(migration, changes)
    _apply(context, migration, changes, enters=after if moves_on else None)
    if moves_on:
        _enter(context.session, migration)
    elif "stage_reason" in changes:
        entry = last_entry(context.session, migration)
        if entry is not None:
            entry.reason = migration.stage_reason
    if any(getattr(migration, name) != value for name, value in previous.items()):
        require_wave_order(context, migration.programme_id, {migration.id})


def _require_step(session: Session, migration: Migration, after: MigrationStage) -> None:
    halted_at = None
    if migration.stage is MigrationStage.ON_HOLD:
        halted = last_entry(session, migration, other_than=MigrationStage.ON_HOLD)
        if halted is not None:
            halted_at = halted.stage
        elif last_entry(session, migration) is not None:
            # The migration was created on hold, so its progress before that is unknown.
            halted_at = MigrationStage.IDENTIFIED
    require_migration_step(migration.stage, after, halted_at=halted_at)
    require_gate(session, migration, after)


def _enter(session: Session, migration: Migration) -> None:
    enter_stage(session, migration)
    if migration.stage is MigrationStage.ROLLED_BACK:
        # The stage entry keeps the date of this attempt. The users are back on the old system.
        migration.actual_date = None
        migration.attempt += 1


def _rebaseline(migration: Migration, changes: dict[str, Any]) -> None:
    """Require and record a reason for changing a planned date that was agreed."""
    reason = changes.pop("rebaseline_reason", None)
    planned = changes.get("planned_date", migration.planned_date)
    if migration.first_planned_date is not None and planned != migration.planned_date:
        if planned is None:
            detail = "The planned date was agreed and cannot be removed. Replace it instead."
            raise invalid("/planned_date", "incomplete", detail)
        if reason is None:
            detail = (
                "The planned date was agreed. Explain in `rebaseline_reason` why it changes, "
                "or record the expected date in `forecast_date`."
            )
            raise invalid("/rebaseline_reason", "unexplained", detail)
        migration.rebaselined_at = clock.now()
        migration.rebaseline_reason = reason
    elif reason not in {None, migration.rebaseline_reason}:
        detail = "The agreed planned date does not change, so remove `rebaseline_reason`."
        raise invalid("/rebaseline_reason", "unexpected", detail)


def _apply(
    context: Context,
    migration: Migration,
    changes: dict[str, Any],
    *,
    enters: MigrationStage | None = None,
) -> None:
    if changes.get("target_system_id") is not None:
        _require_system(context, "/target_system_id", changes["target_system_id"])
    wave_id = changes.get("wave_id")
    if wave_id is not None and wave_id != migration.wave_id:
        cancelled = changes.get("stage", migration.stage) is MigrationStage.CANCELLED
        require_capacity(context, migration, wave_id, counts=not cancelled)
    keep_previous_rating(migration, changes)
    for name, value in changes.items():
        setattr(migration, name, value)
    errors = list(_faults(migration, enters))
    if changes.get("public_statement") is not None:
        errors += find_statement_faults(changes["public_statement"])
    if errors:
        raise Unprocessable(
            "Some values of the migration are invalid. Correct those that `errors` lists.",
            errors=errors,
        )
    if migration.first_planned_date is None and migration.stage in BASELINED:
        migration.first_planned_date = migration.planned_date


def _faults(migration: Migration, enters: MigrationStage | None) -> list[FieldError]:
    errors = [*find_rating_faults(migration)]
    if migration.target_system_id == migration.system_id:
        errors.append(FieldError("/target_system_id", "circular", MOVES_TO_ITSELF))
    if enters is MigrationStage.PLANNED and migration.planned_date is None:
        detail = "The stage `planned` needs an agreed date. Enter it in `planned_date`."
        errors.append(FieldError("/planned_date", "incomplete", detail))
    errors += find_waiver_faults(migration, *_WAIVER)
    if migration.stage in MOVED and migration.actual_date is None:
        detail = (
            f"The stage `{migration.stage}` needs an actual date. "
            "Enter in `actual_date` the date on which users switched."
        )
        errors.append(FieldError("/actual_date", "incomplete", detail))
    if migration.actual_date is not None and migration.actual_date > clock.today():
        detail = "The date in `actual_date` is in the future. Use `forecast_date`."
        errors.append(FieldError("/actual_date", "in_future", detail))
    return errors


def _require_system(context: Context, pointer: str, system_id: UUID) -> None:
    require_seen(context, SYSTEMS, pointer, sa.select(System.id).where(System.id == system_id))


def _find_leaving_agency(context: Context, fields: dict[str, Any]) -> UUID | None:
    """Return the id of the agency that leaves a shared system, or None for a consolidation.

    Raises Unprocessable unless the agency owns the system, or the actor can see its current use.
    """
    code = fields.get("leaving_agency")
    if fields.get("kind", MigrationKind.CONSOLIDATION) is MigrationKind.CONSOLIDATION:
        if code is not None:
            detail = (
                "Only a separation has `leaving_agency`. Remove it, or set `kind` to `separation`."
            )
            raise invalid("/leaving_agency", "unexpected", detail)
        return None
    if code is None:
        detail = (
            "The separation names no leaving agency. "
            "Enter in `leaving_agency` the code of the agency that leaves the system."
        )
        raise invalid("/leaving_agency", "incomplete", detail)
    leaving: UUID | None = context.session.scalar(sa.select(Agency.id).where(Agency.code == code))
    if leaving is None:
        detail = unknown_agency(context.session, code)
        raise invalid("/leaving_agency", "unknown", detail)
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
        detail = (
            "This agency neither owns the system nor has a current use that you can see. "
            "Choose another agency."
        )
        raise invalid("/leaving_agency", "no_use", detail)
    return leaving


def _moved(session: Session, system: System) -> bool:
    # A separation moves one agency and not the system. A migration that was created as complete has
    # passed no gate, so it cannot replace a decision.
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
