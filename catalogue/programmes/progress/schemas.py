"""Response bodies for the summary of a programme."""

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
)
from catalogue.core.rest.sum_schemas import money_sum, number_sum
from catalogue.programmes.vocabulary import Lateness, MigrationStage, Rag

_MIGRATION = {"description": "The id of the migration.", "example": EXAMPLE_ID}
_ABOUT = {
    "description": "The id of the migration that the record is about. "
    "Null if it is about the whole programme.",
    "example": None,
}
_AGENCY = {
    "description": "The code of the agency that owns the systems.",
    "example": "bedfordshire-police",
}
_COUNT = "The number of migrations."
_PLANNED = {
    "description": "The agreed date. Null if not agreed.",
    "example": "2026-12-01",
}
_FORECAST = {
    "description": "The date that is now expected. Null if not forecast.",
    "example": "2027-02-01",
}
_OWNER = {
    "description": "The name or role of the person who is answerable. Null if not recorded.",
    "example": "Head of digital",
}
_RAG = {"description": "Delivery confidence. Null if not rated.", "example": "amber"}


class StageCountSchema(ReadSchema):
    """The number of migrations at a stage."""

    stage = Choice(MigrationStage)
    count = number_sum(_COUNT)


class AgencyCountSchema(ReadSchema):
    """The number of migrations of an agency's systems."""

    agency = Text(metadata=_AGENCY)
    count = number_sum(_COUNT)


class LatenessCountSchema(ReadSchema):
    """The number of migrations with a schedule status."""

    lateness = Choice(Lateness)
    count = number_sum(_COUNT)


class AttentionSchema(ReadSchema):
    """The numbers of records that need the board's attention, without cancelled migrations."""

    late = number_sum("Migrations that are late.")
    blocked = number_sum("Migrations with a blocker that is not resolved.")
    update_overdue = number_sum("Migrations whose progress update is overdue.")
    at_risk = number_sum("Migrations that are at risk.")
    overdue_milestones = Integer(
        metadata={
            "description": "Milestones whose planned or forecast date has passed before they were reached.",
            "example": 1,
        }
    )
    open_red_risks = Integer(
        metadata={
            "description": "Risks that are not closed, with a score of 15 or more or a red rating.",
            "example": 1,
        }
    )
    open_decisions = Integer(
        metadata={"description": "Decisions that the board has not made.", "example": 1}
    )


class WeightSchema(ReadSchema):
    """The totals of a group of migrations, and the part that has moved.

    Cancelled migrations are left out. Each system counts once for users and costs. Migrations that
    you cannot see can belong to any group, so every total counts them in its `withheld`.
    """

    migrations = number_sum(_COUNT)
    moved = number_sum("The number of migrations whose users work on the new system.")
    complete = number_sum("The number of migrations with nothing left to do.")
    users = number_sum("The number of people who use the systems.")
    users_moved = number_sum("The number of people who use the systems that have moved.")
    cost = money_sum("The recurring cost of the systems in `cost_year`, in pounds.")
    cost_moved = money_sum(
        "The recurring cost in `cost_year` of the systems that have moved, in pounds."
    )


class WaveProgressSchema(WeightSchema):
    """The progress of a wave. Its id, name and position are null for migrations in no wave."""

    wave_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the wave. Null for migrations in no wave.",
            "example": EXAMPLE_ID,
        },
    )
    name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the wave. Null for migrations in no wave.",
            "example": "Finance",
        },
    )
    position = Integer(
        allow_none=True,
        metadata={
            "description": "The position of the wave. Null for migrations in no wave.",
            "example": 1,
        },
    )


class AgencyProgressSchema(WeightSchema):
    """The progress of an agency's systems."""

    agency = Text(metadata=_AGENCY)


class CapabilityProgressSchema(WeightSchema):
    """The progress of systems that provide a capability. A system can provide several."""

    capability = Text(
        allow_none=True,
        metadata={
            "description": "The code of the capability. Null for systems without one.",
            "example": "F01",
        },
    )


class ProgressSchema(ReadSchema):
    """The progress of a programme by number of migrations, users and recurring cost."""

    cost_year = Text(
        allow_none=True,
        metadata={
            "description": "The latest financial year with a recurring cost that you can see. "
            "Null if there is none.",
            "example": "2026-27",
        },
    )
    total = Nested(WeightSchema, metadata={"description": "The progress of all migrations."})
    by_wave = ListOf(
        Nested(WaveProgressSchema),
        metadata={"description": "The progress of each wave, in order of position."},
    )
    by_agency = ListOf(
        Nested(AgencyProgressSchema),
        metadata={"description": "The progress of each agency, in order of its code."},
    )
    by_capability = ListOf(
        Nested(CapabilityProgressSchema),
        metadata={"description": "The progress of each capability, in order of its code."},
    )


class SummaryMigrationSchema(ReadSchema):
    """A migration as the lists of a summary show it."""

    migration_id = Uuid(metadata=_MIGRATION)
    system_id = Uuid(
        metadata={"description": "The id of the system that moves.", "example": EXAMPLE_ID}
    )
    system_name = Text(
        metadata={"description": "The name of the system.", "example": "Duty management"}
    )
    agency = Text(metadata=_AGENCY)
    wave = Text(
        allow_none=True,
        metadata={
            "description": "The name of the wave. Null if the migration is in no wave.",
            "example": "Finance",
        },
    )
    stage = Choice(MigrationStage)
    planned_date = fields.Date(allow_none=True, metadata=_PLANNED)
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    days_late = Integer(
        metadata={
            "description": "The number of days that the migration is late. 0 if it is not.",
            "example": 12,
        }
    )
    next_update_due = fields.Date(
        allow_none=True,
        metadata={
            "description": "The date by which the next progress update is due. "
            "Null if none is due.",
            "example": "2026-12-04",
        },
    )
    rag = Choice(Rag, allow_none=True, metadata=_RAG)


class SummaryMilestoneSchema(ReadSchema):
    """A milestone whose planned or forecast date passed before it was reached."""

    milestone_id = Uuid(metadata={"description": "The id of the milestone.", "example": EXAMPLE_ID})
    migration_id = Uuid(allow_none=True, metadata=_ABOUT)
    name = Text(
        metadata={
            "description": "The result that the milestone stands for.",
            "example": "All finance on one ledger",
        }
    )
    planned_date = fields.Date(
        metadata={"description": "The agreed date of the milestone.", "example": "2026-12-01"}
    )
    forecast_date = fields.Date(allow_none=True, metadata=_FORECAST)
    owner = Text(allow_none=True, metadata=_OWNER)
    rag = Choice(Rag, allow_none=True, metadata=_RAG)


class SummaryDecisionSchema(ReadSchema):
    """A decision that the board has not made."""

    required_decision_id = Uuid(
        metadata={"description": "The id of the required decision.", "example": EXAMPLE_ID}
    )
    migration_id = Uuid(allow_none=True, metadata=_ABOUT)
    question = Text(
        metadata={
            "description": "The question that the board must answer.",
            "example": "Do we extend the contract of the old payroll?",
        }
    )
    needed_by = fields.Date(
        allow_none=True,
        metadata={
            "description": "The date by which the board must decide. Null if there is none.",
            "example": "2027-01-29",
        },
    )
    owner = Text(allow_none=True, metadata=_OWNER)
    overdue = fields.Boolean(
        metadata={"description": "True if the date in `needed_by` has passed."}
    )


class ProgrammeSummarySchema(ReadSchema):
    """The progress of a programme and what needs attention, from the records that you can see."""

    programme_id = Uuid(metadata={"description": "The id of the programme.", "example": EXAMPLE_ID})
    total = number_sum(
        "The number of migrations that you can see, and in `withheld` the number that you cannot."
    )
    by_stage = ListOf(
        Nested(StageCountSchema),
        metadata={"description": "The number of migrations at every stage, in order."},
    )
    by_agency = ListOf(
        Nested(AgencyCountSchema),
        metadata={"description": "The number of migrations of each agency's systems."},
    )
    by_lateness = ListOf(
        Nested(LatenessCountSchema),
        metadata={
            "description": "The number of migrations with each schedule status. "
            "Each migration counts once."
        },
    )
    attention = Nested(AttentionSchema)
    progress = Nested(ProgressSchema)
    late = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": "The first ten late migrations, longest overdue first."},
    )
    blocked = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": "The first ten blocked migrations, by system name."},
    )
    update_overdue = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={
            "description": "The first ten migrations with an overdue update, longest overdue first."
        },
    )
    at_risk = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": "The first ten migrations at risk, by system name."},
    )
    next_cutovers = ListOf(
        Nested(SummaryMigrationSchema),
        metadata={"description": "The next ten cutovers that are expected today or later."},
    )
    overdue_milestones = ListOf(
        Nested(SummaryMilestoneSchema),
        metadata={"description": "The first ten overdue milestones, earliest first."},
    )
    open_decisions = ListOf(
        Nested(SummaryDecisionSchema),
        metadata={"description": "The first ten decisions not made, most urgent first."},
    )
