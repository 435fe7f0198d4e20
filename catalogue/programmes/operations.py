"""Operations on programmes and waves, which only the lead agency can change."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency, CollaborationAgreement
from catalogue.agencies.resources import AGREEMENTS
from catalogue.core.context import Context
from catalogue.core.errors import END_BEFORE_START, Forbidden, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible, require_seen
from catalogue.core.text import name_key, search_text
from catalogue.core.transitions import require_transition
from catalogue.programmes.models import (
    FREEZE_ENDS_BEFORE_START,
    Programme,
    Wave,
)
from catalogue.programmes.rating import find_rating_faults, keep_previous_rating
from catalogue.programmes.resources import PROGRAMMES
from catalogue.programmes.stages import PROGRAMME_STEPS
from catalogue.programmes.vocabulary import ProgrammeStatus


def create_programme(context: Context, *, fields: dict[str, Any]) -> Programme:
    """Create a programme that the actor's agency leads.

    Raises Unprocessable with an error for each invalid field.
    """
    agency_id = context.require_agency("A programme is led by an agency")
    status = fields.get("status", ProgrammeStatus.PLANNED)
    programme = Programme(agency_id=agency_id, status=status)
    _apply_to_programme(context, programme, fields)
    context.session.add(programme)
    return programme


def update_programme(context: Context, programme: Programme, changes: dict[str, Any]) -> None:
    """Change the given fields of a programme.

    Raises Conflict if the new status cannot follow the current one.
    """
    after = changes.get("status", programme.status)
    if after is not programme.status:
        require_transition("programme", PROGRAMME_STEPS, programme.status, after)
    _apply_to_programme(context, programme, changes)


def _apply_to_programme(context: Context, programme: Programme, changes: dict[str, Any]) -> None:
    plain = dict(changes)
    if plain.get("agreement_id") is not None:
        with context.session.no_autoflush:
            _require_party(context, plain["agreement_id"])
    if "target_agency" in plain:
        code = plain.pop("target_agency")
        with context.session.no_autoflush:
            target = context.session.scalar(sa.select(Agency.id).where(Agency.code == code))
        if code is not None and target is None:
            detail = unknown_agency(context.session, code)
            raise invalid("/target_agency", "unknown", detail)
        programme.target_agency_id = target
    keep_previous_rating(programme, plain)
    for name, value in plain.items():
        setattr(programme, name, value)
    _require_date_order(programme)
    _require_complete_rating(programme)
    programme.search_text = search_text(programme.title, programme.summary)


def create_wave(context: Context, *, fields: dict[str, Any]) -> Wave:
    """Create a wave in a programme that the actor's agency leads."""
    programme = require_led_programme(context, fields["programme_id"])
    wave = Wave(programme=programme)
    update_wave(wave, {name: value for name, value in fields.items() if name != "programme_id"})
    context.session.add(wave)
    return wave


def update_wave(wave: Wave, changes: dict[str, Any]) -> None:
    """Change the given fields of a wave, without checking dependencies.

    `update_wave_in_order` also checks the dependencies of the wave's migrations.
    """
    keep_previous_rating(wave, changes)
    for name, value in changes.items():
        setattr(wave, name, value)
    _require_date_order(wave)
    _require_freeze(wave)
    _require_complete_rating(wave)
    wave.name_key = name_key(wave.name)


def require_led_programme(context: Context, programme_id: UUID) -> Programme:
    """Get the programme to which a request adds a record.

    Raises Unprocessable if the actor cannot see the programme, and Forbidden if the actor's agency
    does not lead it.
    """
    statement = sa.select(Programme).where(Programme.id == programme_id)
    programme: Programme = require_seen(context, PROGRAMMES, "/programme_id", statement)
    require_lead(context, programme)
    return programme


def require_lead(context: Context, programme: Programme) -> None:
    """Raise Forbidden unless the actor's agency leads the programme."""
    if programme.agency_id != context.actor.agency_id:
        raise Forbidden(
            "Only the agency that leads the programme can add or change its records. "
            "Ask that agency to make the change."
        )


def _require_party(context: Context, agreement_id: UUID) -> None:
    statement = sa.select(CollaborationAgreement.id).where(
        CollaborationAgreement.id == agreement_id
    )
    if context.session.scalar(only_visible(context, AGREEMENTS, statement)) is None:
        detail = (
            "Your agency is not a party to an agreement with this id. "
            "`GET /v1/agreements` lists the agreements."
        )
        raise invalid("/agreement_id", "unknown", detail)


def _require_complete_rating(rated: Programme | Wave) -> None:
    errors = list(find_rating_faults(rated))
    if errors:
        raise Unprocessable(
            "The rating is incomplete. Add the fields that `errors` lists.", errors=errors
        )


def _require_freeze(wave: Wave) -> None:
    first, last = wave.freeze_start, wave.freeze_end
    if (first is None) is not (last is None):
        missing = "freeze_start" if first is None else "freeze_end"
        detail = f"A change freeze needs both dates. Enter `{missing}`, or remove the other date."
        raise invalid(f"/{missing}", "incomplete", detail)
    if first and last and last < first:
        raise invalid("/freeze_end", "out_of_order", FREEZE_ENDS_BEFORE_START)


def _require_date_order(dated: Programme | Wave) -> None:
    if dated.start_date and dated.end_date and dated.end_date < dated.start_date:
        raise invalid("/end_date", "out_of_order", END_BEFORE_START)
