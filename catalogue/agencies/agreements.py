"""Making, accepting and ending collaboration agreements. Whoever calls has locked the agreement."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import (
    Agency,
    AgreementAcceptance,
    AgreementParty,
    AgreementWithdrawal,
    CollaborationAgreement,
)
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.canonical import content_digest
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Forbidden, Unprocessable, conflict, invalid
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.text import search_text

FEWEST_PARTIES = 2


def propose_agreement(context: Context, *, fields: dict[str, Any]) -> CollaborationAgreement:
    """Put an agreement before its parties. The actor's agency leads, and has yet to accept it too.

    Forbidden for one who acts for no agency; Unprocessable names what does not fit.
    """
    agency_id = context.require_agency("An agreement is led by an agency")
    agreement = CollaborationAgreement(agency_id=agency_id)
    _apply(context.session, agreement, fields)
    context.session.add(agreement)
    return agreement


def change_agreement(
    session: Session, agreement: CollaborationAgreement, changes: dict[str, Any]
) -> None:
    """Change what is agreed: whatever the parties said of it is void, and all have to accept anew.

    Conflict once it is terminated. What changes nothing voids nothing.
    """
    _require_not_terminated(agreement)
    before = agreement.content_hash
    _apply(session, agreement, changes)
    if agreement.content_hash != before:
        # One flush, so that history tells of the change and what it voids together.
        with session.no_autoflush:
            agreement.acceptances.clear()
            agreement.withdrawals.clear()
        _record_change(session, agreement)


def accept_agreement(
    context: Context, agreement: CollaborationAgreement, *, content_hash: str
) -> None:
    """Accept for a party what it read; the last acceptance brings it into force on its first day.

    Forbidden for another agency. Conflict if it is over, is not what was read, or if the party
    accepted it already or withdrew from it.
    """
    _require_party(agreement, context.actor)
    _require_not_terminated(agreement)
    if agreement.end_date is not None and agreement.end_date < clock.today():
        raise conflict("", "ended", f"The agreement ended on {agreement.end_date}.")
    if agreement.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "What is to be accepted is not what was read.")
    if any(each.agency_id == context.actor.agency_id for each in agreement.withdrawals):
        raise conflict("", "withdrawn", "Your agency withdrew; the lead has to change it first.")
    if any(each.agency_id == context.actor.agency_id for each in agreement.acceptances):
        raise conflict("", "taken", "Your agency has accepted this agreement already.")
    agreement.acceptances.append(
        AgreementAcceptance(
            agency_id=context.actor.agency_id, content_hash=content_hash, accepted_at=clock.now()
        )
    )
    _record_change(context.session, agreement)


def withdraw_from_agreement(
    context: Context, agreement: CollaborationAgreement, *, reason: str
) -> None:
    """Take a party's acceptance back, or refuse it: nothing is shared from the next request on.

    Forbidden for another agency. Conflict if it is terminated, or the party withdrew already.
    """
    _require_party(agreement, context.actor)
    _require_not_terminated(agreement)
    if any(each.agency_id == context.actor.agency_id for each in agreement.withdrawals):
        raise conflict("", "taken", "Your agency has withdrawn from this agreement already.")
    agreement.acceptances = [
        each for each in agreement.acceptances if each.agency_id != context.actor.agency_id
    ]
    agreement.withdrawals.append(
        AgreementWithdrawal(
            agency_id=context.actor.agency_id, reason=reason, withdrawn_at=clock.now()
        )
    )
    _record_change(context.session, agreement)


def terminate_agreement(session: Session, agreement: CollaborationAgreement) -> None:
    """End it at once and for good. Conflict if that was done already."""
    _require_not_terminated(agreement)
    agreement.terminated_at = clock.now()
    _record_change(session, agreement)


def content_hash(agreement: CollaborationAgreement) -> str:
    """SHA-256 of what is agreed, the same for the same content whatever order it came in."""
    end, url = agreement.end_date, agreement.decision_notice_url
    content = {
        "title": agreement.title,
        "instrument": agreement.instrument.value,
        "lead_agency": str(agreement.agency_id),
        "parties": sorted(str(party.agency_id) for party in agreement.parties),
        "start_date": agreement.start_date.isoformat(),
        "end_date": end.isoformat() if end else None,
        "decision_notice_url": url,
        "field_profile": agreement.field_profile.value,
    }
    return content_digest(content)


def find_current_agencies(session: Session, codes: dict[str, str]) -> dict[str, Agency]:
    """The agencies with these codes, each with the pointer to where it is named.

    Unprocessable names every one that is not recorded, or has ended.
    """
    known = {
        each.code: each for each in session.scalars(sa.select(Agency).where(Agency.code.in_(codes)))
    }
    errors: list[FieldError] = []
    for code, pointer in codes.items():
        agency = known.get(code)
        if agency is None:
            errors.append(FieldError(pointer, "unknown", f"There is no agency {code!r}."))
        elif agency.valid_to is not None and agency.valid_to < clock.today():
            detail = f"{agency.name} ended on {agency.valid_to}."
            errors.append(FieldError(pointer, "ended", detail))
    if errors:
        raise Unprocessable("It names an agency that is not there.", errors=errors)
    return known


def _apply(session: Session, agreement: CollaborationAgreement, changes: dict[str, Any]) -> None:
    values = dict(changes)
    with session.no_autoflush:
        if "parties" in values:
            _set_parties(session, agreement, values.pop("parties"))
        for name, value in values.items():
            setattr(agreement, name, value)
        if agreement.end_date is not None and agreement.end_date < agreement.start_date:
            raise invalid("/end_date", "out_of_order", "It may not end before it starts.")
        agreement.search_text = search_text(agreement.title)
        agreement.content_hash = content_hash(agreement)


def _set_parties(session: Session, agreement: CollaborationAgreement, codes: list[str]) -> None:
    named = find_current_agencies(session, {code: f"/parties/{i}" for i, code in enumerate(codes)})
    wanted = {agency.id for agency in named.values()} | {agreement.agency_id}
    if len(wanted) < FEWEST_PARTIES:
        raise invalid("/parties", "too_few", "Name another agency besides the lead.")
    present = {party.agency_id: party for party in agreement.parties}
    agreement.parties = [
        present.get(each) or AgreementParty(agency_id=each) for each in sorted(wanted)
    ]


def _require_party(agreement: CollaborationAgreement, actor: Actor) -> None:
    # The row rule let a party in; but while it waited for the lock, it may have been taken out.
    if all(party.agency_id != actor.agency_id for party in agreement.parties):
        raise Forbidden("Only a party to the agreement may do this.")


def _require_not_terminated(agreement: CollaborationAgreement) -> None:
    if agreement.terminated_at is not None:
        raise conflict("", "terminated", "The agreement is terminated.")


def _record_change(session: Session, agreement: CollaborationAgreement) -> None:
    """Date the change, and let every process know on its next request."""
    agreement.touch()
    session.flush()
    bump_permissions_version(session)
