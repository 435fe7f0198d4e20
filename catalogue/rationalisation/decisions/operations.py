"""Drafting, proposing and signing decisions. Whoever calls has locked the decision."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.errors import Conflict, FieldError, Forbidden, Unprocessable, conflict, invalid
from catalogue.core.text import search_text
from catalogue.rationalisation.decisions.models import Decision, DecisionMember, SignOff
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember
from catalogue.rationalisation.overlaps.operations import standing_of
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.states import OPEN_DECISIONS, require_decision_step
from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus, SignOffVerdict
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

STAYS = frozenset({Disposition.TOLERATE, Disposition.INVEST})
DECIDABLE = frozenset({OverlapStatus.CONFIRMED, OverlapStatus.DECIDED})


def create_decision(session: Session, *, by: Actor, fields: dict[str, Any]) -> Decision:
    """Draft a decision on a confirmed overlap, for the actor's agency.

    Unprocessable names what does not fit; Conflict if the overlap is not confirmed or a system
    is in another open decision.
    """
    if by.agency_id is None:
        raise Forbidden("A decision is proposed by an agency, and this client acts for none.")
    overlap = session.scalar(
        OVERLAPS.seen_by(by, sa.select(Overlap).where(Overlap.id == fields["overlap_id"]))
    )
    if overlap is None:
        raise invalid("/overlap_id", "unknown", "There is no such overlap.")
    standing = standing_of(session, overlap, by=by)
    if not standing.takes_part:
        raise Forbidden("Only an agency that owns one of its systems may propose a decision.")
    status = standing.status
    if status not in DECIDABLE:
        detail = f"The overlap is {status}; an agency that takes part in it has to confirm it."
        raise Conflict(detail, errors=[FieldError("/overlap_id", "not_confirmed", detail)])
    decision = Decision(overlap_id=overlap.id, agency_id=by.agency_id, status=DecisionStatus.DRAFT)
    _apply(session, decision, fields, by=by)
    session.add(decision)
    return decision


def change_decision(
    session: Session, decision: Decision, changes: dict[str, Any], *, by: Actor
) -> None:
    """Change a draft. Conflict once it has been proposed: what is being signed stands still."""
    if decision.status is not DecisionStatus.DRAFT:
        detail = f"The decision is {decision.status}; withdraw it, and draft another."
        raise Conflict(detail, errors=[FieldError("", "not_a_draft", detail)])
    _apply(session, decision, changes, by=by)


def propose_decision(session: Session, decision: Decision, *, at: datetime | None = None) -> None:
    """Put a draft before the owners. Its content is fixed by its hash."""
    require_decision_step(decision.status, DecisionStatus.PROPOSED)
    decision.status = DecisionStatus.PROPOSED
    decision.proposed_at = at or clock.now()
    decision.content_hash = content_hash(decision)
    session.flush()


def withdraw_decision(session: Session, decision: Decision, *, at: datetime | None = None) -> None:
    """Take a draft or a proposal back; its systems are free for another."""
    require_decision_step(decision.status, DecisionStatus.WITHDRAWN)
    _close(decision, DecisionStatus.WITHDRAWN, at)
    session.flush()


def sign_decision(
    session: Session,
    decision: Decision,
    *,
    by: Actor,
    verdict: SignOffVerdict,
    content_hash: str,
    comment: str | None = None,
    at: datetime | None = None,
) -> SignOff:
    """Sign for an agency that owns one of the systems; the last signature makes it agreed.

    Forbidden for another agency. Conflict if the decision is not proposed, is not the one that
    was read, or is signed already.
    """
    owners = owners_of(session, decision)
    if by.agency_id is None or by.agency_id not in owners:
        raise Forbidden("Only an agency that owns one of the systems signs.")
    if decision.status is not DecisionStatus.PROPOSED:
        raise conflict("", "not_proposed", f"The decision is {decision.status}.")
    if decision.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "What is proposed is not what was read.")
    if any(each.agency_id == by.agency_id for each in decision.sign_offs):
        raise conflict("", "taken", "The agency has signed this decision already.")
    sign_off = SignOff(
        agency_id=by.agency_id,
        verdict=verdict,
        comment=comment,
        content_hash=content_hash,
        client_id=by.client_id,
        signed_at=at or clock.now(),
    )
    if verdict is not SignOffVerdict.REFUSED:
        _claim(session, decision, by=by)
    decision.sign_offs.append(sign_off)
    if verdict is SignOffVerdict.REFUSED:
        _close(decision, DecisionStatus.REFUSED, at)
    elif owners <= {each.agency_id for each in decision.sign_offs}:
        _agree(session, decision, at)
    session.flush()
    return sign_off


def owners_of(session: Session, decision: Decision) -> set[UUID]:
    """The agencies whose signatures a decision needs: successors are among its members."""
    return set(
        session.scalars(
            sa.select(System.agency_id)
            .join(DecisionMember, DecisionMember.system_id == System.id)
            .where(DecisionMember.decision_id == decision.id)
        )
    )


def content_hash(decision: Decision) -> str:
    """SHA-256 of what is proposed, the same for the same content whatever order it came in."""
    content = {
        "overlap_id": str(decision.overlap_id),
        "title": decision.title,
        "rationale": decision.rationale,
        "members": [
            {
                "system_id": str(member.system_id),
                "disposition": member.disposition.value,
                "strategy": member.strategy.value,
                "successor_id": str(member.successor_id) if member.successor_id else None,
            }
            for member in sorted(decision.members, key=lambda each: each.system_id)
        ],
    }
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def retirement_agreed(session: Session, system: System) -> bool:
    """Whether an agreed decision says that a system goes."""
    return (
        session.scalar(
            sa.select(
                sa.exists()
                .where(DecisionMember.system_id == system.id)
                .where(DecisionMember.disposition.not_in(STAYS))
                .where(Decision.id == DecisionMember.decision_id)
                .where(Decision.status == DecisionStatus.AGREED)
            )
        )
        is True
    )


def _apply(session: Session, decision: Decision, changes: dict[str, Any], *, by: Actor) -> None:
    plain = dict(changes)
    plain.pop("overlap_id", None)
    with session.no_autoflush:
        if "members" in plain:
            _set_members(session, decision, plain.pop("members"), by=by)
        for name, value in plain.items():
            setattr(decision, name, value)
        decision.search_text = search_text(decision.title, decision.rationale)


def _set_members(
    session: Session, decision: Decision, given: list[dict[str, Any]], *, by: Actor
) -> None:
    _require_sound(given)
    _require_members_of_overlap(session, decision, given, by=by)
    _require_free(session, decision, [each["system_id"] for each in given], by=by)
    present = {member.system_id: member for member in decision.members}
    owned = _owned(session, [each["system_id"] for each in given], by=by)
    members = []
    for each in given:
        member = present.get(each["system_id"]) or DecisionMember(
            system_id=each["system_id"], is_open=each["system_id"] in owned
        )
        for name in ("disposition", "strategy", "successor_id"):
            if getattr(member, name) != each[name]:
                setattr(member, name, each[name])
        members.append(member)
    decision.members = members


def _require_sound(given: list[dict[str, Any]]) -> None:
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    staying = {each["system_id"] for each in given if each["disposition"] in STAYS}
    if not staying:
        errors.append(FieldError("/members", "none_stays", "At least one system has to stay."))
    for i, each in enumerate(given):
        pointer = f"/members/{i}"
        if each["system_id"] in seen:
            errors.append(FieldError(f"{pointer}/system_id", "repeated", "It is there twice."))
        seen.add(each["system_id"])
        if each["successor_id"] is None:
            continue
        if each["system_id"] in staying:
            detail = "A system that stays has no successor."
            errors.append(FieldError(f"{pointer}/successor_id", "stays", detail))
        elif each["successor_id"] not in staying:
            detail = "The successor is to be a system of this decision that stays."
            errors.append(FieldError(f"{pointer}/successor_id", "unknown", detail))
    if errors:
        raise Unprocessable("The systems do not fit together.", errors=errors)


def _require_members_of_overlap(
    session: Session, decision: Decision, given: list[dict[str, Any]], *, by: Actor
) -> None:
    statement = (
        sa.select(System.id)
        .join(OverlapMember, OverlapMember.system_id == System.id)
        .where(OverlapMember.overlap_id == decision.overlap_id)
    )
    seen = set(session.scalars(SYSTEMS.seen_by(by, statement)))
    errors = [
        FieldError(f"/members/{i}/system_id", "unknown", "The overlap has no such system.")
        for i, each in enumerate(given)
        if each["system_id"] not in seen
    ]
    if errors:
        raise Unprocessable("Some systems are not in the overlap.", errors=errors)


def _require_free(session: Session, decision: Decision, wanted: list[UUID], *, by: Actor) -> None:
    """Refuse systems that are in another open decision, as far as the actor may know of it.

    An owner knows of every decision about its systems. Others' decisions that the actor knows
    nothing of stand in nobody's way: the owner cannot agree to two of them.
    """
    statement = (
        sa.select(DecisionMember.system_id)
        .join(Decision, Decision.id == DecisionMember.decision_id)
        .where(Decision.status.in_(OPEN_DECISIONS), DecisionMember.system_id.in_(wanted))
    )
    if decision.id is not None:
        statement = statement.where(DecisionMember.decision_id != decision.id)
    taken = set(session.scalars(DECISIONS.seen_by(by, statement)))
    detail = "It is in another open decision."
    errors = [
        FieldError(f"/members/{i}/system_id", "taken", detail)
        for i, system_id in enumerate(wanted)
        if system_id in taken
    ]
    if errors:
        raise Conflict("A system is in one open decision at a time.", errors=errors)


def _owned(session: Session, systems: list[UUID], *, by: Actor) -> set[UUID]:
    owned = sa.select(System.id).where(System.id.in_(systems), System.agency_id == by.agency_id)
    return set(session.scalars(owned))


def _claim(session: Session, decision: Decision, *, by: Actor) -> None:
    """Hold the signing agency's systems for this decision alone."""
    owned = _owned(session, [member.system_id for member in decision.members], by=by)
    held = set(
        session.scalars(
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
    for earlier in _agreed_before(session, decision):
        require_decision_step(earlier.status, DecisionStatus.SUPERSEDED)
        earlier.status = DecisionStatus.SUPERSEDED
    _close(decision, DecisionStatus.AGREED, at)


def _agreed_before(session: Session, decision: Decision) -> list[Decision]:
    systems = [member.system_id for member in decision.members]
    return list(
        session.scalars(
            sa.select(Decision)
            .join(DecisionMember, DecisionMember.decision_id == Decision.id)
            .where(
                Decision.id != decision.id,
                Decision.overlap_id == decision.overlap_id,
                Decision.status == DecisionStatus.AGREED,
                DecisionMember.system_id.in_(systems),
            )
            .distinct()
        )
    )


def _close(decision: Decision, status: DecisionStatus, at: datetime | None) -> None:
    require_decision_step(decision.status, status)
    decision.status = status
    decision.decided_at = at or clock.now()
    if status not in OPEN_DECISIONS:
        for member in decision.members:
            member.is_open = False
