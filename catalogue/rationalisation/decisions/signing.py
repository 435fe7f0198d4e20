"""Signing decisions: whose signatures one needs, and what follows from the last of them.

Whoever calls has locked the decision.
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
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.models import Decision, DecisionMember, SignOff
from catalogue.rationalisation.states import DECISION_STEPS, OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus, SignOffVerdict
from catalogue.systems.models import System

_mine, _theirs = aliased(DecisionMember, name="mine"), aliased(DecisionMember, name="theirs")


def sign_decision(
    context: Context,
    decision: Decision,
    *,
    verdict: SignOffVerdict,
    content_hash: str,
    comment: str | None = None,
    at: datetime | None = None,
) -> SignOff:
    """Sign for an agency that owns one of the systems; the last signature makes it agreed.

    After `sign_by` as well: what is overdue is for people to chase, and better late than never.
    Forbidden for another agency. Conflict if the decision is not proposed, is not the one that
    was read, or is signed already; Unprocessable if it is refused without a comment.
    """
    owners = owners_of(context.session, decision)
    if context.actor.agency_id is None or context.actor.agency_id not in owners:
        raise Forbidden("Only an agency that owns one of the systems signs.")
    if decision.status is not DecisionStatus.PROPOSED:
        raise conflict("", "not_proposed", f"The decision is {decision.status}.")
    if decision.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "What is proposed is not what was read.")
    if context.actor.agency_id in _signers(decision):
        raise conflict("", "taken", "The agency has signed this decision already.")
    refused = verdict is SignOffVerdict.REFUSED
    if refused and comment is None:
        raise invalid("/comment", "unexplained", "Say why your agency refuses.")
    sign_off = SignOff(
        agency_id=context.actor.agency_id,
        verdict=verdict,
        comment=comment,
        content_hash=content_hash,
        client_id=context.actor.client_id,
        signed_at=at or clock.now(),
    )
    if not refused:
        _claim(context, decision)
    decision.sign_offs.append(sign_off)
    if refused:
        close_decision(decision, DecisionStatus.REFUSED, at)
    elif owners <= _signers(decision):
        _agree(context.session, decision, at)
    context.session.flush()
    return sign_off


def owners_of(session: Session, decision: Decision) -> set[UUID]:
    """The agencies whose signatures a decision needs: they own a member, or what takes over."""
    concerned = {member.system_id for member in decision.members}
    concerned |= {member.successor_id for member in decision.members if member.successor_id}
    return set(session.scalars(sa.select(System.agency_id).where(System.id.in_(concerned))))


def void_signatures(session: Session, decision: Decision, at: datetime | None) -> None:
    """Let what was signed count no more, and give back the systems that were claimed by it.

    The proposer's own stay with the proposal, as they have since it was drafted.
    """
    for sign_off in decision.sign_offs:
        if sign_off.voided_at is None:
            sign_off.voided_at = at or clock.now()
    owned = owned_among(session, decision, decision.agency_id)
    for member in decision.members:
        member.is_open = member.system_id in owned


def owned_among(session: Session, decision: Decision, agency_id: UUID | None) -> set[UUID]:
    """The members of a decision that an agency owns."""
    members = [member.system_id for member in decision.members]
    owned = sa.select(System.id).where(System.id.in_(members), System.agency_id == agency_id)
    return set(session.scalars(owned))


def close_decision(decision: Decision, status: DecisionStatus, at: datetime | None) -> None:
    """End it in this status. Conflict if it may not follow the present one."""
    require_transition(DECISION_STEPS, decision.status, status)
    decision.status = status
    decision.decided_at = at or clock.now()
    if status not in OPEN_DECISIONS:
        for member in decision.members:
            member.is_open = False


def replaced_by(
    decision_id: UUID, overlap_id: UUID, *, systems: Iterable[UUID] | None = None
) -> sa.Select[Any]:
    """The agreed decisions whose place another takes once it is agreed itself.

    On the same overlap, each that is about one of its systems. On any other overlap, each that says
    something else of a system that is to go by one of the two: stays here and goes there, or goes
    to another successor, in another way. An agency that agrees to both has changed its mind, and
    what it agreed with others first is no longer so; to leave that standing beside the new one
    would mislead all who rely on it. Two that agree on the system, or by which it stays as what
    others move to, stand beside each other.

    Who signed the earlier one is told that it is superseded, since it was theirs too; and by what,
    only if it sees that. Its owner, who signs both, finds it in the paper before it signs. Nothing
    is refused to anybody for a decision that it may not see.

    `systems` narrows it to those that are replaced for one of these.
    """
    goes = sa.or_(_mine.disposition.not_in(STAYS), _theirs.disposition.not_in(STAYS))
    differ = sa.or_(
        _mine.disposition != _theirs.disposition,
        _mine.strategy != _theirs.strategy,
        _mine.successor_id.is_distinct_from(_theirs.successor_id),
    )
    named = (
        sa.select(_theirs.decision_id)
        .join(_mine, _mine.system_id == _theirs.system_id)
        .where(
            _mine.decision_id == decision_id,
            sa.or_(Decision.overlap_id == overlap_id, sa.and_(goes, differ)),
        )
        .correlate(Decision)
    )
    if systems is not None:
        named = named.where(_mine.system_id.in_(systems))
    return (
        sa.select(Decision)
        .where(
            Decision.id != decision_id,
            Decision.status == DecisionStatus.AGREED,
            Decision.id.in_(named),
        )
        .order_by(Decision.id)
    )


def _signers(decision: Decision) -> set[UUID]:
    return {each.agency_id for each in decision.sign_offs if each.voided_at is None}


def _claim(context: Context, decision: Decision) -> None:
    """Hold the signing agency's systems for this decision alone."""
    owned = owned_among(context.session, decision, context.actor.agency_id)
    held = set(
        context.session.scalars(
            sa.select(DecisionMember.system_id).where(
                DecisionMember.is_open,
                DecisionMember.system_id.in_(owned),
                DecisionMember.decision_id != decision.id,
            )
        )
    )
    if held:
        detail = "Your agency drafted, or agreed to, another decision about one of its systems."
        raise conflict("", "taken", detail)
    for member in decision.members:
        if member.system_id in owned:
            member.is_open = True


def _agree(session: Session, decision: Decision, at: datetime | None) -> None:
    # Locked, as another that is agreed at this moment may take its place as well.
    earlier = replaced_by(decision.id, decision.overlap_id).with_for_update(of=Decision)
    for each in session.scalars(earlier.execution_options(populate_existing=True)).all():
        require_transition(DECISION_STEPS, each.status, DecisionStatus.SUPERSEDED)
        each.status = DecisionStatus.SUPERSEDED
        each.superseded_by_id = decision.id
    close_decision(decision, DecisionStatus.AGREED, at)
