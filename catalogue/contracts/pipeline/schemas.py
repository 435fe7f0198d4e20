"""Request and response bodies for pipeline entries, and the response for release packages."""

import re
from typing import Any

from marshmallow import fields

from catalogue.contracts.pipeline.vocabulary import (
    PipelineKind,
    PipelineStatus,
    ProcurementCategory,
)
from catalogue.contracts.schemas import CURRENCY, OCID, Amount
from catalogue.contracts.vocabulary import STERLING, ProcurementRegime, ProcurementRoute
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    DateField,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
    validation_error,
)

CPV = r"^[0-9]{8}$"
FUNCTIONS = (
    "[Pp]rocure|[Cc]ommercial|[Cc]ontracts|[Tt]ender|[Pp]urchas|[Bb]uying|[Ss]ourcing|[Ss]uppl"
)
MAILBOX = rf"^[A-Za-z0-9._+-]*({FUNCTIONS})[A-Za-z0-9._+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
"""The pattern of a team's address. Robots collect published addresses, and the address of a person
is personal data."""

_DESCRIPTIONS = {
    "kind": "The kind of announcement: a contract end or a planned procurement.",
    "contract_id": "The id of your agency's contract that the entry is about. The contract fills in "
    "fields on creation only. The id is never published. Null if there is none.",
    "title": "A short title for suppliers.",
    "description": "The goods or services that suppliers provide or will provide. "
    "Null if not described.",
    "buyer": "The code of the agency that buys.",
    "buyer_name": "The name of the agency that buys.",
    "category": "The main category of the procurement. Null if not stated.",
    "cpv": "The main code of the Common Procurement Vocabulary, without its check digit. "
    "Null if not stated.",
    "estimated_value": "The estimated value from start to end, in `currency`. The value is never "
    "copied from a contract. Null if not stated.",
    "currency": "The ISO 4217 code of the currency of the estimated value.",
    "contract_start": "The first day of the contract that ends or is planned. Null if not stated.",
    "contract_end": "The last day of the contract that ends or is planned, without extensions. "
    "Null if not stated.",
    "max_extent_date": "The last day of the contract if every option to extend is used. "
    "Null if not stated.",
    "procurement_route": "The procurement route of the contract. Null if not stated.",
    "regime": "The procurement law that applies to the contract. Null if not stated.",
    "planned_notice_date": "The day on which the agency plans to publish a notice that suppliers "
    "can respond to. Null if not stated.",
    "contact": "The e-mail address of a team, such as procurement, and never of a person. "
    "Null if not stated.",
    "supplier": "The name of the present supplier. Null if there is none or it is not published.",
    "supplier_shown": "True if the supplier is published with the entry.",
    "ocid": "The Open Contracting ID of the procurement's notices. Null if there is none.",
    "published_at": "The time of the latest publication. Null if never published.",
}


def _describe(name: str, example: object = None) -> dict[str, object]:
    return {"description": _DESCRIPTIONS[name]} | ({} if example is None else {"example": example})


class Mailbox(Text):
    """A field for the e-mail address of a team, which must name a task such as procurement."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=200, **kwargs)
        self.metadata = dict(self.metadata) | {"pattern": MAILBOX}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(MAILBOX.strip("^$"), value):
            detail = (
                "The contact is not the address of a team. "
                "Use an address such as procurement@example.police.uk."
            )
            raise validation_error(detail, "personal")
        return text


class PipelineEntryCreate(WriteSchema):
    """A pipeline entry to create as a draft for your agency."""

    kind = Choice(PipelineKind, required=True, metadata=_describe("kind"))
    contract_id = Uuid(allow_none=True, metadata=_describe("contract_id"))
    title = Text(metadata=_describe("title", "Duty management from 2029"))
    description = Text(
        max=5000,
        allow_none=True,
        metadata=_describe("description", "Rostering for 5,000 officers."),
    )
    category = Choice(ProcurementCategory, allow_none=True, metadata=_describe("category"))
    cpv = Text(max=8, pattern=CPV, allow_none=True, metadata=_describe("cpv", "48450000"))
    estimated_value = Amount(allow_none=True, metadata=_describe("estimated_value", "900000.00"))
    currency = Text(max=3, pattern=CURRENCY, metadata=_describe("currency", STERLING))
    contract_start = DateField(allow_none=True, metadata=_describe("contract_start", "2024-04-01"))
    contract_end = DateField(allow_none=True, metadata=_describe("contract_end", "2029-03-31"))
    max_extent_date = DateField(
        allow_none=True, metadata=_describe("max_extent_date", "2031-03-31")
    )
    procurement_route = Choice(
        ProcurementRoute, allow_none=True, metadata=_describe("procurement_route")
    )
    regime = Choice(ProcurementRegime, allow_none=True, metadata=_describe("regime"))
    planned_notice_date = DateField(
        allow_none=True, metadata=_describe("planned_notice_date", "2028-04-01")
    )
    contact = Mailbox(allow_none=True, metadata=_describe("contact", "procurement@beds.example"))
    supplier = Text(allow_none=True, metadata=_describe("supplier", "NEC Software Solutions UK"))
    supplier_shown = Boolean(metadata=_describe("supplier_shown"))
    ocid = Text(
        max=100, pattern=OCID, allow_none=True, metadata=_describe("ocid", "ocds-h6vhtk-04a1f2")
    )


PipelineEntryPatch = patch_schema_of(
    PipelineEntryCreate, "PipelineEntryPatch", without=("contract_id",)
)


class PublishedEntrySchema(ReadSchema):
    """A contract end or planned procurement that an agency published."""

    id = Uuid(metadata={"description": "The id of the entry in the public pipeline."})
    kind = Choice(PipelineKind, metadata=_describe("kind"))
    title = Text(metadata=_describe("title", "Duty management from 2029"))
    description = Text(allow_none=True, metadata=_describe("description"))
    buyer = Text(metadata=_describe("buyer", "bedfordshire-police"))
    buyer_name = Text(metadata=_describe("buyer_name", "Bedfordshire Police"))
    category = Choice(ProcurementCategory, allow_none=True, metadata=_describe("category"))
    cpv = Text(allow_none=True, metadata=_describe("cpv", "48450000"))
    estimated_value = MoneyField(
        allow_none=True, metadata=_describe("estimated_value", "900000.00")
    )
    currency = Text(metadata=_describe("currency", STERLING))
    contract_start = fields.Date(
        allow_none=True, metadata=_describe("contract_start", "2024-04-01")
    )
    contract_end = fields.Date(allow_none=True, metadata=_describe("contract_end", "2029-03-31"))
    max_extent_date = fields.Date(
        allow_none=True, metadata=_describe("max_extent_date", "2031-03-31")
    )
    procurement_route = Choice(
        ProcurementRoute, allow_none=True, metadata=_describe("procurement_route")
    )
    regime = Choice(ProcurementRegime, allow_none=True, metadata=_describe("regime"))
    planned_notice_date = fields.Date(allow_none=True, metadata=_describe("planned_notice_date"))
    contact = Text(allow_none=True, metadata=_describe("contact", "procurement@beds.example"))
    supplier = Text(allow_none=True, metadata=_describe("supplier", "NEC Software Solutions UK"))
    ocid = Text(allow_none=True, metadata=_describe("ocid", "ocds-h6vhtk-04a1f2"))
    published_at = fields.DateTime(metadata={"description": "The time of the latest publication."})
    updated_at = fields.DateTime(
        metadata={"description": "The time of the last change to a published field."}
    )


class PipelineEntrySchema(PublishedEntrySchema):
    """A pipeline entry, with the fields that only its own agency sees."""

    id = Uuid(metadata={"description": "The id of the entry, which is never published."})
    status = Choice(PipelineStatus)
    contract_id = Uuid(allow_none=True, metadata=_describe("contract_id"))
    supplier_shown = fields.Boolean(metadata=_describe("supplier_shown"))
    published_at = fields.DateTime(allow_none=True, metadata=_describe("published_at"))
    withdrawn_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The time of the withdrawal. Null unless the entry is withdrawn."},
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class PublishedQuery(WriteSchema):
    """The filters of the release package."""

    kind = Choice(PipelineKind, metadata={"description": "Return only entries of this kind."})
    buyer = Text(
        max=80, metadata={"description": "Return only entries of the agency with this code."}
    )


class ReleasePublisher(ReadSchema):
    """The publisher of a release package."""

    name = Text(
        metadata={
            "description": "The name of this service.",
            "example": "Shared IT service catalogue",
        }
    )
    uri = Text(
        metadata={
            "description": "The address of this service.",
            "example": "https://catalogue.example/",
        }
    )


class ReleasePackageSchema(ReadSchema):
    """A release package of the Open Contracting Data Standard, version 1.1."""

    uri = Text(
        metadata={
            "description": "The address of this package.",
            "example": "https://catalogue.example/v1/pipeline/ocds",
        }
    )
    version = Text(metadata={"description": "The version of the standard, 1.1.", "example": "1.1"})
    publishedDate = fields.DateTime(  # noqa: N815 - the standard's name
        metadata={"description": "The time of the latest change among the releases."}
    )
    publisher = Nested(ReleasePublisher)
    releases = ListOf(
        fields.Dict(),
        metadata={
            "description": "One release for each published entry, in the form of the standard."
        },
    )
