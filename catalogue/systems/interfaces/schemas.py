"""What is sent and answered about interfaces."""

from marshmallow import fields

from catalogue.core.rest.schemas import (
    Choice,
    ListOf,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.systems.schemas import WITHHELD
from catalogue.systems.vocabulary import (
    Criticality,
    DataCategory,
    InterfaceDirection,
    InterfaceStandard,
)

_END_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c12"


_DATA = {"description": "What the data is about.", "example": ["incidents", "locations"]}


_FALLBACK = {
    "description": "What is done while it does not work.",
    "example": "Incidents are passed on by telephone.",
}


class InterfaceCreate(WriteSchema):
    """A data exchange between two systems. Your agency owns at least one of them."""

    from_system_id = Uuid(required=True)
    to_system_id = Uuid(required=True, metadata={"example": _END_ID})
    direction = Choice(InterfaceDirection, load_default=InterfaceDirection.FROM_TO)
    standard = Choice(InterfaceStandard, required=True)
    data_categories = ListOf(Choice(DataCategory), max=20, unique=True, metadata=_DATA)
    criticality = Choice(Criticality, allow_none=True)
    fallback = Text(max=2000, allow_none=True, metadata=_FALLBACK)
    description = Text(max=10_000, allow_none=True)


InterfacePatch = patch_schema_of(
    InterfaceCreate, "InterfacePatch", without=("from_system_id", "to_system_id")
)


class InterfaceSchema(ReadSchema):
    """That two systems, perhaps of two agencies, exchange data."""

    id = Uuid()
    agency = Text(
        allow_none=True,
        metadata={"description": "The agency that recorded it.", "example": "bedfordshire-police"},
    )
    from_system_id = Uuid(allow_none=True)
    from_system_name = Text(allow_none=True, metadata={"example": "Command and control"})
    from_agency = Text(allow_none=True, metadata={"example": "bedfordshire-police"})
    to_system_id = Uuid(allow_none=True, metadata={"example": _END_ID})
    to_system_name = Text(allow_none=True, metadata={"example": "Mobilising"})
    to_agency = Text(allow_none=True, metadata={"example": "bedfordshire-fire"})
    system_ids = ListOf(
        Uuid(), metadata={"description": "The systems at its two ends that you can see."}
    )
    direction = Choice(InterfaceDirection)
    standard = Choice(InterfaceStandard)
    data_categories = ListOf(Choice(DataCategory), metadata=_DATA)
    criticality = Choice(Criticality, allow_none=True)
    fallback = Text(allow_none=True, metadata=_FALLBACK)
    description = Text(allow_none=True)
    withheld = ListOf(Text(), metadata=WITHHELD)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
