"""Sign-offs of decisions: the agencies that must sign, and the effects of the last sign-off.

Callers must lock the decision first.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import Forbidden, conflict, invalid
from catalogue.core.transitions import require_transition
from catalogue.history.persons import find_or_add_person
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.models import (
    ALREADY_SIGNED,
    Decision,
    DecisionMember,
    SignOff,
)
from catalogue.rationalisation.states import DECISION_STEPS, OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus, SignOffVerdict
from catalogue.systems.models import System

_new_member = aliased(DecisionMember, name="new_member")
_old_member = aliased(DecisionMember, name="old_member")

_NOT_PROPOSED = "The decision is {status}, so you cannot sign it. Choose a proposed decision."
_CHANGED = (
    "The decision has changed since you read it. Read it again, then sign the new `content_hash`."
)
RESERVED = (
    "Your agency drafted or agreed to another open decision on one of these systems. Wait until that "
    "decision closes, or withdraw it if it is yours."
)


def sign_decision(
    context: Context,
    decision: Decision,
    *,
    verdict: SignOffVerdict,
    content_hash: str,
    person: str,
    role: str,
    comment: str | None = None,
    at: datetime | None = None,
) -> SignOff:
    """Sign a decision for the actor's agency, in the name of a person.

    The agency must own a member or a successor.

    The last missing agreement makes the decision agreed, and a refusal ends the proposal. An agency
    can sign after `sign_by`, because a late sign-off is better than none.

    Raises Forbidden for any other agency. Raises Conflict if the decision is not proposed, has
    changed since it was read, or is already signed. Raises Conflict too if the agency reserved a
    system for another decision. Raises Unprocessable for a refusal without a comment.
    """
    owners = owners_of(context.session, decision)
    if context.actor.agency_id is None or context.actor.agency_id not in owners:
        raise Forbidden(
            "Only an agency that owns a system of the decision can sign it. "
            "Ask one of these agencies to sign."
        )
    if decision.status is not DecisionStatus.PROPOSED:
        raise conflict("", "not_proposed", _NOT_PROPOSED.format(status=decision.status))
    if decision.content_hash != content_hash:
        raise conflict("/content_hash", "stale", _CHANGED)
    if context.actor.agency_id in _signers(decision):
        raise conflict("", "taken", ALREADY_SIGNED)
    refused = verdict is SignOffVerdict.REFUSED
    if refused and comment is None:
        raise invalid(
            "/comment", "unexplained", "A refusal needs a reason. Explain it in `comment`."
        )
    sign_off = SignOff(
        agency_id=context.actor.agency_id,
        verdict=verdict,
        comment=comment,
        content_hash=content_hash,
        person_id=find_or_add_person(context.connection, person),
        role=role,
        client_id=context.actor.client_id,
        signed_at=at or clock.now(),
    )
    if not refused:
        _reserve_systems(context, decision)
    decision.sign_offs.append(sign_off)
    if refused:
        close_decision(decision, DecisionStatus.REFUSED, at)
    elif owners <= _signers(decision):
        _agree(context.session, decision, at)
    context.session.flush()
    return sign_off


def owners_of(session: Session, decision: Decision) -> set[UUID]:
    """Return the agencies that must sign: the owners of all members and successors."""
    affected = {member.system_id for member in decision.members}
    affected |= {member.successor_id for member in decision.members if member.successor_id}
    return set(session.scalars(sa.select(System.agency_id).where(System.id.in_(affected))))


def void_sign_offs(session: Session, decision: Decision, at: datetime | None) -> None:
    """Void all sign-offs, and release the systems that they reserved.

    The proposing agency's own systems stay reserved, as they have been since the draft.
    """
    for sign_off in decision.sign_offs:
        if sign_off.voided_at is None:
            sign_off.voided_at = at or clock.now()
    owned = owned_among(session, decision, decision.agency_id)
    for member in decision.members:
        member.is_open = member.system_id in owned


def owned_among(session: Session, decision: Decision, agency_id: UUID | None) -> set[UUID]:
    """Return the systems of a decision that an agency owns."""
    members = [member.system_id for member in decision.members]
    owned = sa.select(System.id).where(System.id.in_(members), System.agency_id == agency_id)
    return set(session.scalars(owned))


def close_decision(decision: Decision, status: DecisionStatus, at: datetime | None) -> None:
    """End a decision with a status, or raise Conflict if it cannot follow the current status."""
    require_transition("decision", DECISION_STEPS, decision.status, status)
    decision.status = status
    decision.decided_at = at or clock.now()
    if status not in OPEN_DECISIONS:
        for member in decision.members:
            member.is_open = False


def replaced_by(
    decision_id: UUID, overlap_id: UUID, *, systems: Iterable[UUID] | None = None
) -> sa.Select[Any]:
    """Return the query for the agreed decisions that a decision replaces once it is agreed.

    On the same overlap, it replaces every agreed decision with one of its systems. On another
    overlap, it replaces an agreed decision if their outcomes for a shared system differ and either
    of the two retires that system. Outcomes differ if the disposition, strategy or successor
    differs. The owner agreed to both decisions, so the later decision counts. An earlier decision
    that stayed in force would mislead everyone who relies on it. Both decisions stay in force if
    their outcomes are the same, or if both keep the system.

    Agencies that signed the earlier decision see that it is superseded. They see the id of the new
    decision only if they can see that decision. The owner signs both, and finds the earlier
    decision in the briefing before signing. A decision that an agency cannot see never blocks that
    agency.

    `systems` limits the result to decisions that are replaced because of these systems.
    """
    retires = sa.or_(_new_member.disposition.not_in(STAYS), _old_member.disposition.not_in(STAYS))
    differs = sa.or_(
        _new_member.disposition != _old_member.disposition,
        _new_member.strategy != _old_member.strategy,
        _new_member.successor_id.is_distinct_from(_old_member.successor_id),
    )
    replaced = (
        sa.select(_old_member.decision_id)
        .join(_new_member, _new_member.system_id == _old_member.system_id)
        .where(
            _new_member.decision_id == decision_id,
            sa.or_(Decision.overlap_id == overlap_id, sa.and_(retires, differs)),
        )
        .correlate(Decision)
    )
    if systems is not None:
        replaced = replaced.where(_new_member.system_id.in_(systems))
    return (
        sa.select(Decision)
        .where(
            Decision.id != decision_id,
            Decision.status == DecisionStatus.AGREED,
            Decision.id.in_(replaced),
        )
        .order_by(Decision.id)
    )


def _signers(decision: Decision) -> set[UUID]:
    return {each.agency_id for each in decision.sign_offs if each.voided_at is None}


def _reserve_systems(context: Context, decision: Decision) -> None:
    """Reserve the signing agency's systems for this decision, or raise Conflict."""
    owned = owned_among(context.session, decision, context.actor.agency_id)
    reserved = set(
        context.session.scalars(
            sa.select(DecisionMember.system_id).where(
                DecisionMember.is_open,
                DecisionMember.system_id.in_(owned),
                DecisionMember.decision_id != decision.id,
            )
        )
    )
    if reserved:
        raise conflict("", "taken", RESERVED)
    for member in decision.members:
        if member.system_id in owned:
            member.is_open = True


def _agree(session: Session, decision: Decision, at: datetime | None) -> None:
    # The lock stops a decision that is agreed at the same time from replacing the same decisions.
    earlier = replaced_by(decision.id, decision.overlap_id).with_for_update(of=Decision)
    for replaced in session.scalars(earlier.execution_options(populate_existing=True)).all():
        require_transition("decision", DECISION_STEPS, replaced.status, DecisionStatus.SUPERSEDED)
        replaced.status = DecisionStatus.SUPERSEDED
        replaced.superseded_by_id = decision.id
    close_decision(decision, DecisionStatus.AGREED, at)
