"""Read rules, fields and filters of milestones, risks, blockers and required decisions."""

from typing import Any

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import ReferenceField, expose, same_names
from catalogue.programmes.board.derived import (
    BLOCKER_IS_OPEN,
    BLOCKER_OVERDUE,
    MILESTONE_OVERDUE,
    REQUIRED_DECISION_OVERDUE,
    RISK_OVERDUE,
    SCORE,
)
from catalogue.programmes.board.models import Blocker, Milestone, RequiredDecision, Risk
from catalogue.programmes.board.schemas import (
    MilestoneSchema,
    ProgrammeBlockerSchema,
    RequiredDecisionSchema,
    RiskSchema,
)
from catalogue.programmes.rating import RATING
from catalogue.programmes.resources import MIGRATIONS, board_record_seen, lead_only

_RATED = frozenset({"rag_narrative", "path_to_green"})


def _columns(model: Any, *names: str, **derived: Any) -> dict[str, Any]:
    first = ("id", "programme_id", "migration_id", *names, "owner")
    last = (*RATING, "created_at", "updated_at")
    columns = {name: getattr(model, name) for name in first} | derived
    return columns | {name: getattr(model, name) for name in last}


MILESTONES = Resource(
    name="milestone",
    path="/v1/milestones",
    model=Milestone,
    schema=MilestoneSchema,
    columns=_columns(
        Milestone,
        "name",
        "description",
        "planned_date",
        "forecast_date",
        "actual_date",
        overdue=MILESTONE_OVERDUE,
    ),
    not_filters=_RATED | {"description"},
    visible=board_record_seen(Milestone),
    default_sort="planned_date,name",
    owner="lead_agency_id",
)

RISKS = Resource(
    name="risk",
    path="/v1/risks",
    model=Risk,
    schema=RiskSchema,
    columns=_columns(
        Risk,
        "title",
        "description",
        "probability",
        "impact",
        "previous_score",
        "mitigation",
        "raised_on",
        "due",
        "status",
        "status_reason",
        "status_since",
        score=SCORE,
        overdue=RISK_OVERDUE,
    ),
    not_filters=_RATED | {"description", "mitigation", "status_reason"},
    visible=board_record_seen(Risk),
    default_sort="-score,title",
    owner="lead_agency_id",
)

BLOCKERS = Resource(
    name="blocker",
    path="/v1/blockers",
    model=Blocker,
    schema=ProgrammeBlockerSchema,
    columns=_columns(
        Blocker,
        "title",
        "description",
        "raised_on",
        "due",
        "resolved_on",
        "resolution",
        open=BLOCKER_IS_OPEN,
        overdue=BLOCKER_OVERDUE,
    ),
    not_filters=_RATED | {"description", "resolution"},
    visible=board_record_seen(Blocker),
    default_sort="raised_on,title",
    owner="lead_agency_id",
)

REQUIRED_DECISIONS = Resource(
    name="required_decision",
    path="/v1/required-decisions",
    model=RequiredDecision,
    schema=RequiredDecisionSchema,
    columns=_columns(
        RequiredDecision,
        "question",
        "options",
        "recommendation",
        "needed_by",
        "status",
        "outcome",
        "decided_on",
        overdue=REQUIRED_DECISION_OVERDUE,
    ),
    not_filters=_RATED | {"options", "recommendation", "outcome"},
    visible=board_record_seen(RequiredDecision),
    default_sort="needed_by,question",
    owner="lead_agency_id",
)

_OF_EVERY_RECORD = frozenset({"id", "migration_id", "created_at", "updated_at"})
for _resource in (MILESTONES, RISKS, BLOCKERS, REQUIRED_DECISIONS):
    _recorded = frozenset(_resource.model.__table__.c.keys()) - _OF_EVERY_RECORD
    expose(
        _resource,
        scope=Scope.PROGRAMMES_READ,
        disclosure_rule=lead_only,
        fields={
            "migration_id": ReferenceField("migration_id", to=MIGRATIONS),
            **same_names(*(name for name in _resource.columns if name in _recorded)),
        },
    )
