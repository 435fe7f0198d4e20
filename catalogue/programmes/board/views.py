"""Milestones, risks, blockers and required decisions over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.programmes.board.operations import (
    change_blocker,
    change_milestone,
    change_required_decision,
    change_risk,
    create_blocker,
    create_milestone,
    create_required_decision,
    create_risk,
)
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
    description="Days by which a programme is to reach something.",
)
risks = Blueprint(
    "risks",
    __name__,
    url_prefix="/v1/risks",
    description="What may go wrong in a programme.",
)
blockers = Blueprint(
    "blockers",
    __name__,
    url_prefix="/v1/blockers",
    description="What holds programmes and migrations up.",
)
required_decisions = Blueprint(
    "required_decisions",
    __name__,
    url_prefix="/v1/required-decisions",
    description="Questions that a programme's board has to answer.",
)


@milestones.get("", scope=Scope.PROGRAMMES_READ, lists=MILESTONES)
def list_milestones() -> Response:
    """List the milestones of programmes, the earliest first."""
    return MILESTONES.listing()


@milestones.post("", scope=Scope.PROGRAMMES_WRITE, body=MilestoneCreate, answer=MilestoneSchema)
def add_milestone(fields: dict[str, Any]) -> Response:
    """Add a milestone to a programme that one's own agency leads."""
    milestone = create_milestone(session(), by=current_actor(), fields=fields)
    session().flush()
    return MILESTONES.read(milestone.id, status=201)


@milestones.get("/<uuid:milestone_id>", scope=Scope.PROGRAMMES_READ, answer=MilestoneSchema)
def get_milestone(milestone_id: UUID) -> Response:
    """Read one milestone."""
    return MILESTONES.read(milestone_id)


@milestones.patch(
    "/<uuid:milestone_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MilestonePatch,
    answer=MilestoneSchema,
)
def update_milestone(changes: dict[str, Any], milestone_id: UUID) -> Response:
    """Change some fields of a milestone, such as its forecast or the day on which it was reached."""
    milestone = MILESTONES.for_update(session(), milestone_id)
    change_milestone(session(), milestone, changes, by=current_actor())
    session().flush()
    return MILESTONES.read(milestone_id)


@milestones.delete("/<uuid:milestone_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_milestone(milestone_id: UUID) -> None:
    """Remove a milestone that was recorded by mistake, or is no longer meant to be reached."""
    session().delete(MILESTONES.for_update(session(), milestone_id))
    session().flush()


@risks.get("", scope=Scope.PROGRAMMES_READ, lists=RISKS)
def list_risks() -> Response:
    """List the risks of programmes, the gravest first."""
    return RISKS.listing()


@risks.post("", scope=Scope.PROGRAMMES_WRITE, body=RiskCreate, answer=RiskSchema)
def record_risk(fields: dict[str, Any]) -> Response:
    """Record a risk of a programme that one's own agency leads."""
    risk = create_risk(session(), by=current_actor(), fields=fields)
    session().flush()
    return RISKS.read(risk.id, status=201)


@risks.get("/<uuid:risk_id>", scope=Scope.PROGRAMMES_READ, answer=RiskSchema)
def get_risk(risk_id: UUID) -> Response:
    """Read one risk."""
    return RISKS.read(risk_id)


@risks.patch("/<uuid:risk_id>", scope=Scope.PROGRAMMES_WRITE, body=RiskPatch, answer=RiskSchema)
def update_risk(changes: dict[str, Any], risk_id: UUID) -> Response:
    """Change some fields of a risk, such as its probability or its status."""
    risk = RISKS.for_update(session(), risk_id)
    change_risk(session(), risk, changes, by=current_actor())
    session().flush()
    return RISKS.read(risk_id)


@blockers.get("", scope=Scope.PROGRAMMES_READ, lists=BLOCKERS)
def list_blockers() -> Response:
    """List what holds programmes and migrations up, the oldest first."""
    return BLOCKERS.listing()


@blockers.post("", scope=Scope.PROGRAMMES_WRITE, body=BlockerCreate, answer=ProgrammeBlockerSchema)
def record_blocker(fields: dict[str, Any]) -> Response:
    """Record what holds up a programme that one's own agency leads, or a migration of it."""
    blocker = create_blocker(session(), by=current_actor(), fields=fields)
    session().flush()
    return BLOCKERS.read(blocker.id, status=201)


@blockers.get("/<uuid:blocker_id>", scope=Scope.PROGRAMMES_READ, answer=ProgrammeBlockerSchema)
def get_blocker(blocker_id: UUID) -> Response:
    """Read one blocker."""
    return BLOCKERS.read(blocker_id)


@blockers.patch(
    "/<uuid:blocker_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=BlockerPatch,
    answer=ProgrammeBlockerSchema,
)
def update_blocker(changes: dict[str, Any], blocker_id: UUID) -> Response:
    """Change some fields of a blocker, such as how it was resolved."""
    blocker = BLOCKERS.for_update(session(), blocker_id)
    change_blocker(session(), blocker, changes, by=current_actor())
    session().flush()
    return BLOCKERS.read(blocker_id)


@required_decisions.get("", scope=Scope.PROGRAMMES_READ, lists=REQUIRED_DECISIONS)
def list_required_decisions() -> Response:
    """List the decisions that boards are asked for, the most urgent first."""
    return REQUIRED_DECISIONS.listing()


@required_decisions.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=RequiredDecisionCreate, answer=RequiredDecisionSchema
)
def ask_for_decision(fields: dict[str, Any]) -> Response:
    """Ask the board of a programme that one's own agency leads for a decision."""
    question = create_required_decision(session(), by=current_actor(), fields=fields)
    session().flush()
    return REQUIRED_DECISIONS.read(question.id, status=201)


@required_decisions.get(
    "/<uuid:required_decision_id>", scope=Scope.PROGRAMMES_READ, answer=RequiredDecisionSchema
)
def get_required_decision(required_decision_id: UUID) -> Response:
    """Read one decision that a board is asked for."""
    return REQUIRED_DECISIONS.read(required_decision_id)


@required_decisions.patch(
    "/<uuid:required_decision_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=RequiredDecisionPatch,
    answer=RequiredDecisionSchema,
)
def update_required_decision(changes: dict[str, Any], required_decision_id: UUID) -> Response:
    """Change some fields of a required decision, such as what the board decided."""
    question = REQUIRED_DECISIONS.for_update(session(), required_decision_id)
    change_required_decision(session(), question, changes, by=current_actor())
    session().flush()
    return REQUIRED_DECISIONS.read(required_decision_id)
