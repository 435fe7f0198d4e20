"""Request and response bodies for milestones, risks, blockers and required decisions."""

from marshmallow import fields

from catalogue.core.rest.schemas import Choice, DateField, Integer, Text, Uuid, patch_schema_of
from catalogue.programmes.board.vocabulary import RequiredDecisionStatus, RiskStatus
from catalogue.programmes.rating_schemas import RatedSchema, RatedWrite
from catalogue.programmes.schemas import PROGRAMME_ID

_LONG = 10_000
_ID = {"description": "The id of the record."}
_MIGRATION = {
    "description": "The id of the migration that the record is about. "
    "Null if it is about the whole programme.",
    "example": None,
}
_OWNER = {
    "description": "The name or role of the person who is answerable. Null if not recorded.",
    "example": "Head of digital",
}
_OVERDUE = {"description": "True if the due date has passed and the record is still open."}
_DESCRIPTION = {"description": "More detail. Null if there is none."}

_MILESTONE_NAME = {
    "description": "The result that the milestone stands for.",
    "example": "All finance on one ledger",
}
_PLANNED = {"description": "The agreed date of the milestone.", "example": "2027-03-31"}
_FORECAST = {
    "description": "The date on which the milestone is now expected. Null if not forecast.",
    "example": "2027-04-30",
}
_REACHED = {
    "description": "The date on which the milestone was reached. Null if it has not been.",
    "example": None,
}
_MILESTONE_OVERDUE = {
    "description": "True if the planned or forecast date has passed before the milestone was "
    "reached."
}

_RISK_TITLE = {
    "description": "The event that could harm the programme.",
    "example": "The second trial load fails",
}
_PROBABILITY = {"description": "From 1, very unlikely, to 5, very likely.", "example": 4}
_IMPACT = {"description": "From 1, very low, to 5, very high.", "example": 4}
_SCORE = {
    "description": "Probability multiplied by impact, from 1 to 25. A score of 15 or more is red.",
    "example": 16,
}
_PREVIOUS_SCORE = {
    "description": "The score before its last change. Null if it has not changed.",
    "example": 12,
}
_MITIGATION = {
    "description": "The action to make the risk less likely or less harmful. Null if there is none.",
    "example": "Load twice before.",
}
_RAISED = {
    "description": "The date on which the risk or blocker was raised.",
    "example": "2026-11-02",
}
_RAISED_OR_TODAY = {
    "description": "The date on which the risk or blocker was raised. "
    "If omitted, the date of the request.",
    "example": "2026-11-02",
}
_MITIGATE_BY = {
    "description": "The date by which the mitigation must be done. Null if there is none.",
    "example": "2027-01-29",
}
_STATUS_REASON = {
    "description": "The reason why the risk is accepted or closed, or how it became a fact. "
    "Required unless the risk is open.",
    "example": None,
}
_STATUS_SINCE = {
    "description": "The date from which the risk has had this status.",
    "example": "2026-11-02",
}

_BLOCKER_TITLE = {
    "description": "The problem that holds up the programme or migration.",
    "example": "No test data for the new ledger",
}
_RESOLVE_BY = {
    "description": "The date by which the blocker must be resolved. Null if there is none.",
    "example": "2027-01-29",
}
_RESOLVED = {
    "description": "The date on which the blocker was resolved. Null if it has not been.",
    "example": None,
}
_RESOLUTION = {
    "description": "How the blocker was resolved. Required with `resolved_on`, otherwise null.",
    "example": None,
}

_QUESTION = {
    "description": "The question that the board must answer.",
    "example": "Do we extend the contract of the old payroll?",
}
_OPTIONS = {
    "description": "The options that the board can choose from. Null if none are recorded.",
    "example": "Extend the contract by a year, or move without the archive.",
}
_RECOMMENDATION = {
    "description": "The option that is recommended to the board. Null if there is none.",
    "example": "Extend by a year.",
}
_NEEDED_BY = {
    "description": "The date by which the board must decide. Null if there is none.",
    "example": "2027-01-29",
}
_OUTCOME = {
    "description": "The decision of the board, or the reason why none is needed. "
    "Required unless the question is open.",
    "example": None,
}
_DECIDED = {
    "description": "The date of the decision. Null unless the board has decided.",
    "example": None,
}


class BoardRecordWrite(RatedWrite):
    """A board record to write, in a programme that your agency leads."""

    programme_id = Uuid(required=True, metadata=PROGRAMME_ID)
    migration_id = Uuid(allow_none=True, metadata=_MIGRATION)
    owner = Text(allow_none=True, metadata=_OWNER)


class BoardRecordSchema(RatedSchema):
    """A record of a programme, which can be about one of its migrations."""

    id = Uuid(metadata=_ID)
    programme_id = Uuid(metadata=PROGRAMME_ID)
    migration_id = Uuid(allow_none=True, metadata=_MIGRATION)
    owner = Text(allow_none=True, metadata=_OWNER)
    overdue = fields.Boolean(metadata=_OVERDUE)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class MilestoneCreate(BoardRecordWrite):
    """A dated target of a programme or migration."""

    name = Text(required=True, metadata=_MILESTONE_NAME)
    description = Text(max=_LONG, allow_none=True, metadata=_DESCRIPTION)
    planned_date = DateField(required=True, metadata=_PLANNED)
    forecast_date = DateField(allow_none=True, metadata=_FORECAST)
    actual_date = DateField(allow_none=True, metadata=_REACHED)


MilestonePatch = patch_schema_of(MilestoneCreate, "MilestonePatch", without=("programme_id",))


class MilestoneSchema(BoardRecordSchema):
    """A dated target of a programme or migration."""

    name = Text(metadata=_MILESTONE_NAME)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    planned_date = fields.Date(metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_REACHED)
    overdue = fields.Boolean(metadata=_MILESTONE_OVERDUE)


class RiskCreate(BoardRecordWrite):
    """A risk to a programme or migration, with its probability, impact and mitigation."""

    title = Text(required=True, metadata=_RISK_TITLE)
    description = Text(max=_LONG, allow_none=True, metadata=_DESCRIPTION)
    probability = Integer(min=1, max=5, required=True, metadata=_PROBABILITY)
    impact = Integer(min=1, max=5, required=True, metadata=_IMPACT)
    mitigation = Text(max=_LONG, allow_none=True, metadata=_MITIGATION)
    raised_on = DateField(metadata=_RAISED_OR_TODAY)
    due = DateField(allow_none=True, metadata=_MITIGATE_BY)
    status = Choice(RiskStatus, load_default=RiskStatus.OPEN)
    status_reason = Text(max=2000, allow_none=True, metadata=_STATUS_REASON)


RiskPatch = patch_schema_of(RiskCreate, "RiskPatch", without=("programme_id",))


class RiskSchema(BoardRecordSchema):
    """A risk to a programme or migration, with its probability, impact and mitigation."""

    title = Text(metadata=_RISK_TITLE)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    probability = Integer(metadata=_PROBABILITY)
    impact = Integer(metadata=_IMPACT)
    score = Integer(metadata=_SCORE)
    previous_score = Integer(allow_none=True, metadata=_PREVIOUS_SCORE)
    mitigation = Text(allow_none=True, metadata=_MITIGATION)
    raised_on = fields.Date(metadata=_RAISED)
    due = fields.Date(allow_none=True, metadata=_MITIGATE_BY)
    status = Choice(RiskStatus)
    status_reason = Text(allow_none=True, metadata=_STATUS_REASON)
    status_since = fields.Date(metadata=_STATUS_SINCE)


class BlockerCreate(BoardRecordWrite):
    """A problem that holds up a programme or migration."""

    title = Text(required=True, metadata=_BLOCKER_TITLE)
    description = Text(max=_LONG, allow_none=True, metadata=_DESCRIPTION)
    raised_on = DateField(metadata=_RAISED_OR_TODAY)
    due = DateField(allow_none=True, metadata=_RESOLVE_BY)
    resolved_on = DateField(allow_none=True, metadata=_RESOLVED)
    resolution = Text(max=2000, allow_none=True, metadata=_RESOLUTION)


BlockerPatch = patch_schema_of(BlockerCreate, "BlockerPatch", without=("programme_id",))


class ProgrammeBlockerSchema(BoardRecordSchema):
    """A problem that holds up a programme or migration."""

    title = Text(metadata=_BLOCKER_TITLE)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    raised_on = fields.Date(metadata=_RAISED)
    due = fields.Date(allow_none=True, metadata=_RESOLVE_BY)
    resolved_on = fields.Date(allow_none=True, metadata=_RESOLVED)
    resolution = Text(allow_none=True, metadata=_RESOLUTION)
    open = fields.Boolean(metadata={"description": "True until the blocker is resolved."})


class RequiredDecisionCreate(BoardRecordWrite):
    """A question that the programme board must answer by a date."""

    question = Text(max=500, required=True, metadata=_QUESTION)
    options = Text(max=_LONG, allow_none=True, metadata=_OPTIONS)
    recommendation = Text(max=_LONG, allow_none=True, metadata=_RECOMMENDATION)
    needed_by = DateField(allow_none=True, metadata=_NEEDED_BY)
    status = Choice(RequiredDecisionStatus, load_default=RequiredDecisionStatus.OPEN)
    outcome = Text(max=_LONG, allow_none=True, metadata=_OUTCOME)
    decided_on = DateField(allow_none=True, metadata=_DECIDED)


RequiredDecisionPatch = patch_schema_of(
    RequiredDecisionCreate, "RequiredDecisionPatch", without=("programme_id",)
)


class RequiredDecisionSchema(BoardRecordSchema):
    """A question that the programme board must answer by a date."""

    question = Text(metadata=_QUESTION)
    options = Text(allow_none=True, metadata=_OPTIONS)
    recommendation = Text(allow_none=True, metadata=_RECOMMENDATION)
    needed_by = fields.Date(allow_none=True, metadata=_NEEDED_BY)
    status = Choice(RequiredDecisionStatus)
    outcome = Text(allow_none=True, metadata=_OUTCOME)
    decided_on = fields.Date(allow_none=True, metadata=_DECIDED)
