"""Validation of savings by finance. Callers must lock the saving first."""

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
    """Validate a saving for finance, or return it with a note.

    - Raise Forbidden unless the actor's agency leads the programme or bears the cost.
    - Raise Forbidden if the actor is an author of the claim.
    - Raise Conflict if the claim has changed since it was read, has no evidence, or has another
      status.
    - Raise Unprocessable if the saving is returned without a note.
    """
    cost_owner = context.session.scalar(
        sa.select(System.agency_id).where(System.id == saving.line.system_id)
    )
    if context.actor.agency_id is None or context.actor.agency_id not in {
        saving.lead_agency_id,
        cost_owner,
    }:
        raise Forbidden(
            "Only the agency that leads the programme, or the agency that bears the cost, "
            "can validate this saving. Ask one of them."
        )
    if has_claimed(saving, context.actor):
        raise Forbidden(
            "You cannot validate a saving that you claimed or changed. Ask a colleague to validate it."
        )
    if saving.content_hash != content_hash:
        detail = (
            "The claim has changed since you read it. "
            "Read the saving again, then send its new `content_hash`."
        )
        raise conflict("/content_hash", "stale", detail)
    if verdict is ValidationVerdict.RETURNED:
        _require_status(saving, RETURNED_FROM, "returned")
        if note is None:
            raise invalid(
                "/note",
                "unexplained",
                "A returned saving needs a note. Explain in `note` what is missing.",
            )
        void_validations(saving, at)
    else:
        _require_status(saving, VALIDATED_FROM, "validated")
        if not saving.evidence:
            detail = "The saving has no evidence. Add evidence before you validate it."
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


def _require_status(saving: Saving, allowed: frozenset[SavingStatus], verdict: str) -> None:
    if saving.status not in allowed:
        status = saving.status.replace("_", " ")
        possible = " or ".join(sorted(each.replace("_", " ") for each in allowed))
        detail = (
            f"The saving is {status}, so it cannot be {verdict}. "
            f"Choose a saving that is {possible}."
        )
        if status == verdict:
            detail = f"The saving is already {verdict}. No action is needed."
        raise conflict("/verdict", "transition", detail)
