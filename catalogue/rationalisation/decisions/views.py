"""Decisions over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.operations import (
    change_decision,
    create_decision,
    propose_decision,
    withdraw_decision,
)
from catalogue.rationalisation.decisions.paper import paper_of
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.schemas import (
    DecisionCreate,
    DecisionPaperSchema,
    DecisionPatch,
    DecisionSchema,
    DecisionWithdrawalCreate,
    SignOffCreate,
)
from catalogue.rationalisation.decisions.signing import sign_decision

decisions = Blueprint(
    "decisions",
    __name__,
    url_prefix="/v1/decisions",
    description="Which of several overlapping systems stay, which go, and who agreed to it.",
)


@decisions.get("", scope=Scope.DECISIONS_READ, lists=DECISIONS)
def list_decisions() -> Response:
    """List the decisions that one's agency proposes, or that name a system of its own.

    `awaits_us=true` gives those that wait for its signature.
    """
    return DECISIONS.listing()


@decisions.post("", scope=Scope.DECISIONS_PROPOSE, body=DecisionCreate, answer=DecisionSchema)
def draft_decision(fields: dict[str, Any]) -> Response:
    """Draft a decision on a confirmed overlap."""
    decision = create_decision(session(), by=current_actor(), fields=fields)
    session().flush()
    return DECISIONS.read(decision.id, status=201)


@decisions.get("/<uuid:decision_id>", scope=Scope.DECISIONS_READ, answer=DecisionSchema)
def get_decision(decision_id: UUID) -> Response:
    """Read one decision."""
    return DECISIONS.read(decision_id)


@decisions.get(
    "/<uuid:decision_id>/history",
    scope=Scope.DECISIONS_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_decision_history(decision_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of a decision, as far as one may see it; the oldest first."""
    return history_of(DECISIONS, decision_id, after=after, limit=limit)


@decisions.get("/<uuid:decision_id>/paper", scope=Scope.DECISIONS_READ, answer=DecisionPaperSchema)
def get_decision_paper(decision_id: UUID) -> dict[str, Any]:
    """Read what an approver signs: the decision, its systems as they were proposed, and costs.

    Systems are shown to tokens with `systems:read`, costs to those with `costs:read`; what is not
    shown is said to be withheld.
    """
    return paper_of(session(), decision_id, by=current_actor())


@decisions.patch(
    "/<uuid:decision_id>",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionPatch,
    answer=DecisionSchema,
)
def update_decision(changes: dict[str, Any], decision_id: UUID) -> Response:
    """Change a draft or a proposal.

    A proposal that is changed is signed anew: what was signed before is kept, with `voided_at`, and
    counts no more. Who changes nothing voids nothing.
    """
    decision = DECISIONS.for_update(session(), decision_id)
    change_decision(session(), decision, changes, by=current_actor())
    session().flush()
    return DECISIONS.read(decision_id)


@decisions.post(
    "/<uuid:decision_id>/proposal",
    scope=Scope.DECISIONS_PROPOSE,
    answer=DecisionSchema,
    status=200,
)
def create_decision_proposal(decision_id: UUID) -> Response:
    """Put a draft before the owners of its systems, and fix its content."""
    propose_decision(session(), _own_decision(decision_id))
    return DECISIONS.read(decision_id)


@decisions.post(
    "/<uuid:decision_id>/withdrawal",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionWithdrawalCreate,
    answer=DecisionSchema,
    status=200,
)
def create_decision_withdrawal(fields: dict[str, Any], decision_id: UUID) -> Response:
    """Take back a draft or a proposal."""
    withdraw_decision(session(), _own_decision(decision_id), **fields)
    return DECISIONS.read(decision_id)


@decisions.post(
    "/<uuid:decision_id>/sign-offs",
    scope=Scope.DECISIONS_SIGN,
    body=SignOffCreate,
    answer=DecisionSchema,
)
def create_sign_off(fields: dict[str, Any], decision_id: UUID) -> Response:
    """Agree to or refuse a proposal that names a system of one's own agency.

    After `sign_by` as well. A refusal needs a comment, and ends the proposal.
    """
    decision = DECISIONS.get(session(), decision_id, lock=True)
    sign_decision(session(), decision, by=current_actor(), **fields)
    return DECISIONS.read(decision_id, status=201)


def _own_decision(decision_id: UUID) -> Decision:
    decision: Decision = DECISIONS.get(session(), decision_id, lock=True)
    DECISIONS.require_owner(decision)
    return decision
