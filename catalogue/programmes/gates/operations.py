"""Operations on gates: check items, waive gates, and record stage entries."""

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
from catalogue.programmes.gates.checklists import CHECKLISTS, GATE_OF, in_words
from catalogue.programmes.gates.models import MigrationCheck, MigrationStageEntry, MigrationWaiver
from catalogue.programmes.gates.resources import CHECKS, WAIVERS
from catalogue.programmes.models import Migration
from catalogue.programmes.vocabulary import CheckItem, CheckState, Gate, MigrationStage


def create_check(session: Session, migration: Migration, fields: dict[str, Any]) -> MigrationCheck:
    """Record that a gate item is done or does not apply, in the current attempt.

    Raises Unprocessable if evidence or a note is missing, and Conflict if the item already has a
    check.
    """
    if fields["state"] is CheckState.NOT_APPLICABLE and not fields.get("note"):
        raise invalid(
            "/note",
            "incomplete",
            "The note is missing. Explain in `note` why this item does not apply.",
        )
    if not fields.get("note") and not fields.get("evidence"):
        detail = (
            "The check has no evidence. Refer to the evidence in `evidence`, "
            "or describe in `note` how the item was done."
        )
        raise invalid("/evidence", "incomplete", detail)
    check = MigrationCheck(
        migration=migration, attempt=migration.attempt, checked_at=clock.now(), **fields
    )
    session.add(check)
    return check


def withdraw_check(check: MigrationCheck, *, reason: str) -> None:
    """Withdraw a check, so that its item is outstanding again. The check stays on record."""
    if check.withdrawn_at is not None:
        raise conflict("", "withdrawn", "This check is already withdrawn. No action is needed.")
    check.withdrawn_at = clock.now()
    check.withdrawal_reason = reason


def waive_gate(session: Session, migration: Migration, fields: dict[str, Any]) -> MigrationWaiver:
    """Let the migration pass a gate with items outstanding, in the current attempt."""
    waiver = MigrationWaiver(
        migration=migration, attempt=migration.attempt, waived_at=clock.now(), **fields
    )
    session.add(waiver)
    return waiver


def require_gate(session: Session, migration: Migration, stage: MigrationStage) -> None:
    """Raise Conflict, with an error for each outstanding item, if the stage's gate is not passed."""
    gate = GATE_OF.get(stage)
    if gate is None or gate in _waivers(session, migration):
        return
    checked = _checks(session, migration)
    outstanding = [item for item in CHECKLISTS[gate] if item not in checked]
    if outstanding:
        raise Conflict(
            f"The {in_words(gate)} gate still needs: {', '.join(map(in_words, outstanding))}. "
            "Record the checks, or waive the gate.",
            errors=[
                FieldError(
                    "/stage",
                    "gate_open",
                    f"The {in_words(gate)} gate needs “{in_words(item)}”. "
                    f"Check the item `{item}` as done or not applicable, or waive the gate.",
                )
                for item in outstanding
            ],
        )


def enter_stage(session: Session, migration: Migration) -> None:
    """Record that a migration has entered its present stage, with a copy of its dates."""
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
    session: Session, migration: Migration, *, other_than: MigrationStage | None = None
) -> MigrationStageEntry | None:
    """Return the last entry of a migration into any stage except `other_than`, or None."""
    # A flush would write a new migration before all of its values are set.
    with session.no_autoflush:
        statement = sa.select(MigrationStageEntry).where(
            MigrationStageEntry.migration_id == migration.id
        )
        if other_than is not None:
            statement = statement.where(MigrationStageEntry.stage != other_than)
        return session.scalar(statement.order_by(MigrationStageEntry.ordinal.desc()).limit(1))


def get_gates(context: Context, migration: Migration) -> dict[str, Any]:
    """Assemble the gates of a migration in its current attempt, as `MigrationGatesSchema`."""
    checks, waivers = _checks(context.session, migration), _waivers(context.session, migration)
    entered = _entered(context.session, migration)
    documents = {}
    for resource, identities in ((CHECKS, checks), (WAIVERS, waivers)):
        for identity in identities.values():
            documents[identity] = orjson.loads(read_document(context, resource, identity))
    gates = []
    for gate, items in CHECKLISTS.items():
        waived = waivers.get(gate)
        gates.append(
            {
                "gate": gate,
                "passed": waived is not None or all(item in checks for item in items),
                "items": [
                    {
                        "item": item,
                        "outstanding": item not in checks,
                        "check": documents[checks[item]] if item in checks else None,
                    }
                    for item in items
                ],
                "waiver": None if waived is None else documents[waived],
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
    """List every attempt at a migration, as `MigrationAttemptsSchema`.

    An attempt that was rolled back has its dates from the moment of the roll-back.
    """
    entries = session.scalars(
        sa.select(MigrationStageEntry)
        .where(MigrationStageEntry.migration_id == migration.id)
        .order_by(MigrationStageEntry.ordinal)
    ).all()
    attempts = []
    for attempt in range(1, migration.attempt + 1):
        latest = {entry.stage: entry for entry in entries if entry.attempt == attempt}
        cutover = latest.get(MigrationStage.CUTOVER)
        roll_back = latest.get(MigrationStage.ROLLED_BACK)
        dated = roll_back or migration
        attempts.append(
            {
                "attempt": attempt,
                "planned_date": dated.planned_date,
                "forecast_date": dated.forecast_date,
                "actual_date": dated.actual_date,
                "cutover_at": cutover and cutover.entered_at,
                "rolled_back_at": roll_back and roll_back.entered_at,
                "reason": roll_back and roll_back.reason,
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
