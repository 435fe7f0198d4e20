"""Endpoints for drafting, proposing, signing and withdrawing decisions."""

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
from catalogue.rationalisation.decisions import operations
from catalogue.rationalisation.decisions.briefing import build_briefing
from catalogue.rationalisation.decisions.briefing_schemas import DecisionBriefingSchema
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.schemas import (
    DecisionCreate,
    DecisionPatch,
    DecisionSchema,
    DecisionWithdrawalCreate,
    SignOffCreate,
)
from catalogue.rationalisation.decisions.signatures import sign_decision

decisions = Blueprint(
    "decisions",
    __name__,
    url_prefix="/v1/decisions",
    description="Signed plans for overlapping systems: which stay, which retire, and who agreed.",
)


@decisions.get("", scope=Scope.DECISIONS_READ, list_of=DECISIONS)
def list_decisions(context: Context) -> Response:
    """List decisions that your agency proposed or that affect its systems.

    `awaiting_your_signature=true` lists the decisions that your agency still has to sign, and
    `system_id` those about one system.
    """
    return list_response(context, DECISIONS)


@decisions.post("", scope=Scope.DECISIONS_PROPOSE, body=DecisionCreate, response=DecisionSchema)
def create_decision(context: Context, fields: dict[str, Any]) -> Response:
    """Draft a decision on a confirmed overlap.

    Only an agency that owns a system of the overlap can draft one.
    """
    decision = operations.create_decision(context, fields=fields)
    return record_response(context, DECISIONS, decision.id, status=201)


add_get(decisions, DECISIONS, scope=Scope.DECISIONS_READ)
add_history(decisions, DECISIONS, scope=Scope.DECISIONS_READ)


@decisions.get(
    "/<uuid:decision_id>/briefing", scope=Scope.DECISIONS_READ, response=DecisionBriefingSchema
)
def get_decision_briefing(context: Context, decision_id: UUID) -> dict[str, Any]:
    """Get everything that an approver needs before signing a decision.

    The briefing holds the decision, its systems as they were when it was proposed, and their costs.
    Records of systems need the scope `systems:read`, and costs need `costs:read`. Anything that
    your token or your agency cannot see is listed as withheld.
    """
    return build_briefing(context, decision_id)


@decisions.patch(
    "/<uuid:decision_id>",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionPatch,
    response=DecisionSchema,
)
def update_decision(context: Context, changes: dict[str, Any], decision_id: UUID) -> Response:
    """Update a draft or a proposal.

    If you change a proposal, every owner must sign again. Earlier sign-offs are kept with
    `voided_at`, but no longer count. A request that changes nothing leaves sign-offs as they are.
    """
    decision = lock_for_update(context, DECISIONS, decision_id)
    operations.update_decision(context, decision, changes)
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/proposal",
    scope=Scope.DECISIONS_PROPOSE,
    response=DecisionSchema,
    status=200,
)
def propose_decision(context: Context, decision_id: UUID) -> Response:
    """Propose a draft to the owners of its systems.

    The proposal fixes the content under `content_hash`, and starts the time to sign.
    """
    operations.propose_decision(context.session, get_own_record(context, DECISIONS, decision_id))
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/withdrawal",
    scope=Scope.DECISIONS_PROPOSE,
    body=DecisionWithdrawalCreate,
    response=DecisionSchema,
    status=200,
)
def withdraw_decision(context: Context, fields: dict[str, Any], decision_id: UUID) -> Response:
    """Withdraw a draft or a proposal, so that its systems are free for another decision."""
    decision = get_own_record(context, DECISIONS, decision_id)
    operations.withdraw_decision(context.session, decision, **fields)
    return record_response(context, DECISIONS, decision_id)


@decisions.post(
    "/<uuid:decision_id>/sign-offs",
    scope=Scope.DECISIONS_SIGN,
    body=SignOffCreate,
    response=DecisionSchema,
)
def create_sign_off(context: Context, fields: dict[str, Any], decision_id: UUID) -> Response:
    """Agree to or refuse a proposal that affects your agency's systems.

    Send the name and post of the person who signs. You can still sign after `sign_by`. The last missing agreement makes the decision agreed. A
    refusal needs a comment, and ends the proposal.
    """
    decision = get_record(context, DECISIONS, decision_id, lock=True)
    sign_decision(context, decision, **fields)
    return record_response(context, DECISIONS, decision_id, status=201)
