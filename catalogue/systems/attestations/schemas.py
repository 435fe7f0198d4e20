"""Request and response bodies of the attestation endpoints."""

from marshmallow import fields

from catalogue.core.rest.bulk_schemas import bulk_of
from catalogue.core.rest.schemas import Choice, ListOf, ReadSchema, Text, Uuid, WriteSchema
from catalogue.systems.schemas import SYSTEM_ID, WITHHELD
from catalogue.systems.vocabulary import AttestationVerdict

_COMMENT = {
    "description": "The reason for the verdict. Required unless the verdict is `confirmed`.",
    "example": "Passed to the shared services centre in May.",
}


class AttestationCreate(WriteSchema):
    """A confirmation that a system's record is right, or a report of an error."""

    verdict = Choice(AttestationVerdict, required=True)
    comment = Text(max=2000, allow_none=True, metadata=_COMMENT)


class AttestationBulkItem(AttestationCreate):
    """An attestation of one system in a bulk request."""

    system_id = Uuid(required=True, metadata=SYSTEM_ID)
    etag = Text(
        metadata={
            "description": (
                "The entity tag of the system as you read it. If you leave it out, the "
                "attestation is of the record as it is now."
            )
        }
    )


AttestationBulkCreate = bulk_of(AttestationBulkItem, "AttestationBulkCreate")


class AttestationSchema(ReadSchema):
    """A statement by the owner about the record of its system."""

    id = Uuid(metadata={"description": "The id of the attestation."})
    system_id = Uuid(metadata=SYSTEM_ID)
    verdict = Choice(AttestationVerdict)
    comment = Text(allow_none=True, metadata=_COMMENT)
    attested_at = fields.DateTime(metadata={"description": "The moment of the attestation."})
    attested_by = Text(
        allow_none=True,
        metadata={
            "description": (
                "The name of the client that recorded the attestation. Null for agencies other "
                "than the owner."
            ),
            "example": "Asset register",
        },
    )
    withheld = ListOf(Text(), metadata=WITHHELD)
