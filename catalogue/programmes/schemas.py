"""What programmes, waves and migrations look like, and what one may say about them."""

from marshmallow import fields

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
from catalogue.programmes.vocabulary import (
    CutoverStyle,
    Lateness,
    MigrationKind,
    MigrationStage,
    ProgrammeStatus,
    Rag,
    SkipReason,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy

_AGENCY = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_TARGET_AGENCY = {
    "description": "The agency that systems move to: the shared services centre.",
    "example": "bch-shared-services",
}
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_START, _END = {"example": "2026-01-05"}, {"example": "2027-12-17"}
_PLANNED = {
    "description": "The day agreed for the move: the baseline, once the stage planned is entered.",
    "example": "2026-12-01",
}
_FORECAST = {"description": "The day now expected.", "example": "2027-02-01"}
_ACTUAL = {"description": "The day on which the users went over.", "example": None}
_NEXT = {"description": "When word of it is due again.", "example": "2026-12-04"}
_RAG = {"description": "Delivery confidence; it needs rag_narrative.", "example": "amber"}
_NARRATIVE = {"description": "Why it is rated so.", "example": "Second trial load failed."}
_PATH = {
    "description": "What will make it green; needed for amber and red.",
    "example": "A third trial load in December.",
}
_TARGET = {"description": "The system that takes over.", "example": _OTHER_ID}
_AGREEMENT = {
    "description": "The collaboration agreement that it is run under; one's own agency is a party. "
    "While it is in force, all of its parties see the programme.",
    "example": None,
}
_SHOWN_AGREEMENT = {
    "description": "The agreement that it is run under; null to who is no party to it.",
    "example": None,
}
_FREEZE_START = {
    "description": "From this day on, nothing else is changed on the systems of the wave.",
    "example": "2026-12-14",
}
_FREEZE_END = {"description": "The last day of that.", "example": "2027-01-04"}
_KIND = {
    "description": "A separation is an agency's leaving a system that others go on using.",
    "example": "consolidation",
}
_LEAVING = {
    "description": "Which agency leaves the system: its owner, or one that uses it. Needed for a "
    "separation, and for nothing else.",
    "example": None,
}
_ATTEMPT = {
    "description": "Which attempt this is: one more after each roll-back. Each begins with open "
    "checklists.",
    "example": 1,
}
_STAGE_REASON = {
    "description": "Why it is at this stage; needed to halt it, to cancel it and to roll it back.",
    "example": None,
}
_REBASELINE = {
    "description": "Why the planned day was changed after it was agreed.",
    "example": None,
}
_FOR_USERS = {
    "description": "What changes for those who work with it.",
    "example": "Duties are planned in the browser; the old program is switched off.",
}
_FOR_PUBLIC = {
    "description": "What changes for the public.",
    "example": "Nothing: the phone numbers and the forms stay the same.",
}
_WAIVED_BY = {
    "description": "Who answers for moving it before what it waits for, by name or role.",
    "example": None,
}
_WAIVED_REASON = {"description": "Why; needed with dependency_waived_by.", "example": None}
_STATEMENT = {
    "description": "A sentence in plain words that may be published.",
    "example": "From December, three forces plan their duties with one system.",
}
_WAVE = {"description": "A wave of the same programme.", "example": None}


class RatedWrite(WriteSchema):
    """What one says of delivery confidence."""

    rag = Choice(Rag, allow_none=True, metadata=_RAG)
    rag_narrative = Text(max=2000, allow_none=True, metadata=_NARRATIVE)
    path_to_green = Text(max=2000, allow_none=True, metadata=_PATH)


class RatedSchema(ReadSchema):
    """Delivery confidence, the rating before, and why."""

    rag = Choice(Rag, allow_none=True, metadata=_RAG)
    previous_rag = Choice(
        Rag, allow_none=True, metadata={"description": "The rating before.", "example": "green"}
    )
    rag_narrative = Text(allow_none=True, metadata=_NARRATIVE)
    path_to_green = Text(allow_none=True, metadata=_PATH)


class ProgrammeCreate(RatedWrite):
    """A programme to lead, by the actor's own agency."""

    title = Text(required=True, metadata={"example": "BCH shared back office"})
    summary = Text(max=10_000, allow_none=True)
    status = Choice(ProgrammeStatus, load_default=ProgrammeStatus.PLANNED)
    target_agency = Text(max=80, pattern=_AGENCY, allow_none=True, metadata=_TARGET_AGENCY)
    agreement_id = Uuid(allow_none=True, metadata=_AGREEMENT)
    start_date = DateField(allow_none=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)


ProgrammePatch = patch_schema_of(ProgrammeCreate, "ProgrammePatch")


class ProgrammeSchema(RatedSchema):
    """A merger's or a shared service's moves, led by one agency."""

    id = Uuid()
    title = Text(metadata={"example": "BCH shared back office"})
    summary = Text(allow_none=True)
    status = Choice(ProgrammeStatus)
    lead_agency = Text(metadata={"example": "cambridgeshire-police"})
    target_agency = Text(allow_none=True, metadata=_TARGET_AGENCY)
    agreement_id = Uuid(allow_none=True, metadata=_SHOWN_AGREEMENT)
    start_date = fields.Date(allow_none=True, metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WaveCreate(RatedWrite):
    """A wave of a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    name = Text(required=True, metadata={"example": "Finance"})
    position = Integer(
        min=1,
        max=1000,
        required=True,
        metadata={"description": "Its place among the waves.", "example": 1},
    )
    start_date = DateField(allow_none=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)
    capacity = Integer(
        max=10_000,
        allow_none=True,
        metadata={"description": "How many migrations it can hold.", "example": 6},
    )
    freeze_start = DateField(allow_none=True, metadata=_FREEZE_START)
    freeze_end = DateField(allow_none=True, metadata=_FREEZE_END)


WavePatch = patch_schema_of(WaveCreate, "WavePatch", without=("programme_id",))


class WaveSchema(RatedSchema):
    """Migrations of a programme that belong together in time."""

    id = Uuid()
    programme_id = Uuid()
    name = Text(metadata={"example": "Finance"})
    position = Integer(metadata={"example": 1})
    start_date = fields.Date(allow_none=True, metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    capacity = Integer(allow_none=True, metadata={"example": 6})
    freeze_start = fields.Date(allow_none=True, metadata=_FREEZE_START)
    freeze_end = fields.Date(allow_none=True, metadata=_FREEZE_END)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class MigrationCreate(RatedWrite):
    """The move of a system that one may see, in a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    system_id = Uuid(required=True)
    target_system_id = Uuid(allow_none=True, metadata=_TARGET)
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    kind = Choice(MigrationKind, load_default=MigrationKind.CONSOLIDATION, metadata=_KIND)
    leaving_agency = Text(max=80, pattern=_AGENCY, allow_none=True, metadata=_LEAVING)
    strategy = Choice(MigrationStrategy, required=True, metadata={"example": "repurchase"})
    stage = Choice(
        MigrationStage,
        load_default=MigrationStage.IDENTIFIED,
        metadata={"description": "Where it stands when it is first recorded."},
    )
    stage_reason = Text(max=2000, allow_none=True, metadata=_STAGE_REASON)
    cutover_style = Choice(CutoverStyle, allow_none=True)
    planned_date = DateField(allow_none=True, metadata=_PLANNED)
    forecast_date = DateField(allow_none=True, metadata=_FORECAST)
    actual_date = DateField(allow_none=True, metadata=_ACTUAL)
    next_update_due = DateField(allow_none=True, metadata=_NEXT)
    dependency_waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    dependency_waived_reason = Text(max=2000, allow_none=True, metadata=_WAIVED_REASON)
    change_for_users = Text(max=2000, allow_none=True, metadata=_FOR_USERS)
    change_for_public = Text(max=2000, allow_none=True, metadata=_FOR_PUBLIC)
    public_statement = Text(max=500, allow_none=True, metadata=_STATEMENT)


class MigrationWrite(MigrationCreate):
    """The move of a system, with a reason where the day that was agreed for it changes."""

    rebaseline_reason = Text(max=2000, allow_none=True, metadata=_REBASELINE)


MigrationPatch = patch_schema_of(
    MigrationWrite,
    "MigrationPatch",
    without=("programme_id", "system_id", "kind", "leaving_agency"),
)


class MigrationSchema(RatedSchema):
    """The move of one system: where to, how, how far it is, and how it goes."""

    id = Uuid()
    programme_id = Uuid()
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    target_system_id = Uuid(allow_none=True, metadata=_TARGET)
    target_system_name = Text(allow_none=True, metadata={"example": "Shared duty management"})
    kind = Choice(MigrationKind)
    leaving_agency = Text(allow_none=True, metadata=_LEAVING)
    strategy = Choice(MigrationStrategy)
    stage = Choice(MigrationStage)
    stage_reason = Text(allow_none=True, metadata=_STAGE_REASON)
    attempt = Integer(metadata=_ATTEMPT)
    cutover_style = Choice(CutoverStyle, allow_none=True)
    planned_date = fields.Date(allow_none=True, metadata=_PLANNED)
    first_planned_date = fields.Date(
        allow_none=True, metadata={"description": "The day that was agreed first.", "example": None}
    )
    rebaselined_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "When another day was last agreed.", "example": None},
    )
    rebaseline_reason = Text(allow_none=True, metadata=_REBASELINE)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_ACTUAL)
    next_update_due = fields.Date(allow_none=True, metadata=_NEXT)
    dependency_waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    dependency_waived_reason = Text(allow_none=True, metadata=_WAIVED_REASON)
    change_for_users = Text(allow_none=True, metadata=_FOR_USERS)
    change_for_public = Text(allow_none=True, metadata=_FOR_PUBLIC)
    public_statement = Text(allow_none=True, metadata=_STATEMENT)
    lateness = Choice(Lateness)
    late = fields.Boolean(
        metadata={"description": "Its planned or forecast day has passed, and it has not moved."}
    )
    days_late = Integer(metadata={"description": "Days since the earlier of the two that passed."})
    silent = fields.Boolean(metadata={"description": "next_update_due has passed."})
    blocked = fields.Boolean(metadata={"description": "A blocker of it is not resolved."})
    at_risk = fields.Boolean(
        metadata={
            "description": "Not late yet, but expected after its planned day, rated amber or red, "
            "or with a red risk that is not closed."
        }
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AdoptionCreate(WriteSchema):
    """An agreed decision whose systems are to be moved by the programme."""

    decision_id = Uuid(required=True)
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    planned_date = DateField(allow_none=True, metadata=_PLANNED)


class SkippedSystemSchema(ReadSchema):
    """A system of the decision that no migration was made for."""

    system_id = Uuid()
    reason = Choice(SkipReason)


class AdoptionSchema(ReadSchema):
    """What came of a decision, as far as one sees its systems."""

    created = ListOf(Uuid(), metadata={"description": "The new migrations."})
    skipped = ListOf(Nested(SkippedSystemSchema))
