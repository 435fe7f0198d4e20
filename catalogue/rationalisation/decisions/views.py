"""Decisions over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history
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


@decisions.get("", scope=Scope.DECISIONS_READ, list_of=DECISIONS)
def list_decisions(context: Context) -> Response:
    """List the decisions that one's agency proposes, or that name a system of its own.

    `awaits_us=true` gives those that wait for its signature.
    """
    return list_response(context, DECISIONS)


@decisions.post("", scope=Scope.DECISIONS_PROPOSE, body=DecisionCreate, response=DecisionSchema)
def draft_decision(context: Context, fields: dict[str, Any]) -> Response:
    """Draft a decision on a confirmed overlap."""
    decision = create_decision(context, fields=fields)
    return record_response(context, DECISIONS, decision.id, status=201)


add_get(decisions, DECISIONS, scope=Scope.DECISIONS_READ)
add_history(decisions, DECISIONS, scope=Scope.DECISIONS_READ)


@decisions.get(
    "/<uuid:decision_id>/paper", scope=Scope.DECISIONS_READ, response=DecisionPaperSchema
)
def get_decision_paper(context: Context, decision_id: UUID) -> dict[str, Any]:
    """Read what an approver signs: the decision, its systems as they were proposed, and costs.

    Systems are shown to tokens with `systems:read`, costs to those with `costs:read`; what is not
    shown is said to be withheld.
    """
    return paper_of(context, decision_id)


@decisions.patch(
    "/<uuid:decision_id>",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionPatch,
    response=DecisionSchema,
)
def update_decision(context: Context, changes: dict[str, Any], decision_id: UUID) -> Response:
    """Change a draft or a proposal.

    A proposal that is changed is signed anew: what was signed before is kept, with `voided_at`, and
    counts no more. Who changes nothing voids nothing.
    """
    decision = lock_for_update(context, DECISIONS, decision_id)
    change_decision(context, decision, changes)
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/proposal",
    scope=Scope.DECISIONS_PROPOSE,
    response=DecisionSchema,
    status=200,
)
def create_decision_proposal(context: Context, decision_id: UUID) -> Response:
    """Put a draft before the owners of its systems, and fix its content."""
    propose_decision(context.session, get_own_record(context, DECISIONS, decision_id))
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/withdrawal",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionWithdrawalCreate,
    response=DecisionSchema,
    status=200,
)
def create_decision_withdrawal(
    context: Context, fields: dict[str, Any], decision_id: UUID
) -> Response:
    """Take back a draft or a proposal."""
    withdraw_decision(context.session, get_own_record(context, DECISIONS, decision_id), **fields)
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/sign-offs",
    scope=Scope.DECISIONS_SIGN,
    body=SignOffCreate,
    response=DecisionSchema,
)
def create_sign_off(context: Context, fields: dict[str, Any], decision_id: UUID) -> Response:
    """Agree to or refuse a proposal that names a system of one's own agency.

    After `sign_by` as well. A refusal needs a comment, and ends the proposal.
    """
    decision = get_record(context, DECISIONS, decision_id, lock=True)
    sign_decision(context, decision, **fields)
    return record_response(context, DECISIONS, decision_id, status=201)
