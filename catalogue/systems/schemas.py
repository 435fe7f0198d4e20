"""What a system looks like, and what one may say about it."""

from marshmallow import fields

from catalogue.agencies.visibility import Disclosure
from catalogue.core.rest.bulk_schemas import bulk_of
from catalogue.core.rest.schemas import (
    Attributes,
    Boolean,
    Choice,
    DateField,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.systems.vocabulary import (
    MOST_ATTRIBUTES,
    AttestationVerdict,
    Classification,
    Criticality,
    Disposition,
    DpiaStatus,
    Hosting,
    Lifecycle,
    PersonalData,
)

SOURCE = r"^[A-Za-z0-9._-]+$"

_MEANS = {
    "name": "What the agency calls it; unique within the agency.",
    "product_name": "The product, as the agency writes it.",
    "supplier_name": "The supplier, as the agency writes it.",
    "product_id": "The product in the shared register; found from the names where they are clear.",
    "capabilities": "Codes of the capabilities that it serves.",
    "functional_fit": "How well it does what is needed: 1 poor to 4 excellent.",
    "technical_fit": "How sound it is: 1 poor to 4 excellent.",
    "user_count": "How many people use it.",
    "rto_hours": "Recovery time objective: hours until it must run again.",
    "rpo_hours": "Recovery point objective: hours of data that may be lost.",
    "retention_hold": "Whether its records may not be destroyed; a hold stops decommissioning.",
    "legacy_risk": "Score of the Legacy IT Risk Assessment Framework, 0 to 30; 16 or more is red.",
    "business_owner": "The role that answers for its use; not a person's name.",
    "technical_owner": "The role that answers for its running; not a person's name.",
    "attributes": "Fields of the agency's own.",
    "disclosure": "With whom the agency shares the record.",
}


_COMPLETENESS = "Share of the fields asked of such a record that are filled, 0 to 100."
_MISSING = {
    "description": "Fields asked of such a record that are empty; see `completeness`.",
    "example": ["end_of_support"],
}
WITHHELD = {"description": "Fields shown as null because of who asks.", "example": []}


def describe(name: str, example: object) -> dict[str, object]:
    """The metadata of a field: its example, and its meaning where one is given above."""
    return {"example": example} | ({"description": _MEANS[name]} if name in _MEANS else {})


class ExternalIdSchema(WriteSchema):
    """What another register calls a system."""

    source = Text(max=50, pattern=SOURCE, required=True, metadata={"example": "cmdb"})
    id = Text(max=200, required=True, metadata={"example": "CI0012345"})


class SystemCreate(WriteSchema):
    """A system to record, for the actor's own agency."""

    name = Text(required=True, metadata=describe("name", "Duty management"))
    aliases = ListOf(Text(), max=50, unique=True, metadata=describe("aliases", ["DMS"]))
    description = Text(max=10_000, allow_none=True)
    product_name = Text(allow_none=True, metadata=describe("product_name", "Northgate DMS"))
    supplier_name = Text(allow_none=True, metadata=describe("supplier_name", "Northgate"))
    product_id = Uuid(allow_none=True, metadata=describe("product_id", None))
    product_version = Text(max=100, allow_none=True, metadata=describe("product_version", "9.2"))
    capabilities = ListOf(
        Text(max=20), max=50, unique=True, metadata=describe("capabilities", ["E04"])
    )
    lifecycle = Choice(Lifecycle, required=True, metadata=describe("lifecycle", "live"))
    live_from = DateField(allow_none=True, metadata=describe("live_from", "2009-04-01"))
    end_of_support = DateField(allow_none=True, metadata=describe("end_of_support", "2027-12-31"))
    hosting = Choice(Hosting, allow_none=True)
    criticality = Choice(Criticality, allow_none=True)
    functional_fit = Integer(min=1, max=4, allow_none=True, metadata=describe("functional_fit", 3))
    technical_fit = Integer(min=1, max=4, allow_none=True, metadata=describe("technical_fit", 2))
    disposition = Choice(Disposition, allow_none=True)
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    rto_hours = Integer(max=8760, allow_none=True, metadata=describe("rto_hours", 24))
    rpo_hours = Integer(max=8760, allow_none=True, metadata=describe("rpo_hours", 4))
    classification = Choice(Classification, allow_none=True)
    personal_data = Choice(PersonalData, allow_none=True)
    dpia_status = Choice(DpiaStatus, allow_none=True)
    retention_hold = Boolean(metadata=describe("retention_hold", False))
    legacy_risk = Integer(max=30, allow_none=True, metadata=describe("legacy_risk", 12))
    business_owner = Text(
        allow_none=True, metadata=describe("business_owner", "Head of Resourcing")
    )
    technical_owner = Text(
        allow_none=True, metadata=describe("technical_owner", "Applications Manager")
    )
    external_ids = ListOf(Nested(ExternalIdSchema), max=20, metadata=describe("external_ids", []))
    tags = ListOf(Text(max=50), max=50, unique=True, metadata=describe("tags", ["rostering"]))
    attributes = Attributes(
        max=MOST_ATTRIBUTES, metadata=describe("attributes", {"cost_centre": "4711"})
    )
    disclosure = Choice(Disclosure, metadata=describe("disclosure", "all_agencies"))


SystemPatch = patch_schema_of(SystemCreate, "SystemPatch")
SystemBulkCreate = bulk_of(SystemCreate, "SystemBulkCreate")


class SystemBulkItem(SystemPatch):  # type: ignore[misc,valid-type]
    """Changes to one system of many."""

    id = Uuid(required=True)
    etag = Text(required=True, metadata={"description": "The ETag of the record as it was read."})


class SystemUpsert(SystemCreate):
    """A system as a feed knows it. What it leaves out stays as it is."""

    class Meta:
        exclude = ("external_ids",)


class SystemFeedPath(WriteSchema):
    """The register and the id by which a feed names a system."""

    source = Text(
        max=50,
        pattern=SOURCE,
        required=True,
        metadata={"description": "The register that names the system.", "example": "cmdb"},
    )
    external_id = Text(
        max=200,
        required=True,
        metadata={"description": "What the register calls the system.", "example": "CI0012345"},
    )


SystemBulkUpdate = bulk_of(SystemBulkItem, "SystemBulkUpdate")


class SystemSchema(ReadSchema):
    """One running installation that one agency is answerable for."""

    id = Uuid()
    agency = Text(metadata={"example": "bedfordshire-police"})
    agency_name = Text(metadata={"example": "Bedfordshire Police"})
    name = Text(metadata=describe("name", "Duty management"))
    aliases = ListOf(Text(), metadata=describe("aliases", ["DMS"]), allow_none=True)
    description = Text(allow_none=True)
    product_name = Text(allow_none=True, metadata=describe("product_name", "Northgate DMS"))
    supplier_name = Text(allow_none=True, metadata=describe("supplier_name", "Northgate"))
    product_id = Uuid(allow_none=True, metadata=describe("product_id", None))
    product_version = Text(allow_none=True, metadata=describe("product_version", "9.2"))
    capabilities = ListOf(Text(), metadata=describe("capabilities", ["E04"]))
    lifecycle = Choice(Lifecycle, metadata=describe("lifecycle", "live"))
    live_from = fields.Date(allow_none=True)
    end_of_support = fields.Date(allow_none=True)
    hosting = Choice(Hosting, allow_none=True)
    criticality = Choice(Criticality, allow_none=True)
    functional_fit = Integer(allow_none=True, metadata=describe("functional_fit", 3))
    technical_fit = Integer(allow_none=True, metadata=describe("technical_fit", 2))
    disposition = Choice(Disposition, allow_none=True)
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    rto_hours = Integer(allow_none=True, metadata=describe("rto_hours", 24))
    rpo_hours = Integer(allow_none=True, metadata=describe("rpo_hours", 4))
    classification = Choice(Classification, allow_none=True)
    personal_data = Choice(PersonalData, allow_none=True)
    dpia_status = Choice(DpiaStatus, allow_none=True)
    retention_hold = Boolean(metadata=describe("retention_hold", False), allow_none=True)
    legacy_risk = Integer(allow_none=True, metadata=describe("legacy_risk", 12))
    business_owner = Text(
        allow_none=True, metadata=describe("business_owner", "Head of Resourcing")
    )
    technical_owner = Text(
        allow_none=True, metadata=describe("technical_owner", "Applications Manager")
    )
    external_ids = ListOf(
        Nested(ExternalIdSchema), metadata=describe("external_ids", []), allow_none=True
    )
    tags = ListOf(Text(), metadata=describe("tags", ["rostering"]), allow_none=True)
    attributes = Attributes(metadata=describe("attributes", {}), allow_none=True)
    disclosure = Choice(
        Disclosure, metadata=describe("disclosure", "all_agencies"), allow_none=True
    )
    attested_at = fields.DateTime(
        allow_none=True, metadata={"description": "When its owner last confirmed the record."}
    )
    attestation_verdict = Choice(
        AttestationVerdict,
        allow_none=True,
        metadata={"description": "What its owner said of the record last.", "example": "confirmed"},
    )
    attestation_due = Boolean(
        allow_none=True,
        metadata={"description": "In use, and not confirmed by its owner for a year, or ever."},
    )
    completeness = Integer(allow_none=True, metadata={"description": _COMPLETENESS, "example": 90})
    missing = ListOf(Text(), allow_none=True, metadata=_MISSING)
    created_at = fields.DateTime(allow_none=True)
    updated_at = fields.DateTime(allow_none=True)
    withheld = ListOf(Text(), metadata=WITHHELD)
