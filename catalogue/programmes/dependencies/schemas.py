"""What dependencies, interfaces to re-point and proposed orders look like."""

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
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.systems.vocabulary import Criticality, InterfaceDirection, InterfaceStandard

_DEPENDS_ON = {"description": "The migration that comes with it, or before."}
_REASON = {
    "description": "Why it has to wait.",
    "example": "Payroll reads the posts from the HR record.",
}
_WAIVED_BY = {"description": "Who answers for going without it, by name or role.", "example": None}
_WAIVED_REASON = {"description": "Why; needed with waived_by.", "example": None}
_WITHHELD = {
    "description": "What is left out because of who asks: `interfaces`, without the scope "
    "`systems:read`.",
    "example": [],
}


class MigrationDependencyCreate(WriteSchema):
    """A dependency between two migrations of a programme that one's own agency leads."""

    migration_id = Uuid(required=True)
    depends_on_id = Uuid(required=True, metadata=_DEPENDS_ON)
    reason = Text(max=2000, required=True, metadata=_REASON)
    waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    waived_reason = Text(max=2000, allow_none=True, metadata=_WAIVED_REASON)


MigrationDependencyPatch = patch_schema_of(
    MigrationDependencyCreate, "MigrationDependencyPatch", without=("migration_id", "depends_on_id")
)


class MigrationDependencySchema(ReadSchema):
    """That a migration may come only with another, or after it."""

    id = Uuid()
    programme_id = Uuid()
    migration_id = Uuid()
    depends_on_id = Uuid(metadata=_DEPENDS_ON)
    reason = Text(metadata=_REASON)
    waived_by = Text(allow_none=True, metadata=_WAIVED_BY)
    waived_reason = Text(allow_none=True, metadata=_WAIVED_REASON)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class RepointedInterfaceSchema(ReadSchema):
    """An interface of a system that moves, and what is at its other end."""

    interface_id = Uuid(metadata={"example": EXAMPLE_ID})
    direction = Choice(InterfaceDirection)
    standard = Choice(InterfaceStandard)
    sends = fields.Boolean(
        metadata={"description": "Whether the system that moves sends data by it."}
    )
    receives = fields.Boolean(
        metadata={"description": "Whether the system that moves receives data by it."}
    )
    other_system_id = Uuid(allow_none=True)
    other_system_name = Text(allow_none=True, metadata={"example": "Payroll"})
    other_agency = Text(allow_none=True, metadata={"example": "bedfordshire-police"})
    other_migration_id = Uuid(
        allow_none=True,
        metadata={"description": "How that moves in the same programme, if it does."},
    )
    other_stage = Choice(MigrationStage, allow_none=True)
    other_wave = Text(allow_none=True, metadata={"example": "HR and payroll"})
    data_categories = ListOf(Text(), metadata={"example": []})
    criticality = Choice(Criticality, allow_none=True)
    fallback = Text(allow_none=True)


class RepointedInterfacesSchema(ReadSchema):
    """The interfaces that a migration has to re-point, as far as one sees them."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    interfaces = ListOf(Nested(RepointedInterfaceSchema))
    withheld = ListOf(Text(), metadata=_WITHHELD)


class OrderedMigrationSchema(ReadSchema):
    """A migration in a proposed order."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    system_name = Text(metadata={"example": "Payroll"})
    agency = Text(metadata={"example": "bedfordshire-police"})
    stage = Choice(MigrationStage)
    wave = Text(allow_none=True, metadata={"example": "HR and payroll"})
    waits_for = ListOf(
        Uuid(), metadata={"description": "The migrations that it waits for.", "example": []}
    )


class OrderStepSchema(ReadSchema):
    """Migrations that may come at once."""

    step = Integer(metadata={"example": 1})
    migrations = ListOf(Nested(OrderedMigrationSchema))
    together = ListOf(
        Text(),
        metadata={
            "description": "Those that wait for one another, and can only come at one time.",
            "example": ["Payroll -> HR -> Payroll"],
        },
    )


class WaveConflictSchema(ReadSchema):
    """That a migration comes before one that it waits for."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    depends_on_id = Uuid(metadata=_DEPENDS_ON)
    path = Text(metadata={"example": "Payroll (wave Finance) -> HR (wave People)"})


class ProgrammeOrderSchema(ReadSchema):
    """The order in which a programme's migrations may come, as far as one sees them."""

    programme_id = Uuid(metadata={"example": EXAMPLE_ID})
    steps = ListOf(
        Nested(OrderStepSchema),
        metadata={"description": "What is still to move; each step follows those before it."},
    )
    conflicts = ListOf(
        Nested(WaveConflictSchema),
        metadata={"description": "Where the waves, as they are, do not keep to it."},
    )
    withheld = ListOf(Text(), metadata=_WITHHELD)
