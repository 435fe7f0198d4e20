"""What is sent and answered about attestations."""

from marshmallow import fields

from catalogue.core.rest.schemas import Choice, ListOf, ReadSchema, Text, Uuid, WriteSchema
from catalogue.systems.schemas import WITHHELD
from catalogue.systems.vocabulary import AttestationVerdict

_COMMENT = {
    "description": "Needed where the record is not confirmed.",
    "example": "Passed to the shared services centre in May.",
}


class AttestationCreate(WriteSchema):
    """A confirmation that a system's record is right, or a report of what is wrong."""

    verdict = Choice(AttestationVerdict, required=True)
    comment = Text(max=2000, allow_none=True, metadata=_COMMENT)


class AttestationSchema(ReadSchema):
    """What the owner of a system said of its record, and when."""

    id = Uuid()
    system_id = Uuid()
    verdict = Choice(AttestationVerdict)
    comment = Text(allow_none=True, metadata=_COMMENT)
    attested_at = fields.DateTime()
    attested_by = Text(
        allow_none=True,
        metadata={"description": "The client that said it.", "example": "Asset register"},
    )
    withheld = ListOf(Text(), metadata=WITHHELD)
