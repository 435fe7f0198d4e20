"""Schemas of requests and responses for agencies, agreements and access grants."""

from marshmallow import fields

from catalogue.agencies.visibility import FieldProfile
from catalogue.agencies.vocabulary import (
    AccessGrantStatus,
    AgencyKind,
    AgreementInstrument,
    AgreementStatus,
)
from catalogue.core.rest.descriptions import COPY_HASH
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

_CODE = {
    "description": "The code of the agency, which never changes.",
    "example": "bedfordshire-police",
}
_NAME = {"description": "The official name of the agency.", "example": "Bedfordshire Police"}
_NATION = {
    "description": "The nation that the agency serves, or null if it serves several.",
    "example": "England",
}
_IDENTIFIERS = {"description": "The ids of the agency in public registers."}
_GOVERNED_BY = {
    "description": (
        "The code of the body that governs the agency, such as a police and crime commissioner. "
        "Null if the catalogue has none."
    ),
    "example": "bedfordshire-pcc",
}
_VALID_FROM = {
    "description": "The first day of the agency, or null if it is not recorded.",
    "example": "2012-11-22",
}
_VALID_TO = {
    "description": "The last day of the agency. Null while it exists and no end is planned.",
    "example": "2027-03-31",
}
_PREDECESSORS = {
    "description": "The codes of the agencies that this agency took over from.",
    "example": [],
}
_SUCCESSORS = {
    "description": "The codes of the agencies that took over from this agency.",
    "example": [],
}


class IdentifierSchema(WriteSchema):
    """An id in a public register, such as a GSS, ODS, PPON or Companies House code."""

    scheme = Text(
        max=40,
        required=True,
        metadata={"description": "The register that gave the id.", "example": "GSS"},
    )
    id = Text(
        max=80,
        required=True,
        metadata={"description": "The id in that register.", "example": "E23000026"},
    )


class AgencyCreate(WriteSchema):
    """An agency to record. Only an administrator can record agencies."""

    code = Text(max=80, pattern=CODE, required=True, metadata=_CODE)
    name = Text(required=True, metadata=_NAME)
    kind = Choice(AgencyKind, required=True)
    nation = Text(max=40, allow_none=True, metadata=_NATION)
    identifiers = ListOf(Nested(IdentifierSchema), max=20, metadata=_IDENTIFIERS)
    governed_by = Text(max=80, allow_none=True, metadata=_GOVERNED_BY)
    valid_from = DateField(allow_none=True, metadata=_VALID_FROM)
    valid_to = DateField(allow_none=True, metadata=_VALID_TO)
    predecessors = ListOf(Text(max=80), max=50, unique=True, metadata=_PREDECESSORS)


AgencyPatch = patch_schema_of(AgencyCreate, "AgencyPatch", without=("code",))


class AgencySchema(ReadSchema):
    """A body that runs systems, or governs one that does."""

    id = Uuid(metadata={"description": "The id of the agency."})
    code = Text(metadata=_CODE)
    name = Text(metadata=_NAME)
    kind = Choice(AgencyKind)
    nation = Text(allow_none=True, metadata=_NATION)
    identifiers = ListOf(Nested(IdentifierSchema), metadata=_IDENTIFIERS)
    governed_by = Text(allow_none=True, metadata=_GOVERNED_BY)
    valid_from = fields.Date(allow_none=True, metadata=_VALID_FROM)
    valid_to = fields.Date(allow_none=True, metadata=_VALID_TO)
    predecessors = ListOf(Text(), metadata=_PREDECESSORS)
    successors = ListOf(Text(), metadata=_SUCCESSORS)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


# ---- Agreements

_TITLE = {
    "description": "The title of the agreement.",
    "example": "Shared ICT for Bedfordshire, Cambridgeshire and Hertfordshire",
}
_INSTRUMENT = {
    "description": "The law under which the agreement is made.",
    "example": "police_act_1996_s22a",
}
_PARTIES = {
    "description": "The codes of the parties. The lead agency is always one of them.",
    "example": [_BEDS, _CAMBS],
}
_START = {
    "description": "The first day of the agreement, in the United Kingdom.",
    "example": "2026-04-01",
}
_END = {
    "description": (
        "The last day of the agreement, in the United Kingdom. Null if the agreement runs until "
        "it is terminated."
    ),
    "example": "2031-03-31",
}
_NOTICE = {
    "description": (
        "The address where the agreement, or the decision to make it, is published. Section 23E "
        "of the Police Act 1996 requires police forces to publish such agreements. "
        "Null if it is not published."
    ),
    "example": "https://www.example.org/decisions/2026-014",
}
_AGREED_PROFILE = {
    "description": (
        "The fields that the parties show each other. Records disclosed to `owner_only` stay "
        "hidden."
    ),
    "example": "standard",
}
_CONTENT_HASH = {
    "description": (
        "SHA-256 of the terms, in hexadecimal. Send it with your acceptance, to accept the terms "
        "that you read."
    ),
    "example": _HASH,
}
_WITHDRAWAL_REASON = {
    "description": "The reason for the withdrawal or refusal. All parties can read it.",
    "example": "We leave the shared service.",
}

_PERSON = {
    "description": "The name of the person who accepts for your agency.",
    "example": "Alex Morgan",
}
_ROLE = {
    "description": "The post in which the person accepts.",
    "example": "Chief information officer",
}


class AgreementCreate(WriteSchema):
    """An agreement to propose. Your agency becomes its lead."""

    title = Text(required=True, metadata=_TITLE)
    instrument = Choice(AgreementInstrument, required=True, metadata=_INSTRUMENT)
    parties = ListOf(
        Text(max=80, pattern=CODE),
        max=MOST_PARTIES,
        unique=True,
        required=True,
        metadata=_PARTIES
        | {
            "description": "The codes of the parties. Your agency is always added.",
            "minItems": 1,
        },
    )
    start_date = DateField(required=True, metadata=_START)
    end_date = DateField(allow_none=True, metadata=_END)
    decision_notice_url = Text(max=500, pattern=HTTPS, allow_none=True, metadata=_NOTICE)
    field_profile = Choice(FieldProfile, required=True, metadata=_AGREED_PROFILE)


AgreementPatch = patch_schema_of(AgreementCreate, "AgreementPatch")


class AcceptanceCreate(WriteSchema):
    """The terms that your agency accepts."""

    content_hash = Text(
        min=64,
        max=64,
        pattern=HASH,
        pattern_text=COPY_HASH,
        required=True,
        metadata={
            "description": "The `content_hash` of the agreement that you read.",
            "example": _HASH,
        },
    )
    person = Text(required=True, metadata=_PERSON)
    role = Text(required=True, metadata=_ROLE)


class WithdrawalCreate(WriteSchema):
    """Your agency's withdrawal from an agreement, or its refusal of the terms."""

    reason = Text(max=2000, required=True, metadata=_WITHDRAWAL_REASON)


class AcceptanceSchema(ReadSchema):
    """The acceptance of an agreement by a party."""

    agency = Text(metadata={"description": "The code of the party.", "example": _BEDS})
    person = Text(
        allow_none=True,
        metadata=_PERSON
        | {
            "description": "The name of the person who accepted, or a pseudonym if the name was "
            "erased. Null if no name was recorded."
        },
    )
    role = Text(
        allow_none=True,
        metadata=_ROLE
        | {"description": "The post of the person who accepted. Null if none was recorded."},
    )
    accepted_at = fields.DateTime(metadata={"description": "The moment of the acceptance."})
    content_hash = Text(
        metadata={"description": "The hash of the terms that were accepted.", "example": _HASH}
    )


class WithdrawalSchema(ReadSchema):
    """A party's withdrawal from an agreement, or its refusal of the terms."""

    agency = Text(metadata={"description": "The code of the party.", "example": _CAMBS})
    withdrawn_at = fields.DateTime(metadata={"description": "The moment of the withdrawal."})
    reason = Text(metadata=_WITHDRAWAL_REASON)


class AgreementSchema(ReadSchema):
    """An agreement between agencies to share records."""

    id = Uuid(metadata={"description": "The id of the agreement."})
    title = Text(metadata=_TITLE)
    instrument = Choice(AgreementInstrument, metadata=_INSTRUMENT)
    lead_agency = Text(
        metadata={
            "description": "The code of the party that leads, and alone can change the agreement.",
            "example": _BEDS,
        }
    )
    parties = ListOf(Text(), metadata=_PARTIES)
    start_date = fields.Date(metadata=_START)
    end_date = fields.Date(allow_none=True, metadata=_END)
    decision_notice_url = Text(allow_none=True, metadata=_NOTICE)
    field_profile = Choice(FieldProfile, metadata=_AGREED_PROFILE)
    status = Choice(
        AgreementStatus,
        metadata={
            "description": (
                "The state of the agreement on the day of the request. Only an agreement that is "
                "`in_force` shares anything."
            ),
            "example": "in_force",
        },
    )
    content_hash = Text(metadata=_CONTENT_HASH)
    accepted_by = ListOf(
        Nested(AcceptanceSchema),
        metadata={
            "description": (
                "The acceptances of the present terms. Every party must accept, and that includes "
                "the lead agency."
            )
        },
    )
    withdrawn_by = ListOf(
        Nested(WithdrawalSchema),
        metadata={
            "description": (
                "The parties that withdrew or refused. Nothing is shared until the lead agency "
                "changes the agreement."
            ),
            "example": [],
        },
    )
    terminated_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The moment when the lead agency ended the agreement, or null.",
            "example": None,
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


# ---- Access grants

_GRANTEE = {"description": "The code of the agency that gets access.", "example": _CAMBS}
_TYPES = {
    "description": (
        "The types of record that the grant opens. Systems include their uses and interfaces. "
        "The grant opens every record of these types, even one disclosed to `owner_only`."
    ),
    "example": ["systems"],
}
_GRANTED_PROFILE = {
    "description": "The fields of each record that the grant opens.",
    "example": "standard",
}
_PURPOSE = {
    "description": "The reason for the grant. Both agencies can read it.",
    "example": "To plan the move to the shared services centre.",
}
_EXPIRES = {
    "description": "The moment when the grant ends. It must be in the future, within five years.",
    "example": "2027-03-31T23:00:00+00:00",
}
_REVOCATION_REASON = {
    "description": "The reason for the revocation. Both agencies can read it.",
    "example": "The plan is made.",
}


class AccessGrantCreate(WriteSchema):
    """A grant of access to your agency's records."""

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
    """The reason for the revocation of an access grant."""

    reason = Text(max=2000, required=True, metadata=_REVOCATION_REASON)


class AccessGrantSchema(ReadSchema):
    """Time-limited access for one agency to another's records, whatever their disclosure."""

    id = Uuid(metadata={"description": "The id of the access grant."})
    grantor = Text(
        metadata={"description": "The code of the agency that owns the records.", "example": _BEDS}
    )
    grantee = Text(metadata=_GRANTEE)
    resource_types = ListOf(Choice(ResourceType), metadata=_TYPES)
    field_profile = Choice(FieldProfile, metadata=_GRANTED_PROFILE)
    purpose = Text(metadata=_PURPOSE)
    status = Choice(AccessGrantStatus)
    expires_at = fields.DateTime(metadata=_EXPIRES)
    revoked_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The moment of the revocation, or null.", "example": None},
    )
    revoked_reason = Text(
        allow_none=True,
        metadata={
            "description": "The reason for the revocation, or null if the grant is not revoked.",
            "example": None,
        },
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
