"""Operations on decisions, from draft to withdrawal. Callers must lock the decision first."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalogue.agencies.visibility import seen
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, FieldError, Forbidden, Unprocessable, conflict
from catalogue.core.rest.reader import only_visible, require_seen
from catalogue.core.text import search_text
from catalogue.core.transitions import require_transition
from catalogue.rationalisation.decisions.content import STAYS, content_of, start_sign_off
from catalogue.rationalisation.decisions.models import (
    WORKING_DAYS_TO_SIGN,
    Decision,
    DecisionMember,
)
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.signatures import (
    close_decision,
    owned_among,
    void_sign_offs,
)
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

NONE_STAYS = "No system stays. Give at least one the disposition `tolerate` or `invest`."
REPEATED = "This system is listed more than once. Remove one of its entries."
STAYS_UNRETIRED = "A system that stays cannot have the strategy `retire`. Choose another strategy."
STAYS_UNREPLACED = "A system that stays cannot have a successor. Set `successor_id` to null."
NEEDED = (
    "The retiring system has no successor. Enter `successor_id`, or set `strategy` to `retire`."
)
NOT_IN_OVERLAP = (
    "The overlap has no system with this id that you can see. Choose one of its `members`."
)
TAKEN = (
    "The system is in another open decision. Remove the system from `members`, "
    "or wait until the other decision closes."
)

_successor = aliased(System, name="successor")


def create_decision(context: Context, *, fields: dict[str, Any]) -> Decision:
    """Draft a decision on a confirmed overlap, for the actor's agency.

    Raises Unprocessable with an error for each invalid member. Raises Forbidden if the agency owns
    no visible member of the overlap. Raises Conflict if the overlap is not confirmed, or if a
    system is in another open decision that the actor can see.
    """
    agency_id = context.require_agency("A decision is proposed by an agency")
    statement = sa.select(Overlap).where(Overlap.id == fields["overlap_id"])
    overlap: Overlap = require_seen(context, OVERLAPS, "/overlap_id", statement)
    view = get_overlap_view(context, overlap)
    if not view.takes_part:
        raise Forbidden(
            "Only an agency that owns a system of the overlap can draft a decision on it. "
            "Ask one of these agencies to draft the decision."
        )
    if view.status not in DECIDABLE:
        state = "still a candidate" if view.status is OverlapStatus.CANDIDATE else view.status
        detail = f"The overlap is {state}. An owner of one of its systems must confirm it first."
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


def update_decision(
    context: Context, decision: Decision, changes: dict[str, Any], *, at: datetime | None = None
) -> None:
    """Change a draft or a proposal, or raise Conflict if the decision is closed.

    A proposal with changed content is a new proposal. Earlier sign-offs no longer count, and the
    time to sign starts again. A request that changes no content leaves the proposal as it is.
    """
    if decision.status not in OPEN_DECISIONS:
        raise conflict(
            "",
            "closed",
            f"The decision is {decision.status} and cannot change. Draft another decision.",
        )
    # A single flush makes all of these changes one event in the audit log.
    with context.session.no_autoflush:
        before = content_of(decision)
        _apply(context, decision, changes)
        if decision.status is DecisionStatus.PROPOSED and content_of(decision) != before:
            start_sign_off(decision, at)
            void_sign_offs(context.session, decision, at)


def propose_decision(session: Session, decision: Decision, *, at: datetime | None = None) -> None:
    """Propose a draft to the owners, and fix its content and the hash that they sign."""
    require_transition("decision", DECISION_STEPS, decision.status, DecisionStatus.PROPOSED)
    with session.no_autoflush:
        decision.status = DecisionStatus.PROPOSED
        start_sign_off(decision, at)
    session.flush()


def withdraw_decision(
    session: Session, decision: Decision, *, reason: str, at: datetime | None = None
) -> None:
    """Withdraw a draft or a proposal, which frees its systems for another decision."""
    close_decision(decision, DecisionStatus.WITHDRAWN, at)
    decision.withdrawal_reason = reason
    session.flush()


def retirement_agreed(session: Session, system: System) -> bool:
    """Return true if an agreed decision plans to retire the system."""
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
    """The outcome agreed for one system, as an actor can see it."""

    decision_id: UUID
    disposition: Disposition
    successor_id: UUID | None
    """None if there is no successor, or if the actor cannot see it: see `successor_withheld`."""
    decided_at: datetime
    successor_withheld: bool


def agreed_decision_of(context: Context, system_id: UUID) -> AgreedDecision | None:
    """Return the latest agreed decision on a system, if the actor can see one, or else None."""
    visible_successor = sa.select(_successor.id).where(
        _successor.id == DecisionMember.successor_id, seen(_successor)
    )
    statement: Any = (
        sa.select(
            Decision.id,
            DecisionMember.disposition,
            visible_successor.correlate(DecisionMember).scalar_subquery(),
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
    decision_id, disposition, visible_id, decided_at, successor_id = row
    return AgreedDecision(
        decision_id, disposition, visible_id, decided_at, successor_id != visible_id
    )


def _apply(context: Context, decision: Decision, changes: dict[str, Any]) -> None:
    values = dict(changes)
    values.pop("overlap_id", None)
    with context.session.no_autoflush:
        if "members" in values:
            _set_members(context, decision, values.pop("members"))
        for name, value in values.items():
            setattr(decision, name, value)
        decision.search_text = search_text(decision.title, decision.rationale)


def _set_members(context: Context, decision: Decision, requested: list[dict[str, Any]]) -> None:
    present = {member.system_id: member for member in decision.members}
    referenced = {*present, *(item["system_id"] for item in requested)}
    referenced |= {item["successor_id"] for item in requested if item["successor_id"]}
    referenced |= {member.successor_id for member in decision.members if member.successor_id}
    visible = _visible_among(context, referenced)
    # The actor has not seen the members hidden from it, so a new list never removes them.
    hidden = [member for member in decision.members if member.system_id not in visible]
    hidden_successors = _hidden_successors(requested, present, visible)
    _require_consistent(requested, hidden, hidden_successors, visible)
    _require_members_of_overlap(context, decision, requested, present.keys() & visible)
    _require_free(context, decision, [item["system_id"] for item in requested])
    members = [*hidden]
    for item in requested:
        system_id = item["system_id"]
        member = present.get(system_id) or DecisionMember(system_id=system_id)
        values = item | {"successor_id": item["successor_id"] or hidden_successors.get(system_id)}
        for name in ("disposition", "strategy", "successor_id"):
            if getattr(member, name) != values[name]:
                setattr(member, name, values[name])
        members.append(member)
    if {member.system_id for member in members} != present.keys():
        decision.members = members
        owned = owned_among(context.session, decision, context.actor.agency_id)
        for member in members:
            if member.system_id not in present:
                member.is_open = member.system_id in owned


def _visible_among(context: Context, system_ids: set[UUID]) -> set[UUID]:
    statement = sa.select(System.id).where(System.id.in_(system_ids))
    return set(context.session.scalars(only_visible(context, SYSTEMS, statement)))


def _hidden_successors(
    requested: list[dict[str, Any]], present: dict[UUID, DecisionMember], visible: set[UUID]
) -> dict[UUID, UUID]:
    """Map retiring systems to their hidden successors, unless the request names new ones."""
    retiring = {e["system_id"] for e in requested if e["disposition"] not in STAYS}
    unnamed = retiring - {e["system_id"] for e in requested if e["successor_id"]}
    return {
        member.system_id: member.successor_id
        for member in present.values()
        if member.system_id in unnamed
        and member.successor_id
        and member.successor_id not in visible
    }


def _require_consistent(
    requested: list[dict[str, Any]],
    hidden: list[DecisionMember],
    hidden_successors: dict[UUID, UUID],
    visible: set[UUID],
) -> None:
    errors: list[FieldError] = []
    listed: set[UUID] = set()
    staying = {item["system_id"] for item in requested if item["disposition"] in STAYS}
    if not staying and not any(member.disposition in STAYS for member in hidden):
        errors.append(FieldError("/members", "none_stays", NONE_STAYS))
    retiring = {item["system_id"] for item in requested} - staying
    for i, item in enumerate(requested):
        pointer, system_id = f"/members/{i}", item["system_id"]
        if system_id in listed:
            errors.append(FieldError(f"{pointer}/system_id", "repeated", REPEATED))
        listed.add(system_id)
        if system_id in staying and item["strategy"] is MigrationStrategy.RETIRE:
            errors.append(FieldError(f"{pointer}/strategy", "stays", STAYS_UNRETIRED))
        if system_id in hidden_successors:
            continue
        if error := _successor_error(item, retiring, visible):
            errors.append(FieldError(f"{pointer}/successor_id", *error))
    if errors:
        raise Unprocessable(
            "Some members of the decision are invalid. Correct those that `errors` lists.",
            errors=errors,
        )


def _successor_error(
    item: dict[str, Any], retiring: set[UUID], visible: set[UUID]
) -> tuple[str, str] | None:
    """Return the code and text of the error in a member's successor, or None."""
    successor = item["successor_id"]
    if item["disposition"] in STAYS:
        return ("stays", STAYS_UNREPLACED) if successor else None
    if successor is None:
        return None if item["strategy"] is MigrationStrategy.RETIRE else ("no_successor", NEEDED)
    if successor in retiring:
        return "goes", "This decision retires the successor. Choose a successor that stays."
    if successor not in visible:
        return (
            "unknown",
            "You can see no system with the id in `successor_id`. Choose another successor.",
        )
    return None


def _require_members_of_overlap(
    context: Context, decision: Decision, requested: list[dict[str, Any]], present: set[UUID]
) -> None:
    statement: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == decision.overlap_id)
    # A member of the decision can stay in it after detection has dropped it from the overlap.
    allowed = present | set(context.session.scalars(only_visible(context, OVERLAPS, statement)))
    errors = [
        FieldError(f"/members/{i}/system_id", "unknown", NOT_IN_OVERLAP)
        for i, item in enumerate(requested)
        if item["system_id"] not in allowed
    ]
    if errors:
        raise Unprocessable(
            "Some systems are not in the overlap. Remove those that `errors` lists.", errors=errors
        )


def _require_free(context: Context, decision: Decision, system_ids: list[UUID]) -> None:
    """Raise Conflict if a system is in another open decision that the actor can see.

    Owners see every decision on their systems. A decision that the actor cannot see never blocks
    another, because the owner of the system cannot agree to both.
    """
    statement = (
        sa.select(DecisionMember.system_id)
        .join(Decision, Decision.id == DecisionMember.decision_id)
        .where(Decision.status.in_(OPEN_DECISIONS), DecisionMember.system_id.in_(system_ids))
    )
    if decision.id is not None:
        statement = statement.where(DecisionMember.decision_id != decision.id)
    taken = set(context.session.scalars(only_visible(context, DECISIONS, statement)))
    taken -= {member.system_id for member in decision.members}
    errors = [
        FieldError(f"/members/{i}/system_id", "taken", TAKEN)
        for i, system_id in enumerate(system_ids)
        if system_id in taken
    ]
    if errors:
        raise Conflict(
            "Some systems are in another open decision. Remove those that `errors` lists.",
            errors=errors,
        )
