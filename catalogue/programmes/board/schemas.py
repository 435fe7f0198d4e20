"""What milestones, risks, blockers and required decisions look like."""

from marshmallow import fields

from catalogue.core.rest.schemas import Choice, DateField, Integer, Text, Uuid, patch_schema_of
from catalogue.programmes.board.vocabulary import RequiredDecisionStatus, RiskStatus
from catalogue.programmes.schemas import RatedSchema, RatedWrite

_LONG = 10_000
_MIGRATION = {
    "description": "The migration that it concerns; null: the programme as a whole.",
    "example": None,
}
_OWNER = {"description": "Who answers for it: a role, or a name.", "example": "Head of digital"}
_OVERDUE = {"description": "Its day has passed, and it is still open."}
_PLANNED = {"description": "The day that was agreed.", "example": "2027-03-31"}
_FORECAST = {"description": "The day now expected.", "example": "2027-04-30"}
_REACHED = {"description": "The day on which it was reached.", "example": None}
_SCALE = {"description": "From 1, very low, to 5, very high.", "example": 4}
_RAISED = {"description": "The day on which it was raised.", "example": "2026-11-02"}
_DUE = {"description": "By when it is to be dealt with.", "example": "2027-01-29"}
_STATUS_REASON = {
    "description": "Why it is accepted or closed, or how it came true; needed unless it is open.",
    "example": None,
}
_RESOLVED = {"description": "The day on which it was out of the way.", "example": None}
_RESOLUTION = {"description": "How; needed with resolved_on.", "example": None}
_OUTCOME = {
    "description": "What was decided, or why nothing is to be; needed unless it is open.",
    "example": None,
}
_DECIDED = {"description": "The day of the decision, where there is one.", "example": None}
_OPTIONS = {"example": "Extend the contract by a year, or move without the archive."}
_RECOMMENDATION = {"example": "Extend by a year."}
_QUESTION = {"example": "Do we extend the contract of the old payroll?"}


class BoardRecordWrite(RatedWrite):
    """What belongs to a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    migration_id = Uuid(allow_none=True, metadata=_MIGRATION)
    owner = Text(allow_none=True, metadata=_OWNER)


class BoardRecordSchema(RatedSchema):
    """What belongs to a programme, and may concern one of its migrations."""

    id = Uuid()
    programme_id = Uuid()
    migration_id = Uuid(allow_none=True, metadata=_MIGRATION)
    owner = Text(allow_none=True, metadata=_OWNER)
    overdue = fields.Boolean(metadata=_OVERDUE)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class MilestoneCreate(BoardRecordWrite):
    """A day by which something is to be reached."""

    name = Text(required=True, metadata={"example": "All finance on one ledger"})
    description = Text(max=_LONG, allow_none=True)
    planned_date = DateField(required=True, metadata=_PLANNED)
    forecast_date = DateField(allow_none=True, metadata=_FORECAST)
    actual_date = DateField(allow_none=True, metadata=_REACHED)


MilestonePatch = patch_schema_of(MilestoneCreate, "MilestonePatch", without=("programme_id",))


class MilestoneSchema(BoardRecordSchema):
    """A day by which something is to be reached."""

    name = Text(metadata={"example": "All finance on one ledger"})
    description = Text(allow_none=True)
    planned_date = fields.Date(metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_REACHED)


class RiskCreate(BoardRecordWrite):
    """What may go wrong, how likely and how bad, and what is done about it."""

    title = Text(required=True, metadata={"example": "The second trial load fails"})
    description = Text(max=_LONG, allow_none=True)
    probability = Integer(min=1, max=5, required=True, metadata=_SCALE)
    impact = Integer(min=1, max=5, required=True, metadata=_SCALE)
    mitigation = Text(max=_LONG, allow_none=True, metadata={"example": "Load twice before."})
    raised_on = DateField(metadata=_RAISED | {"description": "The day of the request, if left."})
    due = DateField(allow_none=True, metadata=_DUE)
    status = Choice(RiskStatus, load_default=RiskStatus.OPEN)
    status_reason = Text(max=2000, allow_none=True, metadata=_STATUS_REASON)


RiskPatch = patch_schema_of(RiskCreate, "RiskPatch", without=("programme_id",))


class RiskSchema(BoardRecordSchema):
    """What may go wrong, how likely and how bad, and what is done about it."""

    title = Text(metadata={"example": "The second trial load fails"})
    description = Text(allow_none=True)
    probability = Integer(metadata=_SCALE)
    impact = Integer(metadata=_SCALE)
    score = Integer(
        metadata={"description": "Probability times impact; 15 and more is red.", "example": 16}
    )
    previous_score = Integer(
        allow_none=True, metadata={"description": "The score before.", "example": 12}
    )
    mitigation = Text(allow_none=True, metadata={"example": "Load twice before."})
    raised_on = fields.Date(metadata=_RAISED)
    due = fields.Date(allow_none=True, metadata=_DUE)
    status = Choice(RiskStatus)
    status_reason = Text(allow_none=True, metadata=_STATUS_REASON)
    status_since = fields.Date(
        metadata={"description": "Since when it has this status.", "example": "2026-11-02"}
    )


class BlockerCreate(BoardRecordWrite):
    """What holds a migration up, or the whole programme."""

    title = Text(required=True, metadata={"example": "No test data for the new ledger"})
    description = Text(max=_LONG, allow_none=True)
    raised_on = DateField(metadata=_RAISED | {"description": "The day of the request, if left."})
    due = DateField(allow_none=True, metadata=_DUE)
    resolved_on = DateField(allow_none=True, metadata=_RESOLVED)
    resolution = Text(max=2000, allow_none=True, metadata=_RESOLUTION)


BlockerPatch = patch_schema_of(BlockerCreate, "BlockerPatch", without=("programme_id",))


class ProgrammeBlockerSchema(BoardRecordSchema):
    """What holds a migration up, or the whole programme."""

    title = Text(metadata={"example": "No test data for the new ledger"})
    description = Text(allow_none=True)
    raised_on = fields.Date(metadata=_RAISED)
    due = fields.Date(allow_none=True, metadata=_DUE)
    resolved_on = fields.Date(allow_none=True, metadata=_RESOLVED)
    resolution = Text(allow_none=True, metadata=_RESOLUTION)
    open = fields.Boolean(metadata={"description": "It is not resolved."})


class RequiredDecisionCreate(BoardRecordWrite):
    """A question that the board has to answer."""

    question = Text(max=500, required=True, metadata=_QUESTION)
    options = Text(max=_LONG, allow_none=True, metadata=_OPTIONS)
    recommendation = Text(max=_LONG, allow_none=True, metadata=_RECOMMENDATION)
    needed_by = DateField(allow_none=True, metadata=_DUE)
    status = Choice(RequiredDecisionStatus, load_default=RequiredDecisionStatus.OPEN)
    outcome = Text(max=_LONG, allow_none=True, metadata=_OUTCOME)
    decided_on = DateField(allow_none=True, metadata=_DECIDED)


RequiredDecisionPatch = patch_schema_of(
    RequiredDecisionCreate, "RequiredDecisionPatch", without=("programme_id",)
)


class RequiredDecisionSchema(BoardRecordSchema):
    """A question that the board has to answer."""

    question = Text(metadata=_QUESTION)
    options = Text(allow_none=True, metadata=_OPTIONS)
    recommendation = Text(allow_none=True, metadata=_RECOMMENDATION)
    needed_by = fields.Date(allow_none=True, metadata=_DUE)
    status = Choice(RequiredDecisionStatus)
    outcome = Text(allow_none=True, metadata=_OUTCOME)
    decided_on = fields.Date(allow_none=True, metadata=_DECIDED)
