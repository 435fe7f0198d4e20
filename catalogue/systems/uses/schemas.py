"""Request and response bodies of the use endpoints."""

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.core.rest.schemas import (
    DateField,
    Integer,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.systems.schemas import SYSTEM_ID

_USER = {
    "description": "The code of the agency that uses the system.",
    "example": "bedfordshire-police",
}
_USER_COUNT = {
    "description": "The number of people in the agency who use the system, or null if unknown.",
    "example": 1250,
}
_SINCE = {
    "description": "The first day of the use, or null if it is not recorded.",
    "example": "2021-04-01",
}
_UNTIL = {"description": "The last day of the use. Null while the use continues.", "example": None}


class SystemUseCreate(WriteSchema):
    """The use of your agency's system by your own agency or another."""

    agency = Text(max=80, pattern=CODE, required=True, metadata=_USER)
    user_count = Integer(allow_none=True, metadata=_USER_COUNT)
    since = DateField(allow_none=True, metadata=_SINCE)
    until = DateField(allow_none=True, metadata=_UNTIL)


SystemUsePatch = patch_schema_of(SystemUseCreate, "SystemUsePatch")


class SystemUseSchema(ReadSchema):
    """The use of a system by its owner or another agency."""

    id = Uuid(metadata={"description": "The id of the use."})
    system_id = Uuid(metadata=SYSTEM_ID)
    agency = Text(metadata=_USER)
    agency_name = Text(
        metadata={
            "description": "The name of the agency that uses the system.",
            "example": "Bedfordshire Police",
        }
    )
    user_count = Integer(allow_none=True, metadata=_USER_COUNT)
    since = fields.Date(allow_none=True, metadata=_SINCE)
    until = fields.Date(allow_none=True, metadata=_UNTIL)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
