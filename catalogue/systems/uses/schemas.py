"""What is sent and answered about uses."""

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
from catalogue.systems.schemas import describe

_USER = {"description": "The agency that uses it.", "example": "bedfordshire-police"}
_UNTIL = {"description": "The last day of the use; null while it goes on.", "example": None}


class SystemUseCreate(WriteSchema):
    """The use of a system of your agency by an agency."""

    agency = Text(max=80, pattern=CODE, required=True, metadata=_USER)
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    since = DateField(allow_none=True, metadata={"example": "2021-04-01"})
    until = DateField(allow_none=True, metadata=_UNTIL)


SystemUsePatch = patch_schema_of(SystemUseCreate, "SystemUsePatch")


class SystemUseSchema(ReadSchema):
    """That an agency uses a system, its own or another's."""

    id = Uuid()
    system_id = Uuid()
    agency = Text(metadata=_USER)
    agency_name = Text(metadata={"example": "Bedfordshire Police"})
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    since = fields.Date(allow_none=True, metadata={"example": "2021-04-01"})
    until = fields.Date(allow_none=True, metadata=_UNTIL)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
