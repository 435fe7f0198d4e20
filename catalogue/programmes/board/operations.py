"""Operations on board records, which only the lead of the programme can change."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.core.transitions import require_transition
from catalogue.programmes.board.models import (
    OUTCOME_MISSING,
    RESOLVED_BEFORE_RAISED,
    STATUS_REASON_MISSING,
    Blocker,
    BoardRecord,
    Milestone,
    RequiredDecision,
    Risk,
)
from catalogue.programmes.board.vocabulary import (
    REQUIRED_DECISION_STEPS,
    RISK_STEPS,
    RequiredDecisionStatus,
    RiskStatus,
)
from catalogue.programmes.models import Migration
from catalogue.programmes.operations import require_led_programme
from catalogue.programmes.rating import find_rating_faults, keep_previous_rating
from catalogue.programmes.resources import MIGRATIONS

_IN_FUTURE = "The date in `{}` is in the future. Enter today's date or an earlier one."


def create_milestone(context: Context, *, fields: dict[str, Any]) -> Milestone:
    """Create a milestone in a programme that the actor's agency leads."""
    milestone = Milestone()
    _set_programme(context, milestone, fields)
    update_milestone(context, milestone, fields)
    context.session.add(milestone)
    return milestone


def update_milestone(context: Context, milestone: Milestone, changes: dict[str, Any]) -> None:
    """Change the given fields of a milestone. Raises Unprocessable with an error for each fault."""
    _apply(context, milestone, changes)
    _require_consistent(milestone, _require_past("actual_date", milestone.actual_date))


def create_risk(context: Context, *, fields: dict[str, Any]) -> Risk:
    """Create a risk, in any status, in a programme that the actor's agency leads."""
    risk = Risk(
        status=fields.get("status", RiskStatus.OPEN),
        status_since=clock.today(),
        raised_on=clock.today(),
        probability=fields["probability"],
        impact=fields["impact"],
    )
    _set_programme(context, risk, fields)
    update_risk(context, risk, fields)
    context.session.add(risk)
    return risk


def update_risk(context: Context, risk: Risk, changes: dict[str, Any]) -> None:
    """Change the given fields of a risk, and keep its previous score if the score changes.

    Raises Conflict if the new status cannot follow the current one.
    """
    before, score = risk.status, risk.score
    if changes.get("status", before) is not before:
        require_transition("risk", RISK_STEPS, before, changes["status"])
    _apply(context, risk, changes)
    if risk.score != score:
        risk.previous_score = score
    if risk.status is not before:
        risk.status_since = clock.today()
        if risk.status is RiskStatus.OPEN and "status_reason" not in changes:
            risk.status_reason = None
    _require_consistent(risk, _risk_faults(risk))


def create_blocker(context: Context, *, fields: dict[str, Any]) -> Blocker:
    """Create a blocker in a programme that the actor's agency leads."""
    blocker = Blocker(raised_on=clock.today())
    _set_programme(context, blocker, fields)
    update_blocker(context, blocker, fields)
    context.session.add(blocker)
    return blocker


def update_blocker(context: Context, blocker: Blocker, changes: dict[str, Any]) -> None:
    """Change the given fields of a blocker.

    A resolved blocker needs a date and a resolution, and an open blocker has neither.
    """
    _apply(context, blocker, changes)
    _require_consistent(blocker, _blocker_faults(blocker))


def create_required_decision(context: Context, *, fields: dict[str, Any]) -> RequiredDecision:
    """Create a question for the board of a programme that the actor's agency leads."""
    question = RequiredDecision(status=fields.get("status", RequiredDecisionStatus.OPEN))
    _set_programme(context, question, fields)
    update_required_decision(context, question, fields)
    context.session.add(question)
    return question


def update_required_decision(
    context: Context, question: RequiredDecision, changes: dict[str, Any]
) -> None:
    """Change the given fields of a required decision.

    Raises Conflict if the new status cannot follow the current one.
    """
    after = changes.get("status", question.status)
    if after is not question.status:
        require_transition("required decision", REQUIRED_DECISION_STEPS, question.status, after)
    _apply(context, question, changes)
    _require_consistent(question, _question_faults(question))


def _set_programme(context: Context, record: BoardRecord, fields: dict[str, Any]) -> None:
    record.programme = require_led_programme(context, fields["programme_id"])


def _apply(context: Context, record: BoardRecord, changes: dict[str, Any]) -> None:
    if changes.get("migration_id") is not None:
        with context.session.no_autoflush:
            statement = only_visible(
                context,
                MIGRATIONS,
                sa.select(Migration.programme_id).where(Migration.id == changes["migration_id"]),
            )
            if context.session.scalar(statement) != record.programme.id:
                detail = (
                    "The programme has no migration with this id that you can see. "
                    "`GET /v1/migrations` lists the migrations."
                )
                raise invalid("/migration_id", "unknown", detail)
    keep_previous_rating(record, changes)
    for name, value in changes.items():
        if name != "programme_id":
            setattr(record, name, value)


def _require_consistent(record: Any, faults: Iterator[FieldError]) -> None:
    errors = [*find_rating_faults(record), *faults]
    if errors:
        raise Unprocessable(
            "Some values are missing or invalid. Correct those that `errors` lists.", errors=errors
        )


def _require_past(name: str, day: date | None) -> Iterator[FieldError]:
    if day is not None and day > clock.today():
        yield FieldError(f"/{name}", "in_future", _IN_FUTURE.format(name))


def _risk_faults(risk: Risk) -> Iterator[FieldError]:
    yield from _require_past("raised_on", risk.raised_on)
    if risk.status is not RiskStatus.OPEN and not risk.status_reason:
        yield FieldError("/status_reason", "incomplete", STATUS_REASON_MISSING)


def _blocker_faults(blocker: Blocker) -> Iterator[FieldError]:
    yield from _require_past("raised_on", blocker.raised_on)
    yield from _require_past("resolved_on", blocker.resolved_on)
    if blocker.resolved_on is None and blocker.resolution is not None:
        detail = (
            "The blocker has a `resolution` but no date. Enter the date in `resolved_on`, "
            "or remove the resolution."
        )
        yield FieldError("/resolved_on", "incomplete", detail)
    if blocker.resolved_on is not None:
        if blocker.resolution is None:
            detail = (
                "The resolution is missing. Describe in `resolution` how the blocker was resolved."
            )
            yield FieldError("/resolution", "incomplete", detail)
        if blocker.resolved_on < blocker.raised_on:
            yield FieldError("/resolved_on", "out_of_order", RESOLVED_BEFORE_RAISED)


def _question_faults(question: RequiredDecision) -> Iterator[FieldError]:
    yield from _require_past("decided_on", question.decided_on)
    open_, decided = RequiredDecisionStatus.OPEN, RequiredDecisionStatus.DECIDED
    if question.status is decided and question.decided_on is None:
        detail = "The date of the decision is missing. Enter it in `decided_on`."
        yield FieldError("/decided_on", "incomplete", detail)
    if question.status is not decided and question.decided_on is not None:
        detail = "Only a decision with the status `decided` has `decided_on`. Remove the date."
        yield FieldError("/decided_on", "not_decided", detail)
    if question.status is not open_ and question.outcome is None:
        yield FieldError("/outcome", "incomplete", OUTCOME_MISSING)
