"""Drafting, changing, proposing and withdrawing decisions. Whoever calls has locked the decision."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalogue.agencies.visibility import seen
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, FieldError, Forbidden, Unprocessable, conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import search_text
from catalogue.core.transitions import require_transition
from catalogue.rationalisation.decisions.content import STAYS, content_of, put_before_the_owners
from catalogue.rationalisation.decisions.models import (
    WORKING_DAYS_TO_SIGN,
    Decision,
    DecisionMember,
)
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.signing import close_decision, owned_among, void_signatures
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.operations import get_overlap_view
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.rationalisation.states import DECISION_STEPS, OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus, MigrationStrategy, OverlapStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

DECIDABLE = frozenset({OverlapStatus.CONFIRMED, OverlapStatus.DECIDED})

_successor = aliased(System, name="successor")


def create_decision(context: Context, *, fields: dict[str, Any]) -> Decision:
    """Draft a decision on a confirmed overlap, for the actor's agency.

    Unprocessable names what does not fit; Conflict if the overlap is not confirmed or a system
    is in another open decision.
    """
    agency_id = context.require_agency("A decision is proposed by an agency")
    overlap = context.session.scalar(
        only_visible(
            context, OVERLAPS, sa.select(Overlap).where(Overlap.id == fields["overlap_id"])
        )
    )
    if overlap is None:
        raise invalid("/overlap_id", "unknown", "There is no such overlap.")
    standing = get_overlap_view(context, overlap)
    if not standing.takes_part:
        raise Forbidden("Only an agency that owns one of its systems may propose a decision.")
    status = standing.status
    if status not in DECIDABLE:
        detail = f"The overlap is {status}; an agency that takes part in it has to confirm it."
        raise Conflict(detail, errors=[FieldError("/overlap_id", "not_confirmed", detail)])
    decision = Decision(
        overlap_id=overlap.id,
        agency_id=agency_id,
        status=DecisionStatus.DRAFT,
        working_days_to_sign=WORKING_DAYS_TO_SIGN,
    )
    _apply(context, decision, fields)
    context.session.add(decision)
    return decision


def change_decision(
    context: Context, decision: Decision, changes: dict[str, Any], *, at: datetime | None = None
) -> None:
    """Change a draft or a proposal. Conflict once it is closed.

    A proposal that says something else then is a new one: no signature for the earlier one counts,
    and the time to sign begins anew. One that says the same stays as it is.
    """
    if decision.status not in OPEN_DECISIONS:
        raise conflict("", "closed", f"The decision is {decision.status}; draft another.")
    # It is one change, and so one event of its history.
    with context.session.no_autoflush:
        before = content_of(decision)
        _apply(context, decision, changes)
        if decision.status is DecisionStatus.PROPOSED and content_of(decision) != before:
            put_before_the_owners(decision, at)
            void_signatures(context.session, decision, at)


def propose_decision(session: Session, decision: Decision, *, at: datetime | None = None) -> None:
    """Put a draft before the owners. What they sign is fixed by its hash."""
    require_transition(DECISION_STEPS, decision.status, DecisionStatus.PROPOSED)
    with session.no_autoflush:
        decision.status = DecisionStatus.PROPOSED
        put_before_the_owners(decision, at)
    session.flush()


def withdraw_decision(
    session: Session, decision: Decision, *, reason: str, at: datetime | None = None
) -> None:
    """Take a draft or a proposal back; its systems are free for another."""
    close_decision(decision, DecisionStatus.WITHDRAWN, at)
    decision.withdrawal_reason = reason
    session.flush()


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


class AgreedDecision(NamedTuple):
    """What was agreed of one system, as far as an actor may know it."""

    decision_id: UUID
    disposition: Disposition
    successor_id: UUID | None
    """None too where there is one that the actor may not see: see `successor_withheld`."""
    decided_at: datetime
    successor_withheld: bool


def agreed_decision_of(context: Context, system_id: UUID) -> AgreedDecision | None:
    """The decision in force about a system: the last agreed one that the actor may see."""
    shown = sa.select(_successor.id).where(
        _successor.id == DecisionMember.successor_id, seen(_successor)
    )
    statement: Any = (
        sa.select(
            Decision.id,
            DecisionMember.disposition,
            shown.correlate(DecisionMember).scalar_subquery(),
            Decision.decided_at,
            DecisionMember.successor_id,
        )
        .join(DecisionMember, DecisionMember.decision_id == Decision.id)
        .where(DecisionMember.system_id == system_id, Decision.status == DecisionStatus.AGREED)
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(1)
    )
    row = context.session.execute(only_visible(context, DECISIONS, statement)).one_or_none()
    if row is None:
        return None
    identity, disposition, successor, decided_at, named = row
    return AgreedDecision(identity, disposition, successor, decided_at, named != successor)


def _apply(context: Context, decision: Decision, changes: dict[str, Any]) -> None:
    plain = dict(changes)
    plain.pop("overlap_id", None)
    with context.session.no_autoflush:
        if "members" in plain:
            _set_members(context, decision, plain.pop("members"))
        for name, value in plain.items():
            setattr(decision, name, value)
        decision.search_text = search_text(decision.title, decision.rationale)


def _set_members(context: Context, decision: Decision, given: list[dict[str, Any]]) -> None:
    present = {member.system_id: member for member in decision.members}
    named = {*present, *(each["system_id"] for each in given)}
    named |= {each["successor_id"] for each in given if each["successor_id"]}
    named |= {member.successor_id for member in decision.members if member.successor_id}
    visible = _seen_among(context, named)
    # Who replaces the list has not seen what is hidden from it, and does not mean to change that.
    hidden = [member for member in decision.members if member.system_id not in visible]
    kept = _hidden_successors(given, present, visible)
    _require_sound(given, hidden, kept, visible)
    _require_members_of_overlap(context, decision, given, present.keys() & visible)
    _require_free(context, decision, [each["system_id"] for each in given])
    members = [*hidden]
    for each in given:
        member = present.get(each["system_id"]) or DecisionMember(system_id=each["system_id"])
        said = each | {"successor_id": each["successor_id"] or kept.get(each["system_id"])}
        for name in ("disposition", "strategy", "successor_id"):
            if getattr(member, name) != said[name]:
                setattr(member, name, said[name])
        members.append(member)
    if {member.system_id for member in members} != present.keys():
        decision.members = members
        owned = owned_among(context.session, decision, context.actor.agency_id)
        for member in members:
            if member.system_id not in present:
                member.is_open = member.system_id in owned


def _seen_among(context: Context, wanted: set[UUID]) -> set[UUID]:
    statement = sa.select(System.id).where(System.id.in_(wanted))
    return set(context.session.scalars(only_visible(context, SYSTEMS, statement)))


def _hidden_successors(
    given: list[dict[str, Any]], present: dict[UUID, DecisionMember], visible: set[UUID]
) -> dict[UUID, UUID]:
    """What takes over from systems that go, where the actor was not shown it and names no other."""
    going = {e["system_id"] for e in given if e["disposition"] not in STAYS}
    unnamed = going - {e["system_id"] for e in given if e["successor_id"]}
    return {
        each.system_id: each.successor_id
        for each in present.values()
        if each.system_id in unnamed and each.successor_id and each.successor_id not in visible
    }


def _require_sound(
    given: list[dict[str, Any]],
    hidden: list[DecisionMember],
    kept: dict[UUID, UUID],
    visible: set[UUID],
) -> None:
    errors: list[FieldError] = []
    listed: set[UUID] = set()
    staying = {each["system_id"] for each in given if each["disposition"] in STAYS}
    if not staying and not any(member.disposition in STAYS for member in hidden):
        errors.append(FieldError("/members", "none_stays", "At least one system has to stay."))
    going = {each["system_id"] for each in given} - staying
    for i, each in enumerate(given):
        pointer = f"/members/{i}"
        if each["system_id"] in listed:
            errors.append(FieldError(f"{pointer}/system_id", "repeated", "It is there twice."))
        listed.add(each["system_id"])
        if each["system_id"] in staying and each["strategy"] is MigrationStrategy.RETIRE:
            detail = "A system that stays is not retired."
            errors.append(FieldError(f"{pointer}/strategy", "stays", detail))
        if each["system_id"] in kept:
            continue
        if refused := _unfit_successor(each, going, visible):
            errors.append(FieldError(f"{pointer}/successor_id", *refused))
    if errors:
        raise Unprocessable("The systems do not fit together.", errors=errors)


def _unfit_successor(
    given: dict[str, Any], going: set[UUID], visible: set[UUID]
) -> tuple[str, str] | None:
    """What is wrong with the successor, if anything: a code and a sentence."""
    successor = given["successor_id"]
    if given["disposition"] in STAYS:
        return ("stays", "A system that stays has no successor.") if successor else None
    if successor is None:
        if given["strategy"] is MigrationStrategy.RETIRE:
            return None
        return "no_successor", "It needs a successor, unless it is retired."
    if successor in going:
        return "goes", "The successor is to be a system that stays."
    if successor not in visible:
        return "unknown", "There is no such system."
    return None


def _require_members_of_overlap(
    context: Context, decision: Decision, given: list[dict[str, Any]], present: set[UUID]
) -> None:
    statement: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == decision.overlap_id)
    # What is in the decision stays there, also where a later search has found it no more.
    found = present | set(context.session.scalars(only_visible(context, OVERLAPS, statement)))
    errors = [
        FieldError(f"/members/{i}/system_id", "unknown", "The overlap has no such system.")
        for i, each in enumerate(given)
        if each["system_id"] not in found
    ]
    if errors:
        raise Unprocessable("Some systems are not in the overlap.", errors=errors)


def _require_free(context: Context, decision: Decision, wanted: list[UUID]) -> None:
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
    taken = set(context.session.scalars(only_visible(context, DECISIONS, statement)))
    taken -= {member.system_id for member in decision.members}
    detail = "It is in another open decision."
    errors = [
        FieldError(f"/members/{i}/system_id", "taken", detail)
        for i, system_id in enumerate(wanted)
        if system_id in taken
    ]
    if errors:
        raise Conflict("A system is in one open decision at a time.", errors=errors)
