"""What a capability looks like, and what one may say about it."""

from marshmallow import fields

from catalogue.capabilities.models import CapabilityTier
from catalogue.core.rest.schemas import Choice, ReadSchema, Text, Uuid, WriteSchema, patch_schema_of

CODE = r"^[A-Z][A-Z0-9.]*$"


class CapabilityCreate(WriteSchema):
    """A capability to record."""

    code = Text(max=20, pattern=CODE, required=True, metadata={"example": "E04"})
    name = Text(required=True, metadata={"example": "Duty management and rostering"})
    parent = Text(
        max=20,
        allow_none=True,
        metadata={"description": "The code of the capability above.", "example": "E"},
    )
    tier = Choice(CapabilityTier, required=True)
    description = Text(max=2000, allow_none=True)


CapabilityPatch = patch_schema_of(CapabilityCreate, "CapabilityPatch", without=("code",))


class CapabilitySchema(ReadSchema):
    """Something that a service must be able to do."""

    id = Uuid()
    code = Text(metadata={"example": "E04"})
    name = Text(metadata={"example": "Duty management and rostering"})
    parent = Text(allow_none=True, metadata={"example": "E"})
    tier = Choice(CapabilityTier)
    description = Text(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
