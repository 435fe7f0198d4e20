"""Request and response bodies of the capability endpoints."""

from marshmallow import fields

from catalogue.capabilities.models import CapabilityTier
from catalogue.core.rest.schemas import Choice, ReadSchema, Text, Uuid, WriteSchema, patch_schema_of

CODE = r"^[A-Z][A-Z0-9.]*$"


_CODE = {"description": "The code of the capability, which never changes.", "example": "E04"}
_NAME = {
    "description": "The name of the capability.",
    "example": "Duty management and rostering",
}
_PARENT = {
    "description": "The code of the capability above this one, or null at the top of the tree.",
    "example": "E",
}
_DESCRIPTION = {
    "description": "The activities that the capability covers, or null.",
    "example": "Planning shifts and leave, and booking staff on duty.",
}


class CapabilityCreate(WriteSchema):
    """A capability to record. Only an administrator can record capabilities."""

    code = Text(max=20, pattern=CODE, required=True, metadata=_CODE)
    name = Text(required=True, metadata=_NAME)
    parent = Text(max=20, allow_none=True, metadata=_PARENT)
    tier = Choice(CapabilityTier, required=True)
    description = Text(max=2000, allow_none=True, metadata=_DESCRIPTION)


CapabilityPatch = patch_schema_of(CapabilityCreate, "CapabilityPatch", without=("code",))


class CapabilitySchema(ReadSchema):
    """A function that a service must be able to perform."""

    id = Uuid(metadata={"description": "The id of the capability."})
    code = Text(metadata=_CODE)
    name = Text(metadata=_NAME)
    parent = Text(allow_none=True, metadata=_PARENT)
    tier = Choice(CapabilityTier)
    description = Text(allow_none=True, metadata=_DESCRIPTION)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
