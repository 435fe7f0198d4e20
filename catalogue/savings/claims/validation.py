"""What finance says to a saving, before it counts. Whoever calls has locked the saving."""

from datetime import datetime

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import Entity
from catalogue.core.errors import Conflict, Forbidden, conflict, invalid
from catalogue.savings.claims.content import has_claimed
from catalogue.savings.claims.models import Saving, SavingValidation
from catalogue.savings.claims.operations import void_validations
from catalogue.savings.states import RETURNED_FROM, VALIDATED_FROM, gate_open
from catalogue.savings.vocabulary import SavingStatus, ValidationVerdict
from catalogue.systems.models import System


def validate_saving(
    context: Context,
    saving: Saving,
    *,
    verdict: ValidationVerdict,
    name: str,
    content_hash: str,
    note: str | None = None,
    at: datetime | None = None,
) -> None:
    """Validate a saving for finance, or return it to be claimed better.

    For the agency that leads the programme, or the one whose cost it was; Forbidden for others, and
    for whoever wrote something of what is claimed. Conflict if it is not what was read, is at
    another status, or has no evidence; Unprocessable if it is returned without a note.
    """
    cost_owner = context.session.scalar(
        sa.select(System.agency_id).where(System.id == saving.line.system_id)
    )
    if context.actor.agency_id is None or context.actor.agency_id not in {
        saving.lead_agency_id,
        cost_owner,
    }:
        raise Forbidden("Finance of the lead agency validates it, or of whose cost it was.")
    if has_claimed(saving, context.actor):
        raise Forbidden("Whoever claimed a saving, or changed the claim, does not validate it.")
    if saving.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "What is claimed is not what was read.")
    if verdict is ValidationVerdict.RETURNED:
        _require_status(saving, RETURNED_FROM, "returned")
        if note is None:
            raise invalid("/note", "unexplained", "Say what is missing.")
        void_validations(saving, at)
    else:
        _require_status(saving, VALIDATED_FROM, "validated")
        if not saving.evidence:
            detail = "It is validated by its evidence, and there is none."
            raise Conflict(detail, errors=[gate_open("/verdict", detail)])
        saving.status = SavingStatus.VALIDATED
    saving.validations.append(
        SavingValidation(
            agency_id=context.actor.agency_id,
            verdict=verdict,
            name=name,
            note=note,
            content_hash=content_hash,
            recorded_at=at or clock.now(),
        )
    )
    Entity.touch(saving)
    context.session.flush()


def _require_status(saving: Saving, wanted: frozenset[SavingStatus], what: str) -> None:
    if saving.status not in wanted:
        detail = f"The saving is {saving.status}, and is not {what}."
        raise conflict("/verdict", "transition", detail)
