"""Savings: create and change. Callers that change a saving must lock it first."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import Entity
from catalogue.core.errors import Conflict, Unprocessable, conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import search_text
from catalogue.programmes.models import Programme
from catalogue.programmes.operations import require_lead
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.resources import BASELINE_LINES
from catalogue.savings.claims.allocation import allocate, set_shares
from catalogue.savings.claims.content import content_hash, note_claimant
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.realisation import realised_by_year
from catalogue.savings.claims.years import (
    find_year_errors,
    release_years,
    require_claimable,
    set_years,
)
from catalogue.savings.states import COUNTED, gate_open, require_open, require_saving_step
from catalogue.savings.vocabulary import BaselineStatus, SavingStatus
from catalogue.systems.models import System

NEEDS_REASON = frozenset({SavingStatus.MISSED, SavingStatus.WITHDRAWN})


def create_saving(context: Context, *, fields: dict[str, Any]) -> Saving:
    """Claim a saving against a line of an approved baseline.

    Raises Unprocessable with every invalid value, Conflict if the cost is already claimed in a
    year, and Forbidden unless the actor's agency leads the programme.
    """
    values = dict(fields)
    line, programme, owner = _find_line(context, values.pop("baseline_line_id"))
    saving = Saving(
        programme=programme,
        line=line,
        description=None,
        cost_to_achieve=Decimal(0),
        evidence=[],
        status=SavingStatus.IDENTIFIED,
        claimants=[],
    )
    # Without shares, the saving belongs to the agency that bears the cost.
    values.setdefault("shares", [{"agency": owner, "percent": Decimal(100)}])
    with context.session.no_autoflush:
        _apply(context, saving, values)
    context.session.add(saving)
    return saving


def update_saving(context: Context, saving: Saving, changes: dict[str, Any]) -> None:
    """Change what a saving claims, its status, or both.

    A change of the claim voids validations, and the saving becomes identified again. Raises
    Conflict if the new status cannot follow the current one, or if the claim can no longer change.
    """
    claim = dict(changes)
    status: SavingStatus | None = claim.pop("status", None)
    reason = claim.pop("status_reason", saving.status_reason)
    with context.session.no_autoflush:
        if claim:
            require_open(saving.status)
            before = saving.content_hash
            _apply(context, saving, claim)
            if saving.content_hash != before:
                void_validations(saving)
                Entity.touch(saving)
        if status is not None and status is not saving.status:
            _change_status(saving, status, reason)
        saving.status_reason = reason


def void_validations(saving: Saving, at: datetime | None = None) -> None:
    """Void every validation, so that finance must validate the saving again."""
    for validation in saving.validations:
        validation.voided_at = validation.voided_at or at or clock.now()
    if saving.status in COUNTED:
        saving.status = SavingStatus.IDENTIFIED


def _change_status(saving: Saving, status: SavingStatus, reason: str | None) -> None:
    require_saving_step(saving.status, status)
    if status in NEEDS_REASON and reason is None:
        detail = (
            f"The status needs a reason. Explain in `status_reason` why the saving is {status}."
        )
        raise invalid("/status_reason", "unexplained", detail)
    realised = realised_by_year(saving)
    if status is SavingStatus.REALISED:
        missing = [y.financial_year for y in saving.years if y.financial_year not in realised]
        if missing:
            errors = [
                gate_open(
                    "/status", f"No realised saving is recorded for {year}. Record an amount first."
                )
                for year in missing
            ]
            detail = "The saving needs a realised amount for every claimed year. Record them first."
            raise Conflict(detail, errors=errors)
    if status is SavingStatus.WITHDRAWN and realised:
        detail = (
            "The saving has realised amounts, so you cannot withdraw it. "
            "First withdraw the amounts that were recorded by mistake."
        )
        raise conflict("/status", "realised", detail)
    saving.status = status
    release_years(saving, realised=realised)


def _apply(context: Context, saving: Saving, changes: dict[str, Any]) -> None:
    values = dict(changes)
    errors = []
    years, shares = values.pop("years", None), values.pop("shares", None)
    for name, value in values.items():
        setattr(saving, name, value)
    if years is not None:
        errors += set_years(saving, years)
    if shares is not None:
        errors += set_shares(context.session, saving, shares)
    if not errors:
        errors += find_year_errors(context.session, saving, years)
    if errors:
        raise Unprocessable(
            "Some values of the saving are invalid. Correct those that `errors` lists.",
            errors=errors,
        )
    require_claimable(context.session, saving)
    allocate(saving)
    saving.search_text = search_text(saving.title, saving.description)
    new_hash = content_hash(saving)
    if new_hash != saving.content_hash:
        saving.content_hash = new_hash
        note_claimant(saving, context.actor)


def _find_line(context: Context, line_id: Any) -> tuple[BaselineLine, Programme, str]:
    """Return the baseline line, its programme, and the code of the agency that bears the cost."""
    statement = sa.select(BaselineLine).where(BaselineLine.id == line_id)
    line: BaselineLine | None = context.session.scalar(
        only_visible(context, BASELINE_LINES, statement)
    )
    if line is None:
        detail = (
            "You can see no baseline line with this id. `GET /v1/baselines` lists the baselines."
        )
        raise invalid("/baseline_line_id", "unknown", detail)
    baseline = context.session.get_one(Baseline, line.baseline_id)
    programme = baseline.programme
    require_lead(context, programme)
    if baseline.status is not BaselineStatus.APPROVED:
        detail = (
            f"The baseline is {baseline.status}. Claim against a line of the approved baseline."
        )
        raise conflict("/baseline_line_id", "not_approved", detail)
    return line, programme, owner_code(context.session, line)


def owner_code(session: Session, line: BaselineLine) -> str:
    """Return the code of the agency that bears the cost of a line."""
    return session.scalars(
        sa.select(Agency.code)
        .join(System, System.agency_id == Agency.id)
        .where(System.id == line.system_id)
    ).one()
