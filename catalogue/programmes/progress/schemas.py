"""What the summary of a programme looks like."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
)
from catalogue.programmes.vocabulary import Lateness, MigrationStage, Rag

_ID = {"example": EXAMPLE_ID}
_PLANNED = {"description": "The day agreed for the move.", "example": "2026-12-01"}
_FORECAST = {"description": "The day now expected.", "example": "2027-02-01"}


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


class AttentionSchema(ReadSchema):
    """How much there is for the board to look at. Cancelled migrations are not in it."""

    late = Integer(metadata={"example": 2})
    blocked = Integer(metadata={"example": 1})
    update_overdue = Integer(metadata={"example": 1})
    at_risk = Integer(metadata={"example": 3})
    overdue_milestones = Integer(metadata={"example": 1})
    open_red_risks = Integer(
        metadata={
            "description": "Risks not closed, with a score of 15 and more or rated red.",
            "example": 1,
        }
    )
    open_decisions = Integer(metadata={"example": 1})


class WeightSchema(ReadSchema):
    """How much of a group of migrations has moved. Cancelled ones are left out.

    Users and costs are those of the systems, each once. A cost is what comes back each year.
    """

    migrations = Integer(metadata={"example": 4})
    moved = Integer(metadata={"description": "Their users work on the new system.", "example": 1})
    complete = Integer(metadata={"description": "Nothing is left to do.", "example": 1})
    users = Integer(metadata={"description": "Users, where their number is known.", "example": 900})
    users_moved = Integer(metadata={"example": 250})
    users_unknown = Integer(
        metadata={"description": "Systems whose number of users nobody recorded.", "example": 0}
    )
    users_withheld = Integer(
        metadata={"description": "Systems whose number of users one may not see.", "example": 1}
    )
    cost = MoneyField(metadata={"description": "Pounds in cost_year.", "example": "250000.00"})
    cost_moved = MoneyField(metadata={"example": "80000.00"})
    costs_unknown = Integer(
        metadata={"description": "Systems without a recurring cost in that year.", "example": 0}
    )
    costs_withheld = Integer(
        metadata={"description": "Systems whose costs one may not see.", "example": 1}
    )


class WaveProgressSchema(WeightSchema):
    """How much of a wave has moved; all null for migrations in none."""

    wave_id = Uuid(allow_none=True, metadata=_ID)
    name = Text(allow_none=True, metadata={"example": "Finance"})
    position = Integer(allow_none=True, metadata={"example": 1})


class AgencyProgressSchema(WeightSchema):
    """How much of an agency's systems has moved."""

    agency = Text(metadata={"example": "bedfordshire-police"})


class CapabilityProgressSchema(WeightSchema):
    """How much of what serves a capability has moved. A system may serve several."""

    capability = Text(
        allow_none=True,
        metadata={"description": "Null: systems that serve none.", "example": "F01"},
    )


class ProgressSchema(ReadSchema):
    """How much has moved, by number, by users and by what the systems cost a year."""

    cost_year = Text(
        allow_none=True,
        metadata={
            "description": "The latest financial year of which one sees a recurring cost.",
            "example": "2026-27",
        },
    )
    total = Nested(WeightSchema)
    by_wave = ListOf(Nested(WaveProgressSchema), metadata={"description": "In their order."})
    by_agency = ListOf(Nested(AgencyProgressSchema))
    by_capability = ListOf(Nested(CapabilityProgressSchema))


class SummaryMigrationSchema(ReadSchema):
    """A migration that the board asks after."""

    migration_id = Uuid(metadata=_ID)
    system_id = Uuid(metadata=_ID)
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    wave = Text(allow_none=True, metadata={"description": "Its name.", "example": "Finance"})
    stage = Choice(MigrationStage)
    planned_date = fields.Date(allow_none=True, metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    days_late = Integer(metadata={"example": 12})
    next_update_due = fields.Date(allow_none=True, metadata={"example": "2026-12-04"})
    rag = Choice(Rag, allow_none=True, metadata={"example": "amber"})


class SummaryMilestoneSchema(ReadSchema):
    """A milestone whose day has passed."""

    milestone_id = Uuid(metadata=_ID)
    migration_id = Uuid(allow_none=True, metadata={"example": None})
    name = Text(metadata={"example": "All finance on one ledger"})
    planned_date = fields.Date(metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    owner = Text(allow_none=True, metadata={"example": "Head of digital"})
    rag = Choice(Rag, allow_none=True, metadata={"example": "amber"})


class SummaryDecisionSchema(ReadSchema):
    """A decision that the board is asked for."""

    required_decision_id = Uuid(metadata=_ID)
    migration_id = Uuid(allow_none=True, metadata={"example": None})
    question = Text(metadata={"example": "Do we extend the contract of the old payroll?"})
    needed_by = fields.Date(allow_none=True, metadata={"example": "2027-01-29"})
    owner = Text(allow_none=True, metadata={"example": "Head of digital"})
    overdue = fields.Boolean(metadata={"description": "Its day has passed."})


_FIRST = "The first ten of them"


class ProgrammeSummarySchema(ReadSchema):
    """A programme's migrations and what its board looks after, as far as one may see them."""

    programme_id = Uuid(metadata=_ID)
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
    attention = Nested(AttentionSchema)
    progress = Nested(ProgressSchema)
    late = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": f"{_FIRST}, the longest overdue first."},
    )
    blocked = ListOf(
        Nested(SummaryMigrationSchema), metadata={"description": f"{_FIRST}, by name."}
    )
    update_overdue = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": f"{_FIRST}, the longest silent first."},
    )
    at_risk = ListOf(
        Nested(SummaryMigrationSchema), metadata={"description": f"{_FIRST}, by name."}
    )
    next_cutovers = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": "The next ten that are expected to move, from today on."},
    )
    overdue_milestones = ListOf(
        Nested(SummaryMilestoneSchema), metadata={"description": f"{_FIRST}, the earliest first."}
    )
    open_decisions = ListOf(
        Nested(SummaryDecisionSchema), metadata={"description": f"{_FIRST}, the most urgent first."}
    )
