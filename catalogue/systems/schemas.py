"""Request and response bodies of the system endpoints."""

from marshmallow import fields

from catalogue.agencies.visibility import Disclosure
from catalogue.core.rest.attributes import Attributes
from catalogue.core.rest.bulk_schemas import bulk_of
from catalogue.core.rest.schemas import (
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
SOURCE_FORM = "{field} can have only letters, digits, dots, hyphens and underscores, such as cmdb."

_DESCRIPTIONS = {
    "name": "The agency's name for the system, unique within the agency.",
    "aliases": "Other names of the system. Searches find the system by them too.",
    "description": "The purpose and users of the system, or null.",
    "product_name": "The name of the product, as the agency writes it, or null.",
    "supplier_name": "The name of the supplier, as the agency writes it, or null.",
    "product_id": (
        "The id of the product in the shared register. If you leave it out, the catalogue uses "
        "the only product that matches the names. Null if the product is unknown."
    ),
    "product_version": "The version of the product that is installed, or null.",
    "capabilities": "The codes of the capabilities that the system supports.",
    "lifecycle": "The state of the system. Only some changes of state are possible.",
    "live_from": "The first day of live use, or null.",
    "end_of_support": "The last day of support for the installed version, or null if unknown.",
    "hosting": "The place where the system runs, or null if unknown.",
    "criticality": "The work that stops when the system stops, or null if unknown.",
    "functional_fit": (
        "How well the system meets its users' needs, from 1 (poor) to 4 (excellent). "
        "Null if not assessed."
    ),
    "technical_fit": (
        "The technical quality of the system, from 1 (poor) to 4 (excellent). Null if not assessed."
    ),
    "disposition": "The agency's intention for the system, or null if undecided.",
    "user_count": "The number of people who use the system, or null if unknown.",
    "rto_hours": (
        "The recovery time objective: the hours within which the system must run again. Null if "
        "not set."
    ),
    "rpo_hours": (
        "The recovery point objective: the hours of data that a failure can lose. Null if not set."
    ),
    "classification": "The classification of the data in the system, or null if unknown.",
    "personal_data": "The most sensitive personal data in the system, or null if unknown.",
    "dpia_status": "The state of the data protection impact assessment, or null if unknown.",
    "retention_hold": (
        "True if the system's records must not be destroyed. Such a system cannot be "
        "decommissioned."
    ),
    "legacy_risk": (
        "The score of the Legacy IT Risk Assessment Framework, from 0 to 30. A score of 16 or more "
        "is red. Null if not assessed."
    ),
    "business_owner": (
        "The role that is answerable for the use of the system, not a person's name. Null if "
        "unknown."
    ),
    "technical_owner": (
        "The role that is answerable for running the system, not a person's name. Null if unknown."
    ),
    "external_ids": "The ids of the system in other registers, at most one for each register.",
    "tags": "Labels that the agency chose for the system.",
    "attributes": (
        "Your agency's own fields. A value must fit the type of the custom field that "
        "`GET /v1/custom-fields` lists under its key. Other keys are free. Filter by "
        "`attributes.KEY`, and sort by the same. In a change, null removes a field."
    ),
    "disclosure": "The agencies that can see the record without a grant.",
}
SYSTEM_ID = {"description": "The id of the system."}
WITHHELD = {
    "description": "The fields that are null because they are not shown to your agency.",
    "example": [],
}


def describe(name: str, example: object) -> dict[str, object]:
    """Return the metadata of a field: the description that all schemas share, and an example."""
    return {"description": _DESCRIPTIONS[name], "example": example}


class ExternalIdSchema(WriteSchema):
    """The id of a system in another register."""

    source = Text(
        max=50,
        pattern=SOURCE,
        pattern_text=SOURCE_FORM,
        required=True,
        metadata={"description": "The agency's name for the register.", "example": "cmdb"},
    )
    id = Text(
        max=200,
        required=True,
        metadata={"description": "The id in that register.", "example": "CI0012345"},
    )


class SystemCreate(WriteSchema):
    """A system to record for your agency."""

    name = Text(required=True, metadata=describe("name", "Duty management"))
    aliases = ListOf(Text(), max=50, unique=True, metadata=describe("aliases", ["DMS"]))
    description = Text(
        max=10_000,
        allow_none=True,
        metadata=describe("description", "Plans shifts and books staff on duty."),
    )
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
    hosting = Choice(Hosting, allow_none=True, metadata=describe("hosting", "on_premise"))
    criticality = Choice(
        Criticality, allow_none=True, metadata=describe("criticality", "business_critical")
    )
    functional_fit = Integer(min=1, max=4, allow_none=True, metadata=describe("functional_fit", 3))
    technical_fit = Integer(min=1, max=4, allow_none=True, metadata=describe("technical_fit", 2))
    disposition = Choice(Disposition, allow_none=True, metadata=describe("disposition", "migrate"))
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    rto_hours = Integer(max=8760, allow_none=True, metadata=describe("rto_hours", 24))
    rpo_hours = Integer(max=8760, allow_none=True, metadata=describe("rpo_hours", 4))
    classification = Choice(
        Classification, allow_none=True, metadata=describe("classification", "official_sensitive")
    )
    personal_data = Choice(
        PersonalData, allow_none=True, metadata=describe("personal_data", "special_category")
    )
    dpia_status = Choice(DpiaStatus, allow_none=True, metadata=describe("dpia_status", "approved"))
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
    """The changes to one system in a bulk request."""

    id = Uuid(required=True, metadata=SYSTEM_ID)
    etag = Text(
        required=True, metadata={"description": "The entity tag of the record that you read."}
    )


class SystemUpsert(SystemCreate):
    """A system in a feed from another register. Fields that you leave out stay as they are."""

    class Meta:
        exclude = ("external_ids",)


class SystemFeedPath(WriteSchema):
    """The register, and the id in that register, that identify a system in a feed."""

    source = Text(
        max=50,
        pattern=SOURCE,
        pattern_text=SOURCE_FORM,
        required=True,
        metadata={"description": "Your agency's name for the register.", "example": "cmdb"},
    )
    external_id = Text(
        max=200,
        required=True,
        metadata={"description": "The id of the system in that register.", "example": "CI0012345"},
    )


SystemBulkUpdate = bulk_of(SystemBulkItem, "SystemBulkUpdate")


class SystemMerge(WriteSchema):
    """A duplicate to merge into a system."""

    duplicate_id = Uuid(
        required=True,
        metadata={"description": "The id of the duplicate, which must be your agency's too."},
    )


class SystemGroupSchema(ReadSchema):
    """A number of systems with the same values."""

    values = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={
            "description": "The value of each field in `by`. Null if the field is empty or withheld.",
            "example": {"agency": "bedfordshire-police", "lifecycle": "live"},
        },
    )
    count = Integer(metadata={"description": "The number of systems.", "example": 12})
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The names of the fields that are null because they are not shared with "
            "your agency.",
            "example": [],
        },
    )


class SystemCountsSchema(ReadSchema):
    """Numbers of systems by the values of one or two fields."""

    items = ListOf(
        Nested(SystemGroupSchema),
        metadata={"description": "The groups that have systems, in the order of their values."},
    )


class SystemSchema(ReadSchema):
    """A running installation of software, with one owner."""

    id = Uuid(metadata=SYSTEM_ID)
    agency = Text(
        metadata={"description": "The code of the owner.", "example": "bedfordshire-police"}
    )
    agency_name = Text(
        metadata={"description": "The name of the owner.", "example": "Bedfordshire Police"}
    )
    name = Text(metadata=describe("name", "Duty management"))
    aliases = ListOf(Text(), metadata=describe("aliases", ["DMS"]), allow_none=True)
    description = Text(
        allow_none=True, metadata=describe("description", "Plans shifts and books staff on duty.")
    )
    product_name = Text(allow_none=True, metadata=describe("product_name", "Northgate DMS"))
    supplier_name = Text(allow_none=True, metadata=describe("supplier_name", "Northgate"))
    product_id = Uuid(allow_none=True, metadata=describe("product_id", None))
    product_version = Text(allow_none=True, metadata=describe("product_version", "9.2"))
    capabilities = ListOf(Text(), metadata=describe("capabilities", ["E04"]))
    lifecycle = Choice(Lifecycle, metadata=describe("lifecycle", "live"))
    live_from = fields.Date(allow_none=True, metadata=describe("live_from", "2009-04-01"))
    end_of_support = fields.Date(allow_none=True, metadata=describe("end_of_support", "2027-12-31"))
    hosting = Choice(Hosting, allow_none=True, metadata=describe("hosting", "on_premise"))
    criticality = Choice(
        Criticality, allow_none=True, metadata=describe("criticality", "business_critical")
    )
    functional_fit = Integer(allow_none=True, metadata=describe("functional_fit", 3))
    technical_fit = Integer(allow_none=True, metadata=describe("technical_fit", 2))
    disposition = Choice(Disposition, allow_none=True, metadata=describe("disposition", "migrate"))
    user_count = Integer(allow_none=True, metadata=describe("user_count", 1250))
    rto_hours = Integer(allow_none=True, metadata=describe("rto_hours", 24))
    rpo_hours = Integer(allow_none=True, metadata=describe("rpo_hours", 4))
    classification = Choice(
        Classification, allow_none=True, metadata=describe("classification", "official_sensitive")
    )
    personal_data = Choice(
        PersonalData, allow_none=True, metadata=describe("personal_data", "special_category")
    )
    dpia_status = Choice(DpiaStatus, allow_none=True, metadata=describe("dpia_status", "approved"))
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
        allow_none=True,
        metadata={
            "description": "The moment of the owner's last confirmation, or null if there is none."
        },
    )
    attestation_verdict = Choice(
        AttestationVerdict,
        allow_none=True,
        metadata={
            "description": "The verdict of the last attestation, or null if there is none.",
            "example": "confirmed",
        },
    )
    attestation_due = Boolean(
        allow_none=True,
        metadata={
            "description": (
                "True if the system is in use and its owner has not confirmed the record in the "
                "last year."
            )
        },
    )
    completeness = Integer(
        allow_none=True,
        metadata={
            "description": (
                "The percentage of the fields expected for the system's lifecycle that are filled."
            ),
            "example": 90,
        },
    )
    missing = ListOf(
        Text(),
        allow_none=True,
        metadata={
            "description": "The expected fields that are empty.",
            "example": ["end_of_support"],
        },
    )
    created_at = fields.DateTime(allow_none=True)
    updated_at = fields.DateTime(allow_none=True)
    withheld = ListOf(Text(), metadata=WITHHELD)
