"""What agencies, agreements and grants look like, and what one may say about them."""

from marshmallow import fields

from catalogue.agencies.models import AgencyKind
from catalogue.agencies.visibility import FieldProfile
from catalogue.agencies.vocabulary import AccessGrantStatus, AgreementInstrument, AgreementStatus
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    ListOf,
    MomentField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.core.sharing import ResourceType

CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
HTTPS = r"^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[!-~]*)?$"
HASH = r"^[0-9a-f]{64}$"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BEDS, _CAMBS = "bedfordshire-police", "cambridgeshire-police"
MOST_PARTIES = 100


class IdentifierSchema(WriteSchema):
    """A name that a public register gives: a GSS, ODS, PPON or Companies House code."""

    scheme = Text(max=40, required=True, metadata={"example": "GSS"})
    id = Text(max=80, required=True, metadata={"example": "E23000026"})


class AgencyCreate(WriteSchema):
    """An agency to record."""

    code = Text(max=80, pattern=CODE, required=True, metadata={"example": "bedfordshire-police"})
    name = Text(required=True, metadata={"example": "Bedfordshire Police"})
    kind = Choice(AgencyKind, required=True)
    nation = Text(max=40, allow_none=True, metadata={"example": "England"})
    identifiers = ListOf(Nested(IdentifierSchema), max=20)
    governed_by = Text(
        max=80,
        allow_none=True,
        metadata={"description": "The code of its governor.", "example": "bedfordshire-pcc"},
    )
    valid_from = DateField(allow_none=True, metadata={"example": "2012-11-22"})
    valid_to = DateField(allow_none=True, metadata={"example": "2027-03-31"})
    predecessors = ListOf(
        Text(max=80),
        max=50,
        unique=True,
        metadata={
            "description": "The codes of the agencies that it took over from.",
            "example": [],
        },
    )


AgencyPatch = patch_schema_of(AgencyCreate, "AgencyPatch", without=("code",))


class AgencySchema(ReadSchema):
    """A body that runs systems, or governs one that does."""

    id = Uuid()
    code = Text(metadata={"example": "bedfordshire-police"})
    name = Text(metadata={"example": "Bedfordshire Police"})
    kind = Choice(AgencyKind)
    nation = Text(allow_none=True, metadata={"example": "England"})
    identifiers = ListOf(Nested(IdentifierSchema))
    governed_by = Text(allow_none=True, metadata={"example": "bedfordshire-pcc"})
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(
        allow_none=True, metadata={"description": "The last day on which it existed."}
    )
    predecessors = ListOf(Text(), metadata={"example": []})
    successors = ListOf(Text(), metadata={"example": []})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


# ---- Agreements

_TITLE = {"example": "Shared ICT for Bedfordshire, Cambridgeshire and Hertfordshire"}
_INSTRUMENT = {
    "description": (
        "The law that it is made under: section 22A of the Police Act 1996 among police; section 1 "
        "of the Policing and Crime Act 2017 among police, fire and ambulance; or another."
    ),
    "example": "police_act_1996_s22a",
}
_PARTIES = {
    "description": "The codes of two agencies or more, the lead among them.",
    "example": [_BEDS, _CAMBS],
}
_START = {
    "description": "The first day on which it is in force, in the United Kingdom.",
    "example": "2026-04-01",
}
_END = {
    "description": (
        "The last day on which it is in force, in the United Kingdom; null: until it is ended."
    ),
    "example": "2031-03-31",
}
_NOTICE = {
    "description": (
        "Where the agreement, or the decision to make it, is published. Section 23E of the Police "
        "Act 1996 requires that police collaboration agreements are."
    ),
    "example": "https://www.example.org/decisions/2026-014",
}
_AGREED_PROFILE = {
    "description": (
        "How much of their records the parties show one another, where a record is not disclosed "
        "to its owner only."
    ),
    "example": "standard",
}
_CONTENT_HASH = {
    "description": "SHA-256 of what is to be accepted, in hexadecimal.",
    "example": _HASH,
}


class AgreementCreate(WriteSchema):
    """What agencies are to share with one another. The actor's agency leads."""

    title = Text(required=True, metadata=_TITLE)
    instrument = Choice(AgreementInstrument, required=True, metadata=_INSTRUMENT)
    parties = ListOf(
        Text(max=80, pattern=CODE),
        max=MOST_PARTIES,
        unique=True,
        required=True,
        metadata=_PARTIES
        | {"description": "Codes of agencies. The lead is always one of them.", "minItems": 1},
    )
    start_date = DateField(required=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)
    decision_notice_url = Text(max=500, pattern=HTTPS, allow_none=True, metadata=_NOTICE)
    field_profile = Choice(FieldProfile, required=True, metadata=_AGREED_PROFILE)


AgreementPatch = patch_schema_of(AgreementCreate, "AgreementPatch")


class AcceptanceCreate(WriteSchema):
    """What one's agency accepts."""

    content_hash = Text(
        min=64,
        max=64,
        pattern=HASH,
        required=True,
        metadata={"description": "The agreement's content_hash, as it was read.", "example": _HASH},
    )


class WithdrawalCreate(WriteSchema):
    """Why one's agency does not accept the agreement any more. The other parties read it too."""

    reason = Text(max=2000, required=True, metadata={"example": "We leave the shared service."})


class AcceptanceSchema(ReadSchema):
    """That a party accepted an agreement."""

    agency = Text(metadata={"example": _BEDS})
    accepted_at = fields.DateTime()
    content_hash = Text(metadata={"example": _HASH})


class WithdrawalSchema(ReadSchema):
    """That a party does not accept an agreement as it is."""

    agency = Text(metadata={"example": _CAMBS})
    withdrawn_at = fields.DateTime()
    reason = Text(metadata={"example": "We leave the shared service."})


class AgreementSchema(ReadSchema):
    """What agencies agreed to share with one another."""

    id = Uuid()
    title = Text(metadata=_TITLE)
    instrument = Choice(AgreementInstrument, metadata=_INSTRUMENT)
    lead_agency = Text(metadata={"description": "The party that may change it.", "example": _BEDS})
    parties = ListOf(Text(), metadata=_PARTIES)
    start_date = fields.Date(metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    decision_notice_url = Text(allow_none=True, metadata=_NOTICE)
    field_profile = Choice(FieldProfile, metadata=_AGREED_PROFILE)
    status = Choice(
        AgreementStatus,
        metadata={
            "description": (
                "On the day of the request. `agreed`: every party accepted it, and it starts "
                "later. Only while it is `in_force` is anything shared. `ended`: its last day has "
                "passed, accepted or not."
            ),
            "example": "in_force",
        },
    )
    content_hash = Text(metadata=_CONTENT_HASH)
    accepted_by = ListOf(
        Nested(AcceptanceSchema),
        metadata={"description": "Every party, the lead included, has to accept what is there."},
    )
    withdrawn_by = ListOf(
        Nested(WithdrawalSchema),
        metadata={"description": "Until the lead changes it, nothing is shared.", "example": []},
    )
    terminated_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


# ---- Access grants

_GRANTEE = {"description": "The code of the agency that gets access.", "example": _CAMBS}
_TYPES = {
    "description": (
        "What it opens. Systems come with their uses and interfaces. A grant opens all records of "
        "these types, also those that are disclosed to their owner only."
    ),
    "example": ["systems"],
}
_GRANTED_PROFILE = {"description": "How much of each record it opens.", "example": "standard"}
_PURPOSE = {"example": "To plan the move to the shared services centre."}
_EXPIRES = {
    "description": "The moment at which it ends: in the future, and within five years.",
    "example": "2027-03-31T23:00:00Z",
}
_REVOKED = {"example": "The plan is made."}


class AccessGrantCreate(WriteSchema):
    """What the actor's agency opens to another. It may be more than the records disclose."""

    grantee = Text(max=80, pattern=CODE, required=True, metadata=_GRANTEE)
    resource_types = ListOf(
        Choice(ResourceType),
        max=len(ResourceType),
        unique=True,
        required=True,
        metadata=_TYPES | {"minItems": 1},
    )
    field_profile = Choice(FieldProfile, required=True, metadata=_GRANTED_PROFILE)
    purpose = Text(max=2000, required=True, metadata=_PURPOSE)
    expires_at = MomentField(required=True, metadata=_EXPIRES)


AccessGrantPatch = patch_schema_of(AccessGrantCreate, "AccessGrantPatch", without=("grantee",))


class RevocationCreate(WriteSchema):
    """Why a grant is revoked. The grantee reads it too."""

    reason = Text(max=2000, required=True, metadata=_REVOKED)


class AccessGrantSchema(ReadSchema):
    """What one agency opens to another, whatever its records disclose."""

    id = Uuid()
    grantor = Text(metadata={"example": _BEDS})
    grantee = Text(metadata=_GRANTEE)
    resource_types = ListOf(Choice(ResourceType), metadata=_TYPES)
    field_profile = Choice(FieldProfile, metadata=_GRANTED_PROFILE)
    purpose = Text(metadata=_PURPOSE)
    status = Choice(AccessGrantStatus)
    expires_at = fields.DateTime(metadata=_EXPIRES)
    revoked_at = fields.DateTime(allow_none=True)
    revoked_reason = Text(allow_none=True, metadata={"example": None})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
