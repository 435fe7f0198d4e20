"""Request and response bodies for dependencies, interfaces to re-point and proposed orders."""

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
    patch_schema_of,
)
from catalogue.programmes.schemas import PROGRAMME_ID
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.systems.vocabulary import Criticality, InterfaceDirection, InterfaceStandard

_MIGRATION = {"description": "The id of the migration.", "example": EXAMPLE_ID}
_DEPENDENT = {"description": "The id of the migration that depends on the other."}
_DEPENDS_ON = {
    "description": "The id of the other migration, which must take place earlier or at the same "
    "time."
}
_REASON = {
    "description": "The reason for the dependency.",
    "example": "Payroll reads the posts from the HR record.",
}
_WAIVED_BY = {
    "description": "The name or role of the person who allows the dependency to be ignored. "
    "Null if the dependency is not waived.",
    "example": None,
}
_WAIVED_REASON = {
    "description": "The reason for the waiver. Required with `waived_by`, otherwise null.",
    "example": None,
}
_WITHHELD = {
    "description": "`interfaces` if you lack the scope `systems:read`, so that interfaces are left "
    "out. Otherwise empty.",
    "example": [],
}
_SYSTEM_NAME = {"description": "The name of the system that moves.", "example": "Payroll"}
_AGENCY = {
    "description": "The code of the agency that owns the system.",
    "example": "bedfordshire-police",
}
_WAVE = {
    "description": "The name of the migration's wave. Null if it is in no wave.",
    "example": "HR and payroll",
}


class MigrationDependencyCreate(WriteSchema):
    """A dependency between two migrations of a programme that your agency leads."""

    migration_id = Uuid(required=True, metadata=_DEPENDENT)
    depends_on_id = Uuid(required=True, metadata=_DEPENDS_ON)
    reason = Text(max=2000, required=True, metadata=_REASON)
    waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    waived_reason = Text(max=2000, allow_none=True, metadata=_WAIVED_REASON)


MigrationDependencyPatch = patch_schema_of(
    MigrationDependencyCreate, "MigrationDependencyPatch", without=("migration_id", "depends_on_id")
)


class MigrationDependencySchema(ReadSchema):
    """A dependency: one migration can take place only with or after another."""

    id = Uuid(metadata={"description": "The id of the dependency."})
    programme_id = Uuid(metadata=PROGRAMME_ID)
    migration_id = Uuid(metadata=_DEPENDENT)
    depends_on_id = Uuid(metadata=_DEPENDS_ON)
    reason = Text(metadata=_REASON)
    waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    waived_reason = Text(allow_none=True, metadata=_WAIVED_REASON)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class InterfaceToRepointSchema(ReadSchema):
    """An interface of the moving system, with the system at its other end."""

    interface_id = Uuid(metadata={"description": "The id of the interface.", "example": EXAMPLE_ID})
    direction = Choice(InterfaceDirection)
    standard = Choice(InterfaceStandard)
    sends = fields.Boolean(
        metadata={"description": "True if the system that moves sends data through the interface."}
    )
    receives = fields.Boolean(
        metadata={
            "description": "True if the system that moves receives data through the interface."
        }
    )
    other_system_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the system at the other end. Null if you cannot see it."
        },
    )
    other_system_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the system at the other end. Null if you cannot see it.",
            "example": "Payroll",
        },
    )
    other_agency = Text(
        allow_none=True,
        metadata={
            "description": "The code of the agency that owns the system at the other end. "
            "Null if you cannot see that system.",
            "example": "bedfordshire-police",
        },
    )
    other_migration_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the other system's consolidation in the same programme. "
            "Null if there is none that you can see."
        },
    )
    other_stage = Choice(
        MigrationStage,
        allow_none=True,
        metadata={"description": "The stage of that consolidation. Null if there is none."},
    )
    other_wave = Text(
        allow_none=True,
        metadata={
            "description": "The name of the wave of that consolidation. Null if it has none.",
            "example": "HR and payroll",
        },
    )
    data_categories = ListOf(
        Text(),
        metadata={"description": "The categories of data in the exchange.", "example": []},
    )
    criticality = Choice(
        Criticality,
        allow_none=True,
        metadata={"description": "The criticality of the interface. Null if not recorded."},
    )
    fallback = Text(
        allow_none=True,
        metadata={
            "description": "The procedure while the interface is down. Null if not recorded."
        },
    )


class InterfacesToRepointSchema(ReadSchema):
    """The interfaces that you can see and the migration must re-point."""

    migration_id = Uuid(metadata=_MIGRATION)
    interfaces = ListOf(
        Nested(InterfaceToRepointSchema),
        metadata={"description": "The interfaces of the system that moves."},
    )
    withheld = ListOf(Text(), metadata=_WITHHELD)


class OrderedMigrationSchema(ReadSchema):
    """A migration in a proposed order, and the migrations that it waits for."""

    migration_id = Uuid(metadata=_MIGRATION)
    system_name = Text(metadata=_SYSTEM_NAME)
    agency = Text(metadata=_AGENCY)
    stage = Choice(MigrationStage)
    wave = Text(allow_none=True, metadata=_WAVE)
    waits_for = ListOf(
        Uuid(),
        metadata={
            "description": "The ids of the migrations that it depends on directly.",
            "example": [],
        },
    )


class OrderStepSchema(ReadSchema):
    """Migrations that can take place at the same time."""

    step = Integer(metadata={"description": "The number of the step, from 1.", "example": 1})
    migrations = ListOf(
        Nested(OrderedMigrationSchema), metadata={"description": "The migrations of the step."}
    )
    together = ListOf(
        Text(),
        metadata={
            "description": "Cycles of migrations that depend on one another and must take place "
            "together, as system names.",
            "example": ["Payroll -> HR -> Payroll"],
        },
    )


class WaveConflictSchema(ReadSchema):
    """A migration in an earlier wave than a migration that it depends on."""

    migration_id = Uuid(metadata=_MIGRATION)
    depends_on_id = Uuid(metadata=_DEPENDS_ON)
    path = Text(
        metadata={
            "description": "The chain of dependencies between the two, as system and wave names.",
            "example": "Payroll (wave Finance) -> HR (wave People)",
        }
    )


class ProgrammeOrderSchema(ReadSchema):
    """A possible order of the migrations that you can see in a programme."""

    programme_id = Uuid(metadata={"description": "The id of the programme.", "example": EXAMPLE_ID})
    steps = ListOf(
        Nested(OrderStepSchema),
        metadata={
            "description": "The migrations still to take place, each step after those before it."
        },
    )
    conflicts = ListOf(
        Nested(WaveConflictSchema),
        metadata={"description": "The places where the current waves break a dependency."},
    )
    withheld = ListOf(Text(), metadata=_WITHHELD)
