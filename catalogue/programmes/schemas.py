"""What programmes, waves and migrations look like, and what one may say about them."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
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
    patch_of,
)
from catalogue.programmes.vocabulary import (
    CutoverStyle,
    Lateness,
    MigrationStage,
    ProgrammeStatus,
    Rag,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy

_AGENCY = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_TARGET_AGENCY = {
    "description": "The agency that systems move to: the shared services centre.",
    "example": "bch-shared-services",
}
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_START, _END = {"example": "2026-01-05"}, {"example": "2027-12-17"}
_PLANNED = {"description": "The day agreed for the move.", "example": "2026-12-01"}
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
_WAVE = {"description": "A wave of the same programme.", "example": None}


class ProgrammeCreate(WriteSchema):
    """A programme to lead, by the actor's own agency."""

    title = Text(required=True, metadata={"example": "BCH shared back office"})
    summary = Text(max=10_000, allow_none=True)
    status = Choice(ProgrammeStatus, load_default=ProgrammeStatus.PLANNED)
    target_agency = Text(max=80, pattern=_AGENCY, allow_none=True, metadata=_TARGET_AGENCY)
    start_date = DateField(allow_none=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)


ProgrammePatch = patch_of(ProgrammeCreate, "ProgrammePatch")


class ProgrammeSchema(ReadSchema):
    """A merger's or a shared service's moves, led by one agency."""

    id = Uuid()
    title = Text(metadata={"example": "BCH shared back office"})
    summary = Text(allow_none=True)
    status = Choice(ProgrammeStatus)
    lead_agency = Text(metadata={"example": "cambridgeshire-police"})
    target_agency = Text(allow_none=True, metadata=_TARGET_AGENCY)
    start_date = fields.Date(allow_none=True, metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WaveCreate(WriteSchema):
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


WavePatch = patch_of(WaveCreate, "WavePatch", without=("programme_id",))


class WaveSchema(ReadSchema):
    """Migrations of a programme that belong together in time."""

    id = Uuid()
    programme_id = Uuid()
    name = Text(metadata={"example": "Finance"})
    position = Integer(metadata={"example": 1})
    start_date = fields.Date(allow_none=True, metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    capacity = Integer(allow_none=True, metadata={"example": 6})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


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


class MigrationCreate(RatedWrite):
    """The move of a system that one may see, in a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    system_id = Uuid(required=True)
    target_system_id = Uuid(allow_none=True, metadata=_TARGET)
    wave_id = Uuid(allow_none=True, metadata=_WAVE)
    strategy = Choice(MigrationStrategy, required=True, metadata={"example": "repurchase"})
    stage = Choice(
        MigrationStage,
        load_default=MigrationStage.IDENTIFIED,
        metadata={"description": "Where it stands when it is first recorded."},
    )
    cutover_style = Choice(CutoverStyle, allow_none=True)
    planned_date = DateField(allow_none=True, metadata=_PLANNED)
    forecast_date = DateField(allow_none=True, metadata=_FORECAST)
    actual_date = DateField(allow_none=True, metadata=_ACTUAL)
    next_update_due = DateField(allow_none=True, metadata=_NEXT)


MigrationPatch = patch_of(MigrationCreate, "MigrationPatch", without=("programme_id", "system_id"))


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
    strategy = Choice(MigrationStrategy)
    stage = Choice(MigrationStage)
    cutover_style = Choice(CutoverStyle, allow_none=True)
    planned_date = fields.Date(allow_none=True, metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    actual_date = fields.Date(allow_none=True, metadata=_ACTUAL)
    next_update_due = fields.Date(allow_none=True, metadata=_NEXT)
    lateness = Choice(Lateness)
    late = fields.Boolean(
        metadata={"description": "Its planned or forecast day has passed, and it has not moved."}
    )
    days_late = Integer(metadata={"description": "Days since the earlier of the two that passed."})
    silent = fields.Boolean(metadata={"description": "next_update_due has passed."})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class StageCountSchema(ReadSchema):
    """How many migrations are at a stage."""

    stage = Choice(MigrationStage)
    count = Integer(metadata={"example": 4})


class AgencyCountSchema(ReadSchema):
    """How many migrations move a system of an agency."""

    agency = Text(metadata={"example": "bedfordshire-police"})
    count = Integer(metadata={"example": 4})


class LatenessCountSchema(ReadSchema):
    """How many migrations keep their dates, or do not."""

    lateness = Choice(Lateness)
    count = Integer(metadata={"example": 4})


class ProgrammeSummarySchema(ReadSchema):
    """A programme's migrations, counted as far as one may see them."""

    programme_id = Uuid(metadata={"example": EXAMPLE_ID})
    total = Integer(metadata={"description": "The migrations counted here.", "example": 4})
    withheld = Integer(
        metadata={"description": "How many more there are that one may not see.", "example": 0}
    )
    by_stage = ListOf(Nested(StageCountSchema), metadata={"description": "Every stage, in order."})
    by_agency = ListOf(Nested(AgencyCountSchema))
    by_lateness = ListOf(
        Nested(LatenessCountSchema),
        metadata={"description": "Each migration once, under the first that holds from the end."},
    )
