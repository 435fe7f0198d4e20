"""Keeping what a programme board looks after. Its lead writes it; who sees the programme reads it."""

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

_TO_COME = "It has not come yet."


def create_milestone(context: Context, *, fields: dict[str, Any]) -> Milestone:
    """Add a milestone to a programme that the actor's agency leads."""
    milestone = Milestone()
    _begin(context, milestone, fields)
    update_milestone(context, milestone, fields)
    context.session.add(milestone)
    return milestone


def update_milestone(context: Context, milestone: Milestone, changes: dict[str, Any]) -> None:
    """Change some fields. Unprocessable names what does not fit."""
    _apply(context, milestone, changes)
    _require(milestone, _unless_past("actual_date", milestone.actual_date))


def create_risk(context: Context, *, fields: dict[str, Any]) -> Risk:
    """Record a risk of a programme that the actor's agency leads; in any status by then."""
    risk = Risk(
        status=fields.get("status", RiskStatus.OPEN),
        status_since=clock.today(),
        raised_on=clock.today(),
        probability=fields["probability"],
        impact=fields["impact"],
    )
    _begin(context, risk, fields)
    update_risk(context, risk, fields)
    context.session.add(risk)
    return risk


def update_risk(context: Context, risk: Risk, changes: dict[str, Any]) -> None:
    """Change some fields, and keep the score before. Conflict where the status may not follow."""
    before, score = risk.status, risk.score
    if changes.get("status", before) is not before:
        require_transition(RISK_STEPS, before, changes["status"])
    _apply(context, risk, changes)
    if risk.score != score:
        risk.previous_score = score
    if risk.status is not before:
        risk.status_since = clock.today()
        if risk.status is RiskStatus.OPEN and "status_reason" not in changes:
            risk.status_reason = None
    _require(risk, _risk_faults(risk))


def create_blocker(context: Context, *, fields: dict[str, Any]) -> Blocker:
    """Record what holds up a programme that the actor's agency leads, or one of its migrations."""
    blocker = Blocker(raised_on=clock.today())
    _begin(context, blocker, fields)
    update_blocker(context, blocker, fields)
    context.session.add(blocker)
    return blocker


def update_blocker(context: Context, blocker: Blocker, changes: dict[str, Any]) -> None:
    """Change some fields. To resolve it takes a day and how; to open it again, neither."""
    _apply(context, blocker, changes)
    _require(blocker, _blocker_faults(blocker))


def create_required_decision(context: Context, *, fields: dict[str, Any]) -> RequiredDecision:
    """Put a question to the board of a programme that the actor's agency leads."""
    question = RequiredDecision(status=fields.get("status", RequiredDecisionStatus.OPEN))
    _begin(context, question, fields)
    update_required_decision(context, question, fields)
    context.session.add(question)
    return question


def update_required_decision(
    context: Context, question: RequiredDecision, changes: dict[str, Any]
) -> None:
    """Change some fields. Conflict where the status may not follow the one before."""
    after = changes.get("status", question.status)
    if after is not question.status:
        require_transition(REQUIRED_DECISION_STEPS, question.status, after)
    _apply(context, question, changes)
    _require(question, _question_faults(question))


def _begin(context: Context, record: BoardRecord, fields: dict[str, Any]) -> None:
    record.programme = require_led_programme(context, fields["programme_id"])


def _apply(context: Context, record: BoardRecord, changes: dict[str, Any]) -> None:
    if changes.get("migration_id") is not None:
        with context.session.no_autoflush:
            of = sa.select(Migration.programme_id).where(Migration.id == changes["migration_id"])
            if context.session.scalar(only_visible(context, MIGRATIONS, of)) != record.programme.id:
                raise invalid("/migration_id", "unknown", "The programme has no such migration.")
    keep_previous_rating(record, changes)
    for name, value in changes.items():
        if name != "programme_id":
            setattr(record, name, value)


def _require(record: Any, faults: Iterator[FieldError]) -> None:
    errors = [*find_rating_faults(record), *faults]
    if errors:
        raise Unprocessable("The values do not fit together.", errors=errors)


def _unless_past(name: str, day: date | None) -> Iterator[FieldError]:
    if day is not None and day > clock.today():
        yield FieldError(f"/{name}", "in_future", _TO_COME)


def _risk_faults(risk: Risk) -> Iterator[FieldError]:
    yield from _unless_past("raised_on", risk.raised_on)
    if risk.status is not RiskStatus.OPEN and not risk.status_reason:
        yield FieldError("/status_reason", "incomplete", "Say why it is no longer open.")


def _blocker_faults(blocker: Blocker) -> Iterator[FieldError]:
    yield from _unless_past("raised_on", blocker.raised_on)
    yield from _unless_past("resolved_on", blocker.resolved_on)
    if blocker.resolved_on is None and blocker.resolution is not None:
        yield FieldError("/resolved_on", "incomplete", "Say on which day it was resolved.")
    if blocker.resolved_on is not None:
        if blocker.resolution is None:
            yield FieldError("/resolution", "incomplete", "Say how it was resolved.")
        if blocker.resolved_on < blocker.raised_on:
            detail = "It may not be resolved before it was raised."
            yield FieldError("/resolved_on", "out_of_order", detail)


def _question_faults(question: RequiredDecision) -> Iterator[FieldError]:
    yield from _unless_past("decided_on", question.decided_on)
    open_, decided = RequiredDecisionStatus.OPEN, RequiredDecisionStatus.DECIDED
    if question.status is decided and question.decided_on is None:
        yield FieldError("/decided_on", "incomplete", "Say on which day it was decided.")
    if question.status is not decided and question.decided_on is not None:
        yield FieldError("/decided_on", "not_decided", "Only what is decided has a day of it.")
    if question.status is not open_ and question.outcome is None:
        detail = "Say what was decided, or why nothing is to be."
        yield FieldError("/outcome", "incomplete", detail)
