"""Request and response bodies for the gates, checks, stages and attempts of migrations."""

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

_MIGRATION = {"description": "The id of the migration.", "example": EXAMPLE_ID}
_CHECKED_BY = {
    "description": "The name or role of the person who confirms the item.",
    "example": "Data protection officer",
}
_EVIDENCE = {
    "description": "A reference to the evidence, such as a document or minute. "
    "Null if the note describes it.",
    "example": "DPIA-2026-114, version 2",
}
_NOTE = {
    "description": "How the item was done, or why it does not apply. Null if there is no note.",
    "example": "Approved without conditions.",
}
_ATTEMPT = {
    "description": "The number of the attempt at the migration, from 1. "
    "Each roll-back starts a new attempt.",
    "example": 1,
}
_WAIVED_BY = {
    "description": "The name or role of the person who is answerable for the waiver.",
    "example": "Senior responsible owner",
}
_REASON = {
    "description": "The reason for passing the gate with items outstanding.",
    "example": "The old version is out of support on Friday.",
}
_THEN_PLANNED = {"description": "The planned date at that time. Null if there was none."}
_THEN_FORECAST = {"description": "The forecast date at that time. Null if there was none."}
_THEN_ACTUAL = {
    "description": "The date on which users had switched, as recorded at that time. "
    "Null if they had not.",
}


class CheckCreate(WriteSchema):
    """A check of a gate item in the current attempt.

    An item that is done needs evidence or a note. An item that does not apply needs a note.
    """

    item = Choice(CheckItem, required=True)
    state = Choice(CheckState, required=True)
    name = Text(required=True, metadata=_CHECKED_BY)
    evidence = Text(max=500, allow_none=True, metadata=_EVIDENCE)
    note = Text(max=2000, allow_none=True, metadata=_NOTE)


class MigrationCheckWithdrawal(WriteSchema):
    """The withdrawal of a check that was recorded by mistake."""

    reason = Text(
        max=2000,
        required=True,
        metadata={
            "description": "The reason why the check is wrong.",
            "example": "It was another system's.",
        },
    )


class CheckSchema(ReadSchema):
    """A check of a gate item, which stays on record after its withdrawal."""

    id = Uuid(metadata={"description": "The id of the check."})
    migration_id = Uuid(metadata=_MIGRATION)
    attempt = Integer(metadata=_ATTEMPT)
    item = Choice(CheckItem)
    state = Choice(CheckState)
    name = Text(metadata=_CHECKED_BY)
    evidence = Text(allow_none=True, metadata=_EVIDENCE)
    note = Text(allow_none=True, metadata=_NOTE)
    checked_at = fields.DateTime(metadata={"description": "When the check was recorded, in UTC."})
    withdrawn_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "When the check was withdrawn, in UTC. Null while it counts."},
    )
    withdrawal_reason = Text(
        allow_none=True,
        metadata={"description": "The reason for the withdrawal. Null while the check counts."},
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WaiverCreate(WriteSchema):
    """A waiver of a gate in the current attempt. A waiver cannot be withdrawn."""

    gate = Choice(Gate, required=True)
    name = Text(required=True, metadata=_WAIVED_BY)
    reason = Text(max=2000, required=True, metadata=_REASON)


class WaiverSchema(ReadSchema):
    """A waiver, which lets a migration pass a gate with items outstanding."""

    id = Uuid(metadata={"description": "The id of the waiver."})
    migration_id = Uuid(metadata=_MIGRATION)
    attempt = Integer(metadata=_ATTEMPT)
    gate = Choice(Gate)
    name = Text(metadata=_WAIVED_BY)
    reason = Text(metadata=_REASON)
    waived_at = fields.DateTime(metadata={"description": "When the gate was waived, in UTC."})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class StageEntrySchema(ReadSchema):
    """The entry of a migration into a stage, with the migration's dates at that moment."""

    id = Uuid(metadata={"description": "The id of the stage entry."})
    migration_id = Uuid(metadata=_MIGRATION)
    attempt = Integer(metadata=_ATTEMPT)
    ordinal = Integer(
        metadata={
            "description": "The position among all stage entries of the migration, from 1.",
            "example": 1,
        }
    )
    stage = Choice(MigrationStage)
    entered_at = fields.DateTime(
        metadata={"description": "When the migration entered the stage, in UTC."}
    )
    left_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": (
                "When the migration left the stage, in UTC. Null for the current stage. The "
                "change feed shows this moment as `entered_at` of the next stage entry."
            )
        },
    )
    reason = Text(
        allow_none=True,
        metadata={"description": "The reason for the stage. Null if none was recorded."},
    )
    planned_date = fields.Date(allow_none=True, metadata=_THEN_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_THEN_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_THEN_ACTUAL)


class GateItemSchema(ReadSchema):
    """An item of a gate's checklist, with its check in the current attempt."""

    item = Choice(CheckItem)
    outstanding = fields.Boolean(
        metadata={
            "description": "True if the item has no check that counts. "
            "False if its check is `done` or `not_applicable`."
        }
    )
    check = Nested(
        CheckSchema,
        allow_none=True,
        metadata={"description": "The check that counts. Null if the item is outstanding."},
    )


class MigrationGateSchema(ReadSchema):
    """A gate of a migration, with the state of its checklist in the current attempt."""

    gate = Choice(Gate)
    passed = fields.Boolean(
        metadata={
            "description": "True if no item is outstanding, or if the gate is waived. "
            "While it is false, the migration cannot enter the stage."
        }
    )
    items = ListOf(
        Nested(GateItemSchema), metadata={"description": "The items of the gate's checklist."}
    )
    waiver = Nested(
        WaiverSchema,
        allow_none=True,
        metadata={"description": "The waiver of the gate. Null if it is not waived."},
    )
    entered_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the migration last entered the stage in the current attempt, "
            "in UTC. Null if it has not."
        },
    )


class MigrationGatesSchema(ReadSchema):
    """The gates of a migration, with the checks and waivers of its current attempt."""

    migration_id = Uuid(metadata=_MIGRATION)
    attempt = Integer(metadata=_ATTEMPT)
    stage = Choice(MigrationStage)
    gates = ListOf(
        Nested(MigrationGateSchema),
        metadata={"description": "The gates, in the order in which a migration passes them."},
    )


class AttemptSchema(ReadSchema):
    """One attempt at a migration, with its dates and result."""

    attempt = Integer(metadata=_ATTEMPT)
    planned_date = fields.Date(
        allow_none=True,
        metadata={"description": "The planned date of the attempt. Null if it has none."},
    )
    forecast_date = fields.Date(
        allow_none=True,
        metadata={"description": "The forecast date of the attempt. Null if it has none."},
    )
    actual_date = fields.Date(
        allow_none=True,
        metadata={"description": "The date on which users switched. Null if they have not."},
    )
    cutover_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the attempt entered the stage `cutover`, in UTC. Null if it has not."
        },
    )
    rolled_back_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the attempt was rolled back, in UTC. Null if it has not been."
        },
    )
    reason = Text(
        allow_none=True,
        metadata={"description": "The reason for the roll-back. Null if there was none."},
    )


class MigrationAttemptsSchema(ReadSchema):
    """Every attempt at a migration, with its dates and the reason for a roll-back."""

    migration_id = Uuid(metadata=_MIGRATION)
    attempts = ListOf(
        Nested(AttemptSchema),
        metadata={
            "description": "The attempts in order. The last is the current one, "
            "and those before it were rolled back."
        },
    )
