"""Passing the gates of a migration, and keeping which stages it went through."""

from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import Conflict, FieldError, conflict, invalid
from catalogue.core.rest.reader import read_document
from catalogue.programmes.gates.checklists import CHECKLISTS, GATE_OF, said
from catalogue.programmes.gates.models import MigrationCheck, MigrationStageEntry, MigrationWaiver
from catalogue.programmes.gates.resources import CHECKS, WAIVERS
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import CheckItem, CheckState, Gate, MigrationStage


def create_check(session: Session, migration: Migration, fields: dict[str, Any]) -> MigrationCheck:
    """Say of an item of a checklist that it is done or does not arise, in the present attempt.

    Unprocessable where nothing shows it, Conflict where it is said already.
    """
    if fields["state"] is CheckState.NOT_APPLICABLE and not fields.get("note"):
        raise invalid("/note", "incomplete", "Say why it does not arise.")
    if not fields.get("note") and not fields.get("evidence"):
        raise invalid("/evidence", "incomplete", "Say where it can be seen, or how it was done.")
    check = MigrationCheck(
        migration=migration, attempt=migration.attempt, checked_at=clock.now(), **fields
    )
    session.add(check)
    return check


def withdraw_check(check: MigrationCheck, *, reason: str) -> None:
    """Take back what was said by mistake. Its item is open again, and it stays on record."""
    if check.withdrawn_at is not None:
        raise conflict("", "withdrawn", "It was withdrawn before.")
    check.withdrawn_at = clock.now()
    check.withdrawal_reason = reason


def waive_gate(session: Session, migration: Migration, fields: dict[str, Any]) -> MigrationWaiver:
    """Let a gate be passed although it is open, in the present attempt."""
    waiver = MigrationWaiver(
        migration=migration, attempt=migration.attempt, waived_at=clock.now(), **fields
    )
    session.add(waiver)
    return waiver


def require_gate(session: Session, migration: Migration, stage: MigrationStage) -> None:
    """Conflict names each item that is open, if a gate keeps the migration out of a stage."""
    gate = GATE_OF.get(stage)
    if gate is None or gate in _waivers(session, migration):
        return
    checked = _checks(session, migration)
    open_items = [item for item in CHECKLISTS[gate] if item not in checked]
    if open_items:
        raise Conflict(
            f"The gate of {gate} is open: {', '.join(open_items)}.",
            errors=[
                FieldError(
                    "/stage",
                    "gate_open",
                    f"The gate of {gate} asks for {item}: that {said(item)} is neither done nor "
                    "said not to arise, and the gate is not waived.",
                )
                for item in open_items
            ],
        )


def enter_stage(session: Session, migration: Migration) -> None:
    """Keep that a migration entered the stage that it is at now, and the dates said of it."""
    last = last_entry(session, migration)
    session.add(
        MigrationStageEntry(
            migration=migration,
            attempt=migration.attempt,
            ordinal=1 if last is None else last.ordinal + 1,
            stage=migration.stage,
            entered_at=clock.now(),
            reason=migration.stage_reason,
            planned_date=migration.planned_date,
            forecast_date=migration.forecast_date,
            actual_date=migration.actual_date,
        )
    )


def last_entry(
    session: Session, migration: Migration, *, but: MigrationStage | None = None
) -> MigrationStageEntry | None:
    """The last entry into a stage, or into another than one; None where none is on record."""
    # A new migration is not there to be asked for, and is not to be sent half made.
    with session.no_autoflush:
        statement = sa.select(MigrationStageEntry).where(
            MigrationStageEntry.migration_id == migration.id
        )
        if but is not None:
            statement = statement.where(MigrationStageEntry.stage != but)
        return session.scalar(statement.order_by(MigrationStageEntry.ordinal.desc()).limit(1))


def get_gates(context: Context, migration: Migration) -> dict[str, Any]:
    """The gates of a migration in its present attempt."""
    checks, waivers = _checks(context.session, migration), _waivers(context.session, migration)
    entered = _entered(context.session, migration)
    shown = {}
    for resource, found in ((CHECKS, checks), (WAIVERS, waivers)):
        for identity in found.values():
            shown[identity] = orjson.loads(read_document(context, resource, identity))
    gates = []
    for gate, items in CHECKLISTS.items():
        waived = waivers.get(gate)
        gates.append(
            {
                "gate": gate,
                "open": waived is None and any(item not in checks for item in items),
                "items": [
                    {
                        "item": item,
                        "open": item not in checks,
                        "check": shown[checks[item]] if item in checks else None,
                    }
                    for item in items
                ],
                "waiver": None if waived is None else shown[waived],
                "entered_at": entered.get(MigrationStage(gate)),
            }
        )
    return {
        "migration_id": migration.id,
        "attempt": migration.attempt,
        "stage": migration.stage,
        "gates": gates,
    }


def get_attempts(session: Session, migration: Migration) -> dict[str, Any]:
    """Every attempt at a move. What was rolled back shows the dates that it had then."""
    entries = session.scalars(
        sa.select(MigrationStageEntry)
        .where(MigrationStageEntry.migration_id == migration.id)
        .order_by(MigrationStageEntry.ordinal)
    ).all()
    attempts = []
    for attempt in range(1, migration.attempt + 1):
        latest = {entry.stage: entry for entry in entries if entry.attempt == attempt}
        cutover = latest.get(MigrationStage.CUTOVER)
        back = latest.get(MigrationStage.ROLLED_BACK)
        dated = back or migration
        attempts.append(
            {
                "attempt": attempt,
                "planned_date": dated.planned_date,
                "forecast_date": dated.forecast_date,
                "actual_date": dated.actual_date,
                "cutover_at": cutover and cutover.entered_at,
                "rolled_back_at": back and back.entered_at,
                "reason": back and back.reason,
            }
        )
    return {"migration_id": migration.id, "attempts": attempts}


def _checks(session: Session, migration: Migration) -> dict[CheckItem, UUID]:
    return pairs(
        session,
        sa.select(MigrationCheck.item, MigrationCheck.id).where(
            MigrationCheck.migration_id == migration.id,
            MigrationCheck.attempt == migration.attempt,
            MigrationCheck.withdrawn_at.is_(None),
        ),
    )


def _waivers(session: Session, migration: Migration) -> dict[Gate, UUID]:
    return pairs(
        session,
        sa.select(MigrationWaiver.gate, MigrationWaiver.id).where(
            MigrationWaiver.migration_id == migration.id,
            MigrationWaiver.attempt == migration.attempt,
        ),
    )


def _entered(session: Session, migration: Migration) -> dict[MigrationStage, Any]:
    return pairs(
        session,
        sa.select(MigrationStageEntry.stage, sa.func.max(MigrationStageEntry.entered_at))
        .where(
            MigrationStageEntry.migration_id == migration.id,
            MigrationStageEntry.attempt == migration.attempt,
        )
        .group_by(MigrationStageEntry.stage),
    )
