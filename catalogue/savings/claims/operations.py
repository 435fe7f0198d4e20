"""Claiming savings and changing them. Whoever calls to change one has locked it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import Entity
from catalogue.core.errors import Conflict, Forbidden, Unprocessable, conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import search_text
from catalogue.programmes.models import Programme
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
    """Claim a saving of a line of an approved baseline, for a programme that the actor's agency
    leads. Unprocessable names what does not fit; Conflict if the line is claimed in a year already.
    """
    rest = dict(fields)
    line, programme, owner = _line(context, rest.pop("baseline_line_id"))
    saving = Saving(
        programme=programme,
        line=line,
        description=None,
        cost_to_achieve=Decimal(0),
        evidence=[],
        status=SavingStatus.IDENTIFIED,
        claimants=[],
    )
    # Where nobody says otherwise, it is a saving of whose cost it was.
    rest.setdefault("shares", [{"agency": owner, "percent": Decimal(100)}])
    with context.session.no_autoflush:
        _apply(context, saving, rest)
    context.session.add(saving)
    return saving


def update_saving(context: Context, saving: Saving, changes: dict[str, Any]) -> None:
    """Change what a saving claims, its status, or both.

    What was validated and now says something else is identified again. Conflict where the status
    may not follow, or what is claimed may not be changed any more.
    """
    plain = dict(changes)
    asked: SavingStatus | None = plain.pop("status", None)
    reason = plain.pop("status_reason", saving.status_reason)
    with context.session.no_autoflush:
        if plain:
            require_open(saving.status)
            before = saving.content_hash
            _apply(context, saving, plain)
            if saving.content_hash != before:
                void_validations(saving)
                Entity.touch(saving)
        if asked is not None and asked is not saving.status:
            _enter(saving, asked, reason)
        saving.status_reason = reason


def void_validations(saving: Saving, at: datetime | None = None) -> None:
    """Let what finance said count no more: the saving has to be validated again."""
    for said in saving.validations:
        said.voided_at = said.voided_at or at or clock.now()
    if saving.status in COUNTED:
        saving.status = SavingStatus.IDENTIFIED


def _enter(saving: Saving, status: SavingStatus, reason: str | None) -> None:
    require_saving_step(saving.status, status)
    if status in NEEDS_REASON and reason is None:
        raise invalid("/status_reason", "unexplained", f"Say why it is {status}.")
    realised = realised_by_year(saving)
    if status is SavingStatus.REALISED:
        missing = [y.financial_year for y in saving.years if y.financial_year not in realised]
        if missing:
            errors = [
                gate_open("/status", f"Nothing is recorded as realised in {year}.")
                for year in missing
            ]
            detail = "It is realised once something is recorded for each year that it claims."
            raise Conflict(detail, errors=errors)
    if status is SavingStatus.WITHDRAWN and realised:
        detail = "Money was realised of it; withdraw what was recorded by mistake first."
        raise conflict("/status", "realised", detail)
    saving.status = status
    release_years(saving, kept=realised)


def _apply(context: Context, saving: Saving, changes: dict[str, Any]) -> None:
    plain = dict(changes)
    errors = []
    years, shares = plain.pop("years", None), plain.pop("shares", None)
    for name, value in plain.items():
        setattr(saving, name, value)
    if years is not None:
        errors += set_years(saving, years)
    if shares is not None:
        errors += set_shares(context.session, saving, shares)
    if not errors:
        errors += find_year_errors(context.session, saving, years)
    if errors:
        raise Unprocessable("The saving's values do not fit together.", errors=errors)
    require_claimable(context.session, saving)
    allocate(saving)
    saving.search_text = search_text(saving.title, saving.description)
    hashed = content_hash(saving)
    if hashed != saving.content_hash:
        saving.content_hash = hashed
        note_claimant(saving, context.actor)


def _line(context: Context, line_id: Any) -> tuple[BaselineLine, Programme, str]:
    """The line that a body names, its programme, and the code of the agency whose cost it is."""
    asked = sa.select(BaselineLine).where(BaselineLine.id == line_id)
    line: BaselineLine | None = context.session.scalar(only_visible(context, BASELINE_LINES, asked))
    if line is None:
        raise invalid("/baseline_line_id", "unknown", "There is no such line of a baseline.")
    baseline = context.session.get_one(Baseline, line.baseline_id)
    programme = baseline.programme
    if programme.agency_id != context.actor.agency_id:
        raise Forbidden("Only the agency that leads the programme may do so.")
    if baseline.status is not BaselineStatus.APPROVED:
        detail = f"The baseline is {baseline.status}; savings are claimed of the approved one."
        raise conflict("/baseline_line_id", "not_approved", detail)
    return line, programme, owner_code(context.session, line)


def owner_code(session: Session, line: BaselineLine) -> str:
    """The code of the agency whose cost a line is."""
    return session.scalars(
        sa.select(Agency.code)
        .join(System, System.agency_id == Agency.id)
        .where(System.id == line.system_id)
    ).one()
