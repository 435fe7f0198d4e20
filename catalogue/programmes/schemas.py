"""Request and response bodies for programmes, waves, migrations and adoptions."""

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.programmes.rating_schemas import RatedSchema, RatedWrite
from catalogue.programmes.vocabulary import (
    CutoverStyle,
    Lateness,
    MigrationKind,
    MigrationStage,
    ProgrammeStatus,
    SkipReason,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy

_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"

PROGRAMME_ID = {"description": "The id of the programme that the record belongs to."}

_TITLE = {
    "description": "The title of the programme, at most 200 characters.",
    "example": "BCH shared back office",
}
_SUMMARY = {"description": "The aims of the programme. Null if none are recorded."}
_TARGET_AGENCY = {
    "description": "The code of the agency that systems move to, such as a shared services centre. "
    "Null if there is none.",
    "example": "bch-shared-services",
}
_AGREEMENT = {
    "description": "The id of the collaboration agreement behind the programme, or null. "
    "Your agency must be a party. While the agreement is in force, all of its parties can see the "
    "programme.",
    "example": None,
}
_SHOWN_AGREEMENT = {
    "description": "The id of the collaboration agreement behind the programme. "
    "Null if there is none, or if your agency is not a party to it.",
    "example": None,
}
_START = {
    "description": "The first day of the programme. Null if not decided.",
    "example": "2026-01-05",
}
_END = {
    "description": "The last day of the programme. Null if not decided.",
    "example": "2027-12-17",
}
_WAVE_NAME = {
    "description": "The name of the wave, unique in its programme.",
    "example": "Finance",
}
_POSITION = {
    "description": "The place of the wave in the programme's order. The first is 1.",
    "example": 1,
}
_WAVE_START = {
    "description": "The first day of the wave. Null if not decided.",
    "example": "2026-01-05",
}
_WAVE_END = {
    "description": "The last day of the wave. Null if not decided.",
    "example": "2027-12-17",
}
_CAPACITY = {
    "description": "The highest number of migrations in the wave. Cancelled ones do not count. "
    "Null for no limit.",
    "example": 6,
}
_FREEZE_START = {
    "description": "The first day of the change freeze, in which nothing else is changed on the "
    "systems of the wave. Null if there is none.",
    "example": "2026-12-14",
}
_FREEZE_END = {
    "description": "The last day of the change freeze. Null if there is none.",
    "example": "2027-01-04",
}
_WAVE = {
    "description": "The id of a wave of the same programme. Null if the migration is in no wave.",
    "example": None,
}
_SYSTEM = {"description": "The id of the system that moves."}
_TARGET = {
    "description": "The id of the target system, which users move to. "
    "Null if not decided, or if you cannot see that system.",
    "example": _OTHER_ID,
}
_KIND = {
    "description": "Consolidation, or the separation of one agency from a shared system.",
    "example": "consolidation",
}
_LEAVING = {
    "description": "The code of the agency that leaves the system: its owner or an agency that "
    "uses it. Required for a separation, and null for a consolidation.",
    "example": None,
}
_STRATEGY = {"description": "The way in which the system is migrated.", "example": "repurchase"}
_STAGE_REASON = {
    "description": "The reason for the stage. The stages `on_hold`, `cancelled` and `rolled_back` "
    "need it. Otherwise it can be null.",
    "example": None,
}
_ATTEMPT = {
    "description": "The number of the current attempt, from 1. "
    "Each roll-back starts a new attempt, with all gate items outstanding.",
    "example": 1,
}
_CUTOVER_STYLE = {"description": "How users switch to the new system. Null if not decided."}
_PLANNED = {
    "description": "The agreed date of the cutover, which is the baseline from the stage `planned` "
    "on. Null if not agreed.",
    "example": "2026-12-01",
}
_FIRST_PLANNED = {
    "description": "The date that was agreed first. Null before the stage `planned`.",
    "example": None,
}
_REBASELINED_AT = {
    "description": "When a different planned date was last agreed, in UTC. Null if never.",
    "example": None,
}
_REBASELINE = {
    "description": "The reason for changing the planned date after it was agreed. Null if never.",
    "example": None,
}
_FORECAST = {
    "description": "The date on which the cutover is now expected. Null if not forecast.",
    "example": "2027-02-01",
}
_ACTUAL = {
    "description": "The date on which users switched to the new system. Null if they have not.",
    "example": None,
}
_NEXT = {
    "description": "The date by which the next progress update is due. Null if none is due.",
    "example": "2026-12-04",
}
_WAIVED_BY = {
    "description": "The name or role of the person who allows this migration before those that it "
    "depends on. Null if its dependencies are not waived.",
    "example": None,
}
_WAIVED_REASON = {
    "description": "The reason for waiving the dependencies. "
    "Required with `dependencies_waived_by`, otherwise null.",
    "example": None,
}
_FOR_USERS = {
    "description": "The changes for people who work with the system. Null if not recorded.",
    "example": "Duties are planned in the browser; the old program is switched off.",
}
_FOR_PUBLIC = {
    "description": "The changes for the public. Null if not recorded.",
    "example": "Nothing: the phone numbers and the forms stay the same.",
}
_STATEMENT = {
    "description": "A statement in plain English that can be published. Null if there is none.",
    "example": "From December, three forces plan their duties with one system.",
}


class ProgrammeCreate(RatedWrite):
    """A programme that your agency will lead."""

    title = Text(required=True, metadata=_TITLE)
    summary = Text(max=10_000, allow_none=True, metadata=_SUMMARY)
    status = Choice(ProgrammeStatus, load_default=ProgrammeStatus.PLANNED)
    target_agency = Text(max=80, pattern=CODE, allow_none=True, metadata=_TARGET_AGENCY)
    agreement_id = Uuid(allow_none=True, metadata=_AGREEMENT)
    start_date = DateField(allow_none=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)


ProgrammePatch = patch_schema_of(ProgrammeCreate, "ProgrammePatch")


class ProgrammeSchema(RatedSchema):
    """A set of migrations, waves and savings that one lead agency runs for its members."""

    id = Uuid(metadata={"description": "The id of the programme."})
    title = Text(metadata=_TITLE)
    summary = Text(allow_none=True, metadata=_SUMMARY)
    status = Choice(ProgrammeStatus)
    lead_agency = Text(
        metadata={
            "description": "The code of the agency that leads the programme and alone changes it.",
            "example": "cambridgeshire-police",
        }
    )
    target_agency = Text(allow_none=True, metadata=_TARGET_AGENCY)
    agreement_id = Uuid(allow_none=True, metadata=_SHOWN_AGREEMENT)
    start_date = fields.Date(allow_none=True, metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WaveCreate(RatedWrite):
    """A wave of a programme that your agency leads."""

    programme_id = Uuid(required=True, metadata=PROGRAMME_ID)
    name = Text(required=True, metadata=_WAVE_NAME)
    position = Integer(min=1, max=1000, required=True, metadata=_POSITION)
    start_date = DateField(allow_none=True, metadata=_WAVE_START)
    end_date = DateField(allow_none=True, metadata=_WAVE_END)
    capacity = Integer(max=10_000, allow_none=True, metadata=_CAPACITY)
    freeze_start = DateField(allow_none=True, metadata=_FREEZE_START)
    freeze_end = DateField(allow_none=True, metadata=_FREEZE_END)


WavePatch = patch_schema_of(WaveCreate, "WavePatch", without=("programme_id",))


class WaveSchema(RatedSchema):
    """A group of migrations in a programme, with dates, a capacity and a change freeze."""

    id = Uuid(metadata={"description": "The id of the wave."})
    programme_id = Uuid(metadata=PROGRAMME_ID)
    name = Text(metadata=_WAVE_NAME)
    position = Integer(metadata=_POSITION)
    start_date = fields.Date(allow_none=True, metadata=_WAVE_START)
    end_date = fields.Date(allow_none=True, metadata=_WAVE_END)
    capacity = Integer(allow_none=True, metadata=_CAPACITY)
    freeze_start = fields.Date(allow_none=True, metadata=_FREEZE_START)
    freeze_end = fields.Date(allow_none=True, metadata=_FREEZE_END)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class MigrationCreate(RatedWrite):
    """The migration of a system that you can see, in a programme that your agency leads."""

    programme_id = Uuid(required=True, metadata=PROGRAMME_ID)
    system_id = Uuid(required=True, metadata=_SYSTEM)
    target_system_id = Uuid(allow_none=True, metadata=_TARGET)
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    kind = Choice(MigrationKind, load_default=MigrationKind.CONSOLIDATION, metadata=_KIND)
    leaving_agency = Text(max=80, pattern=CODE, allow_none=True, metadata=_LEAVING)
    strategy = Choice(MigrationStrategy, required=True, metadata=_STRATEGY)
    stage = Choice(
        MigrationStage,
        load_default=MigrationStage.IDENTIFIED,
        metadata={"description": "The stage of the migration when it is first recorded."},
    )
    stage_reason = Text(max=2000, allow_none=True, metadata=_STAGE_REASON)
    cutover_style = Choice(CutoverStyle, allow_none=True, metadata=_CUTOVER_STYLE)
    planned_date = DateField(allow_none=True, metadata=_PLANNED)
    forecast_date = DateField(allow_none=True, metadata=_FORECAST)
    actual_date = DateField(allow_none=True, metadata=_ACTUAL)
    next_update_due = DateField(allow_none=True, metadata=_NEXT)
    dependencies_waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    dependencies_waived_reason = Text(max=2000, allow_none=True, metadata=_WAIVED_REASON)
    change_for_users = Text(max=2000, allow_none=True, metadata=_FOR_USERS)
    change_for_public = Text(max=2000, allow_none=True, metadata=_FOR_PUBLIC)
    public_statement = Text(max=500, allow_none=True, metadata=_STATEMENT)


class MigrationWrite(MigrationCreate):
    """A migration, with a reason if its agreed date changes."""

    rebaseline_reason = Text(max=2000, allow_none=True, metadata=_REBASELINE)


MigrationPatch = patch_schema_of(
    MigrationWrite,
    "MigrationPatch",
    without=("programme_id", "system_id", "kind", "leaving_agency"),
)


class MigrationSchema(RatedSchema):
    """The planned or actual move of one system in a programme."""

    id = Uuid(metadata={"description": "The id of the migration."})
    programme_id = Uuid(metadata=PROGRAMME_ID)
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    system_id = Uuid(metadata=_SYSTEM)
    system_name = Text(
        metadata={
            "description": "The name of the system that moves.",
            "example": "Duty management",
        }
    )
    agency = Text(
        metadata={
            "description": "The code of the agency that owns the system.",
            "example": "bedfordshire-police",
        }
    )
    target_system_id = Uuid(allow_none=True, metadata=_TARGET)
    target_system_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the target system. "
            "Null if not decided, or if you cannot see that system.",
            "example": "Shared duty management",
        },
    )
    kind = Choice(MigrationKind, metadata=_KIND)
    leaving_agency = Text(allow_none=True, metadata=_LEAVING)
    strategy = Choice(MigrationStrategy, metadata=_STRATEGY)
    stage = Choice(MigrationStage)
    stage_reason = Text(allow_none=True, metadata=_STAGE_REASON)
    attempt = Integer(metadata=_ATTEMPT)
    cutover_style = Choice(CutoverStyle, allow_none=True, metadata=_CUTOVER_STYLE)
    planned_date = fields.Date(allow_none=True, metadata=_PLANNED)
    first_planned_date = fields.Date(allow_none=True, metadata=_FIRST_PLANNED)
    rebaselined_at = fields.DateTime(allow_none=True, metadata=_REBASELINED_AT)
    rebaseline_reason = Text(allow_none=True, metadata=_REBASELINE)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_ACTUAL)
    next_update_due = fields.Date(allow_none=True, metadata=_NEXT)
    dependencies_waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    dependencies_waived_reason = Text(allow_none=True, metadata=_WAIVED_REASON)
    change_for_users = Text(allow_none=True, metadata=_FOR_USERS)
    change_for_public = Text(allow_none=True, metadata=_FOR_PUBLIC)
    public_statement = Text(allow_none=True, metadata=_STATEMENT)
    lateness = Choice(Lateness)
    late = fields.Boolean(
        metadata={
            "description": "True if the planned or forecast date has passed without the move."
        }
    )
    days_late = Integer(
        metadata={
            "description": "The number of days since the planned date, or since the forecast date "
            "if the planned date has not passed. 0 if the migration is not late."
        }
    )
    update_overdue = fields.Boolean(
        metadata={
            "description": "True if the date in `next_update_due` has passed, and the migration is "
            "neither complete nor cancelled."
        }
    )
    blocked = fields.Boolean(
        metadata={"description": "True if a blocker of the migration is not resolved."}
    )
    at_risk = fields.Boolean(
        metadata={
            "description": "True if the migration is not late, but one of these applies. "
            "It is forecast after its planned date, is rated amber or red, or has a red risk that "
            "is not closed."
        }
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AdoptionCreate(WriteSchema):
    """An agreed decision whose systems the programme will move."""

    decision_id = Uuid(
        required=True, metadata={"description": "The id of an agreed decision that you can see."}
    )
    wave_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the wave for the new migrations. Null for no wave.",
            "example": None,
        },
    )
    planned_date = DateField(
        allow_none=True,
        metadata={
            "description": "The planned date of the new migrations. Null if not decided.",
            "example": "2026-12-01",
        },
    )


class SkippedSystemSchema(ReadSchema):
    """A system of the decision for which no migration was created."""

    system_id = Uuid(metadata={"description": "The id of the system."})
    reason = Choice(SkipReason)


class AdoptionSchema(ReadSchema):
    """The result of an adoption, for the systems of the decision that you can see."""

    created = ListOf(Uuid(), metadata={"description": "The ids of the new migrations."})
    skipped = ListOf(
        Nested(SkippedSystemSchema),
        metadata={"description": "The systems for which no migration was created."},
    )
