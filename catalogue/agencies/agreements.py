"""Collaboration agreements: proposing, accepting and ending them.

The caller has locked the agreement.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
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
from catalogue.core.errors import (
    END_BEFORE_START,
    FieldError,
    Forbidden,
    Unprocessable,
    conflict,
    invalid,
)
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.text import format_date, search_text
from catalogue.history.persons import find_or_add_person

FEWEST_PARTIES = 2


def propose_agreement(context: Context, *, fields: dict[str, Any]) -> CollaborationAgreement:
    """Propose an agreement to its parties. The actor's agency leads it, and must accept it too.

    Raises Forbidden for an actor without an agency, and Unprocessable for invalid values.
    """
    agency_id = context.require_agency("An agreement is led by an agency")
    agreement = CollaborationAgreement(agency_id=agency_id)
    _apply(context.session, agreement, fields)
    context.session.add(agreement)
    return agreement


def change_agreement(
    session: Session, agreement: CollaborationAgreement, changes: dict[str, Any]
) -> None:
    """Change the terms. Any change voids all acceptances and withdrawals.

    Raises Conflict if the agreement is terminated. A request that changes no value voids nothing.
    """
    _require_not_terminated(agreement)
    before = agreement.content_hash
    _apply(session, agreement, changes)
    if agreement.content_hash != before:
        # One flush, so that one change set of the audit log holds the change and what it voids.
        with session.no_autoflush:
            agreement.acceptances.clear()
            agreement.withdrawals.clear()
        _record_change(session, agreement)


def accept_agreement(
    context: Context,
    agreement: CollaborationAgreement,
    *,
    content_hash: str,
    person: str,
    role: str,
) -> None:
    """Accept the terms with this hash for the actor's agency, in the name of a person.

    Once every party has accepted, the agreement is in force from its start date. Raises Forbidden
    for an agency that is not a party. Raises Conflict if the agreement has ended, if its terms have
    changed since they were read, or if the agency has already accepted or withdrawn.
    """
    _require_party(agreement, context.actor)
    _require_not_terminated(agreement)
    if agreement.end_date is not None and agreement.end_date < clock.today():
        raise conflict(
            "",
            "ended",
            f"The agreement ended on {format_date(agreement.end_date)}, so you cannot accept it. "
            "The lead agency can set a later `end_date`.",
        )
    if agreement.content_hash != content_hash:
        raise conflict(
            "/content_hash",
            "stale",
            "The agreement has changed since you read it. Read it again, then accept the new "
            "`content_hash`.",
        )
    if any(each.agency_id == context.actor.agency_id for each in agreement.withdrawals):
        raise conflict(
            "",
            "withdrawn",
            "Your agency withdrew from this agreement. It can accept again after the lead agency "
            "changes the agreement.",
        )
    if any(each.agency_id == context.actor.agency_id for each in agreement.acceptances):
        detail = "Your agency has already accepted this agreement. No action is needed."
        raise conflict("", "taken", detail)
    agreement.acceptances.append(
        AgreementAcceptance(
            agency_id=context.actor.agency_id,
            content_hash=content_hash,
            person_id=find_or_add_person(context.connection, person),
            role=role,
            accepted_at=clock.now(),
        )
    )
    _record_change(context.session, agreement)


def withdraw_from_agreement(
    context: Context, agreement: CollaborationAgreement, *, reason: str
) -> None:
    """Withdraw the actor's agency, or refuse the terms. Sharing stops with the next request.

    Raises Forbidden for an agency that is not a party. Raises Conflict if the agreement is
    terminated, or if the agency has already withdrawn.
    """
    _require_party(agreement, context.actor)
    _require_not_terminated(agreement)
    if any(each.agency_id == context.actor.agency_id for each in agreement.withdrawals):
        detail = "Your agency has already withdrawn from this agreement. No action is needed."
        raise conflict("", "taken", detail)
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
    """End an agreement at once and permanently. Raises Conflict if it is already terminated."""
    _require_not_terminated(agreement)
    agreement.terminated_at = clock.now()
    _record_change(session, agreement)


def content_hash(agreement: CollaborationAgreement) -> str:
    """Return the SHA-256 of the terms. The order of the parties does not matter."""
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
    """Return the agencies with these codes. `codes` maps each code to its pointer into the body.

    Raises Unprocessable for every agency that is unknown or has ended.
    """
    known = {
        each.code: each for each in session.scalars(sa.select(Agency).where(Agency.code.in_(codes)))
    }
    errors: list[FieldError] = []
    for code, pointer in codes.items():
        agency = known.get(code)
        if agency is None:
            errors.append(FieldError(pointer, "unknown", unknown_agency(session, code)))
        elif agency.valid_to is not None and agency.valid_to < clock.today():
            detail = f"{agency.name} ended on {format_date(agency.valid_to)}. Name its successor."
            errors.append(FieldError(pointer, "ended", detail))
    if errors:
        raise Unprocessable(
            "Some agencies are unknown or have ended. Correct those that `errors` lists.",
            errors=errors,
        )
    return known


def _apply(session: Session, agreement: CollaborationAgreement, changes: dict[str, Any]) -> None:
    values = dict(changes)
    with session.no_autoflush:
        if "parties" in values:
            _set_parties(session, agreement, values.pop("parties"))
        for name, value in values.items():
            setattr(agreement, name, value)
        if agreement.end_date is not None and agreement.end_date < agreement.start_date:
            raise invalid("/end_date", "out_of_order", END_BEFORE_START)
        agreement.search_text = search_text(agreement.title)
        agreement.content_hash = content_hash(agreement)


def _set_parties(session: Session, agreement: CollaborationAgreement, codes: list[str]) -> None:
    named = find_current_agencies(session, {code: f"/parties/{i}" for i, code in enumerate(codes)})
    wanted = {agency.id for agency in named.values()} | {agreement.agency_id}
    if len(wanted) < FEWEST_PARTIES:
        raise invalid(
            "/parties",
            "too_few",
            "The agreement has only its lead as a party. Name at least one other agency.",
        )
    present = {party.agency_id: party for party in agreement.parties}
    agreement.parties = [
        present.get(each) or AgreementParty(agency_id=each) for each in sorted(wanted)
    ]


def _require_party(agreement: CollaborationAgreement, actor: Actor) -> None:
    # The agency was a party when it read the agreement. While its request waited for the lock,
    # the lead may have removed it.
    if all(party.agency_id != actor.agency_id for party in agreement.parties):
        raise Forbidden(
            "Your agency is no longer a party to this agreement. Ask the lead agency to add it."
        )


def _require_not_terminated(agreement: CollaborationAgreement) -> None:
    if agreement.terminated_at is not None:
        raise conflict(
            "",
            "terminated",
            "The agreement is terminated, so you cannot change it. Create another agreement.",
        )


def _record_change(session: Session, agreement: CollaborationAgreement) -> None:
    """Date the change, and have every process look up sharing again on its next request."""
    agreement.touch()
    session.flush()
    bump_permissions_version(session)
