"""What one says at the gates of a migration, and how that and its stages are shown."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
)
from catalogue.programmes.vocabulary import CheckItem, CheckState, Gate, MigrationStage

_NAME = {"description": "Who says so: a name or a role.", "example": "Data protection officer"}
_EVIDENCE = {"description": "Where it can be seen.", "example": "DPIA-2026-114, version 2"}
_ATTEMPT = {"description": "Which attempt at the move.", "example": 1}
_WAIVING = {"description": "Who answers for that.", "example": "Senior responsible owner"}
_REASON = {"example": "The old version is out of support on Friday."}
_ENTERED = {"description": "When it entered the stage."}


class CheckCreate(WriteSchema):
    """That an item of a checklist is done, or does not arise. Done needs evidence or a note; what
    does not arise, a note that says why."""

    item = Choice(CheckItem, required=True)
    state = Choice(CheckState, required=True)
    name = Text(required=True, metadata=_NAME)
    evidence = Text(max=500, allow_none=True, metadata=_EVIDENCE)
    note = Text(max=2000, allow_none=True, metadata={"example": "Approved without conditions."})


class CheckWithdrawal(WriteSchema):
    """That something was said by mistake, and why it does not hold."""

    reason = Text(max=2000, required=True, metadata={"example": "It was another system's."})


class CheckSchema(ReadSchema):
    """What was said of an item of a checklist, by whom, and whether it still holds."""

    id = Uuid()
    migration_id = Uuid()
    attempt = Integer(metadata=_ATTEMPT)
    item = Choice(CheckItem)
    state = Choice(CheckState)
    name = Text(metadata=_NAME)
    evidence = Text(allow_none=True, metadata=_EVIDENCE)
    note = Text(allow_none=True)
    checked_at = fields.DateTime()
    withdrawn_at = fields.DateTime(
        allow_none=True, metadata={"description": "When it was taken back as a mistake."}
    )
    withdrawal_reason = Text(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WaiverCreate(WriteSchema):
    """That a gate may be passed although it is open, in the present attempt. It stays on record."""

    gate = Choice(Gate, required=True)
    name = Text(required=True, metadata=_WAIVING)
    reason = Text(max=2000, required=True, metadata=_REASON)


class WaiverSchema(ReadSchema):
    """That a gate may be passed although it is open: who answers for that, and why."""

    id = Uuid()
    migration_id = Uuid()
    attempt = Integer(metadata=_ATTEMPT)
    gate = Choice(Gate)
    name = Text(metadata=_WAIVING)
    reason = Text(metadata=_REASON)
    waived_at = fields.DateTime()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class StageEntrySchema(ReadSchema):
    """That a migration entered a stage, and the dates that were said of it then."""

    id = Uuid()
    migration_id = Uuid()
    attempt = Integer(metadata=_ATTEMPT)
    ordinal = Integer(metadata={"description": "Its place in the order of all.", "example": 1})
    stage = Choice(MigrationStage)
    entered_at = fields.DateTime(metadata=_ENTERED)
    left_at = fields.DateTime(
        allow_none=True, metadata={"description": "When it went on; null while it is there."}
    )
    reason = Text(allow_none=True, metadata={"description": "Why, where it was said."})
    planned_date = fields.Date(allow_none=True)
    forecast_date = fields.Date(allow_none=True)
    actual_date = fields.Date(allow_none=True)


class GateItemSchema(ReadSchema):
    """An item of a gate's checklist, and what is said of it in the present attempt."""

    item = Choice(CheckItem)
    open = fields.Boolean(metadata={"description": "Nothing is said of it that holds."})
    check = Nested(CheckSchema, allow_none=True)


class MigrationGateSchema(ReadSchema):
    """What is asked for before a stage is entered, and whether that keeps the migration out."""

    gate = Choice(Gate)
    open = fields.Boolean(
        metadata={"description": "An item is open, and it is not waived: the stage is refused."}
    )
    items = ListOf(Nested(GateItemSchema))
    waiver = Nested(WaiverSchema, allow_none=True)
    entered_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "When the stage was last entered in the present attempt."},
    )


class MigrationGatesSchema(ReadSchema):
    """The gates of a migration in its present attempt, in the order in which they are passed."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    attempt = Integer(metadata=_ATTEMPT)
    stage = Choice(MigrationStage)
    gates = ListOf(Nested(MigrationGateSchema))


class MigrationAttemptSchema(ReadSchema):
    """One attempt at a move: what it was planned for, and what became of it."""

    attempt = Integer(metadata=_ATTEMPT)
    planned_date = fields.Date(allow_none=True)
    forecast_date = fields.Date(allow_none=True)
    actual_date = fields.Date(
        allow_none=True, metadata={"description": "The day on which the users went over."}
    )
    cutover_at = fields.DateTime(
        allow_none=True, metadata={"description": "When it entered the stage cutover."}
    )
    rolled_back_at = fields.DateTime(allow_none=True)
    reason = Text(allow_none=True, metadata={"description": "Why it was rolled back."})


class MigrationAttemptsSchema(ReadSchema):
    """Every attempt at a move. The last is the present one; those before were rolled back."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    attempts = ListOf(Nested(MigrationAttemptSchema))
