"""What reports look like."""

from marshmallow import fields

from catalogue.core.rest.schemas import Choice, Integer, ListOf, MoneyField, ReadSchema, Text, Uuid
from catalogue.systems.vocabulary import AttestationVerdict, Lifecycle

_AGENCY = {"example": "bedfordshire-police"}
_AGENCY_NAME = {"example": "Bedfordshire Police"}


class AgencyAttestationsSchema(ReadSchema):
    """How far an agency has confirmed the records of the systems that it has in use."""

    id = Uuid(metadata={"description": "The id of the agency."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    in_use = Integer(
        metadata={"description": "Its systems in use, as far as one may see them.", "example": 42}
    )
    confirmed = Integer(metadata={"description": "Confirmed within a year.", "example": 30})
    due = Integer(metadata={"description": "Not confirmed for a year, or never.", "example": 10})
    never_confirmed = Integer(
        metadata={"description": "Of those that are due, the ones never confirmed.", "example": 4}
    )
    average_completeness = Integer(
        allow_none=True,
        metadata={"description": "The mean of their `completeness`.", "example": 84},
    )
    withheld = Integer(
        metadata={
            "description": "How many of those in use are counted in no other figure, because one "
            "sees no more of them than a summary.",
            "example": 2,
        }
    )


class UnattestedSystemSchema(ReadSchema):
    """A system in use whose owner has not confirmed its record for a year."""

    id = Uuid(metadata={"description": "The id of the system."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    name = Text(metadata={"example": "Duty management"})
    lifecycle = Choice(Lifecycle, metadata={"example": "live"})
    attested_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "When it was last confirmed; null if it never was."},
    )
    days_since = Integer(
        allow_none=True, metadata={"description": "Days since then.", "example": 402}
    )
    attestation_verdict = Choice(
        AttestationVerdict,
        allow_none=True,
        metadata={"description": "What its owner said of the record last.", "example": "not_ours"},
    )
    completeness = Integer(
        metadata={
            "description": "Share of the fields asked of such a record that are filled, 0 to 100.",
            "example": 90,
        }
    )
    missing = ListOf(
        Text(),
        metadata={
            "description": "Fields asked of such a record that are empty.",
            "example": ["end_of_support"],
        },
    )


class NoticeDateSchema(ReadSchema):
    """A contract, and the last day on which notice for its end can be given."""

    id = Uuid(metadata={"description": "The id of the contract."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    reference = Text(allow_none=True, metadata={"example": "BCH/ICT/2024/017"})
    title = Text(metadata={"example": "Duty management support and maintenance"})
    supplier_id = Uuid()
    supplier_name = Text(metadata={"example": "NEC Software Solutions UK"})
    end_date = fields.Date(allow_none=True, metadata={"example": "2027-03-31"})
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={"description": "The last day on which it can be given.", "example": "2026-12-01"},
    )
    annual_value = MoneyField(allow_none=True, metadata={"description": "What it costs in a year."})
    exit_cost = MoneyField(
        allow_none=True, metadata={"description": "What it costs to end it early."}
    )
    currency = Text(allow_none=True, metadata={"example": "GBP"})
    systems = ListOf(
        Uuid(),
        metadata={
            "description": "Ids of the systems that it is about, as far as one sees them.",
            "example": [],
        },
    )
    days_left = Integer(
        allow_none=True,
        metadata={"description": "Days from today until the last day for notice.", "example": 8},
    )
    retiring = Integer(
        allow_none=True,
        metadata={
            "description": "How many of these systems go, by an agreed decision that one sees.",
            "example": 1,
        },
    )
    withheld = ListOf(
        Text(), metadata={"description": "Fields shown as null because of who asks.", "example": []}
    )
