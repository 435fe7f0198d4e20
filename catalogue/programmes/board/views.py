"""Endpoints that list and change milestones, risks, blockers and required decisions."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.programmes.board import operations
from catalogue.programmes.board.resources import BLOCKERS, MILESTONES, REQUIRED_DECISIONS, RISKS
from catalogue.programmes.board.schemas import (
    BlockerCreate,
    BlockerPatch,
    MilestoneCreate,
    MilestonePatch,
    MilestoneSchema,
    ProgrammeBlockerSchema,
    RequiredDecisionCreate,
    RequiredDecisionPatch,
    RequiredDecisionSchema,
    RiskCreate,
    RiskPatch,
    RiskSchema,
)

milestones = Blueprint(
    "milestones",
    __name__,
    url_prefix="/v1/milestones",
    description="Dated targets of programmes and migrations.",
)
risks = Blueprint(
    "risks",
    __name__,
    url_prefix="/v1/risks",
    description="Risks to programmes and migrations, with a probability and an impact.",
)
blockers = Blueprint(
    "blockers",
    __name__,
    url_prefix="/v1/blockers",
    description="Problems that hold up programmes and migrations.",
)
required_decisions = Blueprint(
    "required-decisions",
    __name__,
    url_prefix="/v1/required-decisions",
    description="Questions that programme boards must answer by a date.",
)


@milestones.get("", scope=Scope.PROGRAMMES_READ, list_of=MILESTONES)
def list_milestones(context: Context) -> Response:
    """List the milestones of programmes, earliest first."""
    return list_response(context, MILESTONES)


@milestones.post("", scope=Scope.PROGRAMMES_WRITE, body=MilestoneCreate, response=MilestoneSchema)
def create_milestone(context: Context, fields: dict[str, Any]) -> Response:
    """Create a milestone in a programme that your agency leads."""
    milestone = operations.create_milestone(context, fields=fields)
    return record_response(context, MILESTONES, milestone.id, status=201)


add_get(milestones, MILESTONES, scope=Scope.PROGRAMMES_READ)


@milestones.patch(
    "/<uuid:milestone_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MilestonePatch,
    response=MilestoneSchema,
)
def update_milestone(context: Context, changes: dict[str, Any], milestone_id: UUID) -> Response:
    """Update a milestone, such as its forecast or actual date."""
    milestone = lock_for_update(context, MILESTONES, milestone_id)
    operations.update_milestone(context, milestone, changes)
    return record_response(context, MILESTONES, milestone_id)


@milestones.delete("/<uuid:milestone_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_milestone(context: Context, milestone_id: UUID) -> None:
    """Delete a milestone that is wrong or no longer a target."""
    context.session.delete(lock_for_update(context, MILESTONES, milestone_id))


@risks.get("", scope=Scope.PROGRAMMES_READ, list_of=RISKS)
def list_risks(context: Context) -> Response:
    """List the risks of programmes, highest score first."""
    return list_response(context, RISKS)


@risks.post("", scope=Scope.PROGRAMMES_WRITE, body=RiskCreate, response=RiskSchema)
def create_risk(context: Context, fields: dict[str, Any]) -> Response:
    """Create a risk in a programme that your agency leads."""
    risk = operations.create_risk(context, fields=fields)
    return record_response(context, RISKS, risk.id, status=201)


add_get(risks, RISKS, scope=Scope.PROGRAMMES_READ)


@risks.patch("/<uuid:risk_id>", scope=Scope.PROGRAMMES_WRITE, body=RiskPatch, response=RiskSchema)
def update_risk(context: Context, changes: dict[str, Any], risk_id: UUID) -> Response:
    """Update a risk, such as its probability or status."""
    risk = lock_for_update(context, RISKS, risk_id)
    operations.update_risk(context, risk, changes)
    return record_response(context, RISKS, risk_id)


@blockers.get("", scope=Scope.PROGRAMMES_READ, list_of=BLOCKERS)
def list_blockers(context: Context) -> Response:
    """List the blockers of programmes and migrations, oldest first."""
    return list_response(context, BLOCKERS)


@blockers.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=BlockerCreate, response=ProgrammeBlockerSchema
)
def create_blocker(context: Context, fields: dict[str, Any]) -> Response:
    """Create a blocker in a programme that your agency leads."""
    blocker = operations.create_blocker(context, fields=fields)
    return record_response(context, BLOCKERS, blocker.id, status=201)


add_get(blockers, BLOCKERS, scope=Scope.PROGRAMMES_READ)


@blockers.patch(
    "/<uuid:blocker_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=BlockerPatch,
    response=ProgrammeBlockerSchema,
)
def update_blocker(context: Context, changes: dict[str, Any], blocker_id: UUID) -> Response:
    """Update a blocker, such as its resolution."""
    blocker = lock_for_update(context, BLOCKERS, blocker_id)
    operations.update_blocker(context, blocker, changes)
    return record_response(context, BLOCKERS, blocker_id)


@required_decisions.get("", scope=Scope.PROGRAMMES_READ, list_of=REQUIRED_DECISIONS)
def list_required_decisions(context: Context) -> Response:
    """List the decisions required of boards, most urgent first."""
    return list_response(context, REQUIRED_DECISIONS)


@required_decisions.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=RequiredDecisionCreate, response=RequiredDecisionSchema
)
def create_required_decision(context: Context, fields: dict[str, Any]) -> Response:
    """Create a question for the board of a programme you lead."""
    question = operations.create_required_decision(context, fields=fields)
    return record_response(context, REQUIRED_DECISIONS, question.id, status=201)


add_get(required_decisions, REQUIRED_DECISIONS, scope=Scope.PROGRAMMES_READ)


@required_decisions.patch(
    "/<uuid:required_decision_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=RequiredDecisionPatch,
    response=RequiredDecisionSchema,
)
def update_required_decision(
    context: Context, changes: dict[str, Any], required_decision_id: UUID
) -> Response:
    """Update a required decision, such as its outcome."""
    question = lock_for_update(context, REQUIRED_DECISIONS, required_decision_id)
    operations.update_required_decision(context, question, changes)
    return record_response(context, REQUIRED_DECISIONS, required_decision_id)
