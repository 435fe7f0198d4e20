"""Request and response bodies of the interface endpoints."""

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

_FROM_ID = "0198c2f0-1b7c-7a83-8d15-6e9f3c2b5a70"
_TO_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c12"
_DATA = {
    "description": "The subjects of the data that is exchanged.",
    "example": ["incidents", "locations"],
}
_FALLBACK = {
    "description": "How people work while the interface is down. Null if not recorded.",
    "example": "Incidents are passed on by telephone.",
}
_DESCRIPTION = {
    "description": "A description of the exchange, or null.",
    "example": "Sends each incident to mobilising as it is created.",
}
_CRITICALITY = {
    "description": "The criticality of the work that stops when the interface stops. Null if unknown.",
    "example": "mission_critical",
}
_FROM = {
    "description": (
        "The id of the system that sends data. In direction `both` it receives data too."
    ),
    "example": _FROM_ID,
}
_TO = {
    "description": (
        "The id of the system that receives data. In direction `both` it sends data too."
    ),
    "example": _TO_ID,
}


def _of_end(description: str, example: str) -> dict[str, object]:
    """Return the metadata of a field about one of the two systems."""
    return {
        "description": f"{description} Null if you cannot see the system.",
        "example": example,
    }


class InterfaceCreate(WriteSchema):
    """An exchange of data between two systems. Your agency must own at least one of them."""

    from_system_id = Uuid(required=True, metadata=_FROM)
    to_system_id = Uuid(required=True, metadata=_TO)
    direction = Choice(InterfaceDirection, load_default=InterfaceDirection.FROM_TO)
    standard = Choice(InterfaceStandard, required=True)
    data_categories = ListOf(Choice(DataCategory), max=20, unique=True, metadata=_DATA)
    criticality = Choice(Criticality, allow_none=True, metadata=_CRITICALITY)
    fallback = Text(max=2000, allow_none=True, metadata=_FALLBACK)
    description = Text(max=10_000, allow_none=True, metadata=_DESCRIPTION)


InterfacePatch = patch_schema_of(
    InterfaceCreate, "InterfacePatch", without=("from_system_id", "to_system_id")
)


class InterfaceSchema(ReadSchema):
    """An exchange of data between two systems, which can belong to two agencies."""

    id = Uuid(metadata={"description": "The id of the interface."})
    agency = Text(
        allow_none=True,
        metadata={
            "description": (
                "The code of the agency that recorded the interface, and alone can change it. "
                "Null if the code would reveal the owner of a system that you cannot see."
            ),
            "example": "bedfordshire-police",
        },
    )
    from_system_id = Uuid(
        allow_none=True, metadata=_of_end("The id of the system that sends data.", _FROM_ID)
    )
    from_system_name = Text(
        allow_none=True, metadata=_of_end("The name of the sending system.", "Command and control")
    )
    from_agency = Text(
        allow_none=True,
        metadata=_of_end("The code of the owner of the sending system.", "bedfordshire-police"),
    )
    to_system_id = Uuid(
        allow_none=True, metadata=_of_end("The id of the system that receives data.", _TO_ID)
    )
    to_system_name = Text(
        allow_none=True, metadata=_of_end("The name of the receiving system.", "Mobilising")
    )
    to_agency = Text(
        allow_none=True,
        metadata=_of_end("The code of the owner of the receiving system.", "bedfordshire-fire"),
    )
    system_ids = ListOf(
        Uuid(),
        metadata={"description": "The ids of the systems of the interface that you can see."},
    )
    direction = Choice(InterfaceDirection)
    standard = Choice(InterfaceStandard)
    data_categories = ListOf(Choice(DataCategory), metadata=_DATA)
    criticality = Choice(Criticality, allow_none=True, metadata=_CRITICALITY)
    fallback = Text(allow_none=True, metadata=_FALLBACK)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    withheld = ListOf(Text(), metadata=WITHHELD)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
